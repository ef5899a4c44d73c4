#include "tests/ui/golden.h"

#include "tests/ui/message_cases.h"
#include "ui/show/message_raw.h"

/* One letter a style. */
static char style_letter(Style style)
{
  static const char LETTERS[STYLE_COUNT] = {
    [STYLE_PLAIN] = '.',   [STYLE_DIM] = 'd',       [STYLE_REQUEST] = 'R',
    [STYLE_FAILURE] = 'F', [STYLE_NAME] = 'n',      [STYLE_URI] = 'u',
    [STYLE_SDP] = 's',     [STYLE_PARAMETER] = 'p', [STYLE_WARNING] = '!',
  };

  if (style >= STYLE_CYCLE_1 && style <= STYLE_CYCLE_7)
    return 'c';
  return LETTERS[style] ? LETTERS[style] : '?';
}

/* A line as it is drawn, and below it its styles. */
static void append_line(GString *to, const MessageRaw *raw, size_t line)
{
  g_autoptr(GString) styles = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  RawPieces pieces = message_raw_pieces(raw, line);
  RawPiece piece;

  while (message_raw_piece_next(&pieces, &piece)) {
    size_t before = text->len;

    while (styles->len < piece.column) {
      g_string_append_c(styles, ' ');
      g_string_append_c(text, ' ');
      before++;
    }
    text_append_safe(text, piece.text, raw->charset);
    assert_int_equal(text_width(slice_of(text->str + before, text->len - before)), piece.width);
    for (unsigned i = 0; i < piece.width; i++)
      g_string_append_c(styles, style_letter(piece.style));
  }
  g_string_append_printf(to, "%s\n%s\n", text->str, styles->str);
}

static char *raw_text(const SipMsg *sip, const RawOptions *options)
{
  GString *text = g_string_new(NULL);
  Arena arena;

  arena_init(&arena, 4096);
  MessageRaw raw = message_raw_build(&arena, sip, options);
  for (size_t i = 0; i < raw.line_count; i++)
    append_line(text, &raw, i);
  arena_clear(&arena);
  return g_string_free(text, FALSE);
}

static void test_goldens(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++) {
    const MessageCase *c = &MESSAGE_CASES[i];
    SipMsg sip;
    g_autofree char *octets = parse_text(c->text, strlen(c->text), &sip);
    g_autofree char *wide_name = g_strdup_printf("show/message/raw-%s.txt", c->name);
    g_autofree char *narrow_name = g_strdup_printf("show/message/raw-%s-40-ascii.txt", c->name);
    g_autofree char *wide = raw_text(&sip, &(RawOptions){.charset = TEXT_UTF8});
    g_autofree char *narrow = raw_text(&sip, &(RawOptions){.width = 40, .charset = TEXT_ASCII});

    assert_non_null(octets);
    assert_golden(wide_name, wide);
    assert_golden(narrow_name, narrow);
  }
}

/* Spans leave nothing out, nor do lines but for line ends; no line is wider than asked for; columns
 * and octets find each other. */
static void check_raw(const MessageRaw *raw, unsigned width)
{
  size_t next = 0, behind = 0;

  for (size_t i = 0; i < raw->span_count; i++) {
    assert_int_equal(raw->spans[i].octets.offset, next);
    assert_true(raw->spans[i].octets.len > 0);
    next += raw->spans[i].octets.len;
  }
  assert_int_equal(next, raw->raw.len);
  for (size_t i = 0; i < raw->line_count; i++) {
    Octets line = raw->lines[i].octets;

    for (; behind < line.offset; behind++)
      assert_true(memchr("\r\n", raw->raw.data[behind], 2) && !raw->lines[i].wrapped);
    behind += line.len;
    assert_true(message_raw_column(raw, i, behind) <= width);
    for (size_t at = line.offset; at < behind; at++) {
      unsigned column = message_raw_column(raw, i, at);
      assert_int_equal(message_raw_line_at(raw, at), i);
      /* combining octets share a column */
      assert_int_equal(message_raw_column(raw, i, message_raw_offset(raw, i, column)), column);
    }
  }
}

static void check_octets(const char *text, size_t len, const RawOptions *options)
{
  SipMsg sip;
  g_autofree char *octets = parse_text(text, len, &sip);
  Arena arena;

  if (!octets)
    return;
  arena_init(&arena, 4096);
  MessageRaw raw = message_raw_build(&arena, &sip, options);
  check_raw(&raw, options->width > 0 ? options->width : G_MAXUINT);
  arena_clear(&arena);
}

static void test_cut_anywhere(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++)
    for (size_t len = 0; len <= strlen(MESSAGE_CASES[i].text); len++)
      check_octets(MESSAGE_CASES[i].text, len,
                   &(RawOptions){.width = (unsigned) (len % 50) + 2, .charset = len % 2});
}

static void test_any_octet(void **state)
{
  static const char OCTETS[] = "<>\"\\;,=:\t\n\r\x7F\x80\xE4\xCC\x01";

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MESSAGE_CASES); i++) {
    size_t len = strlen(MESSAGE_CASES[i].text);
    g_autofree char *text = g_strdup(MESSAGE_CASES[i].text);

    for (size_t at = 0; at < len; at++) {
      text[at] = OCTETS[at % (sizeof OCTETS - 1)];
      check_octets(text, len, &(RawOptions){.width = 30, .charset = TEXT_UTF8});
      text[at] = MESSAGE_CASES[i].text[at];
    }
  }
}

/* A pane has so many lines: no more are made. */
static void test_line_max(void **state)
{
  const char *text = MESSAGE_CASES[0].text;
  SipMsg sip;
  g_autofree char *octets = parse_text(text, strlen(text), &sip);

  (void) state;
  assert_non_null(octets);
  for (size_t most = 1; most < 80; most++) {
    Arena arena;

    arena_init(&arena, 4096);
    MessageRaw raw = message_raw_build(&arena, &sip, &(RawOptions){.width = 40, .line_max = most});
    MessageRaw all = message_raw_build(&arena, &sip, &(RawOptions){.width = 40});
    assert_int_equal(raw.line_count, MIN(most, all.line_count));
    if (raw.cut)
      assert_true(raw.line_count < all.line_count);
    arena_clear(&arena);
  }
}

/* The same tag has the same colour wherever it stands. */
static void test_identifiers(void **state)
{
  static const char TEXT[] = "SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=x17\r\n"
                             "To: \"c\"<sip:d@e>;x=y ; tag = x17\r\n\r\n";
  SipMsg sip;
  g_autofree char *octets = parse_text(TEXT, strlen(TEXT), &sip);
  Style found[2] = {0};
  unsigned count = 0;
  Arena arena;

  (void) state;
  assert_non_null(octets);
  arena_init(&arena, 4096);
  MessageRaw raw = message_raw_build(&arena, &sip, &(RawOptions){.charset = TEXT_UTF8});
  for (size_t i = 0; i < raw.span_count; i++)
    if (slice_eq(octets_slice(raw.raw, raw.spans[i].octets), SLICE("x17")))
      found[count++ % 2] = raw.spans[i].style;
  assert_int_equal(count, 2);
  assert_true(found[0] >= STYLE_CYCLE_1 && found[0] == found[1]);
  arena_clear(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),     cmocka_unit_test(test_cut_anywhere),
    cmocka_unit_test(test_any_octet),   cmocka_unit_test(test_line_max),
    cmocka_unit_test(test_identifiers),
  };

  return cmocka_run_group_tests_name("message_raw", tests, NULL, NULL);
}
