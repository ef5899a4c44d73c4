#include "ui/view/app.h"

#include <stdarg.h>

#include "ui/view/app_bars.h"
#include "ui/view/calls/calls.h"
#include "ui/view/help.h"
#include "ui/view/widget/ask.h"

enum { WHEEL_LINES = 3, TIGHT_HEIGHT = 5 };

struct App {
  AppModel *model;
  GPtrArray *views;  /* View *, the topmost last */
  GPtrArray *closed; /* View *, to be freed when nobody is inside of them */
  AppBars bars;
  GString *copied;
  unsigned wishes; /* bit per AppWish */
  bool dirty, over;
};

App *app_new(AppModel *model)
{
  App *app = g_new0(App, 1);

  app->model = model;
  app_model_begin(model);
  app->views = g_ptr_array_new();
  app->closed = g_ptr_array_new();
  app->copied = g_string_new(NULL);
  app_bars_init(&app->bars, model);
  app->dirty = true;
  app_push(app, calls_view_new(app));
  return app;
}

static void free_closed(App *app)
{
  while (app->closed->len > 0) {
    View *view = g_ptr_array_steal_index(app->closed, app->closed->len - 1);
    view->ops->close(view);
  }
}

void app_free(App *app)
{
  if (!app)
    return;
  while (app->views->len > 0)
    app_close(app, g_ptr_array_index(app->views, app->views->len - 1));
  free_closed(app);
  app_bars_clear(&app->bars);
  app_model_clear(app->model);
  g_ptr_array_unref(app->views);
  g_ptr_array_unref(app->closed);
  g_string_free(app->copied, TRUE);
  g_free(app);
}

static View *topmost(const App *app)
{
  return g_ptr_array_index(app->views, app->views->len - 1);
}

AppModel *app_model(const App *app)
{
  return app->model;
}

View *app_view(const App *app)
{
  return topmost(app);
}

const Call *app_call(const App *app, uint32_t number)
{
  return trace_call(app->model->trace, number);
}

void app_push(App *app, View *view)
{
  view->app = app;
  g_ptr_array_add(app->views, view);
  app->dirty = true;
}

void app_close(App *app, View *view)
{
  if (g_ptr_array_remove(app->views, view))
    g_ptr_array_add(app->closed, view);
  app->dirty = true;
}

void app_end(App *app)
{
  app->over = true;
}

bool app_is_over(const App *app)
{
  return app->over;
}

bool app_is_dirty(const App *app)
{
  return app->dirty;
}

static void wish(App *app, AppWish what)
{
  app->wishes |= 1U << what;
}

AppWish app_take_wish(App *app)
{
  AppWish what = app->wishes ? (AppWish) g_bit_nth_lsf(app->wishes, -1) : APP_WISH_NONE;

  app->wishes &= ~(1U << what);
  return what;
}

void app_copy(App *app, Slice text)
{
  g_string_truncate(app->copied, 0);
  g_string_append_len(app->copied, text.data, (gssize) text.len);
  wish(app, APP_WISH_COPY);
}

Slice app_copied(const App *app)
{
  return slice_of(app->copied->str, app->copied->len);
}

void app_tell(App *app, Style style, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  g_string_vprintf(app->bars.message, format, arguments);
  va_end(arguments);
  app->bars.message_style = style;
  app->dirty = true;
}

void app_configured(App *app)
{
  app_model_configure(app->model);
  for (unsigned i = 0; i < app->views->len; i++) {
    View *view = g_ptr_array_index(app->views, i);
    if (view->ops->configured)
      view->ops->configured(view);
  }
  wish(app, APP_WISH_THEME);
  app->dirty = true;
}

void app_filter(App *app, const char *expression)
{
  if (expression)
    calls_view_set_filter(g_ptr_array_index(app->views, 0), expression);
}

void app_note_message(App *app, const Message *message)
{
  call_index_touch(app->model->index, message->transaction->call);
  app->dirty = true;
}

static bool stop_work(View *view)
{
  return view->ops->stop && view->ops->stop(view);
}

/* Of the topmost view, or of those below: their work is shown at the bottom, too. */
static bool stop_any_work(App *app)
{
  for (unsigned i = app->views->len; i-- > 0;)
    if (stop_work(g_ptr_array_index(app->views, i)))
      return true;
  return false;
}

static void end_yes(void *data, App *app)
{
  (void) data;
  app_end(app);
}

/* `is_asked`: by the key that leads back from everywhere: it may have been one too many. */
static void leave(App *app, bool is_asked)
{
  const AppModel *model = app->model;
  bool captures = source_is_live(model->source) && !model->loaded;

  if ((captures || is_asked) && config_bool(model->config, SETTING_CONFIRM_QUIT))
    ask_question(app, captures ? "End the capture and quit?" : "Quit?", end_yes, NULL);
  else
    app_end(app);
}

/* What takes long ends first, then reading, then the program. */
static void stop(App *app)
{
  if (stop_any_work(app))
    return;
  if (!app->model->loaded && !source_is_live(app->model->source)) {
    wish(app, APP_WISH_STOP);
    app_tell(app, STYLE_WARNING, "loading was stopped: what was read by then is shown");
    return;
  }
  leave(app, false);
}

static void go_back(App *app, bool is_asked)
{
  if (stop_any_work(app))
    return;
  if (app->views->len > 1)
    app_close(app, topmost(app));
  else
    leave(app, is_asked);
}

/* What is done alike in every view that does not do it itself. */
static bool run_anywhere(App *app, CommandId id)
{
  if (id == COMMAND_BACK || id == COMMAND_LEAVE || id == COMMAND_LEAVE_ASKED)
    go_back(app, id == COMMAND_LEAVE_ASKED);
  else if (id == COMMAND_STOP)
    stop(app);
  else if (id == COMMAND_HELP || id == COMMAND_HELP_CALLS)
    app_push(app, help_view_new(app, topmost(app)->ops->scope));
  else if (id == COMMAND_PALETTE)
    ask_command(app);
  else if (id == COMMAND_REDRAW)
    wish(app, APP_WISH_REDRAW);
  else if (id == COMMAND_SUSPEND)
    wish(app, APP_WISH_SUSPEND);
  else
    return false;
  return true;
}

bool app_run(App *app, CommandId id)
{
  View *view = topmost(app);

  app->dirty = true;
  return view->ops->command(view, id) || run_anywhere(app, id);
}

static void turn_wheel(App *app, MouseAction action)
{
  for (int i = 0; i < WHEEL_LINES; i++)
    app_run(app, action == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
}

static void handle_mouse(App *app, const KeyEvent *event)
{
  View *view = topmost(app);
  CommandId id = event->mouse == MOUSE_CLICK ? app_bars_command_at(&app->bars, event->x, event->y)
                                             : COMMAND_NONE;

  if (id != COMMAND_NONE)
    app_run(app, id);
  else if (view->ops->mouse && view->ops->mouse(view, event))
    return;
  else if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN)
    turn_wheel(app, event->mouse);
}

static void handle_typed(App *app, const KeyEvent *event)
{
  View *view = topmost(app);

  if (view->ops->key && view->ops->key(view, event))
    return;
  CommandId id = keymap_find(app->model->keymap, view->ops->scope, event->code);
  if (id != COMMAND_NONE)
    app_run(app, id);
}

void app_handle_key(App *app, const KeyEvent *event)
{
  app->dirty = true;
  g_string_truncate(app->bars.message, 0);
  if (event->code == KEY_CODE_MOUSE)
    handle_mouse(app, event);
  else if (event->code != KEY_CODE_RESIZE)
    handle_typed(app, event);
  free_closed(app);
}

bool app_step(App *app, int64_t until_us)
{
  bool more = false;

  for (unsigned i = app->views->len; i-- > 0;) {
    View *view = i < app->views->len ? g_ptr_array_index(app->views, i) : NULL;
    if (view && view->ops->step && view->ops->step(view, until_us)) {
      more = true;
      app->dirty = true;
    }
  }
  free_closed(app);
  return more;
}

/* The dialogs that are on top are drawn over the screen below them. */
static unsigned first_shown(const App *app)
{
  unsigned first = app->views->len - 1;

  while (first > 0 && ((View *) g_ptr_array_index(app->views, first))->ops->is_dialog)
    first--;
  return first;
}

static void draw_views(App *app, Canvas *canvas, Rect area)
{
  for (unsigned i = first_shown(app); i < app->views->len; i++) {
    View *view = g_ptr_array_index(app->views, i);
    Rect before = canvas_clip(canvas, area);

    canvas->cursor_x = canvas->cursor_y = -1;
    view->ops->draw(view, canvas, area);
    canvas_unclip(canvas, before);
  }
}

void app_draw(App *app, Canvas *canvas, int64_t now_us)
{
  Rect area = canvas_area(canvas);
  Rect top = area.height > 1 ? rect_cut_top(&area, 1) : (Rect){0};
  Rect bottom = area.height + 1 >= TIGHT_HEIGHT ? rect_cut_bottom(&area, 1) : (Rect){0};
  View *const *views = (View *const *) app->views->pdata;

  app->dirty = false;
  app_bars_note(&app->bars, now_us);
  draw_views(app, canvas, area);
  app_bars_draw_top(&app->bars, canvas, top, views[first_shown(app)]);
  app_bars_draw_bottom(&app->bars, canvas, bottom, &(AppViews){views, app->views->len});
}
