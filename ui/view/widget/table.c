#include "ui/view/widget/table.h"

#include "capture/language.h"

/* --- scrolling --- */

void scroll_fit(Scroll *scroll, size_t count, int height)
{
  size_t rows = (size_t) MAX(height, 1);

  scroll->count = count;
  scroll->height = rows;
  scroll->cursor = MIN(scroll->cursor, count > 0 ? count - 1 : 0);
  bool seen = scroll->cursor >= scroll->top && scroll->cursor < scroll->top + rows;
  if (!seen && scroll->centred)
    scroll->top = scroll->cursor - MIN(scroll->cursor, rows / 2);
  else if (scroll->cursor < scroll->top)
    scroll->top = scroll->cursor;
  else if (!seen)
    scroll->top = scroll->cursor - rows + 1;
  scroll->top = MIN(scroll->top, count > rows ? count - rows : 0);
  scroll->centred = false;
}

void scroll_to(Scroll *scroll, size_t row)
{
  scroll->cursor = row;
  scroll->centred = true;
}

bool scroll_rows(CommandId id, int page, int *ret_rows)
{
  int rows = MAX(page, 1), half = (rows + 1) / 2;
  const struct {
    CommandId id;
    int rows;
  } MOVES[] = {
    {COMMAND_UP, -1},          {COMMAND_DOWN, 1},         {COMMAND_PAGE_UP, -rows},
    {COMMAND_HALF_UP, -half},  {COMMAND_HALF_DOWN, half}, {COMMAND_PAGE_DOWN, rows},
    {COMMAND_BEGIN, -INT_MAX}, {COMMAND_END, INT_MAX},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(MOVES); i++)
    if (MOVES[i].id == id) {
      *ret_rows = MOVES[i].rows;
      return true;
    }
  return false;
}

bool scroll_command(Scroll *scroll, CommandId id)
{
  int64_t last = scroll->count > 0 ? (int64_t) scroll->count - 1 : 0;
  int rows;

  if (!scroll_rows(id, (int) MIN(scroll->height, INT_MAX), &rows))
    return false;
  scroll->cursor = (size_t) CLAMP((int64_t) scroll->cursor + rows, 0, last);
  return true;
}

/* --- tables --- */

enum { GAP = 1, MARK_WIDTH = 2, WHEEL_ROWS = 3, BAR_FROM_WIDTH = 40 };

static size_t page(const Table *table)
{
  return (size_t) MAX(table->area.height, 1);
}

/* Walks over the visible columns; false after the last that fits. */
typedef struct {
  const TableModel *model;
  size_t column;
  Rect at; /* of the column, one line high */
  int end; /* of all columns */
} ColumnWalk;

static ColumnWalk column_walk(const Table *table, const TableModel *model, int y)
{
  Rect area = table->area;

  if (model->is_marked)
    rect_cut_left(&area, MARK_WIDTH);
  return (ColumnWalk){
    .model = model,
    .column = table->first_column - 1, /* wraps: the next one is the first */
    .at = {area.x - GAP, y, 0, 1},
    .end = area.x + area.width,
  };
}

static bool column_next(ColumnWalk *walk)
{
  const TableModel *model = walk->model;

  walk->column++;
  walk->at.x += walk->at.width + GAP;
  if (walk->column >= model->column_count || walk->at.x >= walk->end)
    return false;
  int left = walk->end - walk->at.x;
  const TableColumn *column = &model->columns[walk->column];
  int width = (int) MIN(column->width, (unsigned) left);
  /* Text may use the remaining width; a number stays near the column beside it. */
  bool takes_rest = walk->column + 1 == model->column_count && column->align != TEXT_RIGHT;
  walk->at.width = takes_rest ? left : width;
  return true;
}

/* A title that is being moved, and the one where it would be dropped. */
static unsigned title_marks(const TableGrip *grip, size_t column)
{
  if (!grip->held || !grip->moved || grip->is_edge)
    return 0;
  return (column == grip->column ? CELL_LIT : 0) | (column == grip->target ? CELL_CURSOR : 0);
}

static void draw_titles(const Table *table, Canvas *canvas, const TableModel *model)
{
  ColumnWalk walk = column_walk(table, model, table->titles.y);

  canvas_fill(canvas, table->titles, STYLE_TITLE);
  while (column_next(&walk)) {
    const TableColumn *column = &model->columns[walk.column];
    Rect at = walk.at;
    if (model->sorted == (int) walk.column && at.width > 1) {
      Rect arrow = column->align == TEXT_RIGHT ? rect_cut_left(&at, 1) : rect_cut_right(&at, 1);
      canvas_put_glyph(canvas, arrow.x, arrow.y, STYLE_TITLE,
                       model->descending ? GLYPH_DOWN : GLYPH_UP);
    }
    canvas_put_cell(canvas, at,
                    &(CanvasText){slice_from_string(_(column->title)), STYLE_TITLE, column->align});
    canvas_mark(canvas, walk.at, title_marks(&table->grip, walk.column));
  }
}

static void draw_table_row(const Table *table, Canvas *canvas, const TableModel *model, size_t row,
                           int y)
{
  Rect line = {table->area.x, y, table->area.width, 1};
  ColumnWalk walk = column_walk(table, model, y);

  if (model->is_marked && model->is_marked(model->data, row))
    canvas_put_glyph(canvas, line.x, line.y, STYLE_MARKED, GLYPH_MARK);
  while (column_next(&walk)) {
    TableCell cell = {0};
    model->cell(model->data, row, walk.column, &cell);
    canvas_put_cell(canvas, walk.at,
                    &(CanvasText){cell.text, cell.style, model->columns[walk.column].align});
    canvas_mark(canvas, walk.at, cell.marks);
  }
  if (row == table->cursor)
    canvas_mark(canvas, line, CELL_CURSOR);
}

/* The scroll bar. */
static void draw_bar(const Table *table, Canvas *canvas, Rect bar)
{
  size_t height = (size_t) bar.height, rows = page(table);
  size_t length = MAX(height * rows / table->row_count, 1);
  size_t start = table->top * (height - length) / (table->row_count - rows);

  canvas_fill_glyph(canvas, bar, STYLE_DIM, GLYPH_SHADE);
  canvas_fill_glyph(canvas, (Rect){bar.x, bar.y + (int) start, 1, (int) length}, STYLE_DIM,
                    GLYPH_BLOCK);
}

/* At most a third of the rows, and a line below them. */
static Rect cut_pinned(Rect *area, size_t count, Canvas *canvas)
{
  int rows = (int) MIN(count, (size_t) MAX(area->height / 3, 0));

  if (rows == 0)
    return (Rect){0};
  Rect pinned = rect_cut_top(area, rows + 1);
  canvas_fill_glyph(canvas, (Rect){pinned.x, pinned.y + rows, pinned.width, 1}, STYLE_DIM,
                    GLYPH_HORIZONTAL);
  return pinned;
}

void table_draw(Table *table, Canvas *canvas, Rect area, const TableModel *model)
{
  Rect bar = {0};

  table->titles = model->untitled ? (Rect){0} : rect_cut_top(&area, 1);
  table->row_count = model->row_count;
  table->column_count = model->column_count;
  table->pinned = cut_pinned(&area, model->pinned_count, canvas);
  if (area.width >= BAR_FROM_WIDTH && area.height > 0 && model->row_count > (size_t) area.height)
    bar = rect_cut_right(&area, 1);
  table->area = area;
  /* As few rows are scrolled as needed to show the cursor. */
  size_t rows = page(table);
  if (table->row_count == 0)
    table->cursor = 0;
  else if (table->cursor >= table->row_count)
    table->cursor = table->row_count - 1;
  if (table->cursor < table->top)
    table->top = table->cursor;
  if (table->cursor >= table->top + rows)
    table->top = table->cursor - rows + 1;
  if (table->top + rows > table->row_count)
    table->top = table->row_count > rows ? table->row_count - rows : 0;
  if (!model->untitled)
    draw_titles(table, canvas, model);
  size_t end = MIN(table->top + (size_t) MAX(area.height, 0), model->row_count);
  for (size_t row = table->top; row < end; row++)
    draw_table_row(table, canvas, model, row, table->area.y + (int) (row - table->top));
  for (int i = 0; i + 1 < table->pinned.height; i++)
    draw_table_row(table, canvas, model, TABLE_PINNED((size_t) i), table->pinned.y + i);
  if (bar.width > 0)
    draw_bar(table, canvas, bar);
}

static void move_cursor_by(Table *table, size_t rows, bool down)
{
  size_t last = table->row_count > 0 ? table->row_count - 1 : 0;

  if (down)
    table->cursor = rows < last - MIN(table->cursor, last) ? table->cursor + rows : last;
  else
    table->cursor = rows < table->cursor ? table->cursor - rows : 0;
}

/* Pages scroll the screen with the cursor, so that it stays on its line. */
static void page_by(Table *table, size_t rows, bool down)
{
  size_t before = table->cursor;

  move_cursor_by(table, rows, down);
  if (down)
    table->top += table->cursor - before;
  else
    table->top -= MIN(before - table->cursor, table->top);
}

static void scroll_sideways(Table *table, bool right)
{
  if (right && table->first_column + 1 < table->column_count)
    table->first_column++;
  else if (!right && table->first_column > 0)
    table->first_column--;
}

bool table_command(Table *table, CommandId id)
{
  size_t rows = page(table);

  if (id == COMMAND_UP || id == COMMAND_DOWN)
    move_cursor_by(table, 1, id == COMMAND_DOWN);
  else if (id == COMMAND_PAGE_UP || id == COMMAND_PAGE_DOWN)
    page_by(table, rows > 1 ? rows - 1 : 1, id == COMMAND_PAGE_DOWN);
  else if (id == COMMAND_HALF_UP || id == COMMAND_HALF_DOWN)
    page_by(table, MAX(rows / 2, 1), id == COMMAND_HALF_DOWN);
  else if (id == COMMAND_BEGIN || id == COMMAND_END)
    move_cursor_by(table, table->row_count, id == COMMAND_END);
  else if (id == COMMAND_LEFT || id == COMMAND_COLUMN_LEFT || id == COMMAND_RIGHT)
    scroll_sideways(table, id == COMMAND_RIGHT);
  else
    return false;
  return true;
}

bool table_beside_sorted(const TableModel *model, int step, size_t *ret_column)
{
  int count = (int) model->column_count, edge = step > 0 ? 0 : count - 1;
  int column = model->sorted < 0 ? edge : model->sorted + step;

  if (column < 0 || column >= count)
    return false;
  *ret_column = (size_t) column;
  return true;
}

/* The title at that position.  Its edge is the blank after it and, if it is wider than two columns,
 * its last column. */
static bool find_title(const Table *table, const TableModel *model, int x, TableGrip *ret_grip)
{
  ColumnWalk walk = column_walk(table, model, table->titles.y);

  while (column_next(&walk)) {
    int end = walk.at.x + walk.at.width;

    if (x < walk.at.x || x > end)
      continue;
    *ret_grip = (TableGrip){.held = true,
                            .is_edge = x >= end - (walk.at.width > 2),
                            .is_gap = x == end,
                            .column = walk.column,
                            .target = walk.column,
                            .x = x,
                            .width = (unsigned) walk.at.width};
    return true;
  }
  return false;
}

static TableClick press_title(Table *table, const KeyEvent *event, const TableModel *model,
                              size_t *ret_column)
{
  TableGrip grip;

  table->grip.held = false;
  if (!find_title(table, model, event->x, &grip))
    return TABLE_NOTHING;
  *ret_column = grip.column;
  if (grip.is_gap && event->mouse == MOUSE_DOUBLE_CLICK)
    return TABLE_EDGE;
  if (event->mouse != MOUSE_RIGHT_CLICK)
    table->grip = grip;
  return grip.is_gap ? TABLE_NOTHING : TABLE_TITLE;
}

TableDrag table_drag(Table *table, const KeyEvent *event, const TableModel *model)
{
  TableGrip *grip = &table->grip, at;
  bool ends = event->mouse == MOUSE_RELEASE;
  bool is_on_title =
    rect_has(table->titles, event->x, event->y) && find_title(table, model, event->x, &at);
  TableDrag drag = {TABLE_DRAG_HELD, grip->column, grip->column, 0};

  if (!grip->held || grip->column >= model->column_count)
    return (TableDrag){.kind = TABLE_DRAG_NOTHING};
  grip->held = !ends;
  grip->moved |= event->x != grip->x || event->y != table->titles.y;
  grip->target = is_on_title ? at.column : grip->column;
  if (grip->is_edge && grip->moved) {
    drag.kind = ends ? TABLE_DRAG_SIZED : TABLE_DRAG_SIZING;
    drag.width = (unsigned) MAX((int) grip->width + event->x - grip->x, 1);
  } else if (ends && is_on_title && grip->target != grip->column) {
    drag.kind = TABLE_DRAG_MOVED;
    drag.target = grip->target;
  } else if (ends && is_on_title && !grip->is_gap) {
    drag.kind = TABLE_DRAG_CLICKED;
  }
  return drag;
}

TableClick table_mouse(Table *table, const KeyEvent *event, const TableModel *model,
                       size_t *ret_column)
{
  size_t row = table->top + (size_t) MAX(event->y - table->area.y, 0);

  if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN) {
    page_by(table, WHEEL_ROWS, event->mouse == MOUSE_WHEEL_DOWN);
    return TABLE_MOVED;
  }
  if (rect_has(table->titles, event->x, event->y))
    return press_title(table, event, model, ret_column);
  if (rect_has(table->pinned, event->x, event->y)) {
    *ret_column = (size_t) (event->y - table->pinned.y);
    return event->y + 1 < table->pinned.y + table->pinned.height ? TABLE_PIN : TABLE_NOTHING;
  }
  if (!rect_has(table->area, event->x, event->y) || row >= table->row_count)
    return TABLE_NOTHING;
  table->cursor = row;
  return event->mouse == MOUSE_DOUBLE_CLICK ? TABLE_CHOSEN : TABLE_MOVED;
}
