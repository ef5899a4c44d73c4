/*
 * Writes captures that aim at worst cases: hostile MODE TIMES FILE, or hostile --list.  TIMES is a
 * multiple of the mode's own count, so that time and memory can be compared over the sizes: both
 * must be bounded or grow with the input, never faster.  The same arguments give the same bytes.
 */
#include <stdbool.h>
#include <stdlib.h>

#include <glib.h>

#include "tests/bench/pcap_out.h"

enum { EACH_MAX = 7, FILLER_LEN = 60000, SEGMENT_LEN = 1400 };

/*
 * A message; what is NULL has a usual value.  In all texts '#' is the number of the item, in hex
 * digits, and '~' the mode's filler.
 */
typedef struct {
  const char *method; /* NULL ends a list */
  unsigned status;    /* 0: a request */
  const char *branch, *from, *from_tag, *to_tag, *call_id, *cseq;
  const char *extra; /* further headers, each with its CRLF */
  const char *type, *body;
} Message;

typedef struct Hostile Hostile;

typedef struct {
  const char *name;
  const char *about;
  unsigned count; /* items in one time */
  Message first, each[EACH_MAX];
  const char *filler;                             /* repeated to 60 kB, '#' counts */
  void (*put)(Hostile *hostile, uint64_t number); /* NULL: `each` in UDP */
  int64_t step_us;                                /* 0: 20 */
} Mode;

struct Hostile {
  const Mode *mode;
  PcapOut out;
  GString *filler, *text;
  uint64_t total; /* items */
  Flow flow;      /* of the one TCP connection */
  uint32_t seq;   /* of what comes next on it */
};

static const Flow THERE = {0x0a000001, 0x0a000002, 5060, 5060};
static const Flow BACK = {0x0a000002, 0x0a000001, 5060, 5060};

/* --- messages --- */

static void append(Hostile *hostile, const char *pattern, uint64_t number)
{
  for (const char *p = pattern; *p; p++)
    if (*p == '#')
      g_string_append_printf(hostile->text, "%" G_GINT64_MODIFIER "x", number);
    else if (*p == '~')
      g_string_append_len(hostile->text, hostile->filler->str, (gssize) hostile->filler->len);
    else
      g_string_append_c(hostile->text, *p);
}

/* All parts up to NULL. */
static void append_parts(Hostile *hostile, uint64_t number, const char *const *parts)
{
  for (; *parts; parts++)
    append(hostile, *parts, number);
}

#define OR(text, usual) ((text) ? (text) : (usual))

static void write_message(Hostile *hostile, const Message *m, uint64_t number)
{
  const char *const headers[] = {"Via: SIP/2.0/UDP h;branch=z9hG4bK",
                                 OR(m->branch, "x"),
                                 "\r\nFrom: ",
                                 OR(m->from, "<sip:a@h>"),
                                 ";tag=",
                                 OR(m->from_tag, "f"),
                                 "\r\nTo: <sip:b@h>",
                                 m->to_tag ? ";tag=" : "",
                                 OR(m->to_tag, ""),
                                 "\r\nCall-ID: ",
                                 OR(m->call_id, "one"),
                                 "\r\nCSeq: ",
                                 OR(m->cseq, "1"),
                                 " ",
                                 m->method,
                                 "\r\n",
                                 OR(m->extra, ""),
                                 NULL};
  g_autoptr(GString) body = NULL;

  g_string_set_size(hostile->text, 0);
  append(hostile, OR(m->body, ""), number);
  body = g_string_new_len(hostile->text->str, (gssize) hostile->text->len);
  g_string_set_size(hostile->text, 0);
  if (m->status > 0)
    g_string_append_printf(hostile->text, "SIP/2.0 %u X\r\n", m->status);
  else
    append_parts(hostile, number, (const char *const[]){m->method, " sip:b@h SIP/2.0\r\n", NULL});
  append_parts(hostile, number, headers);
  if (m->type)
    g_string_append_printf(hostile->text, "Content-Type: %s\r\n", m->type);
  g_string_append_printf(hostile->text, "Content-Length: %zu\r\n\r\n%s", body->len, body->str);
}

static void put_message(Hostile *hostile, const Message *message, uint64_t number)
{
  if (!message->method)
    return;
  write_message(hostile, message, number);
  pcap_out_udp(&hostile->out, message->status > 0 ? &BACK : &THERE, hostile->text->str,
               hostile->text->len);
}

static void put_each(Hostile *hostile, uint64_t number)
{
  for (size_t i = 0; i < EACH_MAX; i++)
    put_message(hostile, &hostile->mode->each[i], number);
}

/* From another host each time. */
static void put_from_hosts(Hostile *hostile, uint64_t number)
{
  Flow flow = {0x0b000000 + (uint32_t) number, THERE.dst, (uint16_t) (5060 + number % 1000), 5060};

  write_message(hostile, &hostile->mode->each[0], number);
  pcap_out_udp(&hostile->out, &flow, hostile->text->str, hostile->text->len);
}

/* Each a second before the one before it. */
static void put_backwards(Hostile *hostile, uint64_t number)
{
  hostile->out.time_us = (int64_t) (hostile->total - number) * G_USEC_PER_SEC;
  put_each(hostile, number);
}

/* Alternately now and forty years later. */
static void put_zigzag(Hostile *hostile, uint64_t number)
{
  hostile->out.time_us = (int64_t) (number + number % 2 * 1262304000 * G_USEC_PER_SEC);
  put_each(hostile, number);
}

/* --- RTP --- */

static void put_rtp(Hostile *hostile, const Flow *flow)
{
  static const uint8_t RTP[172] = {0x80};

  pcap_out_udp(&hostile->out, flow, RTP, sizeof RTP);
}

/* Calls at shuffled times that all name one port, and RTP from there after them. */
static void put_shared_port(Hostile *hostile, uint64_t number)
{
  uint64_t calls = hostile->total / 2;

  hostile->out.time_us = (int64_t) (number * 7919 % calls * 20 * G_USEC_PER_SEC);
  if (number < calls)
    put_each(hostile, number);
  else
    put_rtp(hostile, &(Flow){THERE.src, THERE.dst, 4000, 4000});
}

/* Media addresses and ports whose bits, xored, are all the same; then RTP from there. */
static void put_same_hash(Hostile *hostile, uint64_t number)
{
  unsigned a = (unsigned) number & 255, b = (unsigned) number >> 8 & 255;
  unsigned port = (a | b << 8) ^ 0x1234;
  g_autofree char *sdp =
    g_strdup_printf("v=0\r\nc=IN IP4 %u.%u.1.1\r\nm=audio %u RTP/AVP 0\r\n", a, b, port);
  Message invite = {
    .method = "INVITE", .branch = "o#", .call_id = "c#", .type = "application/sdp", .body = sdp};

  if (number < hostile->total / 2)
    put_message(hostile, &invite, number);
  else
    put_rtp(hostile, &(Flow){a << 24 | b << 16 | 0x0101, THERE.dst, (uint16_t) port, 4000});
}

/* --- TCP --- */

/* What comes next on the one connection. */
static void put_stream(Hostile *hostile, const void *data, size_t len)
{
  for (size_t at = 0; at < len; at += SEGMENT_LEN) {
    TcpSegment segment = {hostile->seq, PCAP_OUT_DATA, (const char *) data + at,
                          MIN(len - at, (size_t) SEGMENT_LEN)};
    pcap_out_tcp(&hostile->out, &hostile->flow, &segment);
    hostile->seq += (uint32_t) segment.len;
  }
}

/* The first of `each`, on the one connection. */
static void put_on_stream(Hostile *hostile, uint64_t number)
{
  write_message(hostile, &hostile->mode->each[0], number);
  put_stream(hostile, hostile->text->str, hostile->text->len);
}

/* The beginning of a message, then headers or one header without end. */
static void put_endless_header(Hostile *hostile, uint64_t number)
{
  static const char START[] = "OPTIONS sip:b@h SIP/2.0\r\nCall-ID: one\r\nX: ";

  if (number == 0)
    put_stream(hostile, START, sizeof START - 1);
  put_stream(hostile, hostile->filler->str, SEGMENT_LEN);
}

/* Lines that look like start-lines, in bodies without a length. */
static void put_false_starts(Hostile *hostile, uint64_t number)
{
  g_string_set_size(hostile->text, 0);
  append(hostile,
         "OPTIONS sip:b@h SIP/2.0\r\nCall-ID: #\r\nCSeq: 1 OPTIONS\r\nContent-Type: a/b\r\n\r\n~",
         number);
  put_stream(hostile, hostile->text->str, hostile->text->len);
}

static void put_filler(Hostile *hostile, uint64_t number)
{
  (void) number;
  put_stream(hostile, hostile->filler->str, hostile->filler->len);
}

static void put_byte_by_byte(Hostile *hostile, uint64_t number)
{
  write_message(hostile, &hostile->mode->each[0], number);
  for (size_t i = 0; i < hostile->text->len; i++)
    put_stream(hostile, hostile->text->str + i, 1);
}

static Flow client(uint64_t number)
{
  return (Flow){0x0b000000 + (uint32_t) number, THERE.dst, (uint16_t) (1000 + number % 50000),
                5060};
}

static void put_connection(Hostile *hostile, uint64_t number)
{
  Flow flow = client(number);

  pcap_out_tcp(&hostile->out, &flow, &(TcpSegment){1, PCAP_OUT_DATA, "I", 1});
}

/* One connection per segment, which waits for what was lost before it. */
static void put_hole(Hostile *hostile, uint64_t number)
{
  Flow flow = client(number);

  pcap_out_tcp(&hostile->out, &flow, &(TcpSegment){1, PCAP_OUT_SYN, NULL, 0});
  pcap_out_tcp(&hostile->out, &flow,
               &(TcpSegment){100, PCAP_OUT_DATA, hostile->filler->str, SEGMENT_LEN});
}

/* Every second byte, from the last to the first. */
static void put_reversed(Hostile *hostile, uint64_t number)
{
  enum { ROUND = 1 << 19 };

  if (number == 0)
    pcap_out_tcp(&hostile->out, &THERE, &(TcpSegment){0, PCAP_OUT_SYN, NULL, 0});
  uint32_t seq = (uint32_t) (1 + 2 * (ROUND - number % ROUND));
  pcap_out_tcp(&hostile->out, &THERE, &(TcpSegment){seq, PCAP_OUT_DATA, "x", 1});
}

/* Thousands of pieces with holes between them, then segments over all of them. */
static void put_covering(Hostile *hostile, uint64_t number)
{
  enum { PIECES = 3800, DISTANCE = 15 };

  for (uint32_t i = 0; number == 0 && i < PIECES; i++)
    pcap_out_tcp(&hostile->out, &THERE, &(TcpSegment){10 + i * DISTANCE, PCAP_OUT_DATA, "x", 1});
  pcap_out_tcp(&hostile->out, &THERE,
               &(TcpSegment){10, PCAP_OUT_DATA, hostile->filler->str, PIECES * DISTANCE - 20});
}

/* Messages in one connection, each before the one before it. */
static void put_decreasing(Hostile *hostile, uint64_t number)
{
  write_message(hostile, &hostile->mode->each[0], number);
  pcap_out_tcp(&hostile->out, &THERE,
               &(TcpSegment){0x80000000U - (uint32_t) number * 400, PCAP_OUT_DATA,
                             hostile->text->str, hostile->text->len});
}

/* One connection per message, whose Content-Length is 4 GB. */
static void put_endless_body(Hostile *hostile, uint64_t number)
{
  Flow flow = client(number);

  g_string_set_size(hostile->text, 0);
  append(hostile,
         "OPTIONS sip:b@h SIP/2.0\r\nCall-ID: #\r\nCSeq: 1 OPTIONS\r\n"
         "Content-Length: 4294967295\r\n\r\n",
         number);
  g_string_append_len(hostile->text, hostile->filler->str, 5 * SEGMENT_LEN);
  for (size_t at = 0; at < hostile->text->len; at += SEGMENT_LEN)
    pcap_out_tcp(&hostile->out, &flow,
                 &(TcpSegment){1 + (uint32_t) at, PCAP_OUT_DATA, hostile->text->str + at,
                               MIN(hostile->text->len - at, (size_t) SEGMENT_LEN)});
}

/* A masked frame of a client (RFC 6455 5.2), the key is 0. */
static void append_websocket(GString *to, uint8_t flags, const char *data, size_t len)
{
  const uint8_t head[8] = {flags, 0x80 | 126, (uint8_t) (len >> 8), (uint8_t) len};

  g_string_append_len(to, (const char *) head, sizeof head);
  g_string_append_len(to, data, (gssize) len);
}

/* One message on WebSocket, then one that never ends: frames of one byte and of none. */
static void put_websocket(Hostile *hostile, uint64_t number)
{
  g_autoptr(GString) frames = g_string_new(NULL);

  if (number == 0) {
    hostile->flow.dst_port = 80;
    g_string_append(frames, "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            "Sec-WebSocket-Protocol: sip\r\n\r\n");
    put_stream(hostile, frames->str, frames->len);
    g_string_set_size(frames, 0);
    write_message(hostile, &hostile->mode->each[0], number);
    append_websocket(frames, 0x81, hostile->text->str, hostile->text->len);
    append_websocket(frames, 0x01, "x", 1);
  }
  while (frames->len < SEGMENT_LEN - 9)
    append_websocket(frames, 0, "x", frames->len % 2);
  put_stream(hostile, frames->str, frames->len);
}

/* --- IP and SCTP --- */

/* The first fragments of datagrams that are never completed. */
static void put_first_fragments(Hostile *hostile, uint64_t number)
{
  pcap_out_ip(&hostile->out, &(IpPacket){client(number), 17, 1, PCAP_OUT_MORE_FRAGMENTS,
                                         hostile->filler->str, SEGMENT_LEN - SEGMENT_LEN % 8});
}

/* Fragment `at` of 8 bytes of a datagram. */
static void put_tiny_fragment(Hostile *hostile, uint64_t datagram, unsigned at, bool last)
{
  static const uint8_t UDP[8] = {0x13, 0xc4, 0x13, 0xc4, 0xfa, 0};
  unsigned fragment = at | (last ? 0 : PCAP_OUT_MORE_FRAGMENTS);

  pcap_out_ip(&hostile->out,
              &(IpPacket){client(datagram), 17, 7, (uint16_t) fragment,
                          at == 0 ? UDP : (const uint8_t *) hostile->filler->str, 8});
}

static void put_tiny_fragments(Hostile *hostile, uint64_t number)
{
  for (unsigned i = 0; i < 8000; i++)
    put_tiny_fragment(hostile, number, i, i == 7999);
}

static void put_unfinished_fragments(Hostile *hostile, uint64_t number)
{
  for (unsigned i = 0; i < 8000; i++)
    put_tiny_fragment(hostile, number, i, false);
}

/* Every second one, backwards: no two are adjacent. */
static void put_scattered_fragments(Hostile *hostile, uint64_t number)
{
  for (unsigned i = 0; i < 4000; i++)
    put_tiny_fragment(hostile, number, 8000 - 2 * i, false);
}

static void put_nested_ip(Hostile *hostile, uint64_t number)
{
  enum { DEPTH = 30 };
  uint8_t data[DEPTH * 20 + 8] = {0};

  (void) number;
  for (size_t i = 0; i < DEPTH; i++) {
    IpPacket inner = {
      .flow = THERE, .protocol = i + 1 < DEPTH ? 4 : 17, .len = (DEPTH - 1 - i) * 20 + 8};
    put_ip_header(data + i * 20, &inner, 1);
  }
  data[DEPTH * 20 + 5] = 8;
  pcap_out_ip(&hostile->out,
              &(IpPacket){.flow = THERE, .protocol = 4, .data = data, .len = sizeof data});
}

/* DATA chunks of one byte: whole messages, or pieces whose neighbours are missing. */
static void put_sctp(Hostile *hostile, const Flow *flow, uint8_t flags, uint32_t tsn)
{
  enum { CHUNKS = 70, CHUNK_LEN = 20 };
  uint8_t data[12 + CHUNKS * CHUNK_LEN] = {0x13, 0xc4, 0x13, 0xc4};

  for (uint32_t i = 0; i < CHUNKS; i++) {
    uint8_t *chunk = data + 12 + i * CHUNK_LEN;
    chunk[1] = flags;
    chunk[3] = 17;
    put32(chunk + 4, tsn + i * (flags == 0 ? 2 : 1));
    chunk[16] = 'I';
  }
  pcap_out_ip(&hostile->out,
              &(IpPacket){.flow = *flow, .protocol = 132, .data = data, .len = sizeof data});
}

static void put_sctp_chunks(Hostile *hostile, uint64_t number)
{
  put_sctp(hostile, &THERE, 3, (uint32_t) number * 70);
}

static void put_sctp_pieces(Hostile *hostile, uint64_t number)
{
  put_sctp(hostile, &THERE, 0, (uint32_t) number * 140);
}

static void put_sctp_hosts(Hostile *hostile, uint64_t number)
{
  Flow flow = client(number);

  put_sctp(hostile, &flow, 0, 1);
}

/* --- the modes --- */

#define PING                                                                                       \
  {                                                                                                \
    .method = "OPTIONS", .branch = "o#", .call_id = "c#"                                           \
  }
#define PING_WITH(...)                                                                             \
  {                                                                                                \
    .method = "OPTIONS", .branch = "o#", .call_id = "c#", __VA_ARGS__                              \
  }
#define CALL_WITH(...)                                                                             \
  {                                                                                                \
    .method = "INVITE", .branch = "o#", .call_id = "c#", __VA_ARGS__                               \
  }
#define SDP .type = "application/sdp"
#define LONG                                                                                       \
  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"   \
  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const Mode MODES[] = {
  /* one call */
  {"options", "one Call-ID, a transaction per request", 20000,
   .each = {{.method = "OPTIONS", .branch = "o#", .cseq = "#"}}},
  {"methods", "one Call-ID, an unknown method per request", 20000,
   .each = {{.method = "M#", .branch = "o#"}}},
  {"invites", "one Call-ID, an INVITE transaction per request", 20000,
   .each = {{.method = "INVITE", .branch = "o#"}}},
  {"invites-tags", "the same, a From tag and CSeq each", 20000,
   .each = {{.method = "INVITE", .branch = "o#", .from_tag = "f#", .cseq = "#"}}},
  {"invites-refused", "the same, each refused with 503", 10000,
   .each = {{.method = "INVITE", .branch = "o#", .cseq = "#"},
            {.method = "INVITE", .status = 503, .branch = "o#", .to_tag = "t", .cseq = "#"}}},
  {"early-dialogs", "one INVITE, a 180 per To tag", 20000, .first = {.method = "INVITE"},
   .each = {{.method = "INVITE", .status = 180, .to_tag = "t#"}}},
  {"dialogs", "one INVITE, a 200 per To tag", 20000, .first = {.method = "INVITE"},
   .each = {{.method = "INVITE", .status = 200, .to_tag = "t#"}}},
  {"provisionals", "one INVITE, 182 again and again", 20000, .first = {.method = "INVITE"},
   .each = {{.method = "INVITE", .status = 182, .to_tag = "t", .extra = "X: #\r\n"}}},
  {"retransmissions", "one INVITE again and again", 20000, .each = {{.method = "INVITE"}},
   .step_us = 600000},
  {"byes", "one Call-ID, a BYE per request", 20000,
   .each = {{.method = "BYE", .branch = "o#", .to_tag = "t", .cseq = "#"}}},
  {"hosts", "one Call-ID, a host per request", 20000,
   .each = {{.method = "OPTIONS", .branch = "o#", .cseq = "#"}}, .put = put_from_hosts},
  /* many calls */
  {"calls", "an INVITE per call", 20000, .each = {CALL_WITH(.cseq = "1")}},
  {"calls-whole", "calls from INVITE to BYE", 4000,
   .each = {CALL_WITH(.cseq = "1"),
            CALL_WITH(.status = 100),
            CALL_WITH(.status = 180, .to_tag = "t"),
            CALL_WITH(.status = 200, .to_tag = "t"),
            {.method = "ACK", .branch = "p#", .to_tag = "t", .call_id = "c#"},
            {.method = "BYE", .branch = "q#", .to_tag = "t", .call_id = "c#", .cseq = "2"},
            {.method = "BYE",
             .status = 200,
             .branch = "q#",
             .to_tag = "t",
             .call_id = "c#",
             .cseq = "2"}}},
  {"calls-hosts", "a host per call", 20000, .each = {PING}, .put = put_from_hosts},
  {"calls-backwards", "calls in decreasing time", 20000, .each = {PING}, .put = put_backwards},
  {"calls-zigzag", "calls alternately in 2026 and 2066", 20000, .each = {PING}, .put = put_zigzag},
  {"long-ids", "long Call-IDs that differ at the end", 20000,
   .each = {{.method = "OPTIONS", .branch = "o#", .call_id = LONG LONG LONG LONG "#"}}},
  {"long-users", "long user names", 20000,
   .each = {PING_WITH(.from = "<sip:" LONG LONG LONG LONG "@h>")}},
  /* large messages */
  {"vias", "60 kB of Via", 200, .each = {PING_WITH(.extra = "~")},
   .filler = "v: a/1/U h;branch=z9hG4bK#\r\n"},
  {"via-commas", "a Via of 30,000 values", 200, .each = {PING_WITH(.extra = "Via: ~\r\n")},
   .filler = "a,"},
  {"contacts", "a Contact of 6,000 values", 200, .each = {PING_WITH(.extra = "m: ~\r\n")},
   .filler = "<s:a>;q=1,"},
  {"parameters", "a From with 30,000 parameters", 200, .each = {PING_WITH(.from = "<s:a>~")},
   .filler = ";a"},
  {"quotes", "a From of quotes", 200, .each = {PING_WITH(.from = "~")}, .filler = "\""},
  {"headers", "15,000 empty headers", 200, .each = {PING_WITH(.extra = "~")}, .filler = "X:\r\n"},
  {"headers-known", "15,000 empty Content-Type", 200, .each = {PING_WITH(.extra = "~")},
   .filler = "c:\r\n"},
  {"folds", "a header of 20,000 lines", 200, .each = {PING_WITH(.extra = "Subject: a\r\n~")},
   .filler = " \r\n"},
  {"folded-ids", "a Call-ID of 15,000 lines", 200,
   .each = {{.method = "OPTIONS", .branch = "o#", .call_id = "#~"}}, .filler = "\r\n a"},
  {"media-lines", "SDP of 5,000 m= lines", 200, .each = {CALL_WITH(SDP, .body = "v=0\r\n~")},
   .filler = "m=a 1 R 0\r\n"},
  {"rtpmaps", "SDP of 3,000 a=rtpmap lines", 200,
   .each = {CALL_WITH(SDP, .body = "v=0\r\nm=audio 1 RTP/AVP 96\r\n~")},
   .filler = "a=rtpmap:96 x/1\r\n"},
  {"parts", "multipart of 7,000 parts", 200,
   .each = {CALL_WITH(.type = "multipart/mixed;boundary=x", .body = "~")}, .filler = "--x\r\n\r\n"},
  {"parts-nested", "multipart in multipart", 200,
   .each = {CALL_WITH(.type = "multipart/mixed;boundary=y",
                      .body = "--y\r\nContent-Type: multipart/mixed;~")},
   .filler = "boundary=x#\r\n\r\n--x#\r\nContent-Type: multipart/mixed;"},
  {"xml-nested", "20,000 elements in each other", 200,
   .each = {PING_WITH(.type = "application/pidf+xml", .body = "~")}, .filler = "<a>"},
  {"huge-length", "Content-Length of 23 digits", 20000,
   .each = {PING_WITH(.extra = "l: 99999999999999999999999\r\n")}},
  /* RTP */
  {"shared-port", "calls that share a media port", 20000,
   .each = {CALL_WITH(SDP, .body = "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n")},
   .put = put_shared_port},
  {"same-hash", "media addresses of equal xor", 10000, .put = put_same_hash},
  /* TCP */
  {"stream", "messages on one connection", 20000, .each = {PING}, .put = put_on_stream},
  {"tcp-bytes", "segments of one byte", 400, .each = {PING}, .put = put_byte_by_byte},
  {"tcp-connections", "one byte per connection", 40000, .put = put_connection},
  {"tcp-holes", "a lost segment per connection", 10000, .filler = "x", .put = put_hole},
  {"tcp-reversed", "bytes from last to first", 100000, .put = put_reversed},
  {"tcp-covering", "segments over 3,800 pieces", 500, .filler = "x", .put = put_covering},
  {"tcp-decreasing", "messages from last to first", 10000, .each = {PING}, .put = put_decreasing},
  {"tcp-endless-body", "4 GB of body per connection", 2000, .filler = "x", .put = put_endless_body},
  {"tcp-endless-line", "one header without end", 20000, .filler = "x", .put = put_endless_header},
  {"tcp-endless-headers", "headers without end", 5000,
   .filler = "\r\nX:", .put = put_endless_header},
  {"tcp-false-starts", "start-lines in bodies without length", 200,
   .filler = "INVITE sip:a SIP/2.0\r\n?\r\n", .put = put_false_starts},
  {"tcp-no-sip", "SIP/2.0 again and again, no message", 400, .filler = "SIP/2.0 ",
   .put = put_filler},
  {"websocket", "frames of one byte or none", 8000, .each = {PING}, .put = put_websocket},
  /* IP and SCTP */
  {"fragments-first", "first fragments alone", 10000, .filler = "x", .put = put_first_fragments},
  {"fragments-tiny", "datagrams of 8,000 fragments", 16, .filler = "x", .put = put_tiny_fragments},
  {"fragments-unfinished", "the same without the last", 16, .filler = "x",
   .put = put_unfinished_fragments},
  {"fragments-scattered", "4,000 with holes between", 32, .filler = "x",
   .put = put_scattered_fragments},
  {"nested-ip", "30 IP headers in each other", 20000, .put = put_nested_ip},
  {"sctp-chunks", "70 messages of a byte per packet", 5000, .put = put_sctp_chunks},
  {"sctp-pieces", "70 pieces of messages per packet", 5000, .put = put_sctp_pieces},
  {"sctp-hosts", "the same, one association each", 5000, .put = put_sctp_hosts},
};

static void fill(Hostile *hostile)
{
  const char *unit = hostile->mode->filler;

  for (uint64_t i = 0; unit && hostile->text->len < FILLER_LEN; i++)
    append(hostile, unit, i);
  g_string_append_len(hostile->filler, hostile->text->str, (gssize) hostile->text->len);
}

static bool write_capture(const Mode *mode, uint64_t times, FILE *file)
{
  Hostile hostile = {.mode = mode,
                     .out = pcap_out_begin(file),
                     .filler = g_string_new(NULL),
                     .text = g_string_new(NULL),
                     .total = mode->count * times,
                     .flow = THERE,
                     .seq = 1};

  if (mode->step_us > 0)
    hostile.out.step_us = mode->step_us;
  fill(&hostile);
  put_message(&hostile, &mode->first, 0);
  for (uint64_t i = 0; i < hostile.total && !ferror(file); i++)
    (mode->put ? mode->put : put_each)(&hostile, i);
  g_string_free(hostile.filler, TRUE);
  g_string_free(hostile.text, TRUE);
  return !ferror(file);
}

int main(int argc, char **argv)
{
  const Mode *mode = NULL;

  if (argc == 2 && strcmp(argv[1], "--list") == 0) {
    for (size_t i = 0; i < G_N_ELEMENTS(MODES); i++)
      printf("%s\t%s\n", MODES[i].name, MODES[i].about);
    return 0;
  }
  for (size_t i = 0; argc == 4 && i < G_N_ELEMENTS(MODES); i++)
    if (strcmp(MODES[i].name, argv[1]) == 0)
      mode = &MODES[i];
  FILE *file = mode ? fopen(argv[3], "wb") : NULL;
  if (!file) {
    fprintf(stderr, "usage: hostile --list | hostile MODE TIMES FILE\n");
    return 2;
  }
  bool written = write_capture(mode, strtoull(argv[2], NULL, 10), file);
  return fclose(file) == 0 && written ? 0 : 1;
}
