/*
 * Writes large captures for benchmarks: gen MODE BYTES FILE (classic pcap, Ethernet, IPv4).
 * The same arguments give the same octets.  Modes:
 *
 *   udp      answered calls, a thousand at a time
 *   tcp      the same on 64 connections; messages cut, and two in one segment
 *   rtp      calls with fifty RTP packets a SIP message
 *   callids  a Call-ID a message; they differ in their last characters
 *   dialog   one dialog without end: INFO and 200
 *   stream   all of it on one TCP connection
 *   ports    calls with RTP that all share two ports
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_AT_ONCE = 1000, STEPS = 7, TEXT_MAX = 4096, CONNECTIONS = 64, RTP_A_MESSAGE = 50 };

/* The messages of a call, in order; `request` is NULL for a response. */
static const struct {
  const char *request, *status, *cseq_method;
  unsigned cseq, transaction;
  bool to_tag, sdp;
} CALL[STEPS] = {
  {"INVITE", NULL, "INVITE", 1, 1, false, true},
  {NULL, "100 Trying", "INVITE", 1, 1, false, false},
  {NULL, "180 Ringing", "INVITE", 1, 1, true, false},
  {NULL, "200 OK", "INVITE", 1, 1, true, true},
  {"ACK", NULL, "ACK", 1, 2, true, false},
  {"BYE", NULL, "BYE", 2, 3, true, false},
  {NULL, "200 OK", "BYE", 2, 3, true, false},
};

typedef struct {
  const char *mode;
  FILE *file;
  uint64_t written, limit, time_us;
  uint64_t message; /* number of the next one */
  uint32_t seq[CONNECTIONS][2];
  char held[CONNECTIONS][2][TEXT_MAX]; /* octets that wait for the next message */
  size_t held_len[CONNECTIONS][2];
} Gen;

typedef struct {
  uint32_t src, dst;
  uint16_t src_port, dst_port;
} Flow;

static void put16(uint8_t *at, uint64_t value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
}

static void put32(uint8_t *at, uint64_t value)
{
  put16(at, value >> 16);
  put16(at + 2, value);
}

static void put32le(uint8_t *at, uint64_t value)
{
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t) (value >> 8 * i);
}

static uint16_t ip_checksum(const uint8_t *head)
{
  uint32_t sum = 0;

  for (int i = 0; i < 20; i += 2)
    sum += (uint32_t) head[i] << 8 | head[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t) ~(sum + (sum >> 16));
}

/* A record: Ethernet, IPv4, and `len` octets of transport. */
static void put_packet(Gen *gen, const Flow *flow, uint8_t protocol, const uint8_t *data,
                       size_t len)
{
  uint8_t head[16 + 14 + 20] = {0};
  uint8_t *frame = head + 16, *ip = frame + 14;

  gen->time_us += 20;
  put32le(head, 1767348000 + gen->time_us / 1000000);
  put32le(head + 4, gen->time_us % 1000000);
  put32le(head + 8, 34 + len);
  put32le(head + 12, 34 + len);
  frame[0] = frame[6] = 2;
  put16(frame + 12, 0x0800);
  ip[0] = 0x45;
  put16(ip + 2, 20 + len);
  put16(ip + 4, gen->time_us / 20);
  ip[8] = 64;
  ip[9] = protocol;
  put32(ip + 12, flow->src);
  put32(ip + 16, flow->dst);
  put16(ip + 10, ip_checksum(ip));
  gen->written += fwrite(head, 1, sizeof head, gen->file) + fwrite(data, 1, len, gen->file);
}

static void put_udp(Gen *gen, const Flow *flow, const char *data, size_t len)
{
  uint8_t packet[8 + TEXT_MAX] = {0};

  put16(packet, flow->src_port);
  put16(packet + 2, flow->dst_port);
  put16(packet + 4, 8 + len);
  memcpy(packet + 8, data, len);
  put_packet(gen, flow, 17, packet, 8 + len);
}

static void put_segment(Gen *gen, const Flow *flow, uint32_t seq, const char *data, size_t len)
{
  uint8_t packet[20 + TEXT_MAX] = {0};

  put16(packet, flow->src_port);
  put16(packet + 2, flow->dst_port);
  put32(packet + 4, seq);
  packet[12] = 5 << 4;
  packet[13] = 0x18;
  put16(packet + 14, 64240);
  memcpy(packet + 20, data, len);
  put_packet(gen, flow, 6, packet, 20 + len);
}

/* Every seventh message waits for the next one; every third is cut. */
static void put_tcp(Gen *gen, const Flow *flow, unsigned connection, const char *data, size_t len)
{
  unsigned side = flow->src < flow->dst ? 0 : 1;
  uint32_t *seq = &gen->seq[connection][side];
  char *held = gen->held[connection][side];
  size_t *held_len = &gen->held_len[connection][side];

  memcpy(held + *held_len, data, len);
  *held_len += len;
  if (gen->message % 7 == 0 && *held_len < TEXT_MAX / 2)
    return;
  size_t cut = gen->message % 3 == 0 || *held_len > 1400 ? *held_len / 2 : 0;
  if (cut > 0)
    put_segment(gen, flow, *seq, held, cut);
  put_segment(gen, flow, *seq + (uint32_t) cut, held + cut, *held_len - cut);
  *seq += (uint32_t) *held_len;
  *held_len = 0;
}

static bool is_mode(const Gen *gen, const char *mode)
{
  return strcmp(gen->mode, mode) == 0;
}

static bool on_stream(const Gen *gen)
{
  return is_mode(gen, "stream") || is_mode(gen, "tcp");
}

static int format_sdp(const Gen *gen, uint64_t call, char text[TEXT_MAX])
{
  bool shared = is_mode(gen, "ports");

  return snprintf(text, TEXT_MAX,
                  "v=0\r\no=user %llu %llu IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\n"
                  "t=0 0\r\nm=audio %u RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\n"
                  "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
                  "a=ptime:20\r\na=sendrecv\r\n",
                  (unsigned long long) call, (unsigned long long) call,
                  shared ? 20000U : (unsigned) (20000 + call % 10000 * 2));
}

/* Step `step` of call `call`. */
static size_t format_message(const Gen *gen, uint64_t call, unsigned step, char text[TEXT_MAX])
{
  char start[128], sdp[TEXT_MAX] = "", to_tag[32] = "";
  unsigned long long id = call;
  int body = CALL[step].sdp ? format_sdp(gen, call, sdp) : 0;

  if (CALL[step].request)
    snprintf(start, sizeof start, "%s sip:+4930%08llu@10.0.0.2:5060;user=phone SIP/2.0",
             CALL[step].request, id % 100000000);
  else
    snprintf(start, sizeof start, "SIP/2.0 %s", CALL[step].status);
  if (CALL[step].to_tag)
    snprintf(to_tag, sizeof to_tag, ";tag=t%llx", id);
  return (size_t) snprintf(
    text, TEXT_MAX,
    "%s\r\nVia: SIP/2.0/%s 10.0.0.1:5060;rport;branch=z9hG4bK%016llx%u\r\nMax-Forwards: 70\r\n"
    "From: \"Caller %llu\" <sip:+4989%08llu@example.com>;tag=f%llx\r\n"
    "To: <sip:+4930%08llu@example.com>%s\r\nCall-ID: %032llx@10.0.0.1\r\nCSeq: %u %s\r\n"
    "Contact: <sip:+4989%08llu@10.0.0.1:5060>\r\nUser-Agent: Bench/1.0 (build 20260102)\r\n"
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, UPDATE, PRACK\r\n"
    "Supported: replaces, timer, 100rel\r\n%sContent-Length: %d\r\n\r\n%s",
    start, on_stream(gen) ? "TCP" : "UDP", id * 0x9E3779B97F4A7C15U, CALL[step].transaction, id,
    id % 100000000, id, id % 100000000, to_tag, id, CALL[step].cseq, CALL[step].cseq_method,
    id % 100000000, body > 0 ? "Content-Type: application/sdp\r\n" : "", body, sdp);
}

/* INFO and its 200, for ever in one dialog. */
static size_t format_in_dialog(const Gen *gen, char text[TEXT_MAX])
{
  unsigned long long number = gen->message / 2;
  bool request = gen->message % 2 == 0;

  return (size_t) snprintf(
    text, TEXT_MAX,
    "%s\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK%llx\r\nMax-Forwards: 70\r\n"
    "From: <sip:a@example.com>;tag=f\r\nTo: <sip:b@example.com>;tag=t\r\n"
    "Call-ID: one-dialog-without-end\r\nCSeq: %llu INFO\r\nContent-Length: 0\r\n\r\n",
    request ? "INFO sip:b@10.0.0.2:5060 SIP/2.0" : "SIP/2.0 200 OK", number, number + 1);
}

static void put_rtp(Gen *gen, uint64_t call, unsigned number)
{
  char rtp[172] = {0};
  bool shared = is_mode(gen, "ports");
  unsigned port = shared ? 20000U : (unsigned) (20000 + call % 10000 * 2);
  Flow flow = {0x0a000001, 0x0a000002, (uint16_t) port, (uint16_t) port};

  rtp[0] = (char) 0x80;
  put16((uint8_t *) rtp + 2, number);
  put32((uint8_t *) rtp + 4, number * 160U);
  put32((uint8_t *) rtp + 8, call + 1);
  put_udp(gen, &flow, rtp, sizeof rtp);
}

static void put_message(Gen *gen)
{
  char text[TEXT_MAX];
  bool flat = is_mode(gen, "callids"), endless = is_mode(gen, "dialog");
  uint64_t block = gen->message / (CALLS_AT_ONCE * STEPS);
  uint64_t call = flat ? gen->message : block * CALLS_AT_ONCE + gen->message % CALLS_AT_ONCE;
  unsigned step = flat ? 0 : (unsigned) (gen->message / CALLS_AT_ONCE % STEPS);
  size_t len = endless ? format_in_dialog(gen, text) : format_message(gen, call, step, text);
  bool request = endless ? gen->message % 2 == 0 : CALL[step].request != NULL;
  Flow there = {0x0a000001, 0x0a000002, 5060, 5060}, back = {0x0a000002, 0x0a000001, 5060, 5060};
  Flow *flow = request ? &there : &back;

  gen->message++;
  if (on_stream(gen)) {
    unsigned connection = is_mode(gen, "stream") ? 0 : (unsigned) (call % CONNECTIONS);
    there.src_port = back.dst_port = (uint16_t) (40000 + connection);
    put_tcp(gen, flow, connection, text, len);
    return;
  }
  put_udp(gen, flow, text, len);
  if (is_mode(gen, "rtp") || is_mode(gen, "ports"))
    for (unsigned i = 0; i < RTP_A_MESSAGE; i++)
      put_rtp(gen, call, step * RTP_A_MESSAGE + i);
}

int main(int argc, char **argv)
{
  static const uint8_t HEAD[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [18] = 4, [20] = 1};
  Gen *gen = calloc(1, sizeof *gen);

  if (argc != 4 || !gen || !(gen->file = fopen(argv[3], "wb"))) {
    fprintf(stderr, "usage: gen udp|tcp|rtp|callids|dialog|stream|ports BYTES FILE\n");
    return 2;
  }
  gen->mode = argv[1];
  gen->limit = strtoull(argv[2], NULL, 10);
  gen->written = fwrite(HEAD, 1, sizeof HEAD, gen->file);
  while (gen->written < gen->limit && !ferror(gen->file))
    put_message(gen);
  printf("%llu\n", (unsigned long long) gen->message);
  bool bad = fclose(gen->file) != 0;
  free(gen);
  return bad ? 1 : 0;
}
