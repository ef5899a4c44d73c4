#include "capture/language.h"
#include "ui/show/statistics.h"
#include "ui/view/screens.h"
#include "ui/view/widget/page.h"

enum {
  AGAIN_US = 1000 * 1000, /* how often counts of a growing trace are renewed */
  COLUMN_MIN = 38,
  COLUMN_MAX = 56,
  GAP = 2,
  NAME_LEAST = 10,
  BAR_LEAST = 3,
  COUNT_LEAST = 5,
  SHARE_WIDTH = 6,
  DELAY_WIDTH = 8,
};

typedef struct {
  View view;
  bool shown_calls;    /* those of the list; else the whole input */
  Statistics *shown;   /* NULL before the first is complete */
  Statistics *working; /* NULL: nothing to do */
  int64_t began_us;
  Page page;
  Arena arena;
} StatsView;

static void free_statistics(Statistics **statistics)
{
  if (*statistics)
    job_free(&(*statistics)->job);
  *statistics = NULL;
}

static void begin_counting(StatsView *stats)
{
  const AppModel *model = host_model(stats->view.host);

  free_statistics(&stats->working);
  stats->working = statistics_new(model->trace, stats->shown_calls ? model->index : NULL);
  stats->began_us = g_get_monotonic_time();
}

static bool stats_step(View *view, int64_t until_us)
{
  StatsView *stats = (StatsView *) view;
  bool may_begin = g_get_monotonic_time() - stats->began_us >= AGAIN_US;

  if (!stats->working && may_begin && statistics_is_old(stats->shown))
    begin_counting(stats);
  if (!stats->working)
    return false;
  if (job_step(&stats->working->job, until_us))
    return true;
  free_statistics(&stats->shown);
  stats->shown = g_steal_pointer(&stats->working);
  return false;
}

/* Only the first pass shows its progress. */
static const char *stats_progress(const View *view, double *ret_done)
{
  const StatsView *stats = (const StatsView *) view;

  if (stats->shown || !stats->working)
    return NULL;
  *ret_done = job_progress(&stats->working->job);
  return _("counting");
}

static void stats_append_title(const View *view, GString *to)
{
  const StatsView *stats = (const StatsView *) view;

  g_string_append(to, stats->shown_calls ? _("statistics of the calls in the list")
                                         : _("statistics of the whole input"));
}

/* --- drawing --- */

/* "62 %"; 0 % only of nothing and 100 % only of everything. */
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

/* Of the names and counts of STATS_COUNT, the same in all columns. */
typedef struct {
  int name, count;
} CountWidths;

/* Names are as wide as they need to be, and bars take the rest. */
static CountWidths fit_counts(const GArray *rows, int width)
{
  unsigned name = NAME_LEAST, count = COUNT_LEAST;

  for (guint i = 0; i < rows->len; i++) {
    const StatsRow *row = &g_array_index(rows, StatsRow, i);
    if (row->kind != STATS_COUNT)
      continue;
    name = MAX(name, text_width(row->name));
    count = MAX(count, text_width(row->values[0]) + GAP);
  }
  int counts = (int) MIN(count, CANVAS_WIDTH_MAX);
  int room = MAX(width - counts - SHARE_WIDTH - 1 - BAR_LEAST, MIN(width / 2, NAME_LEAST));
  return (CountWidths){MIN((int) MIN(name, CANVAS_WIDTH_MAX), room), counts};
}

/* What is drawn, for the page. */
typedef struct {
  const GArray *rows;
  CountWidths widths;
} ShownRows;

static const StatsRow *row_at(const ShownRows *shown, size_t row)
{
  return &g_array_index(shown->rows, StatsRow, row);
}

static bool is_stats_heading(void *data, size_t row)
{
  return row_at(data, row)->kind == STATS_HEADING;
}

static void draw_stats_row(void *data, size_t index, Canvas *canvas, Rect at)
{
  enum { FACT_WIDTH = 15 };
  const ShownRows *shown = data;
  const StatsRow *row = row_at(shown, index);
  g_autofree char *share = share_text(row->share);
  Rect values;

  switch (row->kind) {
  case STATS_HEADING:
    put(canvas, at, row->name, row->style);
    break;
  case STATS_FACT:
    values = at;
    rect_cut_left(&values, MAX((int) MIN(text_width(row->name), COLUMN_MAX) + GAP, FACT_WIDTH));
    at.width = values.x - at.x;
    put(canvas, at, row->name, row->style);
    put(canvas, values, row->values[0], STYLE_PLAIN);
    break;
  case STATS_COUNT:
    put(canvas, rect_cut_left(&at, shown->widths.name), row->name, row->style);
    put_right(canvas, rect_cut_left(&at, shown->widths.count), row->values[0], STYLE_PLAIN);
    put_right(canvas, rect_cut_left(&at, SHARE_WIDTH), slice_from_string(share), STYLE_DIM);
    rect_cut_left(&at, 1);
    at.width = MIN(MAX((int) (row->bar * at.width + 0.5), 0), at.width);
    canvas_fill_glyph(canvas, at, STYLE_CHART, GLYPH_BLOCK);
    break;
  case STATS_DELAY:
    values = rect_cut_right(&at, STATS_VALUES * DELAY_WIDTH - 4);
    put(canvas, at, row->name, row->style);
    for (unsigned i = 0; i < STATS_VALUES; i++)
      put_right(canvas, rect_cut_left(&values, DELAY_WIDTH - 1), row->values[i], row->style);
    break;
  }
}

static void draw_rows(StatsView *stats, Canvas *canvas, Rect area, const GArray *rows)
{
  int count = CLAMP((area.width + GAP) / (COLUMN_MIN + GAP), 1, PAGE_COLUMNS_MAX);
  PageColumns columns = page_columns(area.width, count, GAP);

  if (count > 1)
    columns.width = MIN(columns.width, COLUMN_MAX);
  ShownRows shown = {rows, fit_counts(rows, columns.width)};
  const PageModel model = {
    .row_count = rows->len,
    .columns = columns,
    .is_heading = is_stats_heading,
    .draw = draw_stats_row,
    .data = &shown,
  };
  page_draw(&stats->page, canvas, area, &model);
}

static void stats_draw(View *view, Canvas *canvas, Rect area)
{
  StatsView *stats = (StatsView *) view;
  const AppModel *model = host_model(view->host);
  const StatsInput input = {
    .arena = &stats->arena,
    .trace = model->trace,
    .statistics = stats->shown ? stats->shown : stats->working,
    .source =
      source_is_live(model->source) && !source_follows(model->source) ? model->source : NULL,
    .now_ns = model->now_ns != TIME_NONE ? model->now_ns : trace_now(model->trace),
    .utc = config_bool(model->config, SETTING_UTC),
    .charset = model->charset,
  };

  arena_reset(&stats->arena);
  g_autoptr(GArray) rows = stats_rows_new(&input);
  rect_cut_left(&area, 1);
  rect_cut_right(&area, 1);
  draw_rows(stats, canvas, area, rows);
}

/* --- commands --- */

static bool stats_command(View *view, CommandId id)
{
  StatsView *stats = (StatsView *) view;

  if (id != COMMAND_STATS_SCOPE)
    return page_command(&stats->page, id);
  stats->shown_calls = !stats->shown_calls;
  stats->page.top = 0;
  free_statistics(&stats->shown);
  begin_counting(stats);
  return true;
}

static void stats_close(View *view)
{
  StatsView *stats = (StatsView *) view;

  free_statistics(&stats->shown);
  free_statistics(&stats->working);
  arena_clear(&stats->arena);
  g_free(stats);
}

View *stats_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_STATS,
    .append_title = stats_append_title,
    .draw = stats_draw,
    .command = stats_command,
    .close = stats_close,
    .step = stats_step,
    .progress = stats_progress,
  };
  StatsView *stats = g_new0(StatsView, 1);

  stats->view = (View){.ops = &OPS, .host = host};
  arena_init(&stats->arena, 16 * 1024);
  begin_counting(stats);
  return &stats->view;
}
