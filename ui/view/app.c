#include "ui/view/app.h"

#include <stdarg.h>

#include "ui/view/app_bars.h"

enum { WHEEL_LINES = 3, TIGHT_HEIGHT = 5 };

struct Host {
  AppModel *model;
  const AppScreens *screens;
  GPtrArray *views;  /* View *, the topmost last */
  GPtrArray *closed; /* View *, to be freed when none of their functions runs */
  AppBars bars;
  GString *copied;
  unsigned wishes; /* bit per AppWish */
  bool dirty, over;
};

App *app_new(AppModel *model, const AppScreens *screens)
{
  App *app = g_new0(App, 1);

  app->model = model;
  app->screens = screens;
  app_model_begin(model);
  app->views = g_ptr_array_new();
  app->closed = g_ptr_array_new();
  app->copied = g_string_new(NULL);
  app_bars_init(&app->bars, model);
  app->dirty = true;
  screens->open_first(app);
  return app;
}

static void free_closed(App *app)
{
  while (app->closed->len > 0) {
    View *view = g_ptr_array_steal_index(app->closed, app->closed->len - 1);
    view_cancel_job(view);
    view->ops->close(view);
  }
}

void app_free(App *app)
{
  if (!app)
    return;
  while (app->views->len > 0)
    host_close(app, g_ptr_array_index(app->views, app->views->len - 1));
  free_closed(app);
  app_bars_clear(&app->bars);
  app_model_clear(app->model);
  g_ptr_array_unref(app->views);
  g_ptr_array_unref(app->closed);
  g_string_free(app->copied, TRUE);
  g_free(app);
}

AppModel *host_model(const Host *host)
{
  return host->model;
}

View *host_view(const Host *host)
{
  return g_ptr_array_index(host->views, host->views->len - 1);
}

const Call *host_call(const Host *host, uint32_t number)
{
  return trace_call(host->model->trace, number);
}

void host_push(Host *host, View *view)
{
  view->host = host;
  g_ptr_array_add(host->views, view);
  host->dirty = true;
}

void host_close(Host *host, View *view)
{
  if (g_ptr_array_remove(host->views, view))
    g_ptr_array_add(host->closed, view);
  host->dirty = true;
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

void host_copy(Host *host, Slice text)
{
  g_string_truncate(host->copied, 0);
  g_string_append_len(host->copied, text.data, (gssize) text.len);
  wish(host, APP_WISH_COPY);
}

Slice app_copied(const App *app)
{
  return slice_of(app->copied->str, app->copied->len);
}

void host_tell(Host *host, Style style, const char *format, ...)
{
  va_list arguments;

  va_start(arguments, format);
  g_string_vprintf(host->bars.message, format, arguments);
  va_end(arguments);
  host->bars.message_style = style;
  host->dirty = true;
}

void host_configured(Host *host)
{
  app_model_configure(host->model);
  for (unsigned i = 0; i < host->views->len; i++) {
    View *view = g_ptr_array_index(host->views, i);
    if (view->ops->configured)
      view->ops->configured(view);
  }
  wish(host, APP_WISH_THEME);
  host->dirty = true;
}

void app_note_message(App *app, const Message *message)
{
  call_index_touch(app->model->index, message->transaction->call);
  app->dirty = true;
}

/* Of the topmost view, or of those below, whose work is shown at the bottom, too. */
static bool stop_any_work(App *app)
{
  for (unsigned i = app->views->len; i-- > 0;) {
    View *view = g_ptr_array_index(app->views, i);

    if (view->ops->stop && view->ops->stop(view))
      return true;
    if (view->job) {
      view_cancel_job(view);
      return true;
    }
  }
  return false;
}

static void end_yes(void *data, Host *host)
{
  (void) data;
  host->over = true;
}

/* `is_asked`: by Esc, which goes back everywhere and may have been pressed once too often. */
static void leave(App *app, bool is_asked)
{
  const AppModel *model = app->model;
  bool captures = source_is_live(model->source) && !source_follows(model->source) && !model->loaded;

  if ((captures || is_asked) && config_bool(model->config, SETTING_CONFIRM_QUIT))
    app->screens->ask(app, captures ? "End the capture and quit?" : "Quit?", end_yes, NULL);
  else
    app->over = true;
}

/* Cancels the running work, or else the reading of files, or else quits. */
static void stop(App *app)
{
  if (stop_any_work(app))
    return;
  if (!app->model->loaded && !source_is_live(app->model->source)) {
    wish(app, APP_WISH_STOP);
    host_tell(app, STYLE_WARNING, "loading stopped; the calls read so far are shown");
    return;
  }
  leave(app, false);
}

static void reload(App *app)
{
  const char *const *files = app->model->files;

  if (!files || !files[0])
    host_tell(app, STYLE_WARNING, "a live capture cannot be read again");
  else if (strcmp(files[0], "-") == 0)
    host_tell(app, STYLE_WARNING, "standard input cannot be read again");
  else
    wish(app, APP_WISH_RELOAD);
}

/* Begins to follow the file, or ends it. */
static void follow(App *app)
{
  const char *const *files = app->model->files;

  if (source_follows(app->model->source) && !app->model->loaded)
    wish(app, APP_WISH_STOP);
  else if (files && files[0] && !files[1] && strcmp(files[0], "-") != 0)
    wish(app, APP_WISH_FOLLOW);
  else
    host_tell(app, STYLE_WARNING, "only one capture file can be followed");
}

static void go_back(App *app, bool is_asked)
{
  if (stop_any_work(app))
    return;
  if (app->views->len > 1)
    host_close(app, host_view(app));
  else
    leave(app, is_asked);
}

/* Commands that are the same in every view that does not handle them itself. */
static bool run_anywhere(App *app, CommandId id)
{
  if (id == COMMAND_BACK || id == COMMAND_LEAVE || id == COMMAND_LEAVE_ASKED)
    go_back(app, id == COMMAND_LEAVE_ASKED);
  else if (id == COMMAND_STOP)
    stop(app);
  else if (id == COMMAND_RELOAD)
    reload(app);
  else if (id == COMMAND_FOLLOW_FILE)
    follow(app);
  else if (id == COMMAND_HELP || id == COMMAND_HELP_CALLS)
    app->screens->open_help(app, host_view(app)->ops->scope);
  else if (id == COMMAND_PALETTE)
    app->screens->open_palette(app);
  else if (id == COMMAND_REDRAW)
    wish(app, APP_WISH_REDRAW);
  else if (id == COMMAND_SUSPEND)
    wish(app, APP_WISH_SUSPEND);
  else
    return false;
  return true;
}

bool host_run(Host *host, CommandId id)
{
  View *view = host_view(host);

  host->dirty = true;
  return view->ops->command(view, id) || run_anywhere(host, id);
}

static void handle_mouse(App *app, const KeyEvent *event)
{
  View *view = host_view(app);
  CommandId id = event->mouse == MOUSE_CLICK ? app_bars_command_at(&app->bars, event->x, event->y)
                                             : COMMAND_NONE;

  if (id != COMMAND_NONE) {
    host_run(app, id);
    return;
  }
  if (view->ops->mouse && view->ops->mouse(view, event))
    return;
  if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN)
    for (int i = 0; i < WHEEL_LINES; i++)
      host_run(app, event->mouse == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
}

void app_handle_key(App *app, const KeyEvent *event)
{
  View *view = host_view(app);

  app->dirty = true;
  g_string_truncate(app->bars.message, 0);
  if (event->code == KEY_CODE_MOUSE) {
    handle_mouse(app, event);
  } else if (event->code != KEY_CODE_RESIZE && !(view->ops->key && view->ops->key(view, event))) {
    CommandId id = keymap_find(app->model->keymap, view->ops->scope, event->code);
    if (id != COMMAND_NONE)
      host_run(app, id);
  }
  free_closed(app);
}

/* True while there is more to do, or a result to draw. */
static bool step_view(View *view, int64_t until_us)
{
  if (view->ops->step && view->ops->step(view, until_us))
    return true;
  if (!view->job)
    return false;
  if (!job_step(view->job, until_us)) {
    Job *job = view->job;

    view->job = NULL; /* `done` may begin another one */
    view->job_done(view, job);
    job_free(job);
  }
  return true;
}

bool app_step(App *app, int64_t until_us)
{
  bool more = false;

  for (unsigned i = app->views->len; i-- > 0;) {
    View *view = i < app->views->len ? g_ptr_array_index(app->views, i) : NULL;
    if (view && step_view(view, until_us)) {
      more = true;
      app->dirty = true;
    }
  }
  free_closed(app);
  return more;
}

/* Dialogs are drawn over the screen below them. */
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
