/* The numbers of the last minutes: ratios and delays of all calls, and by the value of a field. */
#include "capture/language.h"
#include "ui/show/format.h"
#include "ui/show/metric_window.h"
#include "ui/view/screens.h"
#include "ui/view/widget/ask.h"
#include "ui/view/widget/table.h"

enum { AGAIN_US = 1000 * 1000, BAR = 1, NAME_MIN_WIDTH = 12 };

/* Columns beside the name, the most wanted first: what does not fit is left out. */
static const struct {
  const char *title;
  MetricId id; /* METRIC_COUNT_ALL: calls per second */
  unsigned width;
} COLUMNS[] = {
  {N_("Calls"), METRIC_CALLS, 7},
  {N_("Calls/s"), METRIC_COUNT_ALL, 7},
  {N_("Failed"), METRIC_FAILED, 6},
  {"ASR %", METRIC_ASR, 5},
  {"NER %", METRIC_NER, 5},
  {"PDD 50%", METRIC_SIMPLE_COUNT + METRIC_DELAY_PDD *DELAY_PART_COUNT + DELAY_PART_P50, 7},
  {"90%", METRIC_SIMPLE_COUNT + METRIC_DELAY_PDD *DELAY_PART_COUNT + DELAY_PART_P90, 7},
  {"ACD", METRIC_ACD, 7},
  {"SEER %", METRIC_SEER, 6},
  {"ISA %", METRIC_ISA, 5},
  {N_("Busy"), METRIC_BUSY, 6},
  {N_("Cancelled"), METRIC_CANCELLED, 9},
  {N_("Unanswered"), METRIC_UNANSWERED, 10},
  {"PDD 99%", METRIC_SIMPLE_COUNT + METRIC_DELAY_PDD *DELAY_PART_COUNT + DELAY_PART_P99, 7},
  {N_("Registrations"), METRIC_REGISTRATIONS, 13},
  {"IRA %", METRIC_IRA, 5},
};

enum { COLUMN_COUNT = G_N_ELEMENTS(COLUMNS) };

typedef struct {
  GString *name;
  Metrics metrics;
  double seconds;
} Row;

typedef struct {
  View view;
  MetricWindows *windows;
  WindowLength length;
  GPtrArray *rows; /* Row: all calls, then the groups, the largest first */
  int64_t summed_us;
  bool is_stale;
  bool reads; /* what was counted before is being added */
  Table table;
  TableColumn columns[COLUMN_COUNT + 1];
  size_t column_count;
  char text[TIME_TEXT_MAX]; /* of one cell */
} NumbersView;

/* --- The rows --------------------------------------------------------------------------------- */

static void free_row(void *data)
{
  Row *row = data;

  g_string_free(row->name, true);
  metrics_clear(&row->metrics);
  g_free(row);
}

static int64_t now_of(const NumbersView *self)
{
  const AppModel *model = host_model(self->view.host);

  return model->now_ns != TIME_NONE ? model->now_ns : trace_now(model->trace);
}

static void add_row(NumbersView *self, Slice name, const MetricWindow *window, bool is_needed)
{
  Row *row = g_new0(Row, 1);

  row->name = g_string_new_len(name.data, (gssize) name.len);
  row->seconds = metric_window_sum(window, self->length, now_of(self), &row->metrics);
  if (is_needed || row->metrics.calls + row->metrics.registrations > 0)
    g_ptr_array_add(self->rows, row);
  else
    free_row(row);
}

/* The rates of all rows are of the same time. */
static void share_seconds(NumbersView *self)
{
  const Row *all = self->rows->pdata[0];

  for (guint i = 1; i < self->rows->len; i++)
    ((Row *) self->rows->pdata[i])->seconds = all->seconds;
}

static gint compare_rows(gconstpointer a, gconstpointer b)
{
  const Row *left = *(Row *const *) a, *right = *(Row *const *) b;
  uint64_t left_size = left->metrics.calls + left->metrics.registrations;
  uint64_t right_size = right->metrics.calls + right->metrics.registrations;

  if (left_size != right_size)
    return left_size > right_size ? -1 : 1;
  return strcmp(left->name->str, right->name->str);
}

static void sum_up(NumbersView *self)
{
  const AppModel *model = host_model(self->view.host);
  const GPtrArray *groups = self->windows->groups;
  MetricWindows *windows = self->windows;

  g_ptr_array_set_size(self->rows, 0);
  for (guint i = 0; i < groups->len; i++) {
    const WindowGroup *group = groups->pdata[i];
    add_row(self, group->name ? slice_of(group->name, group->len) : slice_from_string(_("(none)")),
            &group->window, false);
  }
  g_ptr_array_sort(self->rows, compare_rows);
  add_row(self, slice_from_string(_("others")), &windows->others.window, false);
  add_row(self, slice_from_string(_("all")), model->window, true);
  g_ptr_array_insert(self->rows, 0, g_ptr_array_steal_index(self->rows, self->rows->len - 1));
  share_seconds(self);
  self->summed_us = g_get_monotonic_time();
  self->is_stale = false;
}

static bool numbers_view_step(View *view, int64_t until_us)
{
  NumbersView *self = (NumbersView *) view;

  if (!self->windows)
    return false;
  self->reads = metric_windows_step(self->windows, until_us);
  if (!self->reads && (self->is_stale || g_get_monotonic_time() - self->summed_us >= AGAIN_US))
    sum_up(self);
  return self->reads;
}

static void choose_field(NumbersView *self, const char *by)
{
  const AppModel *model = host_model(self->view.host);
  HourStyle hours = config_bool(model->config, SETTING_UTC) ? HOUR_UTC : HOUR_LOCAL;

  if (self->windows)
    tally_remove_sink(model->tally, self->windows);
  metric_windows_free(self->windows);
  self->windows = metric_windows_new(model->trace, model->stores, by, hours);
  tally_add_sink(model->tally, metric_windows_add, self->windows);
  self->is_stale = true;
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void append_title(const View *view, GString *to)
{
  const NumbersView *self = (const NumbersView *) view;

  g_string_append_printf(to, _("Numbers, %s"), window_name(self->length));
  if (self->windows)
    g_string_append_printf(to, _(", by %s"), self->windows->by);
  if (self->reads)
    g_string_append(to, _(", counting"));
}

static void format_metric(NumbersView *self, const Row *row, size_t column)
{
  MetricId id = COLUMNS[column].id;
  double value;

  *self->text = '\0';
  if (id == METRIC_COUNT_ALL) {
    g_snprintf(self->text, sizeof self->text, "%.2f",
               row->seconds > 0 ? (double) row->metrics.calls / row->seconds : 0);
    return;
  }
  if (!metrics_value(&row->metrics, id, &value))
    return;
  switch (metric_unit(id)) {
  case METRIC_UNIT_COUNT:
    number_format((uint64_t) value, self->text);
    break;
  case METRIC_UNIT_RATIO:
    g_snprintf(self->text, sizeof self->text, "%.1f", value * 100);
    break;
  case METRIC_UNIT_DURATION:
    duration_format((int64_t) value, self->text);
    break;
  }
}

static void give_cell(void *data, size_t row_number, size_t column, TableCell *ret_cell)
{
  NumbersView *self = data;
  const Row *row = self->rows->pdata[row_number];

  ret_cell->style = row_number == 0 ? STYLE_HEADING : STYLE_PLAIN;
  ret_cell->text = slice_of(row->name->str, row->name->len);
  if (column == 0)
    return;
  format_metric(self, row, column - 1);
  ret_cell->text = slice_from_string(self->text);
  if (COLUMNS[column - 1].id == METRIC_FAILED && row->metrics.outcomes[OUTCOME_FAILED] > 0)
    ret_cell->style = STYLE_FAILURE;
}

static TableModel table_model(NumbersView *self)
{
  return (TableModel){
    .row_count = self->rows->len,
    .columns = self->columns,
    .column_count = self->column_count,
    .sorted = -1,
    .cell = give_cell,
    .data = self,
  };
}

static void fit_columns(NumbersView *self, unsigned width)
{
  enum { NAME_MAX_WIDTH = 48 };
  unsigned used = 0, longest = NAME_MIN_WIDTH;
  size_t count = 0;

  for (guint i = 0; i < self->rows->len; i++) {
    const GString *name = ((const Row *) self->rows->pdata[i])->name;
    longest = MAX(longest, text_width(slice_of(name->str, name->len)));
  }
  longest = MIN(longest, NAME_MAX_WIDTH);
  while (count < COLUMN_COUNT && used + COLUMNS[count].width + 2 + longest < width) {
    used += COLUMNS[count].width + 1;
    self->columns[count + 1] =
      (TableColumn){COLUMNS[count].title, COLUMNS[count].width, TEXT_RIGHT};
    count++;
  }
  self->columns[0] = (TableColumn){_("Group"), longest, TEXT_LEFT};
  self->column_count = count + 1;
}

static void numbers_view_draw(View *view, Canvas *canvas, Rect area)
{
  NumbersView *self = (NumbersView *) view;

  if (self->rows->len == 0) {
    area.y += area.height / 3;
    canvas_put_cell(canvas, area, &(CanvasText){SLICE("counting ..."), STYLE_HINT, TEXT_CENTRE});
    return;
  }
  fit_columns(self, (unsigned) MAX(area.width - BAR, 1));
  TableModel model = table_model(self);
  table_draw(&self->table, canvas, area, &model);
}

/* --- Commands --------------------------------------------------------------------------------- */

static void take_field(void *data, Host *host, const char *text)
{
  g_autoptr(GError) error = NULL;
  GroupKey key;

  if (group_key_parse(text, &key, &error))
    choose_field(data, text);
  else
    host_tell(host, STYLE_ERROR, "%s", error->message);
}

static bool numbers_view_command(View *view, CommandId id)
{
  NumbersView *self = (NumbersView *) view;

  if (table_command(&self->table, id))
    return true;
  if (id == COMMAND_NUMBERS_WINDOW) {
    self->length = (WindowLength) ((self->length + 1) % WINDOW_COUNT);
    self->is_stale = true;
  } else if (id == COMMAND_NUMBERS_FIELD) {
    ask_line(view->host, &(AskSetup){.label = _("by field (or trunk, user-agent, hour): "),
                                     .done = take_field,
                                     .data = self});
  } else {
    return false;
  }
  return true;
}

static bool numbers_view_mouse(View *view, const KeyEvent *event)
{
  NumbersView *self = (NumbersView *) view;
  TableModel model = table_model(self);
  size_t column = 0;

  return table_mouse(&self->table, event, &model, &column) != TABLE_NOTHING;
}

static void numbers_view_close(View *view)
{
  NumbersView *self = (NumbersView *) view;

  tally_remove_sink(host_model(view->host)->tally, self->windows);
  metric_windows_free(self->windows);
  g_ptr_array_unref(self->rows);
  g_free(self);
}

View *numbers_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_NUMBERS,
    .append_title = append_title,
    .draw = numbers_view_draw,
    .command = numbers_view_command,
    .close = numbers_view_close,
    .mouse = numbers_view_mouse,
    .step = numbers_view_step,
  };
  NumbersView *self = g_new0(NumbersView, 1);

  self->view = (View){.ops = &OPS, .host = host};
  self->rows = g_ptr_array_new_with_free_func(free_row);
  choose_field(self, "trunk");
  return &self->view;
}
