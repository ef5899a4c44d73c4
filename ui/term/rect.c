#include "ui/term/rect.h"

#include <glib.h>

Rect rect_meet(Rect a, Rect b)
{
  int64_t left = MAX(a.x, b.x), top = MAX(a.y, b.y);
  int64_t right = MIN((int64_t) a.x + a.width, (int64_t) b.x + b.width);
  int64_t bottom = MIN((int64_t) a.y + a.height, (int64_t) b.y + b.height);

  return (Rect){(int) left, (int) top, (int) MAX(right - left, 0), (int) MAX(bottom - top, 0)};
}

Rect rect_cut_top(Rect *from, int height)
{
  Rect cut = *from;

  cut.height = CLAMP(height, 0, MAX(from->height, 0));
  from->y += cut.height;
  from->height -= cut.height;
  return cut;
}

Rect rect_cut_bottom(Rect *from, int height)
{
  Rect cut = *from;

  cut.height = CLAMP(height, 0, MAX(from->height, 0));
  from->height -= cut.height;
  cut.y += from->height;
  return cut;
}

Rect rect_cut_left(Rect *from, int width)
{
  Rect cut = *from;

  cut.width = CLAMP(width, 0, MAX(from->width, 0));
  from->x += cut.width;
  from->width -= cut.width;
  return cut;
}

Rect rect_cut_right(Rect *from, int width)
{
  Rect cut = *from;

  cut.width = CLAMP(width, 0, MAX(from->width, 0));
  from->width -= cut.width;
  cut.x += from->width;
  return cut;
}

Rect rect_centre(Rect in, int width, int height)
{
  width = MIN(width, in.width);
  height = MIN(height, in.height);
  return (Rect){in.x + (in.width - width) / 2, in.y + (in.height - height) / 2, width, height};
}

bool rect_has(Rect rect, int x, int y)
{
  return x >= rect.x && y >= rect.y && (int64_t) x < (int64_t) rect.x + rect.width &&
         (int64_t) y < (int64_t) rect.y + rect.height;
}
