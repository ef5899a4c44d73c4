/*
 * Page: rows of a text in columns side by side that scroll up and down together.  A section, which
 * is a heading and the rows after it, is never split: it goes to the column that is shortest so
 * far.
 *
 * As the table, it keeps its position, not its contents.
 */
#pragma once

#include "ui/term/canvas.h"
#include "ui/view/commands.h"

enum { PAGE_COLUMNS_MAX = 4 };

typedef struct {
  int count; /* at least one, at most PAGE_COLUMNS_MAX */
  int width; /* of each */
  int gap;   /* between two */
} PageColumns;

typedef struct {
  size_t row_count;
  PageColumns columns;
  bool (*is_heading)(void *data, size_t row);
  int (*height)(void *data, size_t row); /* lines it needs in a column; NULL: one each */
  void (*draw)(void *data, size_t row, Canvas *canvas, Rect at);
  void *data;
} PageModel;

typedef struct {
  int top;    /* line that is drawn first */
  int lines;  /* of the longest column, when it was drawn last */
  int height; /* of the area then */
} Page;

/* So many columns, as wide as fits into `width` together. */
PageColumns page_columns(int width, int count, int gap);

/* Draws what fits into `area`, scrolled down no further than its last line needs; in the column to
 * the right of it, marks where there is more above or below. */
void page_draw(Page *page, Canvas *canvas, Rect area, const PageModel *model);

/* Up, down, pages, begin and end; false for other commands. */
bool page_command(Page *page, CommandId id);
