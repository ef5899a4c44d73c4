#include "ui/view/app_bars.h"

enum { RATE_US = 1000 * 1000, PIECES = 6 };

void app_bars_init(AppBars *bars, const AppModel *model)
{
  bars->model = model;
  bars->message = g_string_new(NULL);
}

void app_bars_clear(AppBars *bars)
{
  g_string_free(bars->message, TRUE);
}

void app_bars_note(AppBars *bars, int64_t now_us)
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
static void append_count(GString *to, uint64_t count)
{
  if (count < 10 * 1000)
    g_string_append_printf(to, "%" G_GUINT64_FORMAT, count);
  else if (count < 1000 * 1000)
    g_string_append_printf(to, "%.1fk", (double) count / 1e3);
  else
    g_string_append_printf(to, "%.1fM", (double) count / 1e6);
}

static void append_counted(GString *to, uint64_t count, const char *what)
{
  append_count(to, count);
  g_string_append_printf(to, " %s%s", what, count == 1 ? "" : "s");
}

/* Without enough room the last ones are left out. */
static void make_pieces(const AppBars *bars, GString *pieces[PIECES])
{
  const AppModel *model = bars->model;
  const Source *source = model->source;
  SourceProgress progress = source_progress(source);
  unsigned inputs = source_input_count(source);
  g_autofree char *name = g_path_get_basename(source_input_name(source, 0));
  bool follows = source_follows(source), live = source_is_live(source);
  bool catches_up = follows && progress.bytes_done < progress.bytes_total;
  bool loads = !model->loaded && (!live || catches_up);

  if (loads)
    g_string_append(pieces[0], "loading");
  if (loads && progress.bytes_total > 0)
    g_string_append_printf(
      pieces[0], " %u %%",
      (unsigned) (100.0 * (double) progress.bytes_done / (double) progress.bytes_total));
  if (live && !follows) {
    append_count(pieces[1], source_dropped(source));
    g_string_append(pieces[1], " dropped");
  }
  append_counted(pieces[2], call_index_total(model->index), "call");
  if (live)
    g_string_append(pieces[3], model->loaded ? "ended " : follows ? "following " : "live ");
  g_string_append(pieces[3], name);
  if (inputs > 1)
    g_string_append_printf(pieces[3], " +%u", inputs - 1);
  if (live && !model->loaded) {
    append_count(pieces[4], (uint64_t) bars->rate);
    g_string_append(pieces[4], " msg/s");
  }
  append_counted(pieces[5], trace_counts(model->trace)->packets, "packet");
}

/* What fits into `width`, in reading order: name first. */
static void append_facts(const AppBars *bars, unsigned width, GString *to)
{
  static const unsigned READING_ORDER[PIECES] = {3, 5, 2, 4, 1, 0};
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

void app_bars_draw_top(AppBars *bars, Canvas *canvas, Rect at, const View *shown)
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
      g_strdup_printf(" %s %u %%  (Esc cancels)", name, (unsigned) (100 * CLAMP(done, 0, 1)));
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
  Slice key = slice_from_string(name), label = slice_from_string(COMMANDS[id].label);
  int end = x + (int) (text_width(key) + 1 + text_width(label));
  if (end > at.x + at.width)
    return;
  canvas_put(canvas, x, at.y, STYLE_KEY, key);
  canvas_put(canvas, end - (int) text_width(label), at.y, STYLE_BAR, label);
  bars->keys[bars->key_count++] = (BarKey){x, end, id};
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

void app_bars_draw_bottom(AppBars *bars, Canvas *canvas, Rect at, const AppViews *views)
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
    draw_usage(bars, canvas, at, views->views[views->count - 1]);
}

CommandId app_bars_command_at(const AppBars *bars, int x, int y)
{
  if (y != bars->keys_y)
    return COMMAND_NONE;
  for (unsigned i = 0; i < bars->key_count; i++)
    if (x >= bars->keys[i].x && x < bars->keys[i].end)
      return bars->keys[i].id;
  return COMMAND_NONE;
}
