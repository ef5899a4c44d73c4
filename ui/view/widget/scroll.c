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

static void move(Scroll *scroll, int64_t rows)
{
  int64_t last = scroll->count > 0 ? (int64_t) scroll->count - 1 : 0;

  scroll->cursor = (size_t) CLAMP((int64_t) scroll->cursor + rows, 0, last);
}

bool scroll_command(Scroll *scroll, CommandId id)
{
  int64_t page = (int64_t) MAX(scroll->height, 1);

  if (id == COMMAND_UP)
    move(scroll, -1);
  else if (id == COMMAND_DOWN)
    move(scroll, 1);
  else if (id == COMMAND_PAGE_UP)
    move(scroll, -page);
  else if (id == COMMAND_PAGE_DOWN)
    move(scroll, page);
  else if (id == COMMAND_HALF_UP)
    move(scroll, -((page + 1) / 2));
  else if (id == COMMAND_HALF_DOWN)
    move(scroll, (page + 1) / 2);
  else if (id == COMMAND_BEGIN)
    scroll->cursor = 0;
  else if (id == COMMAND_END)
    move(scroll, INT32_MAX);
  else
    return false;
  return true;
}
