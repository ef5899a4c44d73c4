#include "tests/test.h"

#include "capture/error.h"
#include "ui/term/theme.h"

enum { COLORS_TRUE = 1 << 24 };

static Theme find(const char *name)
{
  Theme theme;

  assert_true(theme_find(name, &theme));
  return theme;
}

static Paint paint_of(const Theme *theme, Style style, unsigned marks)
{
  Cell cell = {.glyph = "x", .style = (uint8_t) style, .marks = (uint8_t) marks};

  return theme_paint(theme, &cell);
}

/* Every style of every theme is told, whatever was there before. */
static void test_built_in(void **state)
{
  const char *const *names = theme_names();

  (void) state;
  for (; *names; names++) {
    Theme zeros, ones;

    memset(&zeros, 0, sizeof zeros);
    memset(&ones, 0x77, sizeof ones);
    assert_true(theme_find(*names, &zeros));
    assert_true(theme_find(*names, &ones));
    assert_memory_equal(&zeros, &ones, sizeof zeros);
  }
  assert_false(theme_find("", &(Theme){0}));
  assert_false(theme_find("Dark", &(Theme){0}));
}

static void test_set(void **state)
{
  static const struct {
    const char *text;
    Paint paint;
  } CASES[] = {
    {"red", {1, PAINT_DEFAULT, 0}},
    {"", {PAINT_DEFAULT, PAINT_DEFAULT, 0}},
    {"default on default", {PAINT_DEFAULT, PAINT_DEFAULT, 0}},
    {"#5fafff on black bold", {PAINT_RGB | 0x5FAFFF, 0, PAINT_BOLD}},
    {"  underline\t#FFFFFF ", {PAINT_RGB | 0xFFFFFF, PAINT_DEFAULT, PAINT_UNDERLINE}},
    {"bold dim italic underline reverse",
     {PAINT_DEFAULT, PAINT_DEFAULT,
      PAINT_BOLD | PAINT_DIM | PAINT_ITALIC | PAINT_UNDERLINE | PAINT_REVERSE}},
    {"on 17", {PAINT_DEFAULT, 17, 0}},
    {"255 on 0", {255, 0, 0}},
    {"Bright-White ON grey", {15, 8, 0}},
  };
  Theme theme = find("dark");

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;

    assert_true(theme_set(&theme, "failure", CASES[i].text, &error));
    Paint got = paint_of(&theme, STYLE_FAILURE, 0);
    assert_int_equal(got.foreground, CASES[i].paint.foreground);
    assert_int_equal(got.background, CASES[i].paint.background);
    assert_int_equal(got.attributes, CASES[i].paint.attributes);
  }
}

static void test_set_fails(void **state)
{
  static const struct {
    const char *style, *paint, *tells;
  } CASES[] = {
    {"failure", "rde", "\"rde\""},           {"failure", "red green", "\"green\""},
    {"failure", "red on blue on", "\"on\""}, {"failure", "#12345", "\"#12345\""},
    {"failure", "#12345g", "\"#12345g\""},   {"failure", "#1234567", "\"#1234567\""},
    {"failure", "256", "\"256\""},           {"failure", "-1", "\"-1\""},
    {"failures", "red", "\"failures\""},     {"", "red", "expected one of plain"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    Theme theme = find("light"), before = theme;

    assert_false(theme_set(&theme, CASES[i].style, CASES[i].paint, &error));
    assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
    if (!strstr(error->message, CASES[i].tells))
      fail_msg("%s does not tell %s", error->message, CASES[i].tells);
    assert_memory_equal(&theme, &before, sizeof theme);
  }
}

static void test_marks_lie_on_top(void **state)
{
  Theme theme = find("mono");

  (void) state;
  assert_true(theme_set(&theme, "request", "red on blue bold", NULL));
  assert_true(theme_set(&theme, "lit", "on grey", NULL));
  assert_true(theme_set(&theme, "cursor", "white on black underline", NULL));
  assert_true(theme_set(&theme, "found", "yellow", NULL));

  Paint lit = paint_of(&theme, STYLE_REQUEST, CELL_LIT);
  assert_int_equal(lit.foreground, 1);
  assert_int_equal(lit.background, 8);
  assert_int_equal(lit.attributes, PAINT_BOLD);
  Paint cursor = paint_of(&theme, STYLE_REQUEST, CELL_LIT | CELL_CURSOR);
  assert_int_equal(cursor.foreground, 7);
  assert_int_equal(cursor.background, 0);
  assert_int_equal(cursor.attributes, PAINT_BOLD | PAINT_UNDERLINE);
  Paint found = paint_of(&theme, STYLE_REQUEST, CELL_LIT | CELL_CURSOR | CELL_FOUND);
  assert_int_equal(found.foreground, 3);
  assert_int_equal(found.background, 0);
}

static void test_nearest(void **state)
{
  static const struct {
    PaintColor color;
    int colors;
    PaintColor nearest;
  } CASES[] = {
    {PAINT_DEFAULT, 8, PAINT_DEFAULT},
    {1, 2, PAINT_DEFAULT},
    {1, 8, 1},
    {9, 8, 1},
    {8, 8, PAINT_DEFAULT},
    {15, 8, 7},
    {9, 16, 9},
    {196, 16, 9},
    {196, 256, 196},
    {196, COLORS_TRUE, PAINT_RGB | 0xFF0000},
    {244, COLORS_TRUE, PAINT_RGB | 0x808080},
    {7, COLORS_TRUE, 7},
    {12, COLORS_TRUE, PAINT_RGB | 0x5C5CFF},
    {PAINT_RGB | 0x123456, COLORS_TRUE, PAINT_RGB | 0x123456},
    {PAINT_RGB | 0x5FAFFF, 256, 75},
    {PAINT_RGB | 0x5EB0FE, 256, 75},
    {PAINT_RGB | 0x000000, 256, 16},
    {PAINT_RGB | 0x8A8A8A, 256, 245},
    {PAINT_RGB | 0xFF5F5F, 16, 9},
    {PAINT_RGB | 0xFF5F5F, 8, 1},
    {PAINT_RGB | 0x87D75F, 8, 2},
    {PAINT_RGB | 0xFFD75F, 8, 3},
    {PAINT_RGB | 0x8F5902, 8, PAINT_DEFAULT}, /* dark yellow and cyan */
    {PAINT_RGB | 0x8F5902, 16, 3},
    {PAINT_RGB | 0x006870, 8, 4},
    {PAINT_RGB | 0x006870, 16, 6},
    {PAINT_RGB | 0x00AFAF, 8, 6},
    {PAINT_RGB | 0x006F00, 8, 2},
    {PAINT_RGB | 0x0050AF, 16, 4},
    {PAINT_RGB | 0x101010, 8, 0},
    {PAINT_RGB | 0x6C6C6C, 8, PAINT_DEFAULT},
    {PAINT_RGB | 0x6C6C6C, 16, 8},
    {PAINT_RGB | 0xFFFFFF, 8, 7},
    {PAINT_RGB | 0xFFFFFF, 16, 15},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    if (paint_color_for(CASES[i].color, CASES[i].colors) != CASES[i].nearest)
      fail_msg("%#x of %d is %#x", (unsigned) CASES[i].color, CASES[i].colors,
               (unsigned) paint_color_for(CASES[i].color, CASES[i].colors));
}

/* What a terminal can show is shown as it is, and what it cannot is in its range. */
static void test_nearest_is_in_range(void **state)
{
  static const int COLORS[] = {8, 16, 88, 256};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(COLORS); i++)
    for (int32_t rgb = 0; rgb <= 0xFFFFFF; rgb += 0x3377) {
      PaintColor nearest = paint_color_for(PAINT_RGB | rgb, COLORS[i]);

      assert_in_range(nearest + 1, 0, COLORS[i]);
      assert_int_equal(paint_color_for(nearest, COLORS[i]), nearest);
    }
}

/* Even with eight colours the kinds of messages differ. */
static void test_kinds_differ(void **state)
{
  static const Style KINDS[] = {STYLE_REQUEST, STYLE_PROVISIONAL, STYLE_SUCCESS, STYLE_REDIRECT,
                                STYLE_FAILURE};
  static const int COLORS[] = {8, 16, 256, COLORS_TRUE};
  static const char *const THEMES[] = {"dark", "light"};

  (void) state;
  for (size_t t = 0; t < G_N_ELEMENTS(THEMES); t++)
    for (size_t c = 0; c < G_N_ELEMENTS(COLORS); c++)
      for (size_t a = 0; a < G_N_ELEMENTS(KINDS); a++)
        for (size_t b = 0; b < a; b++) {
          Theme theme = find(THEMES[t]);

          assert_int_not_equal(paint_color_for(theme.styles[KINDS[a]].foreground, COLORS[c]),
                               paint_color_for(theme.styles[KINDS[b]].foreground, COLORS[c]));
        }
}

/* Rows are lit, not bars. */
static bool can_have(const Theme *theme, int style, unsigned marks)
{
  return !(marks & CELL_LIT) || theme->styles[style].background == PAINT_DEFAULT;
}

/* What WCAG 2.1 calls relative luminance; sRGB's curve as a polynomial, right to 0.003. */
static double luminance(PaintColor color)
{
  static const double WEIGHTS[] = {0.2126, 0.7152, 0.0722};
  double sum = 0;

  for (int i = 0; i < 3; i++) {
    double x = (color >> (16 - 8 * i) & 0xFF) / 255.0;

    sum += WEIGHTS[i] * x * (x * (x * 0.305306011 + 0.682171111) + 0.012522878);
  }
  return sum;
}

static double contrast(Paint paint, PaintColor foreground, PaintColor background)
{
  double a = luminance(paint.foreground == PAINT_DEFAULT ? foreground : paint.foreground);
  double b = luminance(paint.background == PAINT_DEFAULT ? background : paint.background);

  return (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
}

/* WCAG 2.1 asks for 4.5 to 1 (1.4.3) for text; marked as well. */
static void test_contrast(void **state)
{
  static const struct {
    const char *name;
    PaintColor foreground, background;
  } THEMES[] = {{"dark", 0xE5E5E5, 0x101010}, {"light", 0x202020, 0xFFFFFF}};
  static const unsigned MARKS[] = {0,          CELL_LIT,     CELL_CURSOR,
                                   CELL_FOUND, CELL_CHANGED, CELL_LIT | CELL_CURSOR};

  (void) state;
  for (size_t t = 0; t < G_N_ELEMENTS(THEMES); t++)
    for (int style = 0; style < STYLE_COUNT; style++)
      for (size_t m = 0; m < G_N_ELEMENTS(MARKS); m++) {
        Theme theme = find(THEMES[t].name);
        Paint paint = paint_of(&theme, (Style) style, MARKS[m]);
        double ratio = contrast(paint, THEMES[t].foreground, THEMES[t].background);

        if (can_have(&theme, style, MARKS[m]) && ratio < (style == STYLE_BORDER ? 3.0 : 4.5))
          fail_msg("%s: style %d, marks %u: %.2f to 1", THEMES[t].name, style, MARKS[m], ratio);
      }
}

/* No text vanishes into its background when colours are few. */
static void test_few_colors_are_readable(void **state)
{
  static const char *const THEMES[] = {"dark", "light"};
  static const int COLORS[] = {8, 16};

  (void) state;
  for (size_t t = 0; t < G_N_ELEMENTS(THEMES); t++)
    for (size_t c = 0; c < G_N_ELEMENTS(COLORS); c++)
      for (int style = 0; style < STYLE_COUNT; style++)
        for (unsigned marks = 0; marks <= (CELL_CHANGED << 1) - 1; marks++) {
          Theme theme = find(THEMES[t]);
          Paint paint = paint_of(&theme, (Style) style, marks);
          PaintColor text = paint_color_for(paint.foreground, COLORS[c]);
          PaintColor behind = paint_color_for(paint.background, COLORS[c]);

          if (can_have(&theme, style, marks) && text == behind && text != PAINT_DEFAULT)
            fail_msg("%s: style %d, marks %u, %d colours", THEMES[t], style, marks, COLORS[c]);
        }
}

/* Without colours the marks still show. */
static void test_mono(void **state)
{
  Theme theme = find("mono");

  (void) state;
  for (int style = 0; style < STYLE_COUNT; style++) {
    Paint paint = paint_of(&theme, (Style) style, 0);

    assert_int_equal(paint.foreground, PAINT_DEFAULT);
    assert_int_equal(paint.background, PAINT_DEFAULT);
  }
  assert_true(theme.cursor.attributes & PAINT_REVERSE);
  assert_int_not_equal(theme.lit.attributes, 0);
  assert_int_not_equal(theme.found.attributes, theme.cursor.attributes);
  assert_int_not_equal(theme.changed.attributes, 0);
}

/* With eight colours each text can be read on what is behind it, and none is the dark blue on a
 * dark terminal. */
static void test_eight_colors(void **state)
{
  static const int BRIGHT[8] = {0x00, 0x3D, 0x78, 0xB6, 0x1A, 0x57, 0x8F, 0xE5}; /* xterm's */
  static const unsigned MARKS[] = {0, CELL_CURSOR, CELL_LIT, CELL_FOUND, CELL_CHANGED};

  (void) state;
  for (const char *const *name = theme_names(); *name; name++) {
    Theme theme = find(*name);
    for (Style style = 0; style < STYLE_COUNT; style++)
      for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++) {
        Paint paint = paint_of(&theme, style, MARKS[i]);
        paint_fit(&paint, 8);
        PaintColor text = paint.foreground, behind = paint.background;
        if (text == PAINT_DEFAULT || behind == PAINT_DEFAULT)
          continue;
        if (ABS(BRIGHT[text] - BRIGHT[behind]) < 0x4E)
          fail_msg("%s: style %d marks %u is %d on %d", *name, (int) style, MARKS[i], text, behind);
      }
  }
  Theme dark = find("dark");
  for (Style style = 0; style < STYLE_COUNT; style++) {
    Paint paint = paint_of(&dark, style, 0);
    paint_fit(&paint, 8);
    assert_int_not_equal(paint.foreground, 4);
  }
  Paint title = paint_of(&dark, STYLE_TITLE, 0);
  paint_fit(&title, 8);
  assert_int_equal(title.foreground, 6);
  assert_int_equal(title.background, 0);
}

static void test_background(void **state)
{
  static const struct {
    const char *text;
    bool light;
  } CASES[] = {
    {"0;15", true},  {"15;0", false}, {"0;default;15", true},
    {"0;7", true},   {"12;8", false}, {"default;default", false},
    {"15", false},   {"", false},     {"0;", false},
    {"0;16", false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    assert_int_equal(theme_background_is_light(CASES[i].text), CASES[i].light);
  assert_false(theme_background_is_light(NULL));
}

/* Each is found once, and what is appended is read back as the same. */
static void test_parts(void **state)
{
  Theme theme = find("dark");
  ThemePart part;
  size_t count = 0;

  (void) state;
  for (; theme_part(&theme, count, &part); count++) {
    g_autoptr(GString) text = g_string_new(NULL);
    const Cell cell = {.glyph = "x", .style = (uint8_t) part.style, .marks = (uint8_t) part.mark};
    Theme again = find("mono");
    ThemePart read;

    paint_append(&part.paint, text);
    assert_true(theme_set(&again, part.name, text->str, NULL));
    assert_true(theme_part(&again, count, &read));
    assert_string_equal(read.name, part.name);
    assert_memory_equal(&read.paint, &part.paint, sizeof part.paint);
    if (part.paint.foreground != PAINT_DEFAULT)
      assert_int_equal(theme_paint(&theme, &cell).foreground, part.paint.foreground);
  }
  assert_int_equal(count, STYLE_COUNT + 4);
}

static void test_paint_text(void **state)
{
  static const struct {
    Paint paint;
    const char *text;
  } CASES[] = {
    {{PAINT_DEFAULT, PAINT_DEFAULT, 0}, "default"},
    {{0, 15, PAINT_BOLD | PAINT_REVERSE}, "black on bright-white bold reverse"},
    {{PAINT_RGB | 0x5FAFFF, 16, PAINT_DIM}, "#5fafff on 16 dim"},
    {{PAINT_DEFAULT, 8, 0}, "on grey"},
    {{PAINT_DEFAULT, PAINT_DEFAULT, PAINT_ITALIC | PAINT_UNDERLINE}, "italic underline"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    paint_append(&CASES[i].paint, text);
    assert_string_equal(text->str, CASES[i].text);
  }
}

static void test_color_beside(void **state)
{
  (void) state;
  assert_int_equal(paint_color_beside(PAINT_DEFAULT, 1), 0);
  assert_int_equal(paint_color_beside(PAINT_DEFAULT, -1), 15);
  assert_int_equal(paint_color_beside(15, 1), PAINT_DEFAULT);
  assert_int_equal(paint_color_beside(0, -1), PAINT_DEFAULT);
  assert_int_equal(paint_color_beside(PAINT_RGB | 0xFF0000, 1), 10); /* it is bright-red */
  assert_int_equal(paint_color_beside(196, -1), 8);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_built_in),
    cmocka_unit_test(test_parts),
    cmocka_unit_test(test_paint_text),
    cmocka_unit_test(test_color_beside),
    cmocka_unit_test(test_eight_colors),
    cmocka_unit_test(test_background),
    cmocka_unit_test(test_set),
    cmocka_unit_test(test_set_fails),
    cmocka_unit_test(test_marks_lie_on_top),
    cmocka_unit_test(test_nearest),
    cmocka_unit_test(test_nearest_is_in_range),
    cmocka_unit_test(test_kinds_differ),
    cmocka_unit_test(test_contrast),
    cmocka_unit_test(test_few_colors_are_readable),
    cmocka_unit_test(test_mono),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
