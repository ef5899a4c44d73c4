/*
 * The inside of the calls view, for calls.c (commands and work) and calls_draw.c (what is seen).
 * Nobody else includes it.
 */
#pragma once

#include "ui/show/call_cells.h"
#include "ui/view/calls/calls.h"
#include "ui/view/calls/filter_line.h"
#include "ui/view/widget/table.h"

typedef struct {
  View view;
  AppModel *model;
  Table table;
  GPtrArray *columns; /* CallColumn */
  CallCells *cells;
  unsigned screen_width; /* that columns and cells were made for; 0: to be made */
  TableColumn shown[CALL_COLUMNS_MAX];
  FilterLine *filter;
  FieldRef sort; /* its field is NULL where rows are in order of appearance */
  char *sort_name;
  bool descending;
  bool follows;     /* the cursor goes to new calls */
  bool touched;     /* by a key or the mouse; before, the cursor is on the first row */
  uint32_t cursor;  /* number of the call under it; 0: none */
  uint64_t version; /* of the rows, when the cursor was looked after */
} CallsView;

/*
 * The rows may have changed: the cursor stays on its call, which stays on its line.  Before
 * anybody has touched the list it stays on the first row, ahead of which calls may come.
 */
void calls_keep_cursor(CallsView *calls);

/* The column that rows are sorted by, or -1. */
int calls_sorted_column(const CallsView *calls);

TableModel calls_table_model(CallsView *calls);

void calls_append_title(const View *view, GString *to);
void calls_draw(View *view, Canvas *canvas, Rect area);
