#include "ui/view/widget/table.h"

#include "tests/test.h"

typedef struct {
  char text[32];
} Cells;

static void cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  Cells *cells = data;
  int len = g_snprintf(cells->text, sizeof cells->text, "%zu.%zu", row, column);

  *ret_cell = (TableCell){.text = slice_of(cells->text, (size_t) len)};
}

static bool is_odd(void *data, size_t row)
{
  (void) data;
  return row % 2 == 1;
}

static const TableColumn COLUMNS[] = {
  {"One", 5, TEXT_RIGHT}, {"Two", 6, TEXT_LEFT}, {"Three", 5, TEXT_LEFT}};

static TableModel model_of(size_t rows, Cells *cells)
{
  return (TableModel){
    .row_count = rows,
    .columns = COLUMNS,
    .column_count = G_N_ELEMENTS(COLUMNS),
    .sorted = -1,
    .cell = cell,
    .data = cells,
  };
}

static char *drawn(Table *table, const TableModel *model, int width, int height)
{
  g_autoptr(Canvas) canvas = canvas_new(TEXT_ASCII);

  canvas_begin(canvas, width, height);
  table_draw(table, canvas, canvas_area(canvas), model);
  return canvas_to_text(canvas, false);
}

static void test_drawing(void **state)
{
  Cells cells;
  Table table = {0};
  TableModel model = model_of(3, &cells);

  (void) state;
  g_autofree char *plain = drawn(&table, &model, 20, 4);
  assert_string_equal(plain, "  One Two    Three\n"
                             "  0.0 0.1    0.2\n"
                             "  1.0 1.1    1.2\n"
                             "  2.0 2.1    2.2\n");
  model.is_marked = is_odd;
  model.sorted = 1;
  model.descending = true;
  table.first_column = 1;
  g_autofree char *marked = drawn(&table, &model, 20, 3);
  assert_string_equal(marked, "  Two  v Three\n"
                              "  0.1    0.2\n"
                              "* 1.1    1.2\n");
}

static void test_moving(void **state)
{
  static const struct {
    const CommandId commands[4];
    size_t cursor, top;
  } CASES[] = {
    {{COMMAND_DOWN}, 1, 0},
    {{COMMAND_UP}, 0, 0},
    {{COMMAND_END}, 99, 90},
    {{COMMAND_END, COMMAND_DOWN}, 99, 90},
    {{COMMAND_END, COMMAND_UP}, 98, 90},
    {{COMMAND_PAGE_DOWN}, 9, 9},
    {{COMMAND_PAGE_DOWN, COMMAND_PAGE_UP}, 0, 0},
    {{COMMAND_HALF_DOWN, COMMAND_HALF_DOWN}, 10, 10},
    {{COMMAND_END, COMMAND_BEGIN}, 0, 0},
    {{COMMAND_END, COMMAND_PAGE_DOWN, COMMAND_HALF_DOWN}, 99, 90},
  };
  Cells cells;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Table table = {0};
    TableModel model = model_of(100, &cells);
    g_free(drawn(&table, &model, 20, 11));
    for (size_t k = 0; k < 4 && CASES[i].commands[k] != COMMAND_NONE; k++) {
      assert_true(table_command(&table, CASES[i].commands[k]));
      g_free(drawn(&table, &model, 20, 11));
    }
    assert_int_equal(table.cursor, CASES[i].cursor);
    assert_int_equal(table.top, CASES[i].top);
  }
}

/* Rows that go away take the cursor with them. */
static void test_shrinking(void **state)
{
  Cells cells;
  Table table = {0};
  TableModel model = model_of(100, &cells);

  (void) state;
  g_free(drawn(&table, &model, 20, 11));
  table_command(&table, COMMAND_END);
  model.row_count = 5;
  g_free(drawn(&table, &model, 20, 11));
  assert_int_equal(table.cursor, 4);
  assert_int_equal(table.top, 0);
  model.row_count = 0;
  g_free(drawn(&table, &model, 20, 11));
  assert_int_equal(table.cursor, 0);
  assert_true(table_command(&table, COMMAND_DOWN));
  assert_int_equal(table.cursor, 0);
  assert_false(table_command(&table, COMMAND_SAVE));
}

static void test_sizes(void **state)
{
  Cells cells;
  Table table = {0};
  TableModel model = model_of(100, &cells);

  (void) state;
  model.is_marked = is_odd;
  for (int width = 1; width < 60; width++)
    for (int height = 1; height < 6; height++)
      g_free(drawn(&table, &model, width, height));
}

static void test_mouse(void **state)
{
  static const struct {
    KeyEvent event;
    TableClick want;
    size_t cursor, column;
  } CASES[] = {
    {{KEY_CODE_MOUSE, MOUSE_CLICK, 3, 4}, TABLE_MOVED, 3, 9},
    {{KEY_CODE_MOUSE, MOUSE_DOUBLE_CLICK, 3, 5}, TABLE_CHOSEN, 4, 9},
    {{KEY_CODE_MOUSE, MOUSE_CLICK, 7, 0}, TABLE_TITLE, 4, 1},
    {{KEY_CODE_MOUSE, MOUSE_CLICK, 70, 3}, TABLE_NOTHING, 4, 9},
    {{KEY_CODE_MOUSE, MOUSE_WHEEL_DOWN, 0, 0}, TABLE_MOVED, 7, 9},
    {{KEY_CODE_MOUSE, MOUSE_WHEEL_UP, 0, 0}, TABLE_MOVED, 4, 9},
  };
  Cells cells;
  Table table = {0};
  TableModel model = model_of(100, &cells);

  (void) state;
  g_free(drawn(&table, &model, 20, 11));
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    size_t column = 9;
    assert_int_equal(table_mouse(&table, &CASES[i].event, &model, &column), CASES[i].want);
    assert_int_equal(table.cursor, CASES[i].cursor);
    assert_int_equal(column, CASES[i].column);
  }
}

static TableDrag drag(Table *table, const TableModel *model, MouseAction action, int x, int y)
{
  return table_drag(table, &(KeyEvent){KEY_CODE_MOUSE, action, x, y}, model);
}

/* Columns are in 0 to 4, 6 to 11 and 13 to 19. */
static void test_drag(void **state)
{
  static const struct {
    int from, to, y;
    TableDragKind moving;
    TableDrag released;
  } CASES[] = {
    {8, 8, 0, TABLE_DRAG_HELD, {TABLE_DRAG_CLICKED, 1, 1, 0}},
    {8, 9, 0, TABLE_DRAG_HELD, {TABLE_DRAG_CLICKED, 1, 1, 0}},
    {8, 12, 0, TABLE_DRAG_HELD, {TABLE_DRAG_CLICKED, 1, 1, 0}},
    {8, 13, 0, TABLE_DRAG_HELD, {TABLE_DRAG_MOVED, 1, 2, 0}},
    {8, 5, 0, TABLE_DRAG_HELD, {TABLE_DRAG_MOVED, 1, 0, 0}},
    {8, 15, 1, TABLE_DRAG_HELD, {TABLE_DRAG_HELD, 1, 1, 0}},
    {8, -3, 0, TABLE_DRAG_HELD, {TABLE_DRAG_HELD, 1, 1, 0}},
    {11, 11, 0, TABLE_DRAG_HELD, {TABLE_DRAG_CLICKED, 1, 1, 0}},
    {11, 15, 9, TABLE_DRAG_SIZING, {TABLE_DRAG_SIZED, 1, 1, 10}},
    {12, 12, 0, TABLE_DRAG_HELD, {TABLE_DRAG_HELD, 1, 1, 0}},
    {12, 10, 0, TABLE_DRAG_SIZING, {TABLE_DRAG_SIZED, 1, 1, 4}},
    {4, -90, 3, TABLE_DRAG_SIZING, {TABLE_DRAG_SIZED, 0, 0, 1}},
    {25, 8, 0, TABLE_DRAG_NOTHING, {TABLE_DRAG_NOTHING, 0, 0, 0}},
  };
  Cells cells;
  TableModel model = model_of(3, &cells);
  size_t column;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Table table = {0};
    g_free(drawn(&table, &model, 20, 11));
    const KeyEvent press = {KEY_CODE_MOUSE, MOUSE_CLICK, CASES[i].from, 0};
    table_mouse(&table, &press, &model, &column);
    assert_int_equal(drag(&table, &model, MOUSE_DRAG, CASES[i].to, CASES[i].y).kind,
                     CASES[i].moving);
    TableDrag released = drag(&table, &model, MOUSE_RELEASE, CASES[i].to, CASES[i].y);
    assert_int_equal(released.kind, CASES[i].released.kind);
    assert_int_equal(released.column, CASES[i].released.column);
    assert_int_equal(released.target, CASES[i].released.target);
    assert_int_equal(released.width, CASES[i].released.width);
    assert_int_equal(drag(&table, &model, MOUSE_DRAG, 3, 0).kind, TABLE_DRAG_NOTHING);
  }
}

/* What is held has gone, or never was there. */
static void test_drag_of_nothing(void **state)
{
  Cells cells;
  Table table = {0};
  TableModel model = model_of(3, &cells);
  size_t column = 9;

  (void) state;
  assert_int_equal(drag(&table, &model, MOUSE_RELEASE, 0, 0).kind, TABLE_DRAG_NOTHING);
  g_free(drawn(&table, &model, 20, 11));
  const KeyEvent right = {KEY_CODE_MOUSE, MOUSE_RIGHT_CLICK, 8, 0};
  table_mouse(&table, &right, &model, &column);
  assert_int_equal(drag(&table, &model, MOUSE_RELEASE, 8, 0).kind, TABLE_DRAG_NOTHING);
  const KeyEvent press = {KEY_CODE_MOUSE, MOUSE_CLICK, 15, 0};
  table_mouse(&table, &press, &model, &column);
  model.column_count = 2;
  assert_int_equal(drag(&table, &model, MOUSE_RELEASE, 2, 0).kind, TABLE_DRAG_NOTHING);
  const KeyEvent edge = {KEY_CODE_MOUSE, MOUSE_DOUBLE_CLICK, 5, 0};
  assert_int_equal(table_mouse(&table, &edge, &model, &column), TABLE_EDGE);
  assert_int_equal(column, 0);
}

static void test_beside_sorted(void **state)
{
  enum { NONE = 99 };
  static const struct {
    size_t count;
    int sorted, step;
    size_t column;
  } CASES[] = {
    {3, 1, 1, 2},  {3, 1, -1, 0},  {3, 2, 1, NONE},  {3, 0, -1, NONE},
    {3, -1, 1, 0}, {3, -1, -1, 2}, {0, -1, 1, NONE}, {0, -1, -1, NONE},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const TableModel model = {.column_count = CASES[i].count, .sorted = CASES[i].sorted};
    size_t column = NONE;

    assert_int_equal(table_beside_sorted(&model, CASES[i].step, &column), CASES[i].column != NONE);
    assert_int_equal(column, CASES[i].column);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_drawing),         cmocka_unit_test(test_moving),
    cmocka_unit_test(test_shrinking),       cmocka_unit_test(test_sizes),
    cmocka_unit_test(test_mouse),           cmocka_unit_test(test_drag),
    cmocka_unit_test(test_drag_of_nothing), cmocka_unit_test(test_beside_sorted),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
