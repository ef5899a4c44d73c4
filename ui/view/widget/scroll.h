/*
 * Scroll: a cursor in rows of which a pane shows some; and how far each command moves, whatever it
 * is that scrolls.
 */
#pragma once

#include <stddef.h>

#include "ui/view/commands.h"

typedef struct {
  size_t cursor, top; /* rows */
  size_t count;       /* of all rows */
  size_t height;      /* of those that are shown */
  bool centred;       /* should the cursor be out of sight, then rather in the middle */
} Scroll;

/* Before rows are drawn: how many there are, and lines for them; brings the cursor in sight. */
void scroll_fit(Scroll *scroll, size_t count, int height);

/* Puts the cursor on a row, which will be in the middle when it is out of sight. */
void scroll_to(Scroll *scroll, size_t row);

/* Rows that up, down, pages, begin and end go down, or below 0 up, where a page has `page` of them:
 * as many as there can be for begin and end.  False for other commands. */
bool scroll_rows(CommandId id, int page, int *ret_rows);

/* Does those. */
bool scroll_command(Scroll *scroll, CommandId id);
