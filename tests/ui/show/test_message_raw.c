#include "tests/test.h"

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

static void test_widths(void **state)
{
  static const struct {
    size_t len;
    unsigned width, per_row, digits, rows;
  } CASES[] = {
    {100, 200, 32, 4, 4}, {100, 139, 32, 4, 4},     {100, 132, 16, 4, 7},
    {100, 80, 16, 4, 7},  {100, 60, 8, 4, 13},      {100, 30, 4, 4, 25},
    {100, 5, 4, 4, 25},   {70000, 80, 16, 6, 4375}, {0, 80, 16, 4, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    HexLayout layout = hex_layout(CASES[i].len, CASES[i].width);

    assert_int_equal(layout.per_row, CASES[i].per_row);
    assert_int_equal(layout.digits, CASES[i].digits);
    assert_int_equal(layout.row_count, CASES[i].rows);
    assert_true(layout.width <= CASES[i].width || layout.per_row == 4);
  }
}

static void test_rows(void **state)
{
  static const char OCTETS[] = "SIP/2.0 200 OK\r\n\xC3\xA9\x7F~";
  static const char *const ROWS[] = {
    "0000  53 49 50 2f 32 2e 30 20  32 30 30 20 4f 4b 0d 0a  SIP/2.0 200 OK..",
    "0010  c3 a9 7f 7e                                       ...~",
  };
  HexLayout layout = hex_layout(sizeof OCTETS - 1, 80);

  (void) state;
  for (size_t row = 0; row < layout.row_count; row++) {
    g_autoptr(GString) text = g_string_new(NULL);

    hex_append_row(text, &layout, slice_of(OCTETS, sizeof OCTETS - 1), row);
    assert_string_equal(text->str, ROWS[row]);
  }
}

/* A range is found on each row it touches, and each of its octets at both of its places. */
static void test_runs(void **state)
{
  HexLayout layout = hex_layout(50, 80);
  Octets octets = {12, 25};
  unsigned counts[] = {4, 16, 5, 0}, total = 0;
  HexRun run;

  (void) state;
  for (size_t row = 0; row < layout.row_count; row++) {
    assert_int_equal(hex_run_on(&layout, octets, row, &run), counts[row] > 0);
    if (counts[row] == 0)
      continue;
    assert_int_equal(run.count, counts[row]);
    for (unsigned i = run.first; i < run.first + run.count; i++, total++) {
      size_t digits = 0, character = 0;

      assert_true(hex_offset_at(&layout, row, hex_column(&layout, i), &digits));
      assert_true(hex_offset_at(&layout, row, layout.text + i, &character));
      assert_true(octets_has(octets, digits));
      assert_int_equal(digits, character);
      assert_int_equal(hex_row_of(&layout, digits), row);
    }
  }
  assert_int_equal(total, octets.len);
  size_t none;
  assert_false(hex_offset_at(&layout, 0, 0, &none));
  assert_false(hex_offset_at(&layout, 3, layout.text + 3, &none));
}

/* Nothing that a terminal acts upon is pasted, and what is no UTF-8 becomes it. */
static void test_cases(void **state)
{
  static const struct {
    const char *text, *copied;
  } CASES[] = {
    {"SIP/2.0 200 OK\r\nX: a\x1B[2Jb\r\n\tc\r\n\r\nv=0\r\n\x07",
     "SIP/2.0 200 OK\nX: a\xE2\x90\x9B[2Jb\n c\n\nv=0\n\xE2\x90\x87\n"},
    {"SIP/2.0 200 OK\nContent-Type: a/b;charset=GBK\n\n\xC7\xB0\xC3\xC5",
     "SIP/2.0 200 OK\nContent-Type: a/b;charset=GBK\n\n\xE5\x89\x8D\xE9\x97\xA8\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) copied = g_string_new(NULL);
    SipMsg sip;
    g_autofree char *octets = parse_text(CASES[i].text, strlen(CASES[i].text), &sip);

    assert_non_null(octets);
    message_copy_append(copied, &sip);
    assert_string_equal(copied->str, CASES[i].copied);
  }
}

static void test_hex(void **state)
{
  g_autoptr(GString) copied = g_string_new(NULL);

  (void) state;
  message_copy_append_hex(copied, SLICE("SIP\xFF"));
  assert_string_equal(copied->str, "53 49 50 ff");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_goldens),     cmocka_unit_test(test_cut_anywhere),
    cmocka_unit_test(test_any_octet),   cmocka_unit_test(test_line_max),
    cmocka_unit_test(test_identifiers), cmocka_unit_test(test_widths),
    cmocka_unit_test(test_rows),        cmocka_unit_test(test_runs),
    cmocka_unit_test(test_cases),       cmocka_unit_test(test_hex),
  };

  return cmocka_run_group_tests_name("message_raw", tests, NULL, NULL);
}
