/* Sections in columns that scroll together. */
#include "ui/view/widget/page.h"

#include "tests/test.h"

/* "A" is a heading, "2" a row of two lines, "." one of one line. */
static bool is_heading(void *data, size_t row)
{
  return g_ascii_isupper(((const char *) data)[row]);
}

static int height(void *data, size_t row)
{
  return ((const char *) data)[row] == '2' ? 2 : 1;
}

static void draw(void *data, size_t row, Canvas *canvas, Rect at)
{
  for (int line = 0; line < at.height; line++)
    canvas_put(canvas, at.x, at.y + line, STYLE_PLAIN, slice_of((const char *) data + row, 1));
}

static void assert_page(Page *page, const char *rows, Rect area, const char *expected)
{
  g_autoptr(Canvas) canvas = canvas_new(TEXT_ASCII);
  const PageModel model = {
    .row_count = strlen(rows),
    .columns = page_columns(area.width, area.width >= 7 ? 2 : 1, 1),
    .is_heading = is_heading,
    .height = height,
    .draw = draw,
    .data = (void *) (uintptr_t) rows,
  };

  canvas_begin(canvas, area.width, area.y + area.height);
  page_draw(page, canvas, area, &model);
  g_autofree char *text = canvas_to_text(canvas, false);
  assert_string_equal(text, expected);
}

static void test_sections(void **state)
{
  Page page = {0};

  (void) state;
  assert_page(&page, "A.B2C", (Rect){0, 0, 3, 8}, "A\n.\n\nB\n2\n2\n\nC\n");
  assert_page(&page, "A.B2C", (Rect){0, 0, 7, 5}, "A   B\n.   2\n    2\nC\n\n");
  assert_page(&page, "", (Rect){0, 0, 7, 2}, "\n\n");
}

/* A row of two lines is drawn though the first of them is above; never outside the area. */
static void test_scrolling(void **state)
{
  Page page = {0};
  const Rect area = {0, 1, 3, 3};

  (void) state;
  assert_page(&page, "A2..2", area, "\nA\n2\n2\n");
  assert_true(page_command(&page, COMMAND_DOWN));
  assert_true(page_command(&page, COMMAND_DOWN));
  assert_page(&page, "A2..2", area, "\n2\n.\n.\n");
  page_command(&page, COMMAND_END);
  page_command(&page, COMMAND_DOWN);
  assert_page(&page, "A2..2", area, "\n.\n2\n2\n");
  page_command(&page, COMMAND_PAGE_UP);
  assert_page(&page, "A2..2", area, "\n2\n2\n.\n");
  assert_false(page_command(&page, COMMAND_OPEN));
}

/* With fewer rows, or a larger or wider area, the last line stays at the bottom at once. */
static void test_less_to_scroll(void **state)
{
  Page page = {0};

  (void) state;
  assert_page(&page, "A......", (Rect){0, 0, 3, 3}, "A\n.\n.\n");
  page_command(&page, COMMAND_END);
  assert_page(&page, "A...", (Rect){0, 0, 3, 3}, ".\n.\n.\n");
  assert_page(&page, "A...", (Rect){0, 0, 3, 5}, "A\n.\n.\n.\n\n");
  assert_page(&page, "A.B.", (Rect){0, 0, 3, 3}, "A\n.\n\n");
  page_command(&page, COMMAND_END);
  assert_page(&page, "A.B.", (Rect){0, 0, 7, 3}, "A   B\n.   .\n\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sections),
    cmocka_unit_test(test_scrolling),
    cmocka_unit_test(test_less_to_scroll),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
