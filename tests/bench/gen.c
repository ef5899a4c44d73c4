/*
 * Writes large captures for benchmarks: gen MODE BYTES FILE.  The same arguments give the same
 * bytes, but for what is encrypted.  Modes:
 *
 *   udp      answered calls, a thousand at a time
 *   tcp      the same on 64 connections; messages cut, and two in one segment
 *   tls      the same, encrypted, a message a segment; the keys go into FILE.keys
 *   rtp      calls with 50 RTP packets per SIP message
 *   hep      answered calls, each message copied by a server (HEP 3 over UDP)
 *   callids  one Call-ID per message; they differ in their last characters
 *   dialog   one endless dialog: INFO and 200
 *   stream   all calls on one TCP connection
 *   ports    calls with RTP that all share two ports
 *   devices  keep-alives of 100,000 devices of GB/T 28181, one after the other
 */
#include <stdbool.h>
#include <stdlib.h>

#include "tests/bench/gen_tls.h"
#include "tests/bench/pcap_out.h"

enum { CALLS_AT_ONCE = 1000, STEPS = 7, TEXT_MAX = 4096, CONNECTIONS = 64, RTP_PER_MESSAGE = 50 };
enum { DEVICES = 100000, PLATFORM_ADDRESS = 0x0a000001, DEVICES_ADDRESS = 0x0a100000 };

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
  PcapOut out;
  uint64_t message; /* number of the next one */
  uint32_t seq[CONNECTIONS][2];
  char held[CONNECTIONS][2][TEXT_MAX]; /* bytes that wait for the next message */
  size_t held_len[CONNECTIONS][2];
  FILE *key_log;
  TlsPair *tls[CONNECTIONS];
  unsigned connection; /* whose records are written */
} Gen;

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
    pcap_out_tcp(&gen->out, flow, &(TcpSegment){*seq, PCAP_OUT_DATA, held, cut});
  pcap_out_tcp(&gen->out, flow,
               &(TcpSegment){*seq + (uint32_t) cut, PCAP_OUT_DATA, held + cut, *held_len - cut});
  *seq += (uint32_t) *held_len;
  *held_len = 0;
}

static bool is_mode(const Gen *gen, const char *mode)
{
  return strcmp(gen->mode, mode) == 0;
}

static bool on_stream(const Gen *gen)
{
  return is_mode(gen, "stream") || is_mode(gen, "tcp") || is_mode(gen, "tls");
}

static void put_records(void *user, bool by_client, const void *data, size_t len)
{
  Gen *gen = user;
  uint16_t port = (uint16_t) (40000 + gen->connection);
  const Flow there = {0x0a000001, 0x0a000002, port, 5061},
             back = {0x0a000002, 0x0a000001, 5061, port};
  uint32_t *seq = gen->seq[gen->connection];

  pcap_out_tcp(&gen->out, by_client ? &there : &back,
               &(TcpSegment){seq[by_client], PCAP_OUT_DATA, data, len});
  seq[by_client] += (uint32_t) len;
}

static bool put_tls(Gen *gen, unsigned connection, bool by_client, const char *data, size_t len)
{
  TlsPair **pair = &gen->tls[connection];

  gen->connection = connection;
  if (!*pair)
    *pair = tls_pair_new(gen->key_log, put_records, gen);
  return *pair && tls_pair_write(*pair, by_client, data, len);
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
    start,
    is_mode(gen, "tls") ? "TLS"
    : on_stream(gen)    ? "TCP"
                        : "UDP",
    id * 0x9E3779B97F4A7C15U, CALL[step].transaction, id, id % 100000000, id, id % 100000000,
    to_tag, id, CALL[step].cseq, CALL[step].cseq_method, id % 100000000,
    body > 0 ? "Content-Type: application/sdp\r\n" : "", body, sdp);
}

/* INFO and its 200, always in the same dialog. */
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

/* The MESSAGE of a device, and its 200; each under a Call-ID of its own. */
static bool put_keepalive(Gen *gen)
{
  char text[TEXT_MAX], body[512] = "";
  unsigned long long number = gen->message / 2, device = number % DEVICES;
  bool request = gen->message % 2 == 0;
  uint32_t address = DEVICES_ADDRESS + (uint32_t) device;
  Flow there = {address, PLATFORM_ADDRESS, 5060, 5060},
       back = {PLATFORM_ADDRESS, address, 5060, 5060};
  int len = request ? snprintf(body, sizeof body,
                               "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n"
                               "<CmdType>Keepalive</CmdType>\r\n<SN>%llu</SN>\r\n"
                               "<DeviceID>3402000000132%07llu</DeviceID>\r\n<Status>OK</Status>\r\n"
                               "</Notify>\r\n",
                               number / DEVICES + 1, device)
                    : 0;

  len = snprintf(text, TEXT_MAX,
                 "%s\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;rport;branch=z9hG4bK%llu\r\n"
                 "From: <sip:3402000000132%07llu@3402000000>;tag=%llu\r\n"
                 "To: <sip:34020000002000000001@3402000000>%s\r\nCall-ID: %llu\r\n"
                 "CSeq: 20 MESSAGE\r\nMax-Forwards: 70\r\nUser-Agent: IP Camera\r\n"
                 "%sContent-Length: %d\r\n\r\n%s",
                 request ? "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0" : "SIP/2.0 200 OK",
                 number, device, number, request ? "" : ";tag=t", number,
                 request ? "Content-Type: Application/MANSCDP+xml\r\n" : "", len, body);
  gen->message++;
  pcap_out_udp(&gen->out, request ? &there : &back, text, (size_t) len);
  return true;
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
  pcap_out_udp(&gen->out, &flow, rtp, sizeof rtp);
}

typedef struct {
  uint8_t bytes[TEXT_MAX + 128];
  size_t len;
} Hep;

/* A chunk of HEP 3 of no vendor, with a number of `width` bytes. */
static void put_hep_number(Hep *hep, unsigned type, uint64_t number, size_t width)
{
  uint8_t *at = hep->bytes + hep->len;

  put16(at, 0);
  put16(at + 2, type);
  put16(at + 4, 6 + width);
  for (size_t i = 0; i < width; i++)
    at[6 + i] = (uint8_t) (number >> 8 * (width - 1 - i));
  hep->len += 6 + width;
}

/* What a server at 10.0.0.9 sends to its collector of a message that it saw. */
static void put_hep(Gen *gen, const Flow *flow, const char *text, size_t len)
{
  const Flow copy = {0x0a000009, 0x0a00000a, 9060, 9060};
  Hep hep = {.bytes = "HEP3", .len = 6};

  put_hep_number(&hep, 1, 2, 1); /* IPv4 */
  put_hep_number(&hep, 2, 17, 1);
  put_hep_number(&hep, 3, flow->src, 4);
  put_hep_number(&hep, 4, flow->dst, 4);
  put_hep_number(&hep, 7, flow->src_port, 2);
  put_hep_number(&hep, 8, flow->dst_port, 2);
  put_hep_number(&hep, 9, 1767348000 + (uint64_t) gen->out.time_us / 1000000, 4);
  put_hep_number(&hep, 10, (uint64_t) gen->out.time_us % 1000000, 4);
  put_hep_number(&hep, 11, 1, 1); /* SIP */
  put_hep_number(&hep, 15, 0, 0);
  put16(hep.bytes + hep.len - 2, 6 + len);
  memcpy(hep.bytes + hep.len, text, len);
  hep.len += len;
  put16(hep.bytes + 4, hep.len);
  pcap_out_udp(&gen->out, &copy, hep.bytes, hep.len);
}

static bool put_message(Gen *gen)
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
    if (gen->key_log)
      return put_tls(gen, connection, request, text, len);
    there.src_port = back.dst_port = (uint16_t) (40000 + connection);
    put_tcp(gen, flow, connection, text, len);
    return true;
  }
  if (is_mode(gen, "hep"))
    put_hep(gen, flow, text, len);
  else
    pcap_out_udp(&gen->out, flow, text, len);
  if (is_mode(gen, "rtp") || is_mode(gen, "ports"))
    for (unsigned i = 0; i < RTP_PER_MESSAGE; i++)
      put_rtp(gen, call, step * RTP_PER_MESSAGE + i);
  return true;
}

static FILE *open_key_log(const char *path)
{
  char name[4096];

  snprintf(name, sizeof name, "%s.keys", path);
  return fopen(name, "w");
}

int main(int argc, char **argv)
{
  Gen *gen = calloc(1, sizeof *gen);
  FILE *file = argc == 4 ? fopen(argv[3], "wb") : NULL;

  if (!gen || !file) {
    fprintf(stderr,
            "usage: gen udp|tcp|tls|rtp|hep|callids|dialog|stream|ports|devices BYTES FILE\n");
    return 2;
  }
  gen->mode = argv[1];
  gen->out = pcap_out_begin(file);
  if (is_mode(gen, "tls"))
    gen->key_log = open_key_log(argv[3]);
  bool (*put)(Gen *) = is_mode(gen, "devices") ? put_keepalive : put_message;
  bool good = true;
  for (uint64_t limit = strtoull(argv[2], NULL, 10);
       good && gen->out.written < limit && !ferror(file);)
    good = put(gen);
  printf("%llu\n", (unsigned long long) gen->message);
  for (unsigned i = 0; i < CONNECTIONS; i++)
    tls_pair_free(gen->tls[i]);
  if (gen->key_log)
    good = fclose(gen->key_log) == 0 && good;
  free(gen);
  return fclose(file) != 0 || !good;
}
