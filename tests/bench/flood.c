/*
 * flood INTERFACE MESSAGES RATE: sends SIP calls on an interface, RATE messages per second, for
 * tests/bench/live.
 *
 * A thousand calls at a time: INVITE, 100, 180, 200, ACK, BYE, 200; one call of each thousand is
 * refused with 503.  Prints how much was sent: messages, calls, failed calls.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
  CALLS_AT_ONCE = 1000,
  FAILING = 7, /* this call of each thousand */
  STEPS = 7,
  BATCH = 64,
  HEADERS = 14 + 20 + 8,
  FRAME_MAX = 1024,
};

static const struct {
  const char *start, *cseq;
  const char *branch, *to_tag;
  bool is_response, is_of_failed;
} STEP[STEPS] = {
  {"INVITE sip:bob@example.com SIP/2.0", "1 INVITE", "a", "", false, true},
  {"SIP/2.0 100 Trying", "1 INVITE", "a", "", true, true},
  {"SIP/2.0 180 Ringing", "1 INVITE", "a", ";tag=b", true, false},
  {"SIP/2.0 200 OK", "1 INVITE", "a", ";tag=b", true, true},
  {"ACK sip:bob@example.com SIP/2.0", "1 ACK", "c", ";tag=b", false, true},
  {"BYE sip:bob@example.com SIP/2.0", "2 BYE", "d", ";tag=b", false, false},
  {"SIP/2.0 200 OK", "2 BYE", "d", ";tag=b", true, false},
};

typedef struct {
  uint8_t bytes[BATCH][FRAME_MAX];
  struct iovec vectors[BATCH];
  struct mmsghdr messages[BATCH];
  unsigned count;
} Batch;

static void put_u16(uint8_t *at, size_t value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
}

static uint16_t checksum(const uint8_t *head)
{
  uint32_t sum = 0;

  for (int i = 0; i < 20; i += 2)
    sum += (uint32_t) head[i] << 8 | head[i + 1];
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t) ~sum;
}

static void put_headers(uint8_t *frame, size_t len, bool is_response)
{
  static const uint8_t CLIENT[4] = {192, 0, 2, 1}, SERVER[4] = {192, 0, 2, 2};
  uint8_t *ip = frame + 14, *udp = ip + 20;

  memset(frame, 2, 12);
  put_u16(frame + 12, ETHERTYPE_IP);
  memset(ip, 0, 28);
  ip[0] = 0x45;
  put_u16(ip + 2, 28 + len);
  ip[8] = 64;
  ip[9] = IPPROTO_UDP;
  memcpy(ip + 12, is_response ? SERVER : CLIENT, 4);
  memcpy(ip + 16, is_response ? CLIENT : SERVER, 4);
  put_u16(ip + 10, checksum(ip));
  put_u16(udp, 5060);
  put_u16(udp + 2, 5060);
  put_u16(udp + 4, 8 + len);
}

static void add(Batch *batch, uint64_t call, unsigned step)
{
  bool fails = call % CALLS_AT_ONCE == FAILING;
  const char *start = fails && step == 3 ? "SIP/2.0 503 Service Unavailable" : STEP[step].start;
  /* The ACK of a refusal has the branch of its INVITE. */
  const char *branch = fails ? "a" : STEP[step].branch;
  uint8_t *frame = batch->bytes[batch->count];
  int len = snprintf((char *) frame + HEADERS, FRAME_MAX - HEADERS,
                     "%s\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%s%llu\r\nMax-Forwards: 70\r\n"
                     "From: <sip:alice@example.com>;tag=a%llu\r\nTo: <sip:bob@example.com>%s\r\n"
                     "Call-ID: flood-%llu@192.0.2.1\r\nCSeq: %s\r\n"
                     "Contact: <sip:alice@192.0.2.1>\r\nContent-Length: 0\r\n\r\n",
                     start, branch, (unsigned long long) call, (unsigned long long) call,
                     STEP[step].to_tag, (unsigned long long) call, STEP[step].cseq);

  put_headers(frame, (size_t) len, STEP[step].is_response);
  batch->vectors[batch->count].iov_base = frame;
  batch->vectors[batch->count].iov_len = HEADERS + (size_t) len;
  batch->messages[batch->count].msg_hdr.msg_iov = &batch->vectors[batch->count];
  batch->messages[batch->count].msg_hdr.msg_iovlen = 1;
  batch->count++;
}

static void send_batch(int fd, Batch *batch)
{
  for (unsigned sent = 0; sent < batch->count;) {
    int n = sendmmsg(fd, batch->messages + sent, batch->count - sent, 0);
    if (n < 0 && errno != ENOBUFS && errno != EINTR) {
      perror("sendmmsg");
      exit(1);
    }
    sent += n > 0 ? (unsigned) n : 0;
  }
  batch->count = 0;
}

/* Until the message of that number is due. */
static void wait_for(const struct timespec *began, uint64_t number, uint64_t rate)
{
  uint64_t ns = (uint64_t) began->tv_nsec + number % rate * 1000000000 / rate;
  struct timespec due = {began->tv_sec + (time_t) (number / rate + ns / 1000000000),
                         (long) (ns % 1000000000)};

  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static int open_interface(const char *name)
{
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int) if_nametoindex(name)};
  int fd = socket(AF_PACKET, SOCK_RAW, 0);

  if (fd < 0 || bind(fd, (struct sockaddr *) &to, sizeof to) != 0) {
    perror(name);
    exit(1);
  }
  return fd;
}

int main(int argc, char **argv)
{
  static Batch batch;
  uint64_t sent = 0, begun = 0, failed = 0;
  struct timespec began;

  uint64_t most = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
  uint64_t rate = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
  if (most == 0 || rate == 0) {
    fprintf(stderr, "usage: flood INTERFACE MESSAGES RATE\n");
    return 2;
  }
  int fd = open_interface(argv[1]);
  clock_gettime(CLOCK_MONOTONIC, &began);
  for (uint64_t i = 0; sent < most; i++) {
    uint64_t call = i / (STEPS * CALLS_AT_ONCE) * CALLS_AT_ONCE + i % CALLS_AT_ONCE;
    unsigned step = (unsigned) (i / CALLS_AT_ONCE % STEPS);
    bool fails = call % CALLS_AT_ONCE == FAILING;
    if (fails && !STEP[step].is_of_failed)
      continue;
    begun += step == 0;
    failed += fails && step == 3;
    add(&batch, call, step);
    sent++;
    if (batch.count < BATCH && sent < most)
      continue;
    send_batch(fd, &batch);
    wait_for(&began, sent, rate);
  }
  printf("%llu %llu %llu\n", (unsigned long long) sent, (unsigned long long) begun,
         (unsigned long long) failed);
  return 0;
}
