#include "ui/view/stats/stats_view.h"

#include "ui/show/stats_rows.h"
#include "ui/view/widget/scroll.h"

enum {
  AGAIN_US = 1000 * 1000, /* counts of a growing trace are renewed that often */
  COLUMN_MIN = 38,
  COLUMN_MAX = 56,
  COLUMNS_MAX = 4,
  GAP = 2,
  NAME_LEAST = 10,
  NAME_MOST = 23, /* "503 Service Unavailable" */
  COUNT_WIDTH = 10,
  SHARE_WIDTH = 6,
  DELAY_WIDTH = 8,
};

typedef struct {
  View view;
  bool shown_calls; /* those of the list; else the whole input */
  Tally *shown;     /* NULL before the first is whole */
  Tally *working;   /* NULL: nothing is to do */
  int64_t began_us;
  int top;    /* line that is shown first */
  int height; /* of the last draw */
  int lines;  /* of all columns */
  Arena arena;
} StatsView;

static void begin(StatsView *stats)
{
  const AppModel *model = host_model(stats->view.host);

  tally_free(stats->working);
  stats->working = tally_new(model->trace, stats->shown_calls ? model->index : NULL);
  stats->began_us = g_get_monotonic_time();
}

static const Tally *best(const StatsView *stats)
{
  return stats->shown ? stats->shown : stats->working;
}

static bool step(View *view, int64_t until_us)
{
  StatsView *stats = (StatsView *) view;
  bool may_begin = g_get_monotonic_time() - stats->began_us >= AGAIN_US;

  if (!stats->working && may_begin && tally_is_old(stats->shown))
    begin(stats);
  if (!stats->working)
    return false;
  if (tally_step(stats->working, until_us))
    return true;
  tally_free(stats->shown);
  stats->shown = g_steal_pointer(&stats->working);
  return false;
}

/* The first pass alone: later ones are nobody's concern. */
static const char *progress(const View *view, double *ret_done)
{
  const StatsView *stats = (const StatsView *) view;

  if (stats->shown || !stats->working)
    return NULL;
  *ret_done = tally_progress(stats->working);
  return "counting";
}

static void append_title(const View *view, GString *to)
{
  const StatsView *stats = (const StatsView *) view;

  g_string_append(to, stats->shown_calls ? "statistics of the calls in the list"
                                         : "statistics of the whole input");
}

/* --- Drawing ---------------------------------------------------------------------------------- */

/* "62 %", but neither 0 of what there is nor 100 of what is not all. */
static char *share_text(double share)
{
  double percent = share * 100;

  if (share > 0 && percent < 1)
    return g_strdup("<1 %");
  if (share < 1 && percent > 99)
    return g_strdup(">99 %");
  return g_strdup_printf("%.0f %%", percent);
}

static void put(Canvas *canvas, Rect at, Slice text, Style style)
{
  canvas_put_cell(canvas, at, &(CanvasText){text, style, TEXT_LEFT});
}

static void put_right(Canvas *canvas, Rect at, Slice text, Style style)
{
  canvas_put_cell(canvas, at, &(CanvasText){text, style, TEXT_RIGHT});
}

static int name_width(int width)
{
  return CLAMP(width / 2, NAME_LEAST, NAME_MOST);
}

static int fact_width(Slice name)
{
  enum { USUAL = 15 };

  return MAX((int) MIN(text_width(name), COLUMN_MAX) + GAP, USUAL);
}

static void draw_count(Canvas *canvas, const StatsRow *row, Rect at)
{
  g_autofree char *share = share_text(row->share);

  put(canvas, rect_cut_left(&at, name_width(at.width)), row->name, row->style);
  put_right(canvas, rect_cut_left(&at, COUNT_WIDTH - 2), row->values[0], STYLE_PLAIN);
  put_right(canvas, rect_cut_left(&at, SHARE_WIDTH), slice_from_string(share), STYLE_DIM);
  rect_cut_left(&at, 1);
  at.width = MIN(MAX((int) (row->bar * at.width + 0.5), 0), at.width);
  canvas_fill_glyph(canvas, at, STYLE_CHART, GLYPH_BLOCK);
}

static void draw_delay(Canvas *canvas, const StatsRow *row, Rect at)
{
  Rect values = rect_cut_right(&at, STATS_VALUES * DELAY_WIDTH - 4);

  put(canvas, at, row->name, row->style);
  for (unsigned i = 0; i < STATS_VALUES; i++)
    put_right(canvas, rect_cut_left(&values, DELAY_WIDTH - 1), row->values[i], row->style);
}

static void draw_row(Canvas *canvas, const StatsRow *row, Rect at)
{
  switch (row->kind) {
  case STATS_HEADING:
    put(canvas, at, row->name, row->style);
    break;
  case STATS_FACT:
    put(canvas, rect_cut_left(&at, fact_width(row->name)), row->name, row->style);
    put(canvas, at, row->values[0], STYLE_PLAIN);
    break;
  case STATS_COUNT:
    draw_count(canvas, row, at);
    break;
  case STATS_DELAY:
    draw_delay(canvas, row, at);
    break;
  }
}

/* Where columns stand, and how far each is filled. */
typedef struct {
  int count, width;
  int lines[COLUMNS_MAX];
} Columns;

static Columns columns_in(int width)
{
  Columns columns = {.count = CLAMP((width + GAP) / (COLUMN_MIN + GAP), 1, COLUMNS_MAX)};

  columns.width = (width - (columns.count - 1) * GAP) / columns.count;
  columns.width = MIN(columns.width, columns.count > 1 ? COLUMN_MAX : columns.width);
  return columns;
}

/* Sections are not torn: each goes to the column that is shortest by then. */
static int shortest(const Columns *columns)
{
  int best_column = 0;

  for (int i = 1; i < columns->count; i++)
    if (columns->lines[i] < columns->lines[best_column])
      best_column = i;
  return best_column;
}

static void draw_rows(StatsView *stats, Canvas *canvas, Rect area, const GArray *rows)
{
  Columns columns = columns_in(area.width);
  int column = 0;

  stats->lines = 0;
  for (guint i = 0; i < rows->len; i++) {
    const StatsRow *row = &g_array_index(rows, StatsRow, i);

    if (row->kind == STATS_HEADING) {
      column = shortest(&columns);
      columns.lines[column] += columns.lines[column] > 0 ? 1 : 0;
    }
    int line = columns.lines[column]++;
    Rect at = {area.x + column * (columns.width + GAP), area.y + line - stats->top, columns.width,
               1};
    if (at.y >= area.y)
      draw_row(canvas, row, at);
    stats->lines = MAX(stats->lines, columns.lines[column]);
  }
}

static void draw(View *view, Canvas *canvas, Rect area)
{
  StatsView *stats = (StatsView *) view;
  const AppModel *model = host_model(view->host);
  const StatsInput input = {
    .arena = &stats->arena,
    .trace = model->trace,
    .counts = tally_counts(best(stats)),
    .is_whole = !stats->shown_calls,
    .utc = config_bool(model->config, SETTING_UTC),
    .charset = model->charset,
  };

  arena_reset(&stats->arena);
  g_autoptr(GArray) rows = stats_rows_new(&input);
  Rect before = canvas_clip(canvas, area);
  stats->height = area.height;
  stats->top = CLAMP(stats->top, 0, MAX(stats->lines - area.height, 0));
  rect_cut_left(&area, 1);
  rect_cut_right(&area, 1);
  draw_rows(stats, canvas, area, rows);
  canvas_unclip(canvas, before);
}

/* --- Commands --------------------------------------------------------------------------------- */

static void change_scope(StatsView *stats)
{
  stats->shown_calls = !stats->shown_calls;
  stats->top = 0;
  g_clear_pointer(&stats->shown, tally_free);
  begin(stats);
}

static bool scroll(StatsView *stats, CommandId id)
{
  int64_t last = MAX(stats->lines - stats->height, 0);
  int lines;

  if (!scroll_rows(id, stats->height, &lines))
    return false;
  stats->top = (int) CLAMP((int64_t) stats->top + lines, 0, last);
  return true;
}

static bool command(View *view, CommandId id)
{
  StatsView *stats = (StatsView *) view;

  if (id != COMMAND_STATS_SCOPE)
    return scroll(stats, id);
  change_scope(stats);
  return true;
}

static void close_view(View *view)
{
  StatsView *stats = (StatsView *) view;

  tally_free(stats->shown);
  tally_free(stats->working);
  arena_clear(&stats->arena);
  g_free(stats);
}

View *stats_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_STATS,
    .append_title = append_title,
    .draw = draw,
    .command = command,
    .close = close_view,
    .step = step,
    .progress = progress,
  };
  StatsView *stats = g_new0(StatsView, 1);

  stats->view = (View){.ops = &OPS, .host = host};
  arena_init(&stats->arena, 16 * 1024);
  begin(stats);
  return &stats->view;
}
