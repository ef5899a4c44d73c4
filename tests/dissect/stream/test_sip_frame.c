#include "dissect/stream/sip_frame.h"
#include "tests/test.h"

enum { MESSAGES = 6, MESSAGE_MAX = 2000 };

#define OPTIONS "OPTIONS sip:b@x SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n"
#define OK "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP h\r\n"
#define EMPTY "l: 0\r\n\r\n"

/* Enough of a head to be found in a body; 76 bytes. */
#define HEAD OPTIONS "i: 1\r\nCSeq: 1 OPTIONS\r\nl: 1\r\n\r\n"

/* What was found: messages one a line, "!" before those that are cut. */
typedef struct {
  GString *text;
  unsigned in_place; /* messages that lay in what was fed */
} Found;

static void pull(SipFramer *framer, Found *found)
{
  SipFrame frame;

  while (sip_framer_next(framer, &frame)) {
    g_string_append(found->text, frame.cut ? "!" : "");
    g_string_append_len(found->text, frame.octets.data, (gssize) frame.octets.len);
    g_string_append_c(found->text, '\x1e');
    found->in_place += frame.from_input;
  }
}

static void feed(SipFramer *framer, Slice octets, Found *found)
{
  g_autofree char *copy = exact_copy(octets.data, octets.len);

  sip_framer_feed(framer, slice_of(copy, octets.len));
  pull(framer, found);
}

/* Feeds `piece` octets at a time; "~12~" in the text is a gap of 12 octets. */
static void play(SipFramer *framer, Slice text, size_t piece, Found *found)
{
  while (text.len > 0) {
    if (text.data[0] == '~') {
      uint32_t gap = 0;
      text = slice_from(text, 1);
      assert_true(slice_to_u32(slice_cut(&text, '~'), &gap));
      sip_framer_gap(framer, gap);
      pull(framer, found);
      continue;
    }
    size_t len = MIN(MIN(piece, text.len), slice_find(text, '~'));
    feed(framer, slice_head(text, len), found);
    text = slice_from(text, len);
  }
}

static const struct {
  const char *name;
  bool mid_stream;
  bool by_piece; /* the answer depends on how the octets are cut: only the whole is tried */
  const char *text;
  const char *messages[MESSAGES]; /* "!" before cut ones */
  uint64_t skipped;
} CASES[] = {
  {"one message", .text = OPTIONS EMPTY, .messages = {OPTIONS EMPTY}},
  {"three in one piece", .text = OPTIONS EMPTY OK "l: 2\r\n\r\nab" OPTIONS EMPTY,
   .messages = {OPTIONS EMPTY, OK "l: 2\r\n\r\nab", OPTIONS EMPTY}},
  {"keep-alives",
   .text = "\r\n\r\n" OPTIONS EMPTY "\r\n" OK EMPTY "\r\n\r\n\r\n\r\n" OK EMPTY "\r\n",
   .messages = {OPTIONS EMPTY, OK EMPTY, OK EMPTY}},
  {"Content-Length too large, in one piece", .by_piece = true,
   .text = OPTIONS "l: 30\r\n\r\nhello" HEAD "x" OK EMPTY,
   .messages = {"!" OPTIONS "l: 30\r\n\r\nhello", HEAD "x", OK EMPTY}},
  {"Content-Length too large, the body ends with its line", .by_piece = true,
   .text = OPTIONS "l: 30\r\n\r\nhello\r\n" HEAD "x" OK EMPTY,
   .messages = {"!" OPTIONS "l: 30\r\n\r\nhello\r\n", HEAD "x", OK EMPTY}},
  {"a message in a body, and its length is right",
   .text = OPTIONS "l: 12\r\n\r\nhello\r\nhello" HEAD "x",
   .messages = {OPTIONS "l: 12\r\n\r\nhello\r\nhello", HEAD "x"}},
  {"a body of messages, and its length is wrong", .by_piece = true,
   .text = OPTIONS "c: message/sipfrag\r\nl: 80\r\n\r\n" HEAD "xyzzrest\r\n" OK EMPTY,
   .messages = {OPTIONS "c: message/sipfrag\r\nl: 80\r\n\r\n" HEAD "xyzz", OK EMPTY}, .skipped = 6},
  {"Content-Length too small, a start-line in the rest of the body",
   .text = OPTIONS "l: 5\r\n\r\nhello with more" HEAD "x" OK EMPTY,
   .messages = {OPTIONS "l: 5\r\n\r\nhello", HEAD "x", OK EMPTY}, .skipped = 9},
  {"a keep-alive alone", .text = "\r\n\r\n"},
  {"blanks between messages", .text = " \t" OPTIONS EMPTY " \r\n" OK EMPTY,
   .messages = {OPTIONS EMPTY, OK EMPTY}},
  {"long name, any case", .text = OK "cOnTeNt-lEnGtH: 1\r\n\r\nx" OK EMPTY,
   .messages = {OK "cOnTeNt-lEnGtH: 1\r\n\r\nx", OK EMPTY}},
  {"blank before the colon", .text = OK "Content-Length \t: 1\r\n\r\nx" OK "L\t:1\r\n\r\nx",
   .messages = {OK "Content-Length \t: 1\r\n\r\nx", OK "L\t:1\r\n\r\nx"}},
  {"folded", .text = OK "Content-Length:\r\n \r\n\t 1\r\n\r\nx" OK "l: 2 \r\n \r\n\r\nxy",
   .messages = {OK "Content-Length:\r\n \r\n\t 1\r\n\r\nx", OK "l: 2 \r\n \r\n\r\nxy"}},
  {"names that only begin alike",
   .text = OK "Content-Lengthy: 5\r\nLanguage: 3\r\nl : 0\r\n\r\n" OK EMPTY,
   .messages = {OK "Content-Lengthy: 5\r\nLanguage: 3\r\nl : 0\r\n\r\n", OK EMPTY}},
  {"the first of two lengths", .text = OK "l: 1\r\nContent-Length: 30\r\n\r\nx" OK EMPTY,
   .messages = {OK "l: 1\r\nContent-Length: 30\r\n\r\nx", OK EMPTY}},
  {"LF alone",
   .text = "SIP/2.0 200 OK\nl: 1\n\nx"
           "SIP/2.0 200 OK\r\nl: 1\n\r\ny" OK EMPTY,
   .messages = {"SIP/2.0 200 OK\nl: 1\n\nx", "SIP/2.0 200 OK\r\nl: 1\n\r\ny", OK EMPTY}},
  {"no length, no body", .text = OPTIONS "\r\n" OK "\r\n" OK EMPTY,
   .messages = {OPTIONS "\r\n", OK "\r\n", OK EMPTY}},
  {"no length, a body to the next message", .by_piece = true,
   .text = OPTIONS "c: text/plain\r\n\r\nhello\r\n" OK EMPTY,
   .messages = {OPTIONS "c: text/plain\r\n\r\nhello\r\n", OK EMPTY}},
  {"no length, a body to the end", .by_piece = true,
   .text = OPTIONS "Content-Type: text/plain\r\n\r\nSIP/2.0 is a protocol\r\nBYE",
   .messages = {OPTIONS "Content-Type: text/plain\r\n\r\nSIP/2.0 is a protocol\r\nBYE"}},
  {"a length that makes no sense",
   .text = OPTIONS "l: -1\r\n\r\n" OK "l: 1x\r\n\r\n" OK "l:\r\n\r\n" OK EMPTY,
   .messages = {OPTIONS "l: -1\r\n\r\n", OK "l: 1x\r\n\r\n", OK "l:\r\n\r\n", OK EMPTY}},
  {"a length beyond any message",
   .text = OPTIONS "l: 99999999999999999999\r\n\r\n" OK "l: 2001\r\n\r\n" OK EMPTY,
   .messages = {OPTIONS "l: 99999999999999999999\r\n\r\n", OK "l: 2001\r\n\r\n", OK EMPTY}},
  {"a body that looks like messages",
   .text = OPTIONS "l: 60\r\n\r\n" OK EMPTY "SIP/2.0 200 OK\r\n" OK EMPTY,
   .messages = {OPTIONS "l: 60\r\n\r\n" OK EMPTY "SIP/2.0 200 OK\r\n", OK EMPTY}},
  {"lenient start-lines",
   .text = "SIP/2.0  486 Busy Here\r\n" EMPTY "FOO  sip:x;a b  sip/2.0 \r\n" EMPTY
           "OPTIONS sip:x SIP/7.0\r\n" EMPTY,
   .messages = {"SIP/2.0  486 Busy Here\r\n" EMPTY, "FOO  sip:x;a b  sip/2.0 \r\n" EMPTY,
                "OPTIONS sip:x SIP/7.0\r\n" EMPTY}},
  {"lenient at the first octet", .mid_stream = true, .text = "SIP/2.0  486 Busy Here\r\n" EMPTY,
   .messages = {"SIP/2.0  486 Busy Here\r\n" EMPTY}},
  {"without its first octets", .mid_stream = true, .text = "NS sip:b@x SIP/2.0\r\n" EMPTY,
   .messages = {"!NS sip:b@x SIP/2.0\r\n" EMPTY}},
  {"a hole at the first octets", .text = OK EMPTY "~2~TIONS sip:b@x SIP/2.0\r\n" EMPTY OK EMPTY,
   .messages = {OK EMPTY, "!TIONS sip:b@x SIP/2.0\r\n" EMPTY, OK EMPTY}},
  {"a method that nobody knows, first", .mid_stream = true,
   .text = "QAUTH sip:b@x SIP/2.0\r\n" EMPTY, .messages = {"QAUTH sip:b@x SIP/2.0\r\n" EMPTY}},
  {"strict in garbage", .mid_stream = true,
   .text = "x\r\nSIP/2.0  486 Busy Here\r\n" EMPTY "OPTIONS b@x SIP/2.0\r\n" EMPTY
           "INVITE sip:b@x SIP/2.0\r\n\r\nINVITE sip:b@x HTTP/1.1\r\n" EMPTY OK EMPTY,
   .messages = {OK EMPTY}, .skipped = 115},
  {"in the middle of a message", .mid_stream = true, .text = "=0\r\no=- 1 1 IN IP4 x\r\n" OK EMPTY,
   .messages = {OK EMPTY}, .skipped = 22},
  {"octets behind the body", .text = OK "l: 1\r\n\r\nxyz\r\n" OPTIONS EMPTY,
   .messages = {OK "l: 1\r\n\r\nx", OPTIONS EMPTY}, .skipped = 4},
  {"a start-line behind a body without a line end", .mid_stream = true,
   .text =
     "{\"a\": 1}" OPTIONS EMPTY "xy\r\n</x>" OK EMPTY "z\r\nokINVITE sip:b@x SIP/2.0\r\n" EMPTY,
   .messages = {OPTIONS EMPTY, OK EMPTY, "INVITE sip:b@x SIP/2.0\r\n" EMPTY},
   .skipped = 8 + 4 + 4 + 3 + 2},
  {"what is no start-line in a line", .mid_stream = true,
   .text = "z\r\nx INVITE  sip:b@x SIP/2.0\r\n" EMPTY
           "Via: SIP/2.0/TCP h\r\nxSIP/2.0 20 OK\r\n" EMPTY OK EMPTY,
   .messages = {OK EMPTY}, .skipped = 3 + 27 + 6 + 20 + 16 + 6},
  {"binary before a message",
   .text = "\x01\x80\xff\n\x02"
           "abc\n" OK EMPTY,
   .messages = {OK EMPTY}, .skipped = 9},
  {"a hole between messages", .text = OPTIONS EMPTY "~9~" OK EMPTY,
   .messages = {OPTIONS EMPTY, OK EMPTY}},
  {"a hole in the header", .text = OPTIONS "~9~x: y\r\n" EMPTY OK EMPTY,
   .messages = {"!" OPTIONS, OK EMPTY}, .skipped = 12},
  {"a hole in the start-line", .text = "OPTIONS sip:b@x SI~9~x\r\n" EMPTY OK EMPTY,
   .messages = {"!OPTIONS sip:b@x SI", OK EMPTY}, .skipped = 9},
  {"a hole in what may be a start-line", .text = "OPT~9~x\r\n" OK EMPTY, .messages = {OK EMPTY},
   .skipped = 6},
  {"a hole in the body", .text = OPTIONS "l: 10\r\n\r\nabc~4~hij" OK EMPTY,
   .messages = {"!" OPTIONS "l: 10\r\n\r\nabc", OK EMPTY}},
  {"holes in start-lines, as by a short snap length",
   .text = "OPTIONS sip:b@x SI~9~OPTIONS sip:c@x~9~SIP/2.0 200 O~9~OPTI~99~OPTIONS sip:d@x S~9~",
   .messages = {"!OPTIONS sip:b@x SI", "!OPTIONS sip:c@x", "!SIP/2.0 200 O", "!OPTIONS sip:d@x S"},
   .skipped = 4},
  {"a hole to the body's end", .text = OPTIONS "l: 10\r\n\r\nabc~7~" OK EMPTY,
   .messages = {"!" OPTIONS "l: 10\r\n\r\nabc", OK EMPTY}},
  {"two holes in the body", .text = OPTIONS "l: 10\r\n\r\nab~3~f~2~ij" OK EMPTY,
   .messages = {"!" OPTIONS "l: 10\r\n\r\nab", OK EMPTY}},
  {"a hole from the body on", .text = OPTIONS "l: 10\r\n\r\nabc~8~ x\r\n" OK EMPTY,
   .messages = {"!" OPTIONS "l: 10\r\n\r\nabc", OK EMPTY}, .skipped = 3},
  {"a hole, and one from the body on", .text = OPTIONS "l: 10\r\n\r\na~2~d~9~x\r\n" OK EMPTY,
   .messages = {"!" OPTIONS "l: 10\r\n\r\na", OK EMPTY}, .skipped = 3},
  {"a hole where a message was looked for", .mid_stream = true,
   .text = "x\r\n" OK "Via~9~x\r\n" OK EMPTY, .messages = {"!" OK "Via", OK EMPTY}, .skipped = 6},
  {"a hole behind a start-line", .mid_stream = true,
   .text = "x\r\nSIP/2.0 200 OK\r\nVi~9~x\r\n" OK EMPTY,
   .messages = {"!SIP/2.0 200 OK\r\nVi", OK EMPTY}, .skipped = 6},
};

static char *expected_text(size_t index, const char *how)
{
  GString *text = g_string_new(NULL);

  g_string_printf(text, "%s %s = ", CASES[index].name, how);
  for (size_t i = 0; i < MESSAGES && CASES[index].messages[i]; i++)
    g_string_append_printf(text, "%s\x1e", CASES[index].messages[i]);
  return g_string_free(text, FALSE);
}

static void check_case(size_t index, size_t piece, const char *how)
{
  g_autofree char *expected = expected_text(index, how);
  g_autoptr(GString) text = g_string_new(NULL);
  Found found = {text, 0};
  SipFramer framer;

  g_string_printf(text, "%s %s = ", CASES[index].name, how);
  sip_framer_init(&framer, MESSAGE_MAX, !CASES[index].mid_stream);
  play(&framer, slice_from_string(CASES[index].text), piece, &found);
  assert_string_equal(text->str, expected);
  if (framer.skipped != CASES[index].skipped)
    print_message("%s %s:\n", CASES[index].name, how);
  assert_int_equal(framer.skipped, CASES[index].skipped);
  assert_int_equal(sip_framer_kept(&framer), 0);
  sip_framer_clear(&framer);
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    check_case(i, SIZE_MAX, "at once");
    if (CASES[i].by_piece)
      continue;
    check_case(i, 1, "octet by octet");
    check_case(i, 7, "by sevens");
    check_case(i, 37, "by 37s");
  }
}

/* Every cut of two messages: the same two; what one piece holds lies in that piece. */
static void test_two_pieces(void **state)
{
  Slice text = SLICE(OPTIONS "l: 5\r\n\r\nhello\r\n\r\n" OK EMPTY);
  size_t first = sizeof(OPTIONS "l: 5\r\n\r\nhello") - 1, second = first + 4;

  (void) state;
  for (size_t cut = 0; cut <= text.len; cut++) {
    g_autoptr(GString) out = g_string_new(NULL);
    Found found = {out, 0};
    SipFramer framer;
    sip_framer_init(&framer, MESSAGE_MAX, true);
    feed(&framer, slice_head(text, cut), &found);
    feed(&framer, slice_from(text, cut), &found);
    assert_string_equal(out->str, OPTIONS "l: 5\r\n\r\nhello\x1e" OK EMPTY "\x1e");
    unsigned parted = (cut > 0 && cut < first) || (cut > second && cut < text.len) ? 1 : 0;
    assert_int_equal(found.in_place, 2 - parted);
    sip_framer_clear(&framer);
  }
}

/* The connection ends after each octet: whole messages are whole, the rest is cut. */
static void test_end(void **state)
{
  Slice text = SLICE(OPTIONS "l: 5\r\n\r\nhello");
  size_t enough = sizeof("OPTIONS sip:") - 1;

  (void) state;
  for (size_t cut = 0; cut <= text.len; cut++) {
    g_autoptr(GString) out = g_string_new(NULL);
    Found found = {out, 0};
    SipFramer framer;
    sip_framer_init(&framer, MESSAGE_MAX, true);
    feed(&framer, slice_head(text, cut), &found);
    sip_framer_end(&framer);
    pull(&framer, &found);
    g_autofree char *expected =
      cut < enough ? g_strdup("")
                   : g_strdup_printf("%s%.*s\x1e", cut < text.len ? "!" : "", (int) cut, text.data);
    assert_string_equal(out->str, expected);
    assert_int_equal(framer.skipped, cut < enough ? cut : 0);
    sip_framer_clear(&framer);
  }
}

/* Messages that are too long come cut; memory is bounded, whatever is fed. */
static void test_bounds(void **state)
{
  static const struct {
    const char *name, *begin;
    const char *unit;
    size_t units, messages, first_len;
  } BOUNDS[] = {
    {"body", OPTIONS "l: 2000\r\n\r\n", "x", 2000, 2, MESSAGE_MAX},
    {"header", OPTIONS, "X: y\r\n", 1000, 2, MESSAGE_MAX},
    {"line", OPTIONS "X: ", "y", 5000, 2, MESSAGE_MAX},
    {"start-line", "OPTIONS sip:", "y", 50000, 1, sizeof(OK EMPTY) - 1},
    {"garbage line", "x\r\nOPTIONS sip:", "y", 50000, 1, sizeof(OK EMPTY) - 1},
    {"garbage", "\x01", "y\x80\n", 5000, 1, sizeof(OK EMPTY) - 1},
    {"fillers", "\r\n", "\r\n", 5000, 1, sizeof(OK EMPTY) - 1},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BOUNDS); i++) {
    g_autoptr(GString) out = g_string_new(NULL);
    Found found = {out, 0};
    SipFramer framer;
    sip_framer_init(&framer, MESSAGE_MAX, true);
    feed(&framer, slice_from_string(BOUNDS[i].begin), &found);
    for (size_t n = 0; n < BOUNDS[i].units; n++) {
      feed(&framer, slice_from_string(BOUNDS[i].unit), &found);
      assert_true(framer.buffer_room <= 32 * 1024);
    }
    const char *line_end = BOUNDS[i].unit[0] == 'y' ? "\n" : "";
    feed(&framer, slice_from_string(line_end), &found);
    feed(&framer, SLICE(OK EMPTY), &found);
    g_auto(GStrv) messages = g_strsplit(out->str, "\x1e", -1);
    assert_int_equal(g_strv_length(messages), BOUNDS[i].messages + 1);
    bool cut = messages[0][0] == '!';
    assert_int_equal(cut, BOUNDS[i].messages == 2);
    assert_int_equal(strlen(messages[0]) - cut, BOUNDS[i].first_len);
    assert_string_equal(messages[BOUNDS[i].messages - 1], OK EMPTY);
    sip_framer_clear(&framer);
  }
}

/* Each limit holds for its last byte and not for the next: the message is found as far as
 * `filler` is repeated `most` times, and no further; the message after it is always found. */
static void test_limits(void **state)
{
  static const struct {
    const char *name;
    bool in_sync;
    size_t message_max;
    const char *begin, *filler, *then; /* then comes in a piece of its own */
    size_t most;
    const char *beyond; /* found instead of the message; its start alone is compared */
  } LIMITS[] = {
    {"method, where a message is looked for", false, 8192, "?\r\n", "M",
     " sip:b@x SIP/2.0\r\n" EMPTY, 32, OK},
    {"name of the first header, where a message is looked for", false, 8192,
     "?\r\nOPTIONS sip:b@x SIP/2.0\r\n", "X", ": y\r\n" EMPTY, 63, OK},
    {"start-line, where a message is looked for", false, 8192, "?\r\nOPTIONS sip:", "b",
     " SIP/2.0\r\n" EMPTY, 4096 - sizeof("OPTIONS sip: SIP/2.0\r\n") + 1, OK},
    {"start-line, its first piece", true, 32 * 1024, "OPTIONS sip:", "b", " SIP/2.0\r\n" EMPTY,
     16 * 1024 - sizeof("OPTIONS sip:") + 1, OK},
    {"header block", true, MESSAGE_MAX, OPTIONS "X: ", "y", "\r\n" EMPTY,
     MESSAGE_MAX - sizeof(OPTIONS "X: \r\n" EMPTY) + 1, "!" OPTIONS},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++)
    for (size_t more = 0; more < 2; more++) {
      g_autoptr(GString) out = g_string_new(NULL);
      g_autoptr(GString) text = g_string_new(LIMITS[i].begin);
      Found found = {out, 0};
      SipFramer framer;
      sip_framer_init(&framer, LIMITS[i].message_max, LIMITS[i].in_sync);
      for (size_t n = 0; n < LIMITS[i].most + more; n++)
        g_string_append(text, LIMITS[i].filler);
      feed(&framer, slice_of(text->str, text->len), &found);
      feed(&framer, slice_from_string(LIMITS[i].then), &found);
      feed(&framer, SLICE(OK EMPTY), &found);
      g_string_append(text, LIMITS[i].then);
      const char *first =
        strchr(LIMITS[i].begin, '?') == LIMITS[i].begin ? text->str + 3 : text->str;
      if (more)
        assert_true(g_str_has_prefix(out->str, LIMITS[i].beyond));
      else
        assert_true(g_str_has_prefix(out->str, first));
      assert_true(g_str_has_suffix(out->str, "\x1e" OK EMPTY "\x1e") ||
                  strcmp(out->str, OK EMPTY "\x1e") == 0);
      sip_framer_clear(&framer);
    }
}

/* A segment that begins with a message while a body is not complete ends that body. */
static void test_short_body(void **state)
{
  static const struct {
    const char *first, *second;
    const char *found;
  } BODIES[] = {
    {OPTIONS "l: 99\r\n\r\nhello", HEAD "x", "!" OPTIONS "l: 99\r\n\r\nhello\x1e" HEAD "x\x1e"},
    {OPTIONS "l: 99\r\n\r\n", HEAD "x", "!" OPTIONS "l: 99\r\n\r\n\x1e" HEAD "x\x1e"},
    {OPTIONS "l: 99\r\n\r\nhello", OPTIONS "l: 0\r\n\r\n", ""}, /* too little of a head */
    {OPTIONS "c: message/sip\r\nl: 200\r\n\r\nhello", HEAD "x", ""},
    {OPTIONS "Content-Type :\r\n multipart/mixed\r\nl: 200\r\n\r\nhello", HEAD "x", ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BODIES); i++) {
    Found found = {.text = g_string_new(NULL)};
    SipFramer framer;
    sip_framer_init(&framer, MESSAGE_MAX, true);
    feed(&framer, slice_from_string(BODIES[i].first), &found);
    assert_string_equal(found.text->str, "");
    feed(&framer, slice_from_string(BODIES[i].second), &found);
    assert_string_equal(found.text->str, BODIES[i].found);
    sip_framer_clear(&framer);
    g_string_free(found.text, true);
  }
}

/* A message inside of a body that is here as a whole, followed by what is none: the body ends where
 * the message begins, if that is one of the first four places that look like it. */
static void test_message_inside(void **state)
{
  static const char JUNK[] = "no message\r\n";
  static const struct {
    unsigned lookalikes;
    const char *head, *after;
    bool is_found;
  } INSIDE[] = {
    {0, HEAD, JUNK, true},
    {3, HEAD, JUNK, true},
    {4, HEAD, JUNK, false},
    {0, HEAD, "", false},
    {0, HEAD, "\r\n", false},
    {0, HEAD, OPTIONS EMPTY, false},
    {0, OPTIONS "i: 1\r\nCSeq: 0 OPTIONS\r\nl: 1\r\n\r\n", JUNK, false},
    {0, OPTIONS "i: 1\r\nl: 1\r\n\r\n", JUNK, false},
    {0, OPTIONS "CSeq: 1 OPTIONS\r\nl: 1\r\n\r\n", JUNK, false},
    {0, "OPTIONS sip:b@x SIP/2.0\r\ni: 1\r\nCSeq: 1 OPTIONS\r\nl: 1\r\n\r\n", JUNK, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(INSIDE); i++) {
    g_autoptr(GString) body = g_string_new(NULL), out = g_string_new(NULL);
    Found found = {out, 0};
    SipFramer framer;

    for (unsigned n = 0; n < INSIDE[i].lookalikes; n++)
      g_string_append(body, OPTIONS "\r\n");
    size_t lookalikes_len = body->len;
    g_string_append_printf(body, "%sx", INSIDE[i].head);
    g_autofree char *first = g_strdup_printf(OPTIONS "l: %zu\r\n\r\n", body->len);
    g_autofree char *text = g_strconcat(first, body->str, INSIDE[i].after, NULL);
    g_autofree char *wanted =
      INSIDE[i].is_found
        ? g_strdup_printf("!%s%.*s\x1e%sx\x1e", first, (int) lookalikes_len, body->str, HEAD)
        : g_strdup_printf("%s%s\x1e", first, body->str);
    sip_framer_init(&framer, MESSAGE_MAX, true);
    feed(&framer, slice_from_string(text), &found);
    if (!g_str_has_prefix(out->str, wanted))
      fail_msg("row %zu: %s", i, out->str);
    sip_framer_clear(&framer);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_two_pieces),
    cmocka_unit_test(test_end),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_short_body),
    cmocka_unit_test(test_message_inside),
  };

  return cmocka_run_group_tests_name("sip_frame", tests, NULL, NULL);
}
