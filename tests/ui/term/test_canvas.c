#include "tests/test.h"

#include "ui/term/canvas.h"

/* U+4F60, two columns wide. */
#define WIDE "\xE4\xBD\xA0"
/* U+0301, a combining acute accent. */
#define ACUTE "\xCC\x81"

static void check_text(const Canvas *canvas, const char *expected)
{
  g_autofree char *text = canvas_to_text(canvas, false);

  assert_string_equal(text, expected);
}

/* What no drawing may break: the right half of a wide character is behind its left one. */
static void check_halves(const Canvas *canvas)
{
  for (int y = 0; y < canvas->height; y++)
    for (int x = 0; x < canvas->width; x++) {
      const char *glyph = canvas_cell(canvas, x, y)->glyph;
      bool right = glyph[0] == '\0';

      assert_true(g_utf8_validate(glyph, -1, NULL));
      if (right)
        assert_true(x > 0);
      if (right)
        assert_int_equal(text_width(slice_from_string(canvas_cell(canvas, x - 1, y)->glyph)), 2);
      else if (text_width(slice_from_string(glyph)) == 2)
        assert_string_equal(canvas_cell(canvas, x + 1, y)->glyph, "");
    }
}

static void test_put(void **state)
{
  static const struct {
    const char *text;
    int x, behind;
    const char *utf8, *ascii;
  } CASES[] = {
    {"", 1, 1, "\n", "\n"},
    {"abc", 0, 3, "abc\n", "abc\n"},
    {"abc", 3, 6, "   abc\n", "   abc\n"},
    {"abc", 5, 8, "     abc\n", "     abc\n"},
    {"abcdef", 5, 8, "     abc\n", "     abc\n"}, /* cut by the right edge */
    {"abcdef", -2, 4, "cdef\n", "cdef\n"},        /* by the left one */
    {"abc", -3, 0, "\n", "\n"},
    {"abc", 8, 8, "\n", "\n"},
    {"abc", G_MAXINT, G_MAXINT, "\n", "\n"},
    {"abc", G_MININT, G_MININT + 3, "\n", "\n"},
    {"a" WIDE "b", 0, 4, "a" WIDE "b\n", "a?b\n"},
    {WIDE WIDE, -1, 3, " " WIDE "\n", "?\n"},
    {"a" WIDE, 6, 9, "      a\n", "      a?\n"},
    {"e" ACUTE "x", 0, 2, "e" ACUTE "x\n", "e?x\n"},
    {ACUTE "x", 0, 1, "x\n", "?x\n"},
    {"a\033[1mb\r\n c", 0, 8, "a\xE2\x90\x9B[1mb c\n", "a?[1mb c\n"},
    {"bad\xFF", 0, 4, "bad\xEF\xBF\xBD\n", "bad?\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Canvas) utf8 = canvas_new(TEXT_UTF8), ascii = canvas_new(TEXT_ASCII);
    Slice text = exact_slice(slice_from_string(CASES[i].text));

    canvas_begin(utf8, 8, 1);
    canvas_begin(ascii, 8, 1);
    assert_int_equal(canvas_put(utf8, CASES[i].x, 0, STYLE_PLAIN, text), CASES[i].behind);
    canvas_put(ascii, CASES[i].x, 0, STYLE_PLAIN, text);
    check_text(utf8, CASES[i].utf8);
    check_text(ascii, CASES[i].ascii);
    check_halves(utf8);
    g_free((char *) (uintptr_t) text.data);
  }
}

static void test_wide_is_parted(void **state)
{
  static const struct {
    int x;
    const char *text, *expected;
  } CASES[] = {
    {0, "x", "x " WIDE "\n"},  {1, "x", " x" WIDE "\n"},   {2, "x", WIDE "x\n"},
    {3, "x", WIDE " x\n"},     {1, "xy", " xy\n"},         {1, WIDE, " " WIDE "\n"},
    {0, WIDE, WIDE WIDE "\n"}, {-1, WIDE, "  " WIDE "\n"}, /* half of it is outside: a blank */
    {3, WIDE, WIDE "\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Canvas) canvas = canvas_new(TEXT_UTF8);

    canvas_begin(canvas, 4, 1);
    canvas_put_string(canvas, 0, 0, STYLE_PLAIN, WIDE WIDE);
    canvas_put_string(canvas, CASES[i].x, 0, STYLE_PLAIN, CASES[i].text);
    check_text(canvas, CASES[i].expected);
    check_halves(canvas);
  }
}

static void test_clip(void **state)
{
  g_autoptr(Canvas) canvas = canvas_new(TEXT_UTF8);

  (void) state;
  canvas_begin(canvas, 6, 3);
  Rect before = canvas_clip(canvas, (Rect){1, 1, 3, 100});
  Rect middle = canvas_clip(canvas, (Rect){-5, 0, 8, 2});
  assert_int_equal(canvas->clip.x, 1);
  assert_int_equal(canvas->clip.y, 1);
  assert_int_equal(canvas->clip.width, 2);
  assert_int_equal(canvas->clip.height, 1);
  for (int y = -1; y < 4; y++)
    canvas_put_string(canvas, 0, y, STYLE_PLAIN, "abcdef");
  canvas_mark(canvas, canvas_area(canvas), CELL_CURSOR);
  canvas_unclip(canvas, middle);
  canvas_put_string(canvas, 2, 2, STYLE_PLAIN, WIDE WIDE);
  canvas_unclip(canvas, before);
  check_text(canvas, "\n bc\n  " WIDE "\n");
  check_halves(canvas);
  assert_int_equal(canvas_cell(canvas, 1, 1)->marks, CELL_CURSOR);
  assert_int_equal(canvas_cell(canvas, 3, 1)->marks, 0);
  assert_null(canvas_cell(canvas, 6, 0));
  assert_null(canvas_cell(canvas, 0, -1));
}

static void test_cells_are_cut(void **state)
{
  static const struct {
    const char *text;
    Rect at;
    TextAlign align;
    const char *utf8, *ascii;
  } CASES[] = {
    {"abc", {1, 0, 5, 1}, TEXT_LEFT, ".abc  ..\n", ".abc  ..\n"},
    {"abc", {1, 0, 5, 1}, TEXT_RIGHT, ".  abc..\n", ".  abc..\n"},
    {"abc", {1, 0, 5, 1}, TEXT_CENTRE, ". abc ..\n", ". abc ..\n"},
    {"abcdefgh", {1, 0, 5, 1}, TEXT_RIGHT, ".abcd\xE2\x80\xA6..\n", ".abcd~..\n"},
    {"abcdefgh", {4, 0, 9, 1}, TEXT_LEFT, "....abcd\n", "....abcd\n"},
    {"ab" WIDE WIDE, {1, 0, 4, 1}, TEXT_LEFT, ".ab\xE2\x80\xA6 ...\n", ".ab??...\n"},
    {"abc", {1, 0, 0, 1}, TEXT_LEFT, "........\n", "........\n"},
    {"abc", {1, 0, -4, 1}, TEXT_LEFT, "........\n", "........\n"},
    {"abc", {1, 0, 4, 0}, TEXT_LEFT, "........\n", "........\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Canvas) utf8 = canvas_new(TEXT_UTF8), ascii = canvas_new(TEXT_ASCII);
    CanvasText text = {slice_from_string(CASES[i].text), STYLE_PLAIN, CASES[i].align};

    canvas_begin(utf8, 8, 1);
    canvas_begin(ascii, 8, 1);
    canvas_put_string(utf8, 0, 0, STYLE_PLAIN, "........");
    canvas_put_string(ascii, 0, 0, STYLE_PLAIN, "........");
    canvas_put_cell(utf8, CASES[i].at, &text);
    canvas_put_cell(ascii, CASES[i].at, &text);
    check_text(utf8, CASES[i].utf8);
    check_text(ascii, CASES[i].ascii);
    check_halves(utf8);
  }
}

/* More marks than a cell holds are left out, whole ones, and the text goes on behind them. */
static void test_combining_is_bounded(void **state)
{
  g_autoptr(Canvas) canvas = canvas_new(TEXT_UTF8);
  g_autoptr(GString) text = g_string_new("a");

  (void) state;
  for (unsigned i = 0; i < 40; i++)
    g_string_append(text, ACUTE);
  g_string_append(text, "b");
  canvas_begin(canvas, 4, 1);
  canvas_put_string(canvas, 0, 0, STYLE_PLAIN, text->str);
  assert_int_equal(strlen(canvas_cell(canvas, 0, 0)->glyph), CELL_BYTES - 1);
  assert_string_equal(canvas_cell(canvas, 1, 0)->glyph, "b");
  check_halves(canvas);

  for (unsigned i = 0; i < 100000; i++)
    g_string_append(text, ACUTE);
  canvas_put_string(canvas, 0, 0, STYLE_PLAIN, text->str);
  assert_true(canvas->safe->len < 2000);
  check_halves(canvas);
}

static void test_box(void **state)
{
  static const struct {
    Rect at;
    TextCharset charset;
    const char *title, *expected;
  } CASES[] = {
    {{1, 0, 7, 3}, TEXT_ASCII, NULL, ".+-----+.\n.|     |.\n.+-----+.\n"},
    {{0, 0, 9, 3}, TEXT_ASCII, "Ab", "+- Ab --+\n|       |\n+-------+\n"},
    {{0, 0, 9, 3}, TEXT_ASCII, "Abcdefg", "+- Ab~ -+\n|       |\n+-------+\n"},
    {{0, 0, 5, 3}, TEXT_ASCII, "Abcdefg", "+- -+....\n|   |....\n+---+....\n"},
    {{0, 0, 9, 3}, TEXT_UTF8, "A\n", "┌─ A  ──┐\n│       │\n└───────┘\n"},
    {{0, 0, 2, 2}, TEXT_ASCII, "A", "++.......\n++.......\n.........\n"},
    {{0, 0, 1, 3}, TEXT_ASCII, "A", "-........\n|........\n-........\n"},
    {{0, 0, 0, 0}, TEXT_ASCII, "A", ".........\n.........\n.........\n"},
    {{-1, -1, 4, 3}, TEXT_ASCII, "A", "  |......\n--+......\n.........\n"},
    {{2, 1, -5, -5}, TEXT_ASCII, "A", ".........\n.........\n.........\n"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Canvas) canvas = canvas_new(CASES[i].charset);

    canvas_begin(canvas, 9, 3);
    for (int y = 0; y < 3; y++)
      canvas_put_string(canvas, 0, y, STYLE_PLAIN, ".........");
    canvas_box(canvas, CASES[i].at, CASES[i].title);
    check_text(canvas, CASES[i].expected);
  }
}

static void test_styles_as_text(void **state)
{
  g_autoptr(Canvas) canvas = canvas_new(TEXT_ASCII);

  (void) state;
  canvas_begin(canvas, 8, 3);
  canvas_put_string(canvas, 0, 0, STYLE_REQUEST, "INVITE");
  canvas_put_string(canvas, 1, 1, STYLE_PLAIN, "plain");
  canvas_mark(canvas, (Rect){2, 1, 2, 1}, CELL_CURSOR);
  canvas_mark(canvas, (Rect){3, 1, 2, 1}, CELL_FOUND);
  canvas->cursor_x = 4;
  canvas->cursor_y = 2;
  g_autofree char *text = canvas_to_text(canvas, true);
  assert_string_equal(text, "INVITE\nrrrrrr\n plain\n  CFF\n\ncursor at 4,2\n");
}

static void test_every_style_has_a_letter(void **state)
{
  char seen[STYLE_COUNT];

  (void) state;
  for (int style = 0; style < STYLE_COUNT; style++) {
    g_autoptr(Canvas) canvas = canvas_new(TEXT_ASCII);

    canvas_put_string(canvas, 0, 0, (Style) style, "x");
    g_autofree char *text = canvas_to_text(canvas, true);
    seen[style] = style == STYLE_PLAIN ? ' ' : text[2];
    assert_true(g_ascii_isprint(seen[style]));
    for (int other = 0; other < style; other++)
      assert_int_not_equal(seen[other], seen[style]);
  }
}

static void test_glyphs(void **state)
{
  (void) state;
  for (int glyph = 0; glyph < GLYPH_COUNT; glyph++) {
    const char *utf8 = glyph_text((Glyph) glyph, TEXT_UTF8);
    const char *ascii = glyph_text((Glyph) glyph, TEXT_ASCII);

    assert_int_equal(text_width(slice_from_string(utf8)), 1);
    assert_int_equal(strlen(ascii), 1);
    assert_true(g_ascii_isprint(ascii[0]));
  }
}

static void test_sizes(void **state)
{
  static const struct {
    int width, height, expected_width, expected_height;
  } CASES[] = {
    {80, 24, 80, 24},
    {1, 1, 1, 1},
    {0, -3, 1, 1},
    {G_MAXINT, 2, CANVAS_WIDTH_MAX, 2},
    {2, G_MAXINT, 2, CANVAS_HEIGHT_MAX},
  };
  g_autoptr(Canvas) canvas = canvas_new(TEXT_UTF8);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    canvas->cursor_x = 3;
    canvas_begin(canvas, CASES[i].width, CASES[i].height);
    assert_int_equal(canvas->width, CASES[i].expected_width);
    assert_int_equal(canvas->height, CASES[i].expected_height);
    assert_int_equal(canvas->cursor_x, -1);
    canvas_put_glyph(canvas, canvas->width - 1, canvas->height - 1, STYLE_DIM, GLYPH_BLOCK);
    assert_null(canvas_cell(canvas, canvas->width, 0));
  }
}

static void check_rect(Rect rect, int x, int y, int width, int height)
{
  assert_int_equal(rect.x, x);
  assert_int_equal(rect.y, y);
  assert_int_equal(rect.width, width);
  assert_int_equal(rect.height, height);
}

static void test_rects(void **state)
{
  Rect rest = {0, 0, 10, 6};

  (void) state;
  check_rect(rect_cut_top(&rest, 2), 0, 0, 10, 2);
  check_rect(rect_cut_bottom(&rest, 1), 0, 5, 10, 1);
  check_rect(rect_cut_left(&rest, 3), 0, 2, 3, 3);
  check_rect(rect_cut_right(&rest, 4), 6, 2, 4, 3);
  check_rect(rest, 3, 2, 3, 3);
  check_rect(rect_cut_top(&rest, 9), 3, 2, 3, 3);
  check_rect(rest, 3, 5, 3, 0);
  check_rect(rect_cut_top(&rest, -1), 3, 5, 3, 0);
  check_rect(rect_centre((Rect){0, 0, 10, 6}, 4, 2), 3, 2, 4, 2);
  check_rect(rect_centre((Rect){2, 2, 4, 4}, 40, 2), 2, 3, 4, 2);
  assert_true(rect_has((Rect){1, 1, 2, 2}, 2, 2));
  assert_false(rect_has((Rect){1, 1, 2, 2}, 3, 2));
  assert_false(rect_has((Rect){1, 1, 0, 2}, 1, 1));
  assert_int_equal(rect_meet((Rect){0, 0, 2, 2}, (Rect){5, 5, 2, 2}).width, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_put),
    cmocka_unit_test(test_wide_is_parted),
    cmocka_unit_test(test_clip),
    cmocka_unit_test(test_cells_are_cut),
    cmocka_unit_test(test_combining_is_bounded),
    cmocka_unit_test(test_box),
    cmocka_unit_test(test_styles_as_text),
    cmocka_unit_test(test_every_style_has_a_letter),
    cmocka_unit_test(test_glyphs),
    cmocka_unit_test(test_sizes),
    cmocka_unit_test(test_rects),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
