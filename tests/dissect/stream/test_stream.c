/* The stack of protocols, with layers of its own: one that "encrypts" and has records, as TLS. */
#include "dissect/stream/stream.h"
#include "tests/dissect/segments.h"

#define INVITE "INVITE sip:b@x SIP/2.0\r\nCall-ID: 1\r\nl: 5\r\n\r\nhello"
#define BYE "BYE sip:b@x SIP/2.0\r\nCall-ID: 1\r\nl: 0\r\n\r\n"
#define GET "GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
#define PLAIN "MESSAGE sip:b@x SIP/2.0\r\nl: 0\r\n\r\n" /* 33 octets */
#define FRAME "\x81\x21" PLAIN
#define PING "\x89\x01!"
#define CHAT "\x81\x03log"

enum { RECORD_MAX = 255, KEY = 0x55 };

/* A record: its length, one octet, and octets that are turned by KEY. */
typedef struct {
  Slice input;
  size_t len, need; /* of the record under way */
  char record[RECORD_MAX];
  uint64_t gap;
} Sealed;

static void sealed_feed(StreamStage *stage, Slice octets)
{
  ((Sealed *) stage->state)->input = octets;
}

static void sealed_gap(StreamStage *stage, uint64_t len)
{
  Sealed *sealed = stage->state;

  sealed->gap = len; /* of whole records */
}

static bool sealed_next(StreamStage *stage, StreamPiece *ret_piece)
{
  Sealed *sealed = stage->state;

  if (sealed->gap > 0) {
    *ret_piece = (StreamPiece){.gap = sealed->gap};
    sealed->gap = 0;
    return true;
  }
  while (sealed->input.len > 0) {
    char octet = sealed->input.data[0];
    sealed->input = slice_from(sealed->input, 1);
    if (sealed->need == 0) {
      sealed->need = (uint8_t) octet;
      sealed->len = 0;
      continue;
    }
    sealed->record[sealed->len++] = (char) (octet ^ KEY);
    if (sealed->len < sealed->need)
      continue;
    sealed->need = 0;
    *ret_piece =
      (StreamPiece){.octets = slice_of(sealed->record, sealed->len), .left = sealed->input.len};
    return true;
  }
  return false;
}

static uint64_t sealed_pending(const StreamStage *stage)
{
  const Sealed *sealed = stage->state;

  return sealed->need > 0 ? UINT64_MAX : 0;
}

static const StreamLayer SEALED = {
  .above = &STREAM_DETECT,
  .transport = TRANSPORT_TLS,
  .state_size = sizeof(Sealed),
  .feed = sealed_feed,
  .gap = sealed_gap,
  .next = sealed_next,
  .pending = sealed_pending,
};

static GString *seal(const char *plain, size_t record)
{
  GString *out = g_string_new(NULL);

  for (size_t at = 0, len = strlen(plain); at < len; at += record) {
    size_t here = MIN(record, len - at);
    g_string_append_c(out, (char) here);
    for (size_t i = 0; i < here; i++)
      g_string_append_c(out, (char) (plain[at + i] ^ KEY));
  }
  return out;
}

/* What came of a stream: "INVITE TLS 0-60", its place in octets of the connection. */
static void pull(Stream *stream, uint64_t fed, GString *out)
{
  StreamMessage message;

  while (stream_next(stream, &message)) {
    Slice word = message.octets;
    word = slice_cut(&word, ' ');
    assert_false(message.from_input && stream->bottom.layer == &SEALED);
    g_string_append_printf(out, "%s%.*s %s %u-%u%s", out->len > 0 ? ", " : "", SLICE_ARG(word),
                           transport_name(message.transport), (unsigned) (fed - message.since),
                           (unsigned) (fed - message.until), message.cut ? " cut" : "");
  }
}

static Stream *open_sealed(TcpStream ends[2])
{
  ends[0] = (TcpStream){.from_syn = true, .peer = &ends[1]};
  ends[1] = (TcpStream){.from_syn = true, .peer = &ends[0]};
  Stream *stream = stream_new(&ends[0], 3000);
  stage_hand_over(&stream->bottom, &SEALED, SLICE_NONE);
  return stream;
}

static void feed(Stream *stream, Slice octets, size_t piece, GString *out)
{
  for (size_t at = 0; at < octets.len; at += piece) {
    Slice copy = exact_slice(slice_head(slice_from(octets, at), piece));
    stream_feed(stream, copy);
    pull(stream, at + copy.len, out);
    free_octets(copy);
  }
}

static const struct {
  const char *name, *plain;
  size_t record;
  const char *messages;
} CASES[] = {
  {"one message, one record", BYE, 200, "BYE TLS 0-42"},
  {"one message in records", BYE, 10, "BYE TLS 0-46"},
  {"two in one record have the same place", BYE BYE, 200, "BYE TLS 0-83, BYE TLS 0-83"},
  {"the second begins in the record that the first ends in", BYE INVITE, 50,
   "BYE TLS 0-51, INVITE TLS 0-92"},
  {"each a record of its own", BYE BYE, 41, "BYE TLS 0-42, BYE TLS 42-84"},
  {"WebSocket in it", GET FRAME PING CHAT FRAME, 200, "MESSAGE WSS 0-146, MESSAGE WSS 0-146"},
  {"WebSocket in small records", GET FRAME PING FRAME, 50,
   "MESSAGE WSS 0-143, MESSAGE WSS 102-143"},
  {"nothing that can be read", "\x16\x03\x01 TLS in TLS", 30, ""},
};

static void test_layers(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    GString *sealed = seal(CASES[i].plain, CASES[i].record);
    static const size_t PIECES[] = {1, 7, 1000};
    for (size_t k = 0; k < G_N_ELEMENTS(PIECES); k++) {
      TcpStream ends[2];
      g_autoptr(Stream) stream = open_sealed(ends);
      GString *out = g_string_new(NULL);
      feed(stream, slice_of(sealed->str, sealed->len), PIECES[k], out);
      stream_gap(stream, STREAM_REST);
      pull(stream, sealed->len, out);
      if (strcmp(out->str, CASES[i].messages) != 0)
        fail_msg("%s, %zu: \"%s\" for \"%s\"", CASES[i].name, PIECES[k], out->str,
                 CASES[i].messages);
      g_string_free(out, true);
    }
    g_string_free(sealed, true);
  }
}

/* A hole is passed on to the stage above, and so is the end. */
static void test_gap(void **state)
{
  (void) state;
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_sealed(ends);
  GString *out = g_string_new(NULL), *begin = seal("INVITE sip:b@x SIP/2.0\r\nl: 9\r\n\r\nhe", 99);
  GString *rest = seal(BYE "BYE sip:b@x SIP/2.0\r\nl: 9\r\n\r\n", 99);

  feed(stream, slice_of(begin->str, begin->len), 1000, out);
  stream_gap(stream, 7);
  pull(stream, begin->len + 7, out);
  stream_feed(stream, slice_of(rest->str, rest->len));
  pull(stream, begin->len + 7 + rest->len, out);
  stream_gap(stream, STREAM_REST);
  pull(stream, begin->len + 7 + rest->len, out);
  assert_string_equal(out->str, "INVITE TLS 0-42 cut, BYE TLS 42-113, BYE TLS 42-113 cut");
  g_string_free(out, true);
  g_string_free(begin, true);
  g_string_free(rest, true);
}

/* What the server answers counts for both directions (RFC 7692 7.1). */
static void test_deflate_terms(void **state)
{
  static const struct {
    const char *extensions;
    WebSocketDeflate server, client;
  } TERMS[] = {
    {"", {0}, {0}},
    {"Sec-WebSocket-Extensions: x-other; server_no_context_takeover\r\n", {0}, {0}},
    {"Sec-WebSocket-Extensions: permessage-deflate\r\n", {true, false, 0}, {true, false, 0}},
    {"sec-websocket-extensions: x, Permessage-Deflate ; server_no_context_takeover;"
     "client_max_window_bits = \"10\"\r\n",
     {true, true, 0},
     {true, false, 10}},
    {"Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; "
     "server_max_window_bits=8; client_max_window_bits=16\r\n",
     {true, false, 9},
     {true, true, 0}},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TERMS); i++) {
    TcpStream ends[2] = {{.from_syn = true, .peer = &ends[1]}, {.from_syn = true, .peer = ends}};
    g_autoptr(Stream) client = stream_new(&ends[0], 1000), server = stream_new(&ends[1], 1000);
    g_autofree char *answer = g_strconcat("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n",
                                          TERMS[i].extensions, "\r\n", NULL);
    StreamMessage message;
    ends[0].user = client;
    ends[1].user = server;
    stream_feed(client, SLICE(GET));
    assert_false(stream_next(client, &message));
    stream_feed(server, slice_from_string(answer));
    assert_false(stream_next(server, &message));
    stream_feed(client, SLICE(FRAME));
    assert_true(stream_next(client, &message));
    const WebSocketReader *from_client = client->bottom.state, *from_server = server->bottom.state;
    assert_memory_equal(&from_client->deflate, &TERMS[i].client, sizeof(WebSocketDeflate));
    assert_memory_equal(&from_server->deflate, &TERMS[i].server, sizeof(WebSocketDeflate));
  }
}

/* A request for an upgrade is read to 16 KiB, should its end not be there by then. */
static void test_http_header_limit(void **state)
{
  enum { HEADER_MAX = 16 * 1024 };

  (void) state;
  for (size_t more = 0; more < 2; more++) {
    TcpStream ends[2] = {{.from_syn = true, .peer = &ends[1]}, {.from_syn = true, .peer = ends}};
    g_autoptr(Stream) stream = stream_new(&ends[0], 64 * 1024);
    g_autoptr(GString) request = g_string_new(GET);
    StreamMessage message;
    g_string_truncate(request, request->len - 2);
    g_string_append(request, "X: ");
    while (request->len < HEADER_MAX + more)
      g_string_append_c(request, 'x');
    stream_feed(stream, slice_of(request->str, request->len));
    assert_false(stream_next(stream, &message));
    stream_feed(stream, SLICE("\r\n\r\n"));
    assert_false(stream_next(stream, &message));
    assert_int_equal(stream_kept(stream), 0);
    stream_feed(stream, SLICE(FRAME));
    assert_int_equal(stream_next(stream, &message), more == 0);
  }
}

/* What a stream is shows in its first line, or in 1 KiB without one: then SIP is looked for. */
static void test_first_line_limit(void **state)
{
  enum { FIRST_LINE_MAX = 1024 };
  g_autofree char *octets = g_strnfill(FIRST_LINE_MAX + 1, 'x');
  TcpStream ends[2] = {{.from_syn = true, .peer = &ends[1]}, {.from_syn = true, .peer = ends}};
  g_autoptr(Stream) stream = stream_new(&ends[0], 3000);
  StreamMessage message;

  (void) state;
  stream_feed(stream, slice_of(octets, FIRST_LINE_MAX));
  assert_false(stream_next(stream, &message));
  assert_ptr_equal(stream->bottom.layer, &STREAM_DETECT);
  stream_feed(stream, SLICE("x"));
  assert_false(stream_next(stream, &message));
  assert_ptr_equal(stream->bottom.layer, &STREAM_SIP);
}

/* A hole before the first bytes have shown what they are, which may be RTP: they are looked at
 * once. */
static void test_hole_after_head(void **state)
{
  static const char FRAME_HEAD[] = "\0\xac\x80\0\0\1\0\0\0\1\0\0\0\2xxxx";
  TcpStream ends[2] = {{.peer = &ends[1]}, {.peer = ends}};
  g_autoptr(Stream) stream = stream_new(&ends[0], 3000);
  StreamMessage message;

  (void) state;
  stream_feed(stream, slice_of(FRAME_HEAD, sizeof FRAME_HEAD - 1));
  assert_false(stream_next(stream, &message));
  stream_gap(stream, 1000);
  assert_false(stream_next(stream, &message));
  assert_ptr_equal(stream->bottom.layer, &STREAM_SIP);
  stream_feed(stream, SLICE(PLAIN));
  assert_true(stream_next(stream, &message));
}

/* Records of TLS: types 20 to 23, versions 3.0 to 3.4 (RFC 8446 5.1). */
static void test_tls(void **state)
{
  static const struct {
    const char *octets;
    bool can_begin;
  } RECORDS[] = {{"\x13\3\1", false}, {"\x14\3\4", true},  {"\x17\3\1", true}, {"\x18\3\1", false},
                 {"\x16\3\5", false}, {"\x16\2\1", false}, {"\x16\3", false}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(RECORDS); i++) {
    Slice octets = exact_slice(slice_from_string(RECORDS[i].octets));
    assert_int_equal(stream_can_begin(octets), RECORDS[i].can_begin);
    free_octets(octets);
  }
}

static void drop(StreamStage *stage, Slice octets)
{
  (void) stage;
  (void) octets;
}

static bool nothing(StreamStage *stage, StreamPiece *ret_piece)
{
  (void) stage;
  (void) ret_piece;
  return false;
}

static unsigned height(const Stream *stream)
{
  unsigned count = 0;

  for (const StreamStage *stage = &stream->bottom; stage; stage = stage->above)
    count++;
  return count;
}

/* Input cannot put protocols into each other without end. */
static void test_depth(void **state)
{
  static const StreamLayer ENDLESS = {.above = &ENDLESS, .feed = drop, .next = nothing};
  TcpStream ends[2];
  g_autoptr(Stream) stream = open_sealed(ends);
  StreamMessage message;

  (void) state;
  assert_int_equal(height(stream), 2);
  stage_hand_over(&stream->bottom, &ENDLESS, SLICE_NONE);
  assert_int_equal(height(stream), 6);
  stream_feed(stream, SLICE(BYE));
  assert_false(stream_next(stream, &message));
  assert_int_equal(stream_kept(stream), 0);
  stage_hand_over(&stream->bottom, &STREAM_SIP, SLICE(BYE));
  assert_int_equal(height(stream), 1);
  assert_true(stream_next(stream, &message) && message.transport == TRANSPORT_TCP);
}

/* --- What comes before a stream --- */

#define PROXY_V2 "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\x0a\xc6\x33\x64\x14\x30\x39\x13\xc4"
#define CONNECT "CONNECT sip.example.com:5060 HTTP/1.1\r\nHost: x\r\n\r\n"
#define ASKED "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
#define OPENED "HTTP/1.1 200 Connection established\r\n\r\n"
#define SWITCHED "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
#define SOCKS5_REPLY "\5\0\0\1\0\0\0\0\0\0"

#define TEXT(literal)                                                                              \
  {                                                                                                \
    literal, sizeof(literal) - 1                                                                   \
  }

/* Turns of client ('>') and server ('<'), and what comes of them. */
typedef struct {
  char from;
  Slice bytes;
} Turn;

enum { TURNS_MAX = 8 };

static const struct {
  const char *name;
  Turn turns[TURNS_MAX];
  const char *messages;
  bool in_segments; /* HTTP after HTTP must begin with a segment */
} PREFACES[] = {
  {"PROXY 1", {{'>', TEXT("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" BYE)}}, "BYE TCP 36-77"},
  {"PROXY 2", {{'>', TEXT(PROXY_V2 BYE)}}, "BYE TCP 28-69"},
  {"PROXY 1, then WebSocket",
   {{'>', TEXT("PROXY UNKNOWN\r\n" GET)}, {'<', TEXT(SWITCHED)}, {'>', TEXT(FRAME)}},
   "MESSAGE WS 82-117"},
  {"HTTP CONNECT",
   {{'>', TEXT(CONNECT)}, {'<', TEXT(OPENED)}, {'>', TEXT(BYE)}, {'<', TEXT(BYE)}},
   "BYE TCP 50-91, BYE TCP 39-80"},
  {"HTTP CONNECT that is challenged",
   {{'>', TEXT(CONNECT)}, {'<', TEXT(ASKED)}, {'>', TEXT(CONNECT)}, {'<', TEXT(OPENED BYE)}},
   "BYE TCP 104-145",
   true},
  {"HTTP GET", {{'>', TEXT(GET)}, {'<', TEXT(OPENED BYE)}}, ""},
  {"SOCKS 5",
   {{'>', TEXT("\5\1\0")},
    {'<', TEXT("\5\0")},
    {'>', TEXT("\5\1\0\3\3sip\x13\xc4")},
    {'<', TEXT(SOCKS5_REPLY)},
    {'>', TEXT(BYE)},
    {'<', TEXT(BYE)}},
   "BYE TCP 13-54, BYE TCP 12-53"},
  {"SOCKS 5, the server alone",
   {{'<', TEXT("\5\0")}, {'<', TEXT(SOCKS5_REPLY)}, {'<', TEXT(BYE)}},
   "BYE TCP 12-53"},
  {"SOCKS 5, password, IPv6",
   {{'>', TEXT("\5\2\0\2")},
    {'<', TEXT("\5\2")},
    {'>', TEXT("\1\3bob\2pw")},
    {'<', TEXT("\1\0")},
    {'>', TEXT("\5\1\0\4ABCDEFGHIJKLMNOP\x13\xc4" BYE)},
    {'<', TEXT(SOCKS5_REPLY)}},
   "BYE TCP 34-75"},
  {"SOCKS 4",
   {{'>', TEXT("\4\1\x13\xc4\xc0\0\2\1bob\0")},
    {'<', TEXT("\0\x5a\0\0\0\0\0\0")},
    {'<', TEXT(BYE)}},
   "BYE TCP 8-49"},
  {"SOCKS 4a", {{'>', TEXT("\4\1\x13\xc4\0\0\0\1\0sip\0")}, {'>', TEXT(BYE)}}, "BYE TCP 13-54"},
  {"a header of PROXY that does not end", {{'>', TEXT("PROXY TCP4 " BYE)}}, ""},
};

/* Whatever comes in one piece or octet by octet. */
static void test_prefaces(void **state)
{
  static const size_t PIECES[] = {1000, 1};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PREFACES) * G_N_ELEMENTS(PIECES); i++) {
    size_t row = i / G_N_ELEMENTS(PIECES), piece = PIECES[i % G_N_ELEMENTS(PIECES)];
    if (PREFACES[row].in_segments && piece == 1)
      continue;
    TcpStream ends[2] = {{.from_syn = true, .peer = &ends[1]},
                         {.from_syn = true, .peer = &ends[0]}};
    uint64_t fed[2] = {0, 0};
    GString *out = g_string_new(NULL);
    for (size_t k = 0; k < TURNS_MAX && PREFACES[row].turns[k].from; k++) {
      const Turn *turn = &PREFACES[row].turns[k];
      TcpStream *end = &ends[turn->from == '<'];
      for (size_t at = 0; at < turn->bytes.len; at += piece) {
        Slice copy = exact_slice(slice_head(slice_from(turn->bytes, at), piece));
        if (!end->user)
          end->user = stream_new(end, 3000);
        stream_feed(end->user, copy);
        fed[turn->from == '<'] += copy.len;
        pull(end->user, fed[turn->from == '<'], out);
        free_octets(copy);
      }
    }
    if (strcmp(out->str, PREFACES[row].messages) != 0)
      fail_msg("%s, %zu: \"%s\"", PREFACES[row].name, piece, out->str);
    g_string_free(out, true);
    stream_free(ends[0].user);
    stream_free(ends[1].user);
  }
}

/* Without a SYN only what cannot be anything else is taken off: the PROXY protocol. */
static void test_prefaces_without_syn(void **state)
{
  static const struct {
    Slice bytes;
    bool can_begin;
    const StreamLayer *layer;
  } ROWS[] = {
    {TEXT("PROXY UNKNOWN\r\n\x16\3\1\0\1x"), true, &STREAM_TLS},
    {TEXT(PROXY_V2 "\x16\3\1\0\1x"), true, &STREAM_TLS},
    {TEXT("PROXY LINE\r\n\x16\3\1\0\1x"), false, &STREAM_SIP},
    {TEXT("\5\1\0"), false, &STREAM_DETECT},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
    TcpStream ends[2] = {{.peer = &ends[1]}, {.peer = ends}};
    g_autoptr(Stream) stream = stream_new(&ends[0], 3000);
    Slice copy = exact_slice(ROWS[i].bytes);
    assert_int_equal(stream_can_begin(copy), ROWS[i].can_begin);
    stream_feed(stream, copy);
    assert_ptr_equal(stream->bottom.layer, ROWS[i].layer);
    free_octets(copy);
  }
}

/* Tunnels in tunnels come to an end. */
static void test_restarts(void **state)
{
  TcpStream ends[2] = {{.from_syn = true, .peer = &ends[1]}, {.from_syn = true, .peer = &ends[0]}};
  g_autoptr(Stream) stream = stream_new(&ends[0], 3000);
  StreamMessage message;

  (void) state;
  for (unsigned i = 0; i < 4; i++)
    stream_feed(stream, SLICE("PROXY UNKNOWN\r\n"));
  assert_ptr_equal(stream->bottom.layer, &STREAM_DETECT);
  stream_feed(stream, SLICE("PROXY UNKNOWN\r\n" BYE));
  assert_ptr_equal(stream->bottom.layer, &STREAM_IGNORED);
  assert_false(stream_next(stream, &message));
  assert_int_equal(stream_kept(stream), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_layers),
    cmocka_unit_test(test_gap),
    cmocka_unit_test(test_http_header_limit),
    cmocka_unit_test(test_first_line_limit),
    cmocka_unit_test(test_hole_after_head),
    cmocka_unit_test(test_tls),
    cmocka_unit_test(test_depth),
    cmocka_unit_test(test_prefaces),
    cmocka_unit_test(test_prefaces_without_syn),
    cmocka_unit_test(test_restarts),
    cmocka_unit_test(test_deflate_terms),
  };

  return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
