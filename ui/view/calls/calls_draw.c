/* What is seen of the call list. */
#include "ui/view/calls/calls_private.h"
#include "ui/view/calls/columns.h"

enum { NARROW = 96, WIDE = 132, MARKS_AND_BAR = 3 };

/* --- Columns --------------------------------------------------------------------------------- */

/* Who called matters more than the part of a second. */
static unsigned time_digits(unsigned width)
{
  if (width < NARROW)
    return 0;
  return width < WIDE ? 3 : 6;
}

static void make_columns(CallsView *calls, unsigned width)
{
  const Config *config = calls->model->config;
  const CallCellsLook look = {
    .charset = calls->model->charset,
    .utc = config_bool(config, SETTING_UTC),
    .date = width >= WIDE,
    .digits = time_digits(width),
    .aliases = config_bool(config, SETTING_ALIASES) ? calls->model->aliases : NULL,
  };

  if (calls->screen_width == width)
    return;
  GPtrArray *was = calls->columns;
  calls->columns = columns_load(config, width);
  call_cells_set(calls->cells, calls->columns, &look);
  g_ptr_array_unref(was);
  calls->screen_width = width;
}

/* The rows that are on the screen say how wide columns have to be. */
static void measure_rows(CallsView *calls, int height)
{
  const CallIndex *index = calls->model->index;
  size_t count = call_index_count(index), top = MIN(calls->table.top, calls->table.cursor);

  for (size_t row = top; row < count && row < top + (size_t) MAX(height, 0); row++) {
    const Call *call = host_call(calls->view.host, call_index_at(index, row));
    if (call && calls->columns->len > 0)
      call_cells_text(calls->cells, call, 0);
  }
}

static void fit_columns(CallsView *calls, int width)
{
  unsigned needed[CALL_COLUMNS_MAX], widths[CALL_COLUMNS_MAX];
  int sorted = calls_sorted_column(calls);
  size_t count = calls->columns->len;

  memcpy(needed, call_cells_widths(calls->cells), sizeof needed);
  if (sorted >= 0) { /* an arrow stands beside the title */
    const CallColumn *column = calls->columns->pdata[sorted];
    unsigned title = text_width(slice_from_string(column->title)) + 1;
    needed[sorted] = MAX(needed[sorted], title);
  }
  call_columns_fit(calls->columns, needed, (unsigned) MAX(width - MARKS_AND_BAR, 1), widths);
  for (size_t i = 0; i < count; i++) {
    const CallColumn *column = calls->columns->pdata[i];
    calls->shown[i] = (TableColumn){column->title, widths[i], call_column_align(column)};
  }
}

/* --- Cells ----------------------------------------------------------------------------------- */

static bool is_marked(void *data, size_t row)
{
  const CallsView *calls = data;

  return call_set_has(calls->model->marks, call_index_at(calls->model->index, row));
}

/* Does it say what became of the call? */
static bool tells_fate(const Field *field)
{
  static const char *const KEYS[] = {"call.result", "call.state", "call.outcome", "call.status",
                                     "call.reason"};

  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++)
    if (strcmp(KEYS[i], field->key) == 0)
      return true;
  return false;
}

static Style style_by_outcome(CallsView *calls, const Call *call, const Field *field)
{
  if (tells_fate(field))
    return call_cells_style(calls->cells, call);
  return field->type == FIELD_TIME ? STYLE_DIM : STYLE_PLAIN;
}

static Style style_of_cell(CallsView *calls, const Call *call, const Field *field)
{
  enum { BY_OUTCOME, BY_CALL };
  unsigned mode = config_choice(calls->model->config, SETTING_LIST_COLOR);

  if (mode == BY_CALL)
    return (Style) (STYLE_CYCLE_1 + (int) (call->number % STYLE_CYCLE_COUNT));
  return mode == BY_OUTCOME ? style_by_outcome(calls, call, field) : STYLE_PLAIN;
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  CallsView *calls = data;
  const CallColumn *shown = calls->columns->pdata[column];
  const Call *call = host_call(calls->view.host, call_index_at(calls->model->index, row));

  if (!call)
    return; /* it was evicted, and will be no row any more */
  ret_cell->text = call_cells_text(calls->cells, call, column);
  ret_cell->style = style_of_cell(calls, call, shown->ref.field);
}

TableModel calls_table_model(CallsView *calls)
{
  return (TableModel){
    .row_count = call_index_count(calls->model->index),
    .columns = calls->shown,
    .column_count = calls->columns->len,
    .sorted = calls_sorted_column(calls),
    .descending = calls->descending,
    .is_marked = is_marked,
    .cell = give_cell,
    .data = calls,
  };
}

/* --- An empty list says why ------------------------------------------------------------------- */

static void append_nothing_found(const AppModel *model, GString *to)
{
  uint64_t packets = trace_counts(model->trace)->packets;

  if (!model->loaded && source_is_live(model->source))
    g_string_append(to, "listening: no SIP has come yet");
  else if (!model->loaded)
    g_string_append(to, "loading: no SIP was found yet");
  else
    g_string_append(to, "there is no SIP in this capture");
  if (packets > 0)
    g_string_append_printf(to, " in %" G_GUINT64_FORMAT " packets", packets);
}

static void append_reason(const CallsView *calls, GString *to)
{
  const CallIndex *index = calls->model->index;
  size_t total = call_index_total(index), hidden = call_index_hidden(index);
  double done;

  if (total == 0)
    append_nothing_found(calls->model, to);
  else if (call_index_progress(index, &done))
    g_string_append(to, "none found yet");
  else if (hidden == total)
    g_string_append_printf(to, "%zu calls were cleared away: clear again to have them back", total);
  else if (call_index_filter(index))
    g_string_append_printf(to, "the filter hides all of %zu calls", total - hidden);
  else
    g_string_append_printf(to, "the quick filter hides all of %zu calls", total - hidden);
}

static void draw_reason(const CallsView *calls, Canvas *canvas)
{
  g_autoptr(GString) text = g_string_new(NULL);
  Rect at = calls->table.area;

  append_reason(calls, text);
  at.y += at.height / 3;
  canvas_put_cell(canvas, at,
                  &(CanvasText){slice_of(text->str, text->len), STYLE_HINT, TEXT_CENTRE});
}

/* --------------------------------------------------------------------------------------------- */

static void append_sort(const CallsView *calls, GString *to)
{
  int sorted = calls_sorted_column(calls);

  if (calls->sort.field && sorted < 0)
    g_string_append_printf(to, ", by %s%s", calls->descending ? "-" : "", calls->sort.field->key);
}

void calls_append_title(const View *view, GString *to)
{
  const CallsView *calls = (const CallsView *) view;
  const CallIndex *index = calls->model->index;
  size_t count = call_index_count(index), total = call_index_total(index);
  size_t marked = call_set_count(calls->model->marks);

  g_string_append(to, "Calls");
  if (count > 0)
    g_string_append_printf(to, " %zu/%zu", MIN(calls->table.cursor, count - 1) + 1, count);
  if (count < total)
    g_string_append_printf(to, " of %zu", total);
  if (marked > 0)
    g_string_append_printf(to, ", %zu marked", marked);
  if (quick_choice_is_set(call_index_quick(index)))
    g_string_append(to, ", quick filter");
  append_sort(calls, to);
  if (calls->follows)
    g_string_append(to, ", following");
  if (call_index_is_unreadable(index) || call_cells_are_unreadable(calls->cells))
    g_string_append(to, ", file unreadable");
  if (call_index_is_paused(index))
    g_string_append_printf(to, ", paused (%zu new)", call_index_waiting(index));
}

void calls_draw(View *view, Canvas *canvas, Rect area)
{
  CallsView *calls = (CallsView *) view;
  int filter_height = filter_line_height(calls->filter, area.height);
  Rect filter = rect_cut_top(&area, filter_height);

  make_columns(calls, (unsigned) area.width);
  calls_keep_cursor(calls);
  measure_rows(calls, area.height);
  fit_columns(calls, area.width);
  TableModel model = calls_table_model(calls);
  table_draw(&calls->table, canvas, area, &model);
  if (model.row_count == 0)
    draw_reason(calls, canvas);
  if (filter_height > 0)
    filter_line_draw(calls->filter, canvas, filter);
}
