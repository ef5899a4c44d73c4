#include "dissect/stream/carrier.h"
#include "dissect/stream/ended_table.h"
#include "tests/dissect/segments.h"

enum { SEGMENTS = 14 };

static const CarrierLimits LIMITS = {
  .connections = 10, .stream_bytes = 1 << 20, .message_bytes = 3000, .gap_wait_ns = 1000000000};

#define VIA "Via: SIP/2.0/TCP h\r\n"
#define INVITE "INVITE sip:b@x SIP/2.0\r\n" VIA "Call-ID: 1\r\nContent-Length: 5\r\n\r\nhello"
#define RINGING "SIP/2.0 180 Ringing\r\n" VIA "l: 0\r\n\r\n"
#define BYE "BYE sip:b@x SIP/2.0\r\n" VIA "l: 0\r\n\r\n"
#define GET "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
#define NAMES_SIP "Sec-WebSocket-Protocol: chat, SIP\r\n"
#define NAMES_CHAT "Sec-WebSocket-Protocol: chat\r\n"
#define PLAIN "MESSAGE sip:b@x SIP/2.0\r\nl: 0\r\n\r\n" /* 33 octets */
#define FRAME "\x81\x21" PLAIN

/* Start-line up to its second blank, sides, transport: "INVITE sip:b@x a>b TCP frame 3". */
static void write_message(GString *out, const RawMessage *raw)
{
  Slice rest = raw->octets;
  Slice line = slice_trim(slice_take_line(&rest));

  if (line.len == 0)
    line = slice_take_line(&rest);
  Slice word = slice_cut(&line, ' ');
  if (slice_eq(word, SLICE("SIP/2.0")))
    word = slice_cut(&line, ' ');
  g_string_append_printf(out, "%s%.*s%s %c %s %u", out->len > 0 ? ", " : "", SLICE_ARG(word),
                         raw->cut ? " cut" : "", raw->src.address[3],
                         transport_name(raw->transport), (unsigned) raw->frame);
}

/* Octets that are said to lie in a frame do; `segments` are all so far, or NULL. */
static void check_ref(const RawMessage *raw, const Segment *segments)
{
  if (!raw->in_frame || !segments)
    return;
  const Segment *segment = &segments[raw->ref / 10000 - 1];
  assert_memory_equal(raw->octets.data, segment->data + raw->ref % 10000, raw->octets.len);
}

/* The octet at that sequence number, of the segment that brought it first; -1 when none did. */
static int octet_at(const Segment *segments, char from, uint32_t seq)
{
  for (const Segment *s = segments; s->from; s++) {
    uint32_t at = seq - s->seq - (strchr(s->flags, 'S') ? 1 : 0);
    if (s->from == from && s->data && at < strlen(s->data))
      return (uint8_t) s->data[at];
  }
  return -1;
}

/* A whole message lies where it is said to: its octets end there, and none begins before. */
static void check_place(const RawMessage *raw, const Segment *segments)
{
  uint32_t start = raw->seq_end - (uint32_t) raw->octets.len;
  char from = (char) raw->src.address[3];

  if (!segments || raw->transport != TRANSPORT_TCP || raw->cut)
    return;
  assert_true((int32_t) (start - raw->seq) >= 0);
  for (size_t i = 0; i < raw->octets.len; i++)
    assert_int_equal(octet_at(segments, from, start + (uint32_t) i), (uint8_t) raw->octets.data[i]);
}

static void pull(Carrier *carrier, const Segment *segments, GString *out)
{
  RawMessage raw;
  Arena scratch;

  arena_init(&scratch, 1000);
  while (carrier_next(carrier, &scratch, &raw)) {
    write_message(out, &raw);
    check_ref(&raw, segments);
    check_place(&raw, segments);
  }
  arena_clear(&scratch);
}

static void play_one(Carrier *carrier, const Segment *segment, Packet *last, GString *out)
{
  *last = test_segment(segment, last);
  carrier_feed(carrier, last);
  pull(carrier, NULL, out);
  free_segment(last);
}

static void play(Carrier *carrier, const Segment *segments, GString *out)
{
  Packet last = {.frame = 0};

  for (const Segment *segment = segments; segment->from; segment++) {
    last = test_segment(segment, &last);
    Packet packet = last; /* the carrier may keep no pointer to it */
    carrier_feed(carrier, &packet);
    memset(&packet, 0xff, sizeof packet);
    pull(carrier, segments, out);
    free_segment(&last);
  }
}

static const struct {
  const char *name;
  Segment segments[SEGMENTS];
  const char *messages;
} CASES[] = {
  {"three messages in one segment",
   {{'a', 9, "S"}, {'a', 10, "", INVITE BYE INVITE}},
   "INVITE a TCP 2, BYE a TCP 2, INVITE a TCP 2"},
  {"a message and half of the next",
   {{'a', 9, "S"},
    {'a', 10, "", BYE "BYE sip:b@x SI"},
    {'a', 10 + sizeof(BYE) - 1 + 14, "", "P/2.0\r\n" VIA "l: 0\r\n\r\n"}},
   "BYE a TCP 2, BYE a TCP 3"},
  {"a header over three segments, swapped",
   {{'a', 9, "S"},
    {'a', 30, "", "0\r\n" VIA "l:0"},
    {'a', 56, "", "\r\n\r\n" BYE},
    {'a', 10, "", "BYE sip:b@x SIP/2.00"}},
   "BYE a TCP 4, BYE a TCP 4"},
  {"a segment missing, later messages intact",
   {{'a', 9, "S"},
    {'a', 10, "", BYE},
    {'a', 10 + sizeof(BYE) - 1 + 700, "", BYE},
    {'a', 10 + 2 * (sizeof(BYE) - 1) + 700, "", "", 0, 1100}},
   "BYE a TCP 2, BYE a TCP 3"},
  {"a hole inside a message",
   {{'a', 9, "S"},
    {'a', 10, "", "INVITE sip:x SIP/2.0\r\nl: 20\r\n\r\nabc"},
    {'a', 10 + 34 + 10, "", "1234567" BYE},
    {'b', 1, "", "x", 0, 1100}},
   "INVITE cut a TCP 3, BYE a TCP 3"},
  {"no Content-Length",
   {{'a', 9, "S"}, {'a', 10, "", "OPTIONS sip:b@x SIP/2.0\r\n" VIA "\r\n"}},
   "OPTIONS a TCP 2"},
  {"keep-alive between messages",
   {{'a', 9, "S"},
    {'a', 10, "", BYE},
    {'a', 10 + sizeof(BYE) - 1, "", "\r\n\r\n"},
    {'a', 14 + sizeof(BYE) - 1, "", BYE}},
   "BYE a TCP 2, BYE a TCP 4"},
  {"keep-alive in one segment with messages",
   {{'a', 9, "S"}, {'a', 10, "", "\r\n\r\n" BYE "\r\n\r\n" INVITE "\r\n\r\n"}},
   "BYE a TCP 2, INVITE a TCP 2"},
  {"the connection ends in a message",
   {{'a', 9, "S"}, {'a', 10, "F", "BYE sip:b@x SIP/2.0\r\n" VIA}},
   "BYE cut a TCP 2"},
  {"snap length",
   {{'a', 9, "S"},
    {'a', 10, "C", "INVITE sip:x SIP/2.0\r\nl: 20\r\n\r\nabc"},
    {'a', 10 + 31 + 20, "", BYE}},
   "INVITE cut a TCP 2, BYE a TCP 3"},
  {"no SYN, nothing like WebSocket",
   {{'a', 10, "", "ACK sip:b@x SIP/2.0\r\n" VIA "l: 0\r\n\r\n"}},
   "ACK a TCP 1"},
  {"no SYN, in the middle of a message",
   {{'a', 10, "", "=0\r\n" BYE}, {'b', 1, "", "", 0, 30}},
   "BYE a TCP 1"},
  {"no SYN, the second message first",
   {{'a', 10 + sizeof(BYE) - 1, "", INVITE}, {'a', 10, "", BYE}},
   "INVITE a TCP 1, BYE a TCP 2"},
  {"no SYN, the first half late",
   {{'a', 20, "", " SIP/2.0\r\n" VIA "l: 0\r\n\r\n"}, {'a', 10, "", "BYE sip:bx"}},
   "BYE a TCP 2"},
  {"HTTP",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", "GET / HTTP/1.1\r\n\r\n"},
    {'b', 100, "", "SIP/2.0 200 ok\r\nl: 0\r\n\r\n" BYE},
    {'a', 28, "", BYE}},
   ""},
  {"HTTP asks with a SIP body",
   {{'a', 9, "S"}, {'a', 10, "", "POST / HTTP/1.1\r\nl: 9\r\n\r\n" INVITE}, {'a', 200, "", BYE}},
   ""},
  {"TLS",
   {{'a', 9, "S"},
    {'a', 10, "", "\x16\x03\x01\x02" INVITE},
    {'a', 14 + sizeof(INVITE) - 1, "", BYE}},
   ""},
  {"binary, then SIP", {{'a', 9, "S"}, {'a', 10, "", "\x80\x60\xff\x01\r\n" BYE}}, "BYE a TCP 2"},
  {"WebSocket",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET NAMES_SIP "\r\n"},
    {'b', 100, "", SWITCHING NAMES_SIP "\r\n" FRAME FRAME},
    {'a', 10 + sizeof(GET NAMES_SIP) + 1, "", FRAME "\x89\x01x" FRAME}},
   "MESSAGE b WS 4, MESSAGE b WS 4, MESSAGE a WS 5, MESSAGE a WS 5"},
  {"WebSocket, protocol not seen",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET "\r\n"},
    {'b', 100, "", SWITCHING "\r\n" FRAME "\x81\x05hello"}},
   "MESSAGE b WS 4"},
  {"WebSocket, another protocol",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET NAMES_CHAT "\r\n"},
    {'b', 100, "", SWITCHING NAMES_CHAT "\r\n" FRAME},
    {'a', 10 + sizeof(GET NAMES_CHAT) + 1, "", FRAME}},
   ""},
  {"WebSocket, another protocol was asked for",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET NAMES_CHAT "\r\n"},
    {'b', 100, "", SWITCHING "\r\n" FRAME}},
   ""},
  {"WebSocket after another request",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", "GET / HTTP/1.1\r\n\r\n"},
    {'b', 100, "", "HTTP/1.1 200 OK\r\n\r\nbody"},
    {'a', 28, "", GET NAMES_SIP "\r\n"},
    {'b', 123, "", SWITCHING NAMES_SIP "\r\n"},
    {'b', 123 + sizeof(SWITCHING NAMES_SIP) + 1, "", FRAME}},
   "MESSAGE b WS 7"},
  {"WebSocket, frames captured before the answer",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET NAMES_SIP "\r\n"},
    {'a', 10 + sizeof(GET NAMES_SIP) + 1, "", FRAME},
    {'b', 100, "", SWITCHING NAMES_SIP "\r\n" FRAME},
    {'a', 10 + sizeof(GET NAMES_SIP) + 36, "", FRAME}},
   "MESSAGE a WS 4, MESSAGE b WS 5, MESSAGE a WS 6"},
  {"WebSocket, a frame behind the request",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET NAMES_SIP "\r\n" FRAME},
    {'b', 100, "", SWITCHING NAMES_SIP "\r\n" FRAME}},
   "MESSAGE a WS 3, MESSAGE b WS 4"},
  {"WebSocket was refused",
   {{'a', 9, "S"},
    {'b', 99, "SA"},
    {'a', 10, "", GET NAMES_SIP "\r\n"},
    {'b', 100, "", "HTTP/1.1 403 No\r\n\r\n" FRAME}},
   ""},
  {"WebSocket without its beginning",
   {{'a', 10, "", FRAME}, {'a', 45, "", FRAME FRAME}},
   "MESSAGE a WS 1, MESSAGE a WS 2, MESSAGE a WS 2"},
  {"WebSocket without its beginning, first a ping",
   {{'a', 10, "", "\x89\x01x"}, {'a', 13, "", FRAME, 0, 30}, {'a', 48, "", FRAME}},
   "MESSAGE a WS 2, MESSAGE a WS 3"},
  {"WebSocket, a hole, another frame",
   {{'a', 10, "", FRAME}, {'a', 145, "", "x"}, {'a', 146, "", FRAME}, {'b', 1, "", "", 0, 1100}},
   "MESSAGE a WS 1, MESSAGE a WS 3"},
};

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Carrier) carrier = carrier_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *expected = g_strdup_printf("%s: %s", CASES[i].name, CASES[i].messages);

    play(carrier, CASES[i].segments, out);
    carrier_expire(carrier, INT64_MAX); /* nothing is left */
    pull(carrier, NULL, out);
    g_string_prepend(out, ": ");
    g_string_prepend(out, CASES[i].name);
    assert_string_equal(out->str, expected);
  }
}

/* The capture ends after each octet of a message. */
static void test_end(void **state)
{
  static const Slice STREAMS[] = {{INVITE, sizeof INVITE - 1}, {FRAME, sizeof FRAME - 1}};
  static const size_t ENOUGH[] = {sizeof("INVITE sip:") - 1, sizeof("xxMESSAGE sip:") - 1};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STREAMS); i++) {
    for (size_t len = 1; len <= STREAMS[i].len; len++) {
      g_autoptr(Carrier) carrier = carrier_new(LIMITS);
      g_autoptr(GString) out = g_string_new(NULL);
      g_autofree char *data = g_strndup(STREAMS[i].data, len);
      Packet last = {.frame = 0};
      if (i == 0)
        play_one(carrier, &(Segment){'a', 9, "S"}, &last, out);
      play_one(carrier, &(Segment){'a', 10, "", data}, &last, out);
      carrier_expire(carrier, last.time_ns + 1000000000);
      pull(carrier, NULL, out);
      bool whole = len == STREAMS[i].len;
      assert_int_equal(out->len > 0, whole);
      carrier_expire(carrier, INT64_MAX);
      pull(carrier, NULL, out);
      assert_int_equal(out->len > 0, len >= ENOUGH[i]);
      assert_int_equal(strstr(out->str, " cut ") != NULL, len >= ENOUGH[i] && !whole);
    }
  }
}

/* The same octets in segments of one octet. */
static void test_octet_by_octet(void **state)
{
  static const struct {
    const char *name;
    Slice a, b;
    const char *messages;
  } STREAMS[] = {
    {"SIP",
     {INVITE BYE "\r\n\r\n" BYE, sizeof(INVITE BYE BYE) + 3},
     {RINGING, sizeof(RINGING) - 1},
     "INVITE a TCP, BYE a TCP, BYE a TCP, 180 b TCP"},
    {"HTTP", {"GET / HTTP/1.1\r\n\r\n" BYE, sizeof(BYE) + 17}, {RINGING, sizeof(RINGING) - 1}, ""},
    {"TLS", {"\x16\x03\x01" BYE, sizeof(BYE) + 2}, {"\x15\x03\x03" BYE, sizeof(BYE) + 2}, ""},
    {"WebSocket",
     {GET NAMES_SIP "\r\n", sizeof(GET NAMES_SIP) + 1},
     {SWITCHING NAMES_SIP "\r\n" FRAME, sizeof(SWITCHING NAMES_SIP FRAME) + 1},
     "MESSAGE b WS"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STREAMS); i++) {
    g_autoptr(Carrier) carrier = carrier_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    Packet last = {.frame = 0};
    for (int side = 0; side < 2; side++) {
      Slice octets = side == 0 ? STREAMS[i].a : STREAMS[i].b;
      char from = side == 0 ? 'a' : 'b';
      play_one(carrier, &(Segment){from, 99, "S"}, &last, out);
      for (size_t n = 0; n < octets.len; n++) {
        char data[2] = {octets.data[n], 0};
        play_one(carrier, &(Segment){from, (uint32_t) (100 + n), "", data}, &last, out);
      }
    }
    g_autoptr(GRegex) frame = g_regex_new(" \\d+(,|$)", 0, 0, NULL);
    g_autofree char *text = g_regex_replace(frame, out->str, -1, 0, "\\1", 0, NULL);
    assert_string_equal(text, STREAMS[i].messages);
  }
}

/* Any segments in any order give the messages that were sent. */
static void test_disorder(void **state)
{
  static const char SENT[] = INVITE "\r\n\r\n" BYE RINGING INVITE BYE "\r\n" BYE;
  static const char EXPECTED[] = "INVITE, BYE, 180, INVITE, BYE, BYE";
  enum { ROUNDS = 300, LEN = sizeof SENT - 1 };

  (void) state;
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    g_autoptr(Carrier) carrier = carrier_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL);
    uint64_t random = seed;
    Packet last = {.frame = 0};
    uint32_t isn = (uint32_t) (0 - test_random(&random, LEN * 2));
    play_one(carrier, &(Segment){'a', isn, "S"}, &last, out);
    for (uint32_t sent_to = 0; sent_to < LEN;) {
      uint32_t at = test_random(&random, LEN), len = 1 + test_random(&random, 150);
      if (test_random(&random, 2) == 0) {
        at = sent_to;
        sent_to = MIN(sent_to + len, (uint32_t) LEN);
      }
      g_autofree char *data = g_strndup(SENT + at, len);
      play_one(carrier, &(Segment){'a', isn + 1 + at, "", data}, &last, out);
    }
    g_autoptr(GRegex) frame = g_regex_new(" a TCP \\d+", 0, 0, NULL);
    g_autofree char *text = g_regex_replace(frame, out->str, -1, 0, "", 0, NULL);
    assert_string_equal(text, EXPECTED);
    assert_int_equal(carrier_skipped_octets(carrier), 0);
  }
}

#define BRANCH(n, proto)                                                                           \
  "Via: SIP/2.0/" proto " h;branch=z9hG4bK" #n "\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n"
#define ASK(n) "OPTIONS sip:b@x SIP/2.0\r\n" BRANCH(n, "TCP")
#define ANSWER(n) "SIP/2.0 200 OK\r\n" BRANCH(n, "TCP")
#define LEN(text) ((uint32_t) sizeof(text) - 1)

/* What is held back until it is clear whether a connection is SIP, and what is dropped. */
static const struct {
  const char *name;
  Segment segments[SEGMENTS];
  const char *messages; /* a bar before what comes only at the end */
  unsigned quoting;
} HELD[] = {
  {"released by the answer, in order, as they came",
   {{'a', 9, "S"},
    {'a', 10, "", "\5\1\n" ASK(1) ASK(2)},
    {'b', 99, "S"},
    {'b', 100, "", ANSWER(2)}},
   "OPTIONS a TCP 2, OPTIONS a TCP 2, 200 b TCP 4|",
   0},
  {"released at the end", {{'a', 9, "S"}, {'a', 10, "", "\5\1\n" ASK(1)}}, "|OPTIONS a TCP 2", 0},
  {"released after 32 seconds",
   {{'a', 9, "S"}, {'a', 10, "", "\5\1\n" ASK(1)}, {'b', 9, "", "", 0, 31999}},
   "OPTIONS a TCP 2|",
   0},
  {"not released before that",
   {{'a', 9, "S"}, {'a', 10, "", "\5\1\n" ASK(1)}, {'b', 9, "", "", 0, 31998}},
   "|OPTIONS a TCP 2",
   0},
  {"released when the clock goes back by 32 seconds",
   {{'a', 9, "S", NULL, 0, 50000}, {'a', 10, "", "\5\1\n" ASK(1)}, {'b', 9, "", "", 0, -32001}},
   "OPTIONS a TCP 2|",
   0},
  {"not released when it goes back by less",
   {{'a', 9, "S", NULL, 0, 50000}, {'a', 10, "", "\5\1\n" ASK(1)}, {'b', 9, "", "", 0, -32000}},
   "|OPTIONS a TCP 2",
   0},
  {"dropped, and all that follows",
   {{'a', 9, "S"},
    {'a', 10, "", "<1>\n" ASK(1)},
    {'a', 10 + LEN("<1>\n" ASK(1)), "", "<1>\n" ANSWER(1)},
    {'a', 10 + LEN("<1>\n" ASK(1) "<1>\n" ANSWER(1)), "", ASK(2)},
    {'b', 99, "S"},
    {'b', 100, "", ASK(3)}},
   "|",
   1},
  {"dropped at the end",
   {{'a', 9, "S"},
    {'a', 10, "", "<1>\n" ASK(1) "<1>\n" ASK(2)},
    {'b', 9, "S"},
    {'b', 10, "", "<1>\n" ASK(3)}},
   "|",
   1},
  {"given up after it seemed SIP",
   {{'a', 9, "S"}, {'a', 10, "", ASK(1) ANSWER(1) ASK(2)}},
   "OPTIONS a TCP 2|",
   1},
};

static void test_held(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(HELD); i++) {
    g_autoptr(Carrier) carrier = carrier_new(LIMITS);
    g_autoptr(GString) out = g_string_new(NULL), late = g_string_new(NULL);

    play(carrier, HELD[i].segments, out);
    carrier_expire(carrier, INT64_MAX);
    pull(carrier, NULL, late);
    g_autofree char *expected =
      g_strdup_printf("%s: %s %u", HELD[i].name, HELD[i].messages, HELD[i].quoting);
    g_autofree char *actual = g_strdup_printf("%s: %s|%s %u", HELD[i].name, out->str, late->str,
                                              (unsigned) carrier_quoting_connections(carrier));
    assert_string_equal(actual, expected);
  }
}

/* What is held of one connection, and of all together, is bounded. */
static void test_held_is_bounded(void **state)
{
  g_autoptr(GString) body = g_string_new("<1>\nOPTIONS sip:b@x SIP/2.0\r\n" VIA "l: 2800\r\n\r\n");
  g_autoptr(Carrier) carrier = carrier_new((CarrierLimits){1000, 40000, 3000, 1000000000});
  g_autoptr(GString) out = g_string_new(NULL);
  Packet last = {.frame = 0};

  (void) state;
  for (size_t i = 0; i < 2800; i++)
    g_string_append_c(body, 'x');
  for (uint32_t n = 1; n <= 10; n++) {
    last = test_segment(&(Segment){'a', 10, "", body->str}, &last);
    last.tunnel = n;
    carrier_feed(carrier, &last);
    pull(carrier, NULL, out);
    free_segment(&last);
    last.time_ns += 100000000;
  }
  assert_true(g_str_has_prefix(out->str, "OPTIONS a TCP 1, OPTIONS a TCP 2, "));
  assert_null(strstr(out->str, "TCP 9"));
}

/* An OPTIONS of `len` octets, after a line that makes it doubtful. */
static char *doubtful_message(size_t len)
{
  GString *text = g_string_new(NULL);
  size_t body = len;

  while (text->len != len) {
    g_string_printf(text, "OPTIONS sip:b@x SIP/2.0\r\n" VIA "l: %zu\r\n\r\n", --body);
    for (size_t i = 0; i < body; i++)
      g_string_append_c(text, 'x');
  }
  g_string_prepend(text, "\1\n");
  return g_string_free(text, false);
}

/* Of one connection 16 messages are held, but 15 when there come no more; and 128 KiB. */
static void test_held_limits(void **state)
{
  enum { HELD_MAX = 16, HELD_BYTES_MAX = 128 << 10 };
  CarrierLimits limits = LIMITS;

  (void) state;
  limits.message_bytes = 2 * HELD_BYTES_MAX;
  for (uint32_t count = HELD_MAX - 1; count <= HELD_MAX; count++) {
    g_autoptr(Carrier) carrier = carrier_new(LIMITS); /* freed with what is held in it */
    g_autoptr(GString) out = g_string_new(NULL);
    Packet last = {.frame = 0};
    play_one(carrier, &(Segment){'a', 9, "S"}, &last, out);
    for (uint32_t n = 0; n < count; n++)
      play_one(carrier, &(Segment){'a', 10 + n * LEN("\1\n" ASK(1)), "", "\1\n" ASK(1)}, &last,
               out);
    assert_int_equal(carrier_quoting_connections(carrier), count == HELD_MAX);
    assert_string_equal(out->str, "");
  }
  for (size_t more = 0; more <= 1; more++) {
    g_autoptr(Carrier) carrier = carrier_new(limits);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *message = doubtful_message(HELD_BYTES_MAX + more);
    Packet last = {.frame = 0};
    play_one(carrier, &(Segment){'a', 9, "S"}, &last, out);
    play_one(carrier, &(Segment){'a', 10, "", message}, &last, out);
    assert_string_equal(out->str, more > 0 ? "OPTIONS a TCP 2" : "");
  }
}

/* Of all connections together a quarter of `stream_bytes` is held. */
static void test_held_in_all(void **state)
{
  enum { MESSAGE = 1000 };

  (void) state;
  for (size_t more = 0; more <= 1; more++) {
    g_autoptr(Carrier) carrier = carrier_new((CarrierLimits){10, 4 * MESSAGE, 3000, 1000000000});
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *message = doubtful_message(MESSAGE + more);
    Packet last = {.frame = 0};
    play_one(carrier, &(Segment){'a', 9, "S"}, &last, out);
    play_one(carrier, &(Segment){'a', 10, "", message}, &last, out);
    assert_string_equal(out->str, "");
    play_one(carrier, &(Segment){'b', 9, "", ""}, &last, out);
    assert_string_equal(out->str, more > 0 ? "OPTIONS a TCP 2" : "");
  }
}

/* So it is of messages whose end has not come: then the connection is ended. */
static void test_kept_in_all(void **state)
{
  enum { KEPT = 1000 };

  (void) state;
  for (size_t more = 0; more <= 1; more++) {
    g_autoptr(Carrier) carrier = carrier_new((CarrierLimits){10, 4 * KEPT, 3000, 1000000000});
    g_autoptr(GString) out = g_string_new("BYE sip:b@x SIP/2.0\r\n" VIA "l: 2000\r\n\r\n");
    Packet last = {.frame = 0};
    while (out->len < KEPT + more)
      g_string_append_c(out, 'x');
    g_autofree char *part = g_strdup(out->str);
    g_string_set_size(out, 0);
    play_one(carrier, &(Segment){'a', 9, "S"}, &last, out);
    play_one(carrier, &(Segment){'a', 10, "", part}, &last, out);
    assert_string_equal(out->str, more > 0 ? "BYE cut a TCP 2" : "");
  }
}

/* Of the PROXY protocol, up to the length of what follows. */
#define PROXY_HEAD "\r\n\r\n\0\r\nQUIT\n\x21\x12"

static void test_datagrams(void **state)
{
  enum { HEAD = sizeof(PROXY_HEAD) + 1 };
  static const struct {
    Slice payload;
    bool is_sip;
    size_t before; /* bytes before the message */
  } DATAGRAMS[] = {
    {{BYE, sizeof(BYE) - 1}, true},
    {{"\r\n" BYE, sizeof(BYE) + 1}, true},
    {{"<134>1 sbc - ---- \n" BYE, sizeof(BYE) + 18}, false}, /* only from the first byte */
    {{"INSERT '" BYE "'", sizeof(BYE) + 8}, false},
    {{"Jan  1 sbc: " BYE, sizeof(BYE) + 11}, false},
    {{"X" BYE, sizeof(BYE)}, true}, /* a method that nobody knows */
    {{PROXY_HEAD "\0\14aaaabbbbccdd" BYE, HEAD + 12 + sizeof(BYE) - 1}, true, HEAD + 12},
    {{PROXY_HEAD "\1\0" BYE, HEAD + sizeof(BYE) - 1}, false}, /* it ends beyond the datagram */
    {{PROXY_HEAD "\0", HEAD - 1}, false},
    {{"\r\n\r\n\0\r\nQUIT\n\x31\x12\0\0" BYE, HEAD + sizeof(BYE) - 1}, false},
    {{"\r\n\r\n", 4}, false},
    {{"\x80\x08\x01\x02", 4}, false},
    {{"\0\1\0\0\x21\x12\xa4\x42", 8}, false},
    {{"", 0}, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(DATAGRAMS); i++) {
    g_autoptr(Carrier) carrier = carrier_new(LIMITS);
    Packet packet = {.kind = PACKET_UDP,
                     .payload = exact_slice(DATAGRAMS[i].payload),
                     .src = test_endpoint('a'),
                     .dst = test_endpoint('b'),
                     .in_frame = true,
                     .cut = i == 1,
                     .ref = 77,
                     .frame = 5,
                     .time_ns = 6,
                     .ip_id = 7,
                     .tunnel = 8};
    RawMessage raw;
    carrier_feed(carrier, &packet);
    assert_int_equal(carrier_next(carrier, NULL, &raw), DATAGRAMS[i].is_sip);
    if (DATAGRAMS[i].is_sip) {
      Slice message = slice_from(packet.payload, DATAGRAMS[i].before);
      assert_true(raw.octets.data == message.data && raw.octets.len == message.len);
      assert_true(raw.ref == 77 + DATAGRAMS[i].before);
      assert_true(raw.in_frame && raw.frame == 5 && raw.time_ns == 6);
      assert_true(raw.ip_id == 7 && raw.tunnel == 8 && raw.cut == packet.cut);
      assert_true(endpoint_eq(&raw.src, &packet.src) && endpoint_eq(&raw.dst, &packet.dst));
      assert_int_equal(raw.transport, TRANSPORT_UDP);
      assert_false(carrier_next(carrier, NULL, &raw));
    }
    free_octets(packet.payload);
  }
}

static void test_sctp(void **state)
{
  /* DATA chunks: a whole message, then one in two fragments. */
  static const char CHUNKS[] = "\0\3\0\x31\0\0\0\7\0\1\0\2\0\0\0\0" PLAIN "\0\0\0"
                               "\0\2\0\x14\0\0\0\x8\0\1\0\3\0\0\0\0"
                               "MESS"
                               "\0\1\0\x2d\0\0\0\x9\0\1\0\3\0\0\0\0"
                               "AGE sip:b@x SIP/2.0\r\nl: 0\r\n\r\n";
  g_autoptr(Carrier) carrier = carrier_new(LIMITS);
  Packet packet = {.kind = PACKET_SCTP,
                   .payload = exact_slice(slice_of(CHUNKS, sizeof CHUNKS - 1)),
                   .src = test_endpoint('a'),
                   .dst = test_endpoint('b'),
                   .in_frame = true,
                   .ref = 1000};
  RawMessage raw;
  Arena scratch;

  (void) state;
  arena_init(&scratch, 1000);
  carrier_feed(carrier, &packet);
  assert_true(carrier_next(carrier, &scratch, &raw));
  assert_slice(raw.octets, PLAIN);
  assert_true(raw.in_frame && raw.ref == 1016 && raw.transport == TRANSPORT_SCTP);
  assert_true(carrier_next(carrier, &scratch, &raw));
  assert_slice(raw.octets, PLAIN);
  assert_false(raw.in_frame || raw.cut);
  assert_false(carrier_next(carrier, &scratch, &raw));
  free_octets(packet.payload);
  arena_clear(&scratch);
}

/* Many messages that never end: the streams that were silent longest are ended. */
static void test_bounds(void **state)
{
  g_autoptr(GString) half = g_string_new("INVITE sip:b@x SIP/2.0\r\nl: 2900\r\n\r\n");
  CarrierLimits limits = {1000, 40000, 3000, 1000000000};
  g_autoptr(Carrier) carrier = carrier_new(limits);
  g_autoptr(GString) out = g_string_new(NULL);

  (void) state;
  for (size_t i = 0; i < 1000; i++)
    g_string_append_c(half, 'x');
  for (uint32_t n = 0; n < 20; n++) {
    Packet none = {.frame = n};
    Packet packet = test_segment(&(Segment){'a', 10, "", half->str}, &none);
    RawMessage raw;
    Arena scratch;
    arena_init(&scratch, 4000);
    packet.tunnel = n;
    carrier_feed(carrier, &packet);
    while (carrier_next(carrier, &scratch, &raw))
      g_string_append_printf(out, "%u%s ", raw.tunnel, raw.cut ? "" : " whole");
    free_octets(packet.payload);
    arena_clear(&scratch);
  }
  assert_true(g_str_has_prefix(out->str, "0 1 2 3 4 "));
  assert_null(strstr(out->str, "19"));
}

/* A ClientHello and a record that waits for the answer to it; then more records. */
static GString *tls_that_waits(size_t more)
{
  static const char BEGINNING[] = "\x16\3\1\0\x2d\1\0\0\x29\3\3"
                                  "0123456789abcdef0123456789abcdef\0\0\2\x13\1\1\0"
                                  "\x17\3\3\0\1x";
  GString *bytes = g_string_new_len(BEGINNING, sizeof BEGINNING - 1);

  for (size_t i = 0; i < more; i++)
    g_string_append(bytes, "\x17\3\3\1\1");
  return bytes;
}

/* Connections that wait for a key, each for the first time: those that wait longest are given
 * up. */
static void test_waiting_is_bounded(void **state)
{
  enum { CONNECTIONS = 20, MORE = 400, WAITING = 5 /* bytes */ * MORE, KEPT = 4 };
  CarrierLimits limits = {1000, 4 * (KEPT + 1) * WAITING, 3000, 1000000000};
  g_autoptr(Carrier) carrier = carrier_new(limits);
  g_autoptr(GString) bytes = tls_that_waits(MORE), out = g_string_new(NULL);
  TlsKeyLogFaults faults = {0};

  (void) state;
  carrier_add_keys(carrier, SLICE_NONE, &faults);
  for (uint32_t n = 0; n < CONNECTIONS; n++) {
    Packet packet = {.kind = PACKET_TCP,
                     .src = test_endpoint('a'),
                     .dst = test_endpoint('b'),
                     .tunnel = n,
                     .frame = n,
                     .payload = exact_slice(slice_of(bytes->str, bytes->len))};
    carrier_feed(carrier, &packet);
    pull(carrier, NULL, out);
    free_octets(packet.payload);
  }
  assert_int_equal(carrier_encrypted_connections(carrier), CONNECTIONS - KEPT);
}

/* A connection that waits and is reset. */
static void feed_ended(Carrier *carrier, const GString *bytes, uint32_t tunnel, int64_t time_ns)
{
  Packet packet = {.kind = PACKET_TCP,
                   .src = test_endpoint('a'),
                   .dst = test_endpoint('b'),
                   .tunnel = tunnel,
                   .frame = tunnel,
                   .time_ns = time_ns,
                   .payload = exact_slice(slice_of(bytes->str, bytes->len))};
  g_autoptr(GString) out = g_string_new(NULL);

  carrier_feed(carrier, &packet);
  pull(carrier, NULL, out);
  free_octets(packet.payload);
  packet.payload = SLICE_NONE;
  packet.tcp_seq = (uint32_t) bytes->len;
  packet.tcp_flags = TCP_RST;
  carrier_feed(carrier, &packet);
  pull(carrier, NULL, out);
}

/* What has ended waits for a key, too: not for longer than five minutes, not more than so many
 * connections, and not without a key log. */
static void test_ended_ones_wait(void **state)
{
  enum { MORE = 4, BEYOND = 10 };
  const int64_t WAIT_NS = INT64_C(300) * 1000 * 1000 * 1000;
  const CarrierLimits limits = {4 * ENDED_MAX, INT64_C(256) << 20, 3000, 1000000000};
  g_autoptr(GString) bytes = tls_that_waits(MORE);
  TlsKeyLogFaults faults = {0};

  (void) state;
  for (unsigned has_keys = 0; has_keys < 2; has_keys++) {
    g_autoptr(Carrier) carrier = carrier_new(limits);
    if (has_keys)
      carrier_add_keys(carrier, SLICE_NONE, &faults);
    for (uint32_t n = 0; n < ENDED_MAX; n++)
      feed_ended(carrier, bytes, n, n == 0 ? 0 : 1);
    assert_int_equal(carrier_encrypted_connections(carrier), has_keys ? 0 : ENDED_MAX);
    carrier_expire(carrier, WAIT_NS - 1);
    assert_int_equal(carrier_encrypted_connections(carrier), has_keys ? 0 : ENDED_MAX);
    carrier_expire(carrier, WAIT_NS);
    assert_int_equal(carrier_encrypted_connections(carrier), has_keys ? 1 : ENDED_MAX);
    for (uint32_t n = 0; n < 1 + BEYOND; n++)
      feed_ended(carrier, bytes, ENDED_MAX + n, WAIT_NS);
    assert_int_equal(carrier_encrypted_connections(carrier),
                     has_keys ? 1 + BEYOND : ENDED_MAX + 1 + BEYOND);
    carrier_expire(carrier, INT64_MAX);
    assert_int_equal(carrier_encrypted_connections(carrier), ENDED_MAX + 1 + BEYOND);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_end),
    cmocka_unit_test(test_octet_by_octet),
    cmocka_unit_test(test_disorder),
    cmocka_unit_test(test_datagrams),
    cmocka_unit_test(test_sctp),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_held),
    cmocka_unit_test(test_held_is_bounded),
    cmocka_unit_test(test_held_limits),
    cmocka_unit_test(test_held_in_all),
    cmocka_unit_test(test_kept_in_all),
    cmocka_unit_test(test_waiting_is_bounded),
    cmocka_unit_test(test_ended_ones_wait),
  };

  return cmocka_run_group_tests_name("carrier", tests, NULL, NULL);
}
