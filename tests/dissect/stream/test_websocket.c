#include "dissect/stream/websocket.h"
#include "tests/deflated.h"

enum { MESSAGE_MAX = 70000 };

/* A frame: its first byte, whether it is masked, its payload `repeat` times. */
typedef struct {
  uint8_t first; /* 0x81: text, all of a message */
  bool masked;
  const char *payload; /* NULL ends a list */
  size_t repeat;       /* 0: once */
} Frame;

enum { FRAMES = 8 };

static void append_frame(GByteArray *out, const Frame *frame)
{
  static const uint8_t KEY[] = {0x12, 0xfe, 0x00, 0x80};
  g_autoptr(GString) payload = g_string_new(NULL);

  for (size_t i = 0; i < MAX(frame->repeat, (size_t) 1); i++)
    g_string_append(payload, frame->payload);
  uint8_t mask = frame->masked ? 0x80 : 0;
  uint64_t len = payload->len;
  unsigned size = len < 126 ? 0 : len < 65536 ? 2 : 8;
  uint8_t second = (uint8_t) (size == 0 ? len : size == 2 ? 126 : 127);
  g_byte_array_append(out, (const uint8_t[]){frame->first, second | mask}, 2);
  for (unsigned i = size; i-- > 0;)
    g_byte_array_append(out, (const uint8_t[]){(uint8_t) (len >> 8 * i)}, 1);
  for (size_t i = 0; frame->masked && i < len; i++)
    payload->str[i] = (char) (payload->str[i] ^ KEY[i % 4]);
  if (frame->masked)
    g_byte_array_append(out, KEY, sizeof KEY);
  g_byte_array_append(out, (const uint8_t *) payload->str, (guint) len);
}

static GByteArray *frames_bytes(const Frame *frames)
{
  GByteArray *out = g_byte_array_new();

  for (; frames->payload; frames++)
    append_frame(out, frames);
  return out;
}

/* Messages with "|" behind each, "!" before those that are cut; long ones by their length. */
static void pull(WebSocketReader *reader, GString *out)
{
  WebSocketMessage message;

  while (websocket_next(reader, &message)) {
    g_string_append(out, message.cut ? "!" : "");
    if (message.bytes.len > 100)
      g_string_append_printf(out, "%zu", message.bytes.len);
    else
      g_string_append_len(out, message.bytes.data, (gssize) message.bytes.len);
    g_string_append_c(out, '|');
  }
}

static void feed(WebSocketReader *reader, Slice bytes, GString *out)
{
  g_autofree char *copy = exact_copy(bytes.data, bytes.len);

  websocket_feed(reader, slice_of(copy, bytes.len));
  pull(reader, out);
}

static const struct {
  const char *name;
  Frame frames[FRAMES];
  const char *messages;
  unsigned skipped;
} CASES[] = {
  {"text", {{0x81, false, "one"}}, "one|", 0},
  {"text masked", {{0x81, true, "one"}}, "one|", 0},
  {"binary", {{0x82, false, "one"}, {0x82, true, "two"}}, "one|two|", 0},
  {"empty", {{0x81, false, ""}, {0x81, true, ""}, {0x81, true, "x"}}, "||x|", 0},
  {"125 bytes", {{0x81, true, "abcde", 25}}, "125|", 0},
  {"126 bytes", {{0x81, true, "ab", 63}}, "126|", 0},
  {"65535 bytes", {{0x81, true, "abcde", 13107}}, "65535|", 0},
  {"65536 bytes", {{0x81, true, "ab", 32768}, {0x81, false, "x"}}, "65536|x|", 0},
  {"fragments", {{0x01, false, "one"}, {0x00, true, "two"}, {0x80, false, "six"}}, "onetwosix|", 0},
  {"fragments, some empty", {{0x01, true, ""}, {0x00, true, "two"}, {0x80, false, ""}}, "two|", 0},
  {"control frames between",
   {{0x89, false, "ping"},
    {0x01, true, "one"},
    {0x8a, true, "pong"},
    {0x80, true, "two"},
    {0x88, false, "\3\350"}},
   "onetwo|",
   0},
  {"compressed by nobody", {{0xc1, true, "one"}, {0x81, true, "two"}}, "two|", 0},
  {"RSV1 in a continuation",
   {{0x01, true, "one"}, {0xc0, true, "two"}, {0x81, true, "six"}},
   "six|",
   1},
  {"continues nothing", {{0x80, true, "one"}, {0x81, true, "two"}}, "two|", 1},
  {"begins anew", {{0x01, true, "one"}, {0x81, true, "two"}}, "two|", 0},
  {"too long", {{0x81, true, "abcdefg", 10001}, {0x81, true, "two"}}, "two|", 1},
  {"too long in fragments",
   {{0x01, true, "abcdefg", 9999},
    {0x00, true, "abcdefg", 2},
    {0x80, true, "x"},
    {0x81, true, "two"}},
   "two|",
   2},
};

static void check_case(size_t index, size_t piece)
{
  g_autoptr(GByteArray) bytes = frames_bytes(CASES[index].frames);
  Slice rest = slice_of((const char *) bytes->data, bytes->len);
  g_autoptr(GString) out = g_string_new(NULL);
  g_autofree char *expected = g_strdup_printf("%s: %s", CASES[index].name, CASES[index].messages);
  WebSocketReader reader;

  g_string_printf(out, "%s: ", CASES[index].name);
  websocket_init(&reader, MESSAGE_MAX);
  while (rest.len > 0) {
    feed(&reader, slice_head(rest, piece), out);
    rest = slice_from(rest, MIN(piece, rest.len));
  }
  assert_string_equal(out->str, expected);
  assert_int_equal(reader.skipped, CASES[index].skipped);
  websocket_end(&reader);
  pull(&reader, out);
  assert_string_equal(out->str, expected);
  websocket_clear(&reader);
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    check_case(i, SIZE_MAX);
    check_case(i, 1);
    check_case(i, 5);
    check_case(i, 1400);
  }
}

/* A message that came alone and unmasked lies in what was fed. */
static void test_in_place(void **state)
{
  static const Frame PLAIN[] = {{0x81, false, "one"}, {0x81, true, "two"}, {0}};
  g_autoptr(GByteArray) bytes = frames_bytes(PLAIN);
  WebSocketReader reader;
  WebSocketMessage message;

  (void) state;
  websocket_init(&reader, MESSAGE_MAX);
  websocket_feed(&reader, slice_of((const char *) bytes->data, bytes->len));
  assert_true(websocket_next(&reader, &message));
  assert_true(message.from_input);
  assert_ptr_equal(message.bytes.data, bytes->data + 2);
  assert_true(websocket_next(&reader, &message));
  assert_false(message.from_input);
  assert_false(websocket_next(&reader, &message));
  websocket_clear(&reader);
}

/* A hole of 4 bytes at each place of: a message of two fragments, another message. */
static void test_holes(void **state)
{
  static const Frame PARTS[] = {
    {0x01, false, "abcdef"}, {0x80, true, "ghijkl"}, {0x81, true, "second"}, {0}};
  g_autoptr(GByteArray) bytes = frames_bytes(PARTS);
  Slice all = slice_of((const char *) bytes->data, bytes->len);
  size_t second = 8 + 12;

  (void) state;
  for (size_t at = 0; at + 4 <= all.len; at++) {
    g_autoptr(GString) out = g_string_new(NULL);
    WebSocketReader reader;
    websocket_init(&reader, MESSAGE_MAX);
    feed(&reader, slice_head(all, at), out);
    websocket_gap(&reader, 4);
    pull(&reader, out);
    bool synced = !reader.lost;
    if (synced)
      feed(&reader, slice_from(all, at + 4), out);
    else if (at + 4 <= second)
      feed(&reader, slice_from(all, second), out);
    bool first_whole = at >= second;
    bool second_whole = at + 4 <= second;
    assert_int_equal(strstr(out->str, "abcdefghijkl|") != NULL, first_whole);
    assert_int_equal(strstr(out->str, "|second|") != NULL || g_str_has_prefix(out->str, "second|"),
                     second_whole);
    assert_true(at < 3 || at >= second || g_str_has_prefix(out->str, "!a"));
    websocket_clear(&reader);
  }
}

/* What no endpoint sends loses the frame border; the next feed begins anew. */
static void test_broken(void **state)
{
  static const char *const BROKEN[] = {"\xb1\x01x", "\x83\x01x", "\x8b\x01x", "\x09\x01x",
                                       "\x89\x7e\x01\x01xxxx"};
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BROKEN); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    WebSocketReader reader;
    websocket_init(&reader, MESSAGE_MAX);
    feed(&reader, SLICE("\x81\x03one\x01\x03two"), out);
    feed(&reader, slice_from_string(BROKEN[i]), out);
    assert_true(reader.lost);
    feed(&reader, SLICE("\x80\x03six\x81\x03ten"), out);
    assert_string_equal(out->str, "one|ten|");
    websocket_clear(&reader);
  }
}

static void test_peek(void **state)
{
  static const struct {
    Frame frame;
    size_t len;          /* of the frame, SIZE_MAX for all */
    const char *payload; /* NULL ends a list */
  } PEEKS[] = {
    {{0x81, false, "abcdefgh"}, SIZE_MAX, "abcd"},
    {{0x82, true, "abcdefgh"}, SIZE_MAX, "abcd"},
    {{0x01, true, "abcdefgh"}, 8, "ab"},
    {{0x81, true, "abcdefgh", 20}, SIZE_MAX, "abcd"},
    {{0x81, true, "abc"}, SIZE_MAX, "abc"},
    {{0x81, true, "abc"}, 6, NULL},
    {{0x81, true, "abc"}, 1, NULL},
    {{0x80, true, "abc"}, SIZE_MAX, NULL},
    {{0x89, true, "abc"}, SIZE_MAX, NULL},
    {{0xb1, true, "abc"}, SIZE_MAX, NULL},
    {{0xc1, true, "abc"}, SIZE_MAX, NULL},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PEEKS); i++) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char room[4];
    append_frame(bytes, &PEEKS[i].frame);
    size_t len = MIN(PEEKS[i].len, bytes->len);
    g_autofree char *copy = exact_copy(bytes->data, len);
    Slice payload = websocket_peek(slice_of(copy, len), room, sizeof room);
    assert_int_equal(payload.data != NULL, PEEKS[i].payload != NULL);
    assert_slice(payload, PEEKS[i].payload ? PEEKS[i].payload : "");
  }
}

/* Pings and pongs before the first message of a capture that began in the middle. */
static void test_peek_behind_control(void **state)
{
  static const Frame SENT[] = {{0x89, true, "ping"}, {0x8a, false, ""}, {0x81, true, "abcdefgh"}};
  static const char *const PAYLOADS[] = {"", "a", "ab", "abc", "abcd"};
  g_autoptr(GByteArray) bytes = g_byte_array_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SENT); i++)
    append_frame(bytes, &SENT[i]);
  for (size_t len = 0; len <= bytes->len; len++) {
    char room[4];
    g_autofree char *copy = exact_copy(bytes->data, len);
    Slice payload = websocket_peek(slice_of(copy, len), room, sizeof room);
    size_t there = len + 8 > bytes->len ? len + 8 - bytes->len : 0;
    assert_slice(payload, PAYLOADS[MIN(there, (size_t) 4)]);
  }
}

/* --- Compressed ------------------------------------------------------------------------------ */

enum { TEXTS = 5 };

/* Alike, so that each refers to the one before it. */
static const char *const TEXT_PARTS[TEXTS] = {"one", "two", "three", "four", "five"};
#define TEXT_FORMAT "MESSAGE sip:%s@example.com SIP/2.0"

/* Frames of the texts, compressed by one sender (RFC 7692 7.2.1): in two fragments each, unmasked.
 * `ends` gets where each message ends. */
static GByteArray *compressed_frames(bool alone, size_t ends[TEXTS])
{
  GByteArray *out = g_byte_array_new();
  z_stream zlib = {0};

  assert_int_equal(deflateInit2(&zlib, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  for (unsigned i = 0; i < TEXTS; i++) {
    g_autofree char *text = g_strdup_printf(TEXT_FORMAT, TEXT_PARTS[i]);
    Bytef room[200];
    if (alone)
      deflateReset(&zlib);
    zlib.next_in = (Bytef *) text;
    zlib.avail_in = (uInt) strlen(text);
    zlib.next_out = room;
    zlib.avail_out = sizeof room;
    assert_int_equal(deflate(&zlib, Z_SYNC_FLUSH), Z_OK);
    guint len = (guint) sizeof room - zlib.avail_out - 4, first = len / 2;
    g_byte_array_append(out, (const uint8_t[]){0x41, (uint8_t) first}, 2);
    g_byte_array_append(out, room, first);
    g_byte_array_append(out, (const uint8_t[]){0x80, (uint8_t) (len - first)}, 2);
    g_byte_array_append(out, room + first, len - first);
    ends[i] = out->len;
  }
  deflateEnd(&zlib);
  return out;
}

/* What is read of them must be right: a prefix where it is cut.  Counts those that are whole. */
static unsigned pull_right(WebSocketReader *reader)
{
  WebSocketMessage message;
  unsigned whole = 0;

  while (websocket_next(reader, &message)) {
    bool right = false;
    for (unsigned i = 0; i < TEXTS; i++) {
      g_autofree char *text = g_strdup_printf(TEXT_FORMAT, TEXT_PARTS[i]);
      Slice wanted = slice_from_string(text);
      right = right || (message.cut ? slice_starts_with(wanted, message.bytes)
                                    : slice_eq(wanted, message.bytes));
    }
    assert_true(right && !message.from_input);
    whole += !message.cut;
  }
  return whole;
}

static unsigned read_compressed(WebSocketReader *reader, Slice frames, size_t piece)
{
  unsigned whole = 0;

  while (frames.len > 0) {
    g_autofree char *copy = exact_copy(frames.data, MIN(piece, frames.len));
    websocket_feed(reader, slice_of(copy, MIN(piece, frames.len)));
    whole += pull_right(reader);
    frames = slice_from(frames, MIN(piece, frames.len));
  }
  return whole;
}

static void test_compressed(void **state)
{
  (void) state;
  for (unsigned variant = 0; variant < 4; variant++) {
    size_t ends[TEXTS];
    bool alone = variant & 1;
    g_autoptr(GByteArray) frames = compressed_frames(alone, ends);
    for (size_t piece = 1; piece <= frames->len; piece++) {
      WebSocketReader reader;
      websocket_init(&reader, MESSAGE_MAX);
      reader.deflate = (WebSocketDeflate){true, alone && variant & 2, variant & 2 ? 10 : 0};
      assert_int_equal(read_compressed(&reader, slice_of_array(frames), piece), TEXTS);
      assert_int_equal(reader.unread, 0);
      bool keeps_window = !reader.deflate.alone;
      assert_int_equal(websocket_kept(&reader) >= INFLATER_SIZE_MAX, keeps_window);
      websocket_clear(&reader);
    }
  }
}

/* One of them is missing: those after it are read where they can be, and never wrong; the others
 * are counted. */
static void test_compressed_loss(void **state)
{
  (void) state;
  for (unsigned lost = 0; lost < 2 * (TEXTS - 1); lost++) {
    size_t ends[TEXTS];
    bool alone = lost & 1;
    g_autoptr(GByteArray) frames = compressed_frames(alone, ends);
    Slice all = slice_of_array(frames);
    size_t from = lost / 2 > 0 ? ends[lost / 2 - 1] : 0;
    for (size_t len = 1; len <= ends[lost / 2] - from; len++) {
      WebSocketReader reader;
      websocket_init(&reader, MESSAGE_MAX);
      unsigned before = read_compressed(&reader, slice_head(all, from), SIZE_MAX);
      assert_int_equal(before, lost / 2);
      websocket_gap(&reader, len);
      unsigned whole = pull_right(&reader);
      whole += read_compressed(&reader, slice_from(all, from + len), SIZE_MAX);
      bool at_border = from + len == ends[lost / 2];
      unsigned after = TEXTS - 1 - lost / 2;
      if (at_border && alone)
        assert_int_equal(whole, after);
      if (at_border)
        assert_int_equal(whole + reader.unread, after);
      websocket_clear(&reader);
    }
  }
}

/* Few bytes do not become more than a message may have. */
static void test_compressed_bounds(void **state)
{
  static const size_t LENS[] = {WEBSOCKET_LEAST_MAX, WEBSOCKET_LEAST_MAX + 1, MESSAGE_MAX};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LENS); i++) {
    g_autofree char *text = g_strnfill(LENS[i], 'a');
    g_autoptr(GByteArray) data = g_byte_array_new(), frame = g_byte_array_new();
    WebSocketReader reader;
    WebSocketMessage message;
    append_deflated(data, -15, slice_of(text, LENS[i]));
    assert_in_range(data->len, 1, 125);
    g_byte_array_append(frame, (const uint8_t[]){0xc2, (uint8_t) data->len}, 2);
    g_byte_array_append(frame, data->data, data->len);
    websocket_init(&reader, MESSAGE_MAX);
    websocket_feed(&reader, slice_of_array(frame));
    assert_int_equal(websocket_next(&reader, &message), i == 0);
    assert_int_equal(reader.unread, i != 0);
    websocket_clear(&reader);
  }
}

/* A frame that begins with the beginning of a SIP message shows it, whatever its compression. */
static void test_peek_compressed(void **state)
{
  size_t ends[TEXTS];
  g_autoptr(GByteArray) frames = compressed_frames(false, ends);
  Slice all = slice_of_array(frames);

  (void) state;
  assert_true(websocket_has_sip(all));
  assert_false(websocket_has_sip(slice_from(all, ends[1])));
  assert_false(websocket_has_sip(SLICE("ACK sip:bob@example.com SIP/2.0\r\n")));
  assert_false(websocket_has_sip(SLICE("BYE sip:bob@example.com SIP/2.0\r\n")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_in_place),
    cmocka_unit_test(test_holes),
    cmocka_unit_test(test_broken),
    cmocka_unit_test(test_peek),
    cmocka_unit_test(test_peek_behind_control),
    cmocka_unit_test(test_compressed),
    cmocka_unit_test(test_compressed_loss),
    cmocka_unit_test(test_compressed_bounds),
    cmocka_unit_test(test_peek_compressed),
  };

  return cmocka_run_group_tests_name("websocket", tests, NULL, NULL);
}
