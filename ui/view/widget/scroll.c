#include "ui/view/widget/scroll.h"

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
