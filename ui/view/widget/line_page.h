/*
 * LinePage: a page of lines, some of which lead to messages: a timeline.  Lines that are wider than
 * the screen go on below, indented; Enter opens the ladder of a line's message.
 */
#pragma once

#include "ui/view/host.h"
#include "ui/view/widget/table.h"

typedef struct {
  Style style;
  uint32_t call, message; /* numbers that Enter leads to; 0: none */
} LineOf;

typedef struct {
  Host *host;
  Arena arena;   /* of the texts */
  GArray *lines; /* as they were added */
  GArray *rows;  /* the same, as wide as the screen */
  int width;     /* of the rows */
  TableColumn column;
  Table table;
} LinePage;

void line_page_init(LinePage *page, Host *host);
void line_page_clear(LinePage *page);

/* Any bytes; what is not safe is replaced. */
void line_page_add(LinePage *page, LineOf of, Slice raw);
/* After an empty line, unless it is the first. */
void line_page_add_heading(LinePage *page, const char *text);

void line_page_draw(LinePage *page, Canvas *canvas, Rect area);
/* Of scrolling, and COMMAND_OPEN; false for others. */
bool line_page_command(LinePage *page, CommandId id);
bool line_page_mouse(LinePage *page, const KeyEvent *event);
