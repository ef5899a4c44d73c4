/*
 * Scroll: a cursor in rows of which a pane shows some; and how far each command scrolls.
 * Table: rows and columns that scroll both ways, with a cursor; what lists share.
 *
 * The table keeps its position, not its contents: only visible rows are asked for, when they are
 * drawn.  If rows move, the owner moves the cursor to the new place of its row.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ui/term/canvas.h"
#include "ui/term/key.h"
#include "ui/view/commands.h"

typedef struct {
  size_t cursor, top; /* rows */
  size_t count;       /* of all rows */
  size_t height;      /* of those that are shown */
  bool centred;       /* if the cursor is not visible, show it in the middle */
} Scroll;

/* Before drawing: the number of rows, and of lines for them; makes the cursor visible. */
void scroll_fit(Scroll *scroll, size_t count, int height);

/* Puts the cursor on a row, which will be in the middle if it was not visible. */
void scroll_to(Scroll *scroll, size_t row);

/* How many rows up, down, pages, begin and end move down (up if negative), with `page` rows per
 * page; INT_MAX for the end.  False for other commands. */
bool scroll_rows(CommandId id, int page, int *ret_rows);

/* Moves the cursor by such a command. */
bool scroll_command(Scroll *scroll, CommandId id);

typedef struct {
  const char *title;
  unsigned width;
  TextAlign align;
} TableColumn;

typedef struct {
  Slice text; /* any bytes; valid until the next cell is asked for */
  Style style;
  unsigned marks; /* CELL_... */
} TableCell;

/* The row of the pinned one of that index, for is_marked and cell. */
#define TABLE_PINNED(index) (SIZE_MAX / 2 + (index))

typedef struct {
  size_t row_count;
  const TableColumn *columns;
  size_t column_count;
  int sorted; /* column with an arrow in its title, or -1 */
  bool descending;
  bool untitled;       /* no line of titles */
  size_t pinned_count; /* rows above the others, which do not scroll (TABLE_PINNED) */
  bool (*is_marked)(void *data, size_t row); /* NULL: none is */
  void (*cell)(void *data, size_t row, size_t column, TableCell *ret_cell);
  void *data;
} TableModel;

/* A title on which the button was pressed. */
typedef struct {
  bool held;
  bool is_edge; /* its right edge */
  bool is_gap;  /* the blank after it */
  bool moved;   /* since it was pressed */
  size_t column, target;
  int x;          /* where it was pressed */
  unsigned width; /* of the column at that time */
} TableGrip;

typedef struct {
  size_t cursor, top;  /* rows */
  size_t first_column; /* scrolled sideways: the leftmost that is shown */
  size_t row_count;    /* of the last draw, as the rest */
  Rect area;           /* of the rows */
  Rect titles;
  Rect pinned;
  size_t column_count;
  TableGrip grip;
} Table;

/* Rows fill `area`; keeps the cursor visible. */
void table_draw(Table *table, Canvas *canvas, Rect area, const TableModel *model);

/* Up, down, pages, begin, end, left and right; false for other commands. */
bool table_command(Table *table, CommandId id);

/* The column `step` (1 or -1) beside the sorted one, or at the edge if none is sorted; false if
 * there is none. */
bool table_beside_sorted(const TableModel *model, int step, size_t *ret_column);

typedef enum {
  TABLE_NOTHING, /* it was somewhere else */
  TABLE_MOVED,   /* wheel, or the cursor is there now */
  TABLE_CHOSEN,  /* a double click on the row of the cursor */
  TABLE_TITLE,   /* a click on the title of *ret_column */
  TABLE_EDGE,    /* a double click between *ret_column and the next one */
  TABLE_PIN,     /* a click on a pinned row: *ret_column is its index */
} TableClick;

TableClick table_mouse(Table *table, const KeyEvent *event, const TableModel *model,
                       size_t *ret_column);

typedef enum {
  TABLE_DRAG_NOTHING, /* no title is held */
  TABLE_DRAG_HELD,    /* nothing to do but to draw again */
  TABLE_DRAG_CLICKED, /* it was no drag, but a click on the title of `column` */
  TABLE_DRAG_SIZING,  /* by its edge: it has `width` until it is released */
  TABLE_DRAG_SIZED,
  TABLE_DRAG_MOVED, /* `column` was dropped on `target` */
} TableDragKind;

typedef struct {
  TableDragKind kind;
  size_t column, target;
  unsigned width;
} TableDrag;

/* Of MOUSE_DRAG and MOUSE_RELEASE after table_mouse had the click; a title that is dropped off the
 * titles stays.  If the columns change meanwhile, the owner clears the grip. */
TableDrag table_drag(Table *table, const KeyEvent *event, const TableModel *model);
