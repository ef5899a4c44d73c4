/* An empty screen below a dialog. */
#pragma once

#include "ui/view/app.h"

typedef struct {
  View view;
  ViewOps ops;
} BlankView;

static inline void blank_view_title(const View *view, GString *to)
{
  (void) view;
  (void) to;
}

static inline void blank_view_draw(View *view, Canvas *canvas, Rect area)
{
  (void) view;
  (void) canvas;
  (void) area;
}

static inline bool blank_view_command(View *view, CommandId id)
{
  (void) view;
  (void) id;
  return false;
}

static inline void blank_view_close(View *view)
{
  g_free(view);
}

static inline void blank_view_push(App *app, CommandScope scope)
{
  BlankView *blank = g_new0(BlankView, 1);

  blank->ops = (ViewOps){
    .scope = scope,
    .append_title = blank_view_title,
    .draw = blank_view_draw,
    .command = blank_view_command,
    .close = blank_view_close,
  };
  blank->view.ops = &blank->ops;
  host_push(app, &blank->view);
}
