#include "ui/view/calls/split_ladder.h"

enum { HEIGHT_MIN = 10 }; /* a list that is lower is not split */

void split_ladder_clear(SplitLadder *split)
{
  if (split->ladder)
    split->ladder->ops->close(split->ladder);
  *split = (SplitLadder){0};
}

void split_ladder_draw(SplitLadder *split, Host *host, uint32_t number, Canvas *canvas, Rect *area)
{
  const FlowCalls calls = {&number, 1, false};
  g_autoptr(GString) title = g_string_new(" ");

  if (split->call != number || area->height < HEIGHT_MIN || !host_call(host, number))
    split_ladder_clear(split);
  if (area->height < HEIGHT_MIN || !host_call(host, number))
    return;
  if (!split->ladder)
    split->ladder = flow_view_new(host, &calls);
  split->call = number;
  Rect lower = *area;
  *area = rect_cut_top(&lower, lower.height / 2);
  Rect bar = rect_cut_top(&lower, 1);
  split->area = lower;
  split->ladder->ops->append_title(split->ladder, title);
  canvas_fill(canvas, bar, STYLE_BAR);
  canvas_put_cell(canvas, bar,
                  &(CanvasText){slice_of(title->str, title->len), STYLE_BAR, TEXT_LEFT});
  split->ladder->ops->draw(split->ladder, canvas, lower);
}

void split_ladder_scroll(const SplitLadder *split, bool down)
{
  if (split->ladder)
    split->ladder->ops->command(split->ladder, down ? COMMAND_DOWN : COMMAND_UP);
}

bool split_ladder_mouse(const SplitLadder *split, const KeyEvent *event)
{
  bool is_wheel = event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN;

  if (!split->ladder || !rect_has(split->area, event->x, event->y))
    return false;
  if (is_wheel)
    split_ladder_scroll(split, event->mouse == MOUSE_WHEEL_DOWN);
  else if (event->mouse == MOUSE_DOUBLE_CLICK)
    host_run(split->ladder->host, COMMAND_OPEN); /* the whole ladder */
  else
    split->ladder->ops->mouse(split->ladder, event);
  return true;
}

bool split_ladder_step(const SplitLadder *split, int64_t until_us)
{
  return split->ladder && split->ladder->ops->step(split->ladder, until_us);
}

void split_ladder_configured(const SplitLadder *split)
{
  if (split->ladder)
    split->ladder->ops->configured(split->ladder);
}
