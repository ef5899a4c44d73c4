#include "ui/view/widget/dialog.h"

enum {
  FROM_HEIGHT = 5,
  FROM_WIDTH = 12,
};

Rect dialog_draw(Canvas *canvas, Rect area, Rect size, const char *title)
{
  if (area.height < FROM_HEIGHT || area.width < FROM_WIDTH) {
    canvas_fill(canvas, area, STYLE_PLAIN);
    return area;
  }
  Rect box = rect_centre(area, size.width + 2, size.height + 2);
  canvas_box(canvas, box, title);
  return (Rect){box.x + 1, box.y + 1, box.width - 2, box.height - 2};
}
