/* Screens that are not written yet: each has its name and can be left.  Whoever writes one takes its
 * function out of here; the file goes with the last of them. */
#include "ui/view/flow.h"
#include "ui/view/stats.h"

static void append_title(const View *view, GString *to)
{
  g_string_append(to, scope_title(view->ops->scope));
}

static void draw(View *view, Canvas *canvas, Rect area)
{
  canvas_put_string(canvas, area.x, area.y, STYLE_PLAIN, scope_title(view->ops->scope));
}

static bool command(View *view, CommandId id)
{
  (void) view;
  (void) id;
  return false;
}

static void close_view(View *view)
{
  g_free(view);
}

static const ViewOps PENDING[] = {
#define PENDING_OPS(scope)                                                                         \
  {                                                                                                \
    scope, false, append_title, draw, command, close_view                                          \
  }
  PENDING_OPS(SCOPE_CALLS),   PENDING_OPS(SCOPE_FLOW),  PENDING_OPS(SCOPE_MESSAGE),
  PENDING_OPS(SCOPE_DIFF),    PENDING_OPS(SCOPE_STATS), PENDING_OPS(SCOPE_FORM),
  PENDING_OPS(SCOPE_COLUMNS), PENDING_OPS(SCOPE_HELP),
};

static View *pending(App *app, unsigned which)
{
  View *view = g_new0(View, 1);

  *view = (View){&PENDING[which], app};
  return view;
}

View *stats_view_new(App *app)
{
  return pending(app, 4);
}
