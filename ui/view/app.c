#include "ui/view/app.h"

#include <stdarg.h>

#include "capture/language.h"
#include "dissect/diagnose/doubts.h"

/* --- the model --- */

static void configure_legs(AppModel *model)
{
  g_auto(GStrv) headers = leg_headers_parse(config_text(model->config, SETTING_LEGS_HEADER));

  conversations_set_headers(model->conversations, (const char *const *) headers);
}

static void add_to_window(void *data, const TallyEvent *event)
{
  metric_window_add(data, event);
}

void app_model_begin(AppModel *model)
{
  model->keymap = config_keymap(model->config, model->complaints);
  model->index = call_index_new(model->trace, model->stores);
  model->conversations = conversations_new(model->trace, model->stores);
  conversations_set_stepped(model->conversations);
  configure_legs(model);
  call_index_share(model->index, model->conversations);
  model->marks = call_set_new();
  model->bookmarks = g_array_new(false, false, sizeof(Bookmark));
  model->pinned = g_array_new(false, false, sizeof(uint32_t));
  model->window = g_new0(MetricWindow, 1);
  tally_add_sink(model->tally, add_to_window, model->window);
  model->now_ns = TIME_NONE;
  model->aliases = config_aliases(model->config, model->complaints);
}

void app_model_clear(AppModel *model)
{
  g_clear_pointer(&model->keymap, keymap_free);
  g_clear_pointer(&model->index, call_index_free);
  g_clear_pointer(&model->conversations, conversations_free);
  g_clear_pointer(&model->marks, call_set_free);
  g_clear_pointer(&model->bookmarks, g_array_unref);
  g_clear_pointer(&model->pinned, g_array_unref);
  g_clear_pointer(&model->aliases, aliases_free);
  tally_remove_sink(model->tally, model->window);
  metric_window_clear(model->window);
  g_clear_pointer(&model->window, g_free);
  g_clear_pointer(&model->filter_now, g_free);
}

/* Errors were reported when the configuration was read first. */
void app_model_configure(AppModel *model)
{
  GPtrArray *complaints = model->complaints;

  model->complaints = g_ptr_array_new_with_free_func(g_free);
  aliases_free(model->aliases);
  model->aliases = config_aliases(model->config, model->complaints);
  g_ptr_array_unref(model->complaints);
  model->complaints = complaints;
  configure_legs(model);
}

int app_model_find_bookmark(const AppModel *model, const Message *message)
{
  for (guint i = 0; i < model->bookmarks->len; i++)
    if (g_array_index(model->bookmarks, Bookmark, i).message == message->number)
      return (int) i;
  return -1;
}

/* --- the bars at the top and the bottom --- */

/*
 * The line at the top (what is shown, and its source) and the line at the bottom (a
 * message, the progress of work, or the keys of the topmost view).
 */

enum { APP_BARS_KEYS_MAX = 24 };

typedef struct {
  int x, end;
  CommandId id;
} BarKey;

typedef struct {
  const AppModel *model;
  GString *message; /* until the next key; empty: none */
  Style message_style;
  BarKey keys[APP_BARS_KEYS_MAX]; /* positions of the keys at the bottom, for clicks */
  unsigned key_count;
  int keys_y;
  int64_t noted_us;        /* start of the interval of the rate */
  uint64_t noted_messages; /* at that time */
  double rate;             /* messages per second */
} AppBars;

typedef struct {
  View *const *views;
  unsigned count;
} AppViews;

enum { RATE_US = 1000 * 1000, PIECES = 7 };

static void app_bars_init(AppBars *bars, const AppModel *model)
{
  bars->model = model;
  bars->message = g_string_new(NULL);
}

static void app_bars_clear(AppBars *bars)
{
  g_string_free(bars->message, TRUE);
}

/* Updates the rate. */
static void app_bars_note(AppBars *bars, int64_t now_us)
{
  uint64_t messages = trace_counts(bars->model->trace)->messages;
  int64_t passed_us = now_us - bars->noted_us;

  if (passed_us < RATE_US)
    return;
  if (bars->noted_us > 0)
    bars->rate = (double) (messages - bars->noted_messages) * G_USEC_PER_SEC / (double) passed_us;
  bars->noted_us = now_us;
  bars->noted_messages = messages;
}

/* "123", "45.6k", "7.8M". */
static void append_short_count(GString *to, uint64_t count)
{
  if (count < 10 * 1000)
    g_string_append_printf(to, "%" G_GUINT64_FORMAT, count);
  else if (count < 1000 * 1000)
    g_string_append_printf(to, "%.1fk", (double) count / 1e3);
  else
    g_string_append_printf(to, "%.1fM", (double) count / 1e6);
}

/* Of the last 5 minutes. */
static void append_numbers(const AppModel *model, GString *to)
{
  int64_t now_ns = model->now_ns != TIME_NONE ? model->now_ns : trace_now(model->trace);
  Metrics sum;
  double seconds = metric_window_sum(model->window, WINDOW_5_MINUTES, now_ns, &sum), asr;

  if (metrics_value(&sum, METRIC_ASR, &asr))
    g_string_append_printf(to, _("5 min: ASR %.0f %%  %.1f calls/s  %" G_GUINT64_FORMAT " failed"),
                           asr * 100, (double) sum.calls / seconds, sum.outcomes[OUTCOME_FAILED]);
  metrics_clear(&sum);
}

/* Their rates are in the statistics. */
static void append_senders(const Trace *trace, GString *to)
{
  size_t count = trace_copier_count(trace);

  if (count > 0)
    g_string_append_printf(to, translate_count(", %zu HEP sender", ", %zu HEP senders", count),
                           count);
}

/* Without enough room the last ones are left out. */
static void make_pieces(const AppBars *bars, GString *pieces[PIECES])
{
  const AppModel *model = bars->model;
  const Source *source = model->source;
  SourceProgress progress = source_progress(source);
  unsigned inputs = source_input_count(source);
  g_autofree char *name =
    model->label ? g_strdup(model->label) : g_path_get_basename(source_input_name(source, 0));
  bool follows = source_follows(source), live = source_is_live(source);
  bool catches_up = follows && progress.bytes_done < progress.bytes_total;
  uint64_t calls = call_index_total(model->index), packets = trace_counts(model->trace)->packets;
  bool loads = !model->loaded && (!live || catches_up);

  if (loads)
    g_string_append(pieces[0], _("loading"));
  if (loads && progress.bytes_total > 0)
    g_string_append_printf(
      pieces[0], " %u %%",
      (unsigned) (100.0 * (double) progress.bytes_done / (double) progress.bytes_total));
  if (live && !follows) {
    append_short_count(pieces[1], source_dropped(source));
    g_string_append(pieces[1], _(" dropped"));
    append_senders(model->trace, pieces[1]);
  }
  if (capture_is_incomplete(model->trace))
    g_string_append(pieces[1], pieces[1]->len > 0 ? _(", incomplete") : _("incomplete"));
  append_short_count(pieces[2], calls);
  g_string_append(pieces[2], translate_count(" call", " calls", calls));
  if (live)
    g_string_append(pieces[3], model->loaded ? _("ended ")
                               : follows     ? _("following ")
                                             : _("live "));
  g_string_append(pieces[3], name);
  if (inputs > 1)
    g_string_append_printf(pieces[3], " +%u", inputs - 1);
  if (live && !model->loaded) {
    append_short_count(pieces[4], (uint64_t) bars->rate);
    g_string_append(pieces[4], _(" msg/s"));
  }
  append_short_count(pieces[5], packets);
  g_string_append(pieces[5], translate_count(" packet", " packets", packets));
  if (live)
    append_numbers(model, pieces[6]);
}

/* What fits into `width`, in reading order: name first. */
static void append_facts(const AppBars *bars, unsigned width, GString *to)
{
  static const unsigned READING_ORDER[PIECES] = {3, 5, 2, 4, 6, 1, 0};
  GString *pieces[PIECES];
  bool fits[PIECES] = {false};
  unsigned used = 0;

  for (unsigned i = 0; i < PIECES; i++)
    pieces[i] = g_string_new(NULL);
  make_pieces(bars, pieces);
  for (unsigned i = 0; i < PIECES; i++) {
    unsigned needed = text_width(slice_of(pieces[i]->str, pieces[i]->len)) + 2;
    fits[i] = pieces[i]->len > 0 && used + needed <= width;
    used += fits[i] ? needed : 0;
  }
  for (unsigned i = 0; i < PIECES; i++)
    if (fits[READING_ORDER[i]])
      g_string_append_printf(to, "  %s", pieces[READING_ORDER[i]]->str);
  for (unsigned i = 0; i < PIECES; i++)
    g_string_free(pieces[i], TRUE);
}

static void app_bars_draw_top(AppBars *bars, Canvas *canvas, Rect at, const View *shown)
{
  g_autoptr(GString) title = g_string_new(" "), facts = g_string_new(NULL);

  shown->ops->append_title(shown, title);
  unsigned title_width = text_width(slice_of(title->str, title->len));
  unsigned room = at.width > (int) title_width ? (unsigned) at.width - title_width : 0;
  append_facts(bars, room > 1 ? room - 1 : 0, facts);
  g_string_append_c(facts, ' ');
  canvas_fill(canvas, at, STYLE_BAR);
  canvas_put_cell(canvas, at,
                  &(CanvasText){slice_of(facts->str, facts->len), STYLE_BAR, TEXT_RIGHT});
  int facts_width = (int) text_width(slice_of(facts->str, facts->len));
  Rect left = {at.x, at.y, at.width - facts_width, at.height};
  canvas_put_cell(canvas, left,
                  &(CanvasText){slice_of(title->str, title->len), STYLE_BAR, TEXT_LEFT});
}

/* The work of the topmost view that does any. */
static bool draw_progress(Canvas *canvas, Rect at, const AppViews *views)
{
  for (unsigned i = views->count; i-- > 0;) {
    const View *view = views->views[i];
    double done = 0;
    const char *name = NULL;
    if (view->job) {
      name = job_name(view->job);
      done = job_progress(view->job);
    } else if (view->ops->progress) {
      name = view->ops->progress(view, &done);
    }
    if (!name)
      continue;
    g_autofree char *text =
      g_strdup_printf(_(" %s %u %%  (Esc cancels)"), name, (unsigned) (100 * CLAMP(done, 0, 1)));
    canvas_put_cell(canvas, at, &(CanvasText){slice_from_string(text), STYLE_BAR, TEXT_LEFT});
    return true;
  }
  return false;
}

static void draw_key(AppBars *bars, Canvas *canvas, Rect at, CommandId id)
{
  char name[KEY_NAME_MAX];
  KeyCode code = keymap_keys(bars->model->keymap, id)[0];
  int x = bars->key_count > 0 ? bars->keys[bars->key_count - 1].end + 2 : at.x + 1;

  if (code == KEY_CODE_NONE || bars->key_count == APP_BARS_KEYS_MAX)
    return;
  key_to_name(code, name);
  Slice key = slice_from_string(name), label = slice_from_string(_(COMMANDS[id].label));
  int end = x + (int) (text_width(key) + 1 + text_width(label));
  if (end > at.x + at.width)
    return;
  canvas_put(canvas, x, at.y, STYLE_KEY, key);
  canvas_put(canvas, end - (int) text_width(label), at.y, STYLE_BAR, label);
  bars->keys[bars->key_count++] = (BarKey){x, end, id};
}

/* Gives what is left for the keys. */
static Rect draw_hint(const AppBars *bars, Canvas *canvas, Rect at, const View *view)
{
  g_autoptr(GString) hint = g_string_new(NULL);
  bool types = view->ops->typing && view->ops->typing(view);

  if (bars->model->hints && !types)
    hints_append(bars->model->hints, view->ops->scope, bars->model->keymap, hint);
  if (hint->len == 0)
    return at;
  Slice text = slice_of(hint->str, hint->len);
  int width = MIN((int) text_width(text) + 1, at.width);
  canvas_put_cell(canvas, (Rect){at.x + 1, at.y, width - 1, at.height},
                  &(CanvasText){text, STYLE_HINT, TEXT_LEFT});
  return (Rect){at.x + width + 1, at.y, MAX(at.width - width - 1, 0), at.height};
}

/* The keys of the view, or what keys do while a text is typed. */
static void draw_usage(AppBars *bars, Canvas *canvas, Rect at, const View *view)
{
  const char *typing = view->ops->typing ? view->ops->typing(view) : NULL;

  if (typing && *typing) {
    at = (Rect){at.x + 1, at.y, at.width - 1, at.height};
    canvas_put_cell(canvas, at, &(CanvasText){slice_from_string(typing), STYLE_BAR, TEXT_LEFT});
    return;
  }
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (COMMANDS[id].label && (COMMANDS[id].scopes & view->ops->scope) != 0 &&
        !(typing && key_is_text(keymap_keys(bars->model->keymap, id)[0])))
      draw_key(bars, canvas, at, id);
}

static void app_bars_draw_bottom(AppBars *bars, Canvas *canvas, Rect at, const AppViews *views)
{
  Slice message = slice_of(bars->message->str, bars->message->len);

  bars->key_count = 0;
  bars->keys_y = at.y;
  canvas_fill(canvas, at, STYLE_BAR);
  if (at.height == 0)
    return;
  if (message.len > 0)
    canvas_put_ends(canvas, at, &(CanvasText){message, bars->message_style, TEXT_LEFT});
  else if (!draw_progress(canvas, at, views))
    draw_usage(bars, canvas, draw_hint(bars, canvas, at, views->views[views->count - 1]),
               views->views[views->count - 1]);
}

/* The command of the key at that position of the bottom line, or COMMAND_NONE. */
static CommandId app_bars_command_at(const AppBars *bars, int x, int y)
{
  if (y != bars->keys_y)
    return COMMAND_NONE;
  for (unsigned i = 0; i < bars->key_count; i++)
    if (x >= bars->keys[i].x && x < bars->keys[i].end)
      return bars->keys[i].id;
  return COMMAND_NONE;
}

/* --- the stack of screens --- */

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

bool host_pin(Host *host, uint32_t number)
{
  GArray *pinned = host->model->pinned;
  guint at = 0;

  while (at < pinned->len && g_array_index(pinned, uint32_t, at) != number)
    at++;
  if (at < pinned->len)
    g_array_remove_index(pinned, at);
  else if (pinned->len < PINNED_MAX)
    g_array_append_val(pinned, number);
  else
    return false;
  wish(host, APP_WISH_PIN);
  return true;
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
  g_string_vprintf(host->bars.message, translate(format), arguments);
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
  tally_touch(app->model->tally, message->transaction->call);
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
    app->screens->ask(app, captures ? _("End the capture and quit?") : _("Quit?"), end_yes, NULL);
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

static void change_file(App *app, AppWish which)
{
  const char *const *files = app->model->files;

  if (files && files[0] && files[1])
    wish(app, which);
  else
    host_tell(app, STYLE_HINT, "there is only one input");
}

/* Shows the calls without names, or as they are again. */
static void mask(App *app)
{
  const AppModel *model = app->model;

  if (!model->files || !model->files[0])
    host_tell(app, STYLE_WARNING, "a live capture cannot be masked");
  else if (strcmp(model->files[0], "-") == 0)
    host_tell(app, STYLE_WARNING, "standard input cannot be masked");
  else if (!model->loaded)
    host_tell(app, STYLE_WARNING, "masking begins once everything was read");
  else
    wish(app, APP_WISH_MASK);
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

static void end_hints(Hints *hints)
{
  if (hints)
    hints_end(hints);
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
  else if (id == COMMAND_NEXT_FILE || id == COMMAND_PREVIOUS_FILE)
    change_file(app, id == COMMAND_NEXT_FILE ? APP_WISH_NEXT_FILE : APP_WISH_PREVIOUS_FILE);
  else if (id == COMMAND_MASK)
    mask(app);
  else if (id == COMMAND_HELP || id == COMMAND_HELP_CALLS)
    app->screens->open_help(app, host_view(app)->ops->scope);
  else if (id == COMMAND_PALETTE)
    app->screens->open_palette(app);
  else if (id == COMMAND_THEME)
    app->screens->open_theme(app);
  else if (id == COMMAND_HINTS)
    end_hints(app->model->hints);
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
  if (host->model->hints)
    hints_note(host->model->hints, view->ops->scope, id);
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

static bool is_drag(const KeyEvent *event)
{
  return event->code == KEY_CODE_MOUSE &&
         (event->mouse == MOUSE_DRAG || event->mouse == MOUSE_RELEASE);
}

void app_handle_key(App *app, const KeyEvent *event)
{
  View *view = host_view(app);

  if (is_drag(event)) { /* each click ends in a release, which must not hide what it brought */
    app->dirty |= view->ops->drag && view->ops->drag(view, event);
    return;
  }
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
static unsigned first_drawn(const App *app)
{
  unsigned first = app->views->len - 1;

  while (first > 0 && ((View *) g_ptr_array_index(app->views, first))->ops->is_dialog)
    first--;
  return first;
}

void app_draw(App *app, Canvas *canvas, int64_t now_us)
{
  Rect area = canvas_area(canvas);
  Rect top = area.height > 1 ? rect_cut_top(&area, 1) : (Rect){0};
  Rect bottom = area.height + 1 >= TIGHT_HEIGHT ? rect_cut_bottom(&area, 1) : (Rect){0};
  View *const *views = (View *const *) app->views->pdata;

  app->dirty = false;
  app_bars_note(&app->bars, now_us);
  for (unsigned i = first_drawn(app); i < app->views->len; i++) {
    View *view = g_ptr_array_index(app->views, i);
    Rect before = canvas_clip(canvas, area);

    canvas->cursor_x = canvas->cursor_y = -1;
    view->ops->draw(view, canvas, area);
    canvas_unclip(canvas, before);
  }
  app_bars_draw_top(&app->bars, canvas, top, views[first_drawn(app)]);
  app_bars_draw_bottom(&app->bars, canvas, bottom, &(AppViews){views, app->views->len});
}
