/*
 * Scroll: a cursor in rows of which a pane shows some; and how far each command scrolls.
 */
#pragma once

#include <stddef.h>

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
