#include "capture/language.h"
#include "dissect/diagnose/conversations.h"
#include "ui/show/call_columns.h"
#include "ui/show/field_list.h"
#include "ui/show/format.h"
#include "ui/view/calls/filter_line.h"
#include "ui/view/calls/split_ladder.h"
#include "ui/view/help_view.h"
#include "ui/view/screens.h"
#include "ui/view/widget/list.h"

enum { NARROW = 96, WIDE = 132, MARKS_AND_BAR = 3 };

typedef struct {
  View view;
  AppModel *model;
  Table table;
  GPtrArray *columns; /* CallColumn */
  CallCells *cells;
  CallCells *sought;     /* the same cells, for filters that look for words in rows */
  unsigned screen_width; /* that columns and cells were made for; 0: to be made */
  bool dates;            /* shown: calls are of several days */
  TableColumn shown[CALL_COLUMNS_MAX];
  FilterLine *filter;
  FieldRef sort; /* its field is NULL where rows are in order of appearance */
  char *sort_name;
  bool descending;
  bool follows;     /* the cursor goes to new calls */
  bool touched;     /* by a key or the mouse; before, the cursor is on the first row */
  uint32_t cursor;  /* number of the call under it; 0: none */
  uint64_t version; /* of the rows, when the cursor was last adjusted */
  SplitLadder split;
  char legs_text[TIME_TEXT_MAX]; /* of the last cell */
  uint64_t legs_version;         /* of conversations, that cells were made for */
} CallsView;

/* --- the cursor --- */

static void note_cursor(CallsView *calls)
{
  size_t count = call_index_count(calls->model->index);

  calls->table.row_count = count;
  if (calls->table.cursor >= count)
    calls->table.cursor = count > 0 ? count - 1 : 0;
  calls->cursor = count > 0 ? call_index_at(calls->model->index, calls->table.cursor) : 0;
}

/* The rows may have changed: the cursor stays on its call, and the call on its line of the screen.
 * Until a key or the mouse is used it stays on the first row, before which calls may appear. */
static void keep_cursor(CallsView *calls)
{
  const CallIndex *index = calls->model->index;
  Table *table = &calls->table;
  size_t row;

  if (call_index_version(index) == calls->version)
    return;
  calls->version = call_index_version(index);
  if (calls->follows) {
    table->cursor = call_index_count(index);
  } else if (calls->touched && calls->cursor != 0 && call_index_find(index, calls->cursor, &row)) {
    size_t line = table->cursor - MIN(table->top, table->cursor);
    table->cursor = row;
    table->top = row - MIN(line, row);
  }
  note_cursor(calls);
}

static bool move_by_command(CallsView *calls, CommandId id)
{
  note_cursor(calls);
  if (!table_command(&calls->table, id))
    return false;
  note_cursor(calls);
  if (id == COMMAND_UP || id == COMMAND_PAGE_UP || id == COMMAND_HALF_UP || id == COMMAND_BEGIN)
    calls->follows = false;
  return true;
}

static bool go_to_call(View *view, uint32_t number)
{
  CallsView *calls = (CallsView *) view;
  size_t row;

  if (!call_index_find(calls->model->index, number, &row))
    return false;
  calls->touched = true;
  calls->follows = false;
  calls->table.cursor = row;
  note_cursor(calls);
  return true;
}

/* --- order --- */

static const Field *number_field(void)
{
  return field_find(SLICE("call.number"));
}

/* The column that rows are sorted by, or -1. */
static int sorted_column(const CallsView *calls)
{
  FieldRef ref = {calls->sort.field ? calls->sort.field : number_field(), calls->sort.name};

  return call_columns_find(calls->columns, &ref);
}

static void sort_by(CallsView *calls, const FieldRef *ref, bool descending)
{
  bool by_number = !ref->field || ref->field == number_field();
  char *name = ref->name.data ? slice_dup(ref->name) : NULL;

  g_free(calls->sort_name);
  calls->sort_name = name;
  calls->sort = (FieldRef){by_number ? NULL : ref->field, slice_from_string(name)};
  calls->descending = descending;
  call_index_sort(calls->model->index, by_number ? NULL : &calls->sort, descending);
}

/* [columns] sort = -call.duration; errors in it were reported when the file was read. */
static void sort_as_configured(CallsView *calls)
{
  g_auto(GStrv) keys = config_list(calls->model->config, "columns", "sort");

  if (!keys || !keys[0])
    return;
  g_autoptr(GArray) fields = field_list_parse(keys[0], FIELD_LIST_SORT, NULL);
  if (!fields)
    return;
  const FieldChoice *choice = &g_array_index(fields, FieldChoice, 0);
  if (field_is_of_calls(choice->ref.field))
    sort_by(calls, &choice->ref, choice->descending);
}

/* A second click on the same column reverses the order. */
static void sort_by_column(CallsView *calls, size_t column)
{
  const CallColumn *chosen = calls->columns->pdata[column];
  bool again = sorted_column(calls) == (int) column;

  sort_by(calls, &chosen->ref, again && !calls->descending);
}

/* --- the filter --- */

static void apply_filter(CallsView *calls)
{
  g_free(calls->model->filter_now);
  calls->model->filter_now = g_strdup(filter_line_text(calls->filter));
  call_index_set_filter(calls->model->index, filter_line_make(calls->filter));
}

static bool find_in_row(void *data, const Call *call, const FilterRowTest *test)
{
  const CallsView *calls = data;

  return call_cells_find(calls->sought, call, test);
}

/* --- the table --- */

/* Only then times need their date. */
static bool has_several_days(const CallsView *calls)
{
  const TraceStats *stats = trace_counts(calls->model->trace);
  Clock clock = clock_new(TIME_ABSOLUTE, config_bool(calls->model->config, SETTING_UTC));

  return stats->first_ns != TIME_NONE &&
         clock_day(&clock, stats->first_ns) != clock_day(&clock, stats->last_ns);
}

static const Field *legs_field(void)
{
  return field_find(SLICE("call.legs"));
}

/* A folded list has a column that says how many legs a row has. */
static void add_legs_column(const CallsView *calls, GPtrArray *columns)
{
  const FieldRef legs = {.field = legs_field()};

  if (call_index_folds(calls->model->index) && call_columns_find(columns, &legs) < 0 &&
      columns->len < CALL_COLUMNS_MAX)
    g_ptr_array_insert(columns, (gint) MIN(columns->len, 1U), call_column_new(&legs, 0));
}

static void add_notes_column(const CallsView *calls, GPtrArray *columns)
{
  const FieldRef note = {.field = field_find(SLICE("call.note"))};

  if (remarks_count(trace_remarks(calls->model->trace)) > 0 &&
      call_columns_find(columns, &note) < 0 && columns->len < CALL_COLUMNS_MAX)
    g_ptr_array_add(columns, call_column_new(&note, 0));
}

static void make_columns(CallsView *calls, unsigned width)
{
  const Config *config = calls->model->config;
  bool dates = has_several_days(calls);
  const CallCellsLook look = {
    .charset = calls->model->charset,
    .utc = config_bool(config, SETTING_UTC),
    .date = width >= WIDE && dates,
    /* on a narrow screen the caller matters more than fractions of a second */
    .digits = width < NARROW ? 0 : 3,
    .aliases = config_bool(config, SETTING_ALIASES) ? calls->model->aliases : NULL,
  };

  if (calls->screen_width == width && calls->dates == dates)
    return;
  calls->dates = dates;
  GPtrArray *was = calls->columns;
  calls->columns = columns_load(config, COLUMNS_OF_CALLS, width);
  add_legs_column(calls, calls->columns);
  add_notes_column(calls, calls->columns);
  call_cells_set(calls->cells, calls->columns, &look);
  call_cells_set(calls->sought, calls->columns, &look);
  g_ptr_array_unref(was);
  calls->screen_width = width;
  calls->table.grip.held = false;
  const DisplayFilter *filter = call_index_filter(calls->model->index);
  if (filter && display_filter_reads_rows(filter)) /* which have other texts now */
    apply_filter(calls);
}

/* Columns are as wide as the rows on the screen need. */
static void fit_columns(CallsView *calls, Rect area)
{
  const CallIndex *index = calls->model->index;
  size_t count = call_index_count(index), top = MIN(calls->table.top, calls->table.cursor);
  unsigned needed[CALL_COLUMNS_MAX], widths[CALL_COLUMNS_MAX];
  int sorted = sorted_column(calls);

  for (size_t row = top; row < count && row < top + (size_t) MAX(area.height, 0); row++) {
    const Call *call = host_call(calls->view.host, call_index_at(index, row));
    if (call && calls->columns->len > 0)
      call_cells_text(calls->cells, call, 0);
  }
  memcpy(needed, call_cells_widths(calls->cells), sizeof needed);
  if (sorted >= 0) { /* its title has an arrow */
    const CallColumn *column = calls->columns->pdata[sorted];
    unsigned title = text_width(slice_from_string(column->title)) + 1;
    needed[sorted] = MAX(needed[sorted], title);
  }
  call_columns_fit(calls->columns, needed, (unsigned) MAX(area.width - MARKS_AND_BAR, 1), widths);
  for (guint i = 0; i < calls->columns->len; i++) {
    const CallColumn *column = calls->columns->pdata[i];
    calls->shown[i] = (TableColumn){column->title, widths[i], call_column_align(column)};
  }
}

/* Also of a pinned row. */
static uint32_t number_of_row(const CallsView *calls, size_t row)
{
  if (row >= TABLE_PINNED(0))
    return g_array_index(calls->model->pinned, uint32_t, row - TABLE_PINNED(0));
  return call_index_at(calls->model->index, row);
}

static bool is_marked(void *data, size_t row)
{
  const CallsView *calls = data;

  return call_set_has(calls->model->marks, number_of_row(calls, row));
}

static bool is_about_outcome(const Field *field)
{
  static const char *const KEYS[] = {"call.result", "call.state", "call.outcome", "call.status",
                                     "call.reason"};

  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++)
    if (strcmp(KEYS[i], field->key) == 0)
      return true;
  return false;
}

static Style style_of_cell(CallsView *calls, const Call *call, const Field *field)
{
  enum { BY_OUTCOME, BY_CALL };
  unsigned mode = config_choice(calls->model->config, SETTING_LIST_COLOR);

  if (mode == BY_CALL)
    return (Style) (STYLE_CYCLE_1 + (int) (call->number % STYLE_CYCLE_COUNT));
  if (mode == BY_OUTCOME && is_about_outcome(field))
    return call_cells_style(calls->cells, call);
  return mode == BY_OUTCOME && field->type == FIELD_TIME ? STYLE_DIM : STYLE_PLAIN;
}

/* Is the row the same conversation as the one before it? */
static bool is_below(const CallsView *calls, size_t row)
{
  const CallIndex *index = calls->model->index;
  const Conversations *conversations = calls->model->conversations;

  return row > 0 && row < TABLE_PINNED(0) &&
         conversations_of(conversations, call_index_at(index, row - 1)) ==
           conversations_of(conversations, call_index_at(index, row));
}

/* "+3" of a row for three legs, "-3" when the others are below it, and those. */
static Slice legs_text(const CallsView *calls, size_t row, char text[TIME_TEXT_MAX])
{
  const CallIndex *index = calls->model->index;
  const Conversations *conversations = calls->model->conversations;
  uint32_t number = number_of_row(calls, row);
  uint32_t legs = conversations_legs(conversations, number);

  if (legs < 2)
    return SLICE("");
  if (is_below(calls, row))
    return calls->model->charset == TEXT_UTF8 ? SLICE("\xE2\x94\x94") : SLICE("`");
  g_snprintf(text, TIME_TEXT_MAX, "%c%u", call_index_is_folded(index, number) ? '+' : '-', legs);
  return slice_from_string(text);
}

static void give_cell(void *data, size_t row, size_t column, TableCell *ret_cell)
{
  CallsView *calls = data;
  const CallColumn *shown = calls->columns->pdata[column];
  const Call *call = host_call(calls->view.host, number_of_row(calls, row));

  if (!call)
    return; /* it was evicted, and its row will go */
  bool is_fold = shown->ref.field == legs_field() && call_index_folds(calls->model->index);
  ret_cell->text =
    is_fold ? legs_text(calls, row, calls->legs_text) : call_cells_text(calls->cells, call, column);
  ret_cell->style = style_of_cell(calls, call, shown->ref.field);
}

static TableModel calls_table_model(CallsView *calls)
{
  return (TableModel){
    .row_count = call_index_count(calls->model->index),
    .columns = calls->shown,
    .column_count = calls->columns->len,
    .sorted = sorted_column(calls),
    .descending = calls->descending,
    .pinned_count = calls->model->pinned->len,
    .is_marked = is_marked,
    .cell = give_cell,
    .data = calls,
  };
}

/* --- drawing --- */

static void append_nothing_found(const AppModel *model, GString *to)
{
  uint64_t packets = trace_counts(model->trace)->packets;
  const Undecoded *undecoded = &trace_counts(model->trace)->undecoded;

  if (!model->loaded && source_follows(model->source))
    g_string_append(to, _("following: no SIP messages yet"));
  else if (!model->loaded && source_is_live(model->source))
    g_string_append(to, _("capturing: no SIP messages yet"));
  else if (!model->loaded)
    g_string_append(to, _("loading: no SIP messages yet"));
  else
    g_string_append(to, undecoded->count > 0 ? _("no SIP messages in what was decoded")
                                             : _("no SIP messages in this capture"));
  if (packets > 0)
    g_string_append_printf(to, _(" (%" G_GUINT64_FORMAT " packets)"), packets);
  for (unsigned i = 0; i < undecoded->count && model->loaded; i++) {
    char name[UNDECODED_NAME_MAX];
    undecoded_name(&undecoded->rows[i], name);
    g_string_append_printf(to, "%s%s%s%" G_GUINT64_FORMAT, i == 0 ? _("; not decoded: ") : _(", "),
                           name, _(": "), undecoded->rows[i].count);
  }
}

/* An empty list says why it is empty. */
static void draw_reason(const CallsView *calls, Canvas *canvas)
{
  const CallIndex *index = calls->model->index;
  size_t total = call_index_total(index), hidden = call_index_hidden(index);
  g_autoptr(GString) text = g_string_new(NULL);
  Rect at = calls->table.area;
  double done;

  if (total == 0)
    append_nothing_found(calls->model, text);
  else if (filter_line_is_invalid(calls->filter))
    g_string_append(text, _("no calls are shown while the filter is not valid"));
  else if (call_index_work(index, &done) != CALL_INDEX_IDLE)
    g_string_append(text, _("no matching calls yet"));
  else if (hidden == total)
    g_string_append_printf(text, _("%zu calls cleared; clear again to restore them"), total);
  else if (call_index_filter(index))
    g_string_append_printf(text, _("the filter hides all %zu calls%s"), total - hidden,
                           display_filter_reads_rows(call_index_filter(index))
                             ? _("; quote a text to search the messages")
                             : "");
  else
    g_string_append_printf(text, _("the quick filter hides all %zu calls"), total - hidden);
  at.y += at.height / 3;
  canvas_put_cell(canvas, at,
                  &(CanvasText){slice_of(text->str, text->len), STYLE_HINT, TEXT_CENTRE});
}

static void calls_append_title(const View *view, GString *to)
{
  const CallsView *calls = (const CallsView *) view;
  const CallIndex *index = calls->model->index;
  size_t count = call_index_count(index), total = call_index_total(index);
  size_t marked = call_set_count(calls->model->marks);

  g_string_append(to, _("Calls"));
  if (filter_line_is_invalid(calls->filter))
    count = 0;
  list_append_place(&calls->table, count, to);
  if (count < total)
    g_string_append_printf(to, _("%s of %zu"), count == 0 ? " 0" : "", total);
  if (marked > 0)
    g_string_append_printf(to, _(", %zu marked"), marked);
  if (quick_choice_is_set(call_index_quick(index)))
    g_string_append(to, _(", quick filter"));
  if (call_index_folds(index))
    g_string_append(to, _(", folded"));
  if (calls->sort.field && sorted_column(calls) < 0)
    g_string_append_printf(to, _(", by %s%s"), calls->descending ? "-" : "",
                           calls->sort.field->key);
  if (calls->follows)
    g_string_append(to, _(", following"));
  /* Packets that were not decoded: there may be calls in them. */
  const Undecoded *undecoded = &trace_counts(calls->model->trace)->undecoded;
  uint64_t packets = 0;
  for (unsigned i = 0; i < undecoded->count; i++)
    packets += undecoded_is_of_packets(undecoded->rows[i].kind) ? undecoded->rows[i].count : 0;
  if (packets > 0)
    g_string_append_printf(to, _(", %" G_GUINT64_FORMAT " packets not decoded"), packets);
  if (call_index_is_unreadable(index) || call_cells_are_unreadable(calls->cells))
    g_string_append(to, _(", file unreadable"));
  if (call_index_is_paused(index))
    g_string_append_printf(to, _(", paused (%zu new)"), call_index_waiting(index));
}

static void calls_draw(View *view, Canvas *canvas, Rect area)
{
  CallsView *calls = (CallsView *) view;
  int filter_height = filter_line_height(calls->filter, area.height);
  Rect filter = rect_cut_top(&area, filter_height);

  make_columns(calls, (unsigned) area.width);
  keep_cursor(calls);
  if (config_bool(calls->model->config, SETTING_LIST_SPLIT))
    split_ladder_draw(&calls->split, view->host, calls->cursor, canvas, &area);
  else
    split_ladder_clear(&calls->split);
  call_cells_set_now(calls->cells, calls->model->now_ns);
  fit_columns(calls, area);
  TableModel model = calls_table_model(calls);
  table_draw(&calls->table, canvas, area, &model);
  if (filter_line_is_invalid(calls->filter))
    canvas_fill(canvas, area, STYLE_PLAIN);
  if (model.row_count == 0 || filter_line_is_invalid(calls->filter))
    draw_reason(calls, canvas);
  if (filter_height > 0) {
    const DisplayFilter *applied = call_index_filter(calls->model->index);
    uint64_t undecided = applied ? display_filter_undecided(applied) : 0;
    filter_line_draw(calls->filter, undecided, canvas, filter);
  }
}

/* --- other screens --- */

/* The marked calls, or else the call of the cursor, or all legs of its row: numbers in ascending
 * order. */
static GArray *chosen_calls(const CallsView *calls)
{
  if (call_set_count(calls->model->marks) > 0)
    return call_set_numbers(calls->model->marks);
  if (call_index_is_folded(calls->model->index, calls->cursor))
    return conversations_numbers(calls->model->conversations, calls->cursor);
  GArray *numbers = g_array_new(false, false, sizeof(uint32_t));
  if (calls->cursor != 0)
    g_array_append_val(numbers, calls->cursor);
  return numbers;
}

static void open_flow(CallsView *calls, bool extended)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);
  const FlowCalls flow = {(const uint32_t *) (const void *) numbers->data, numbers->len, extended};

  if (numbers->len > 0)
    host_push(calls->view.host, flow_view_new(calls->view.host, &flow));
}

static void open_pinned(const CallsView *calls, size_t index)
{
  const FlowCalls flow = {&g_array_index(calls->model->pinned, uint32_t, index), 1, false};

  if (host_call(calls->view.host, flow.calls[0]))
    host_push(calls->view.host, flow_view_new(calls->view.host, &flow));
}

static void open_message(CallsView *calls)
{
  const Call *call = host_call(calls->view.host, calls->cursor);

  if (!call)
    return;
  View *view = message_view_new(calls->view.host, call->first, NULL);
  host_push(calls->view.host, view);
  view->ops->command(view, COMMAND_RAW);
}

static void open_transcript(const CallsView *calls)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);
  const TranscriptOf of = {.calls = (const uint32_t *) (const void *) numbers->data,
                           .count = numbers->len};

  if (numbers->len > 0)
    host_push(calls->view.host, transcript_view_new(calls->view.host, &of));
}

static void open_streams(CallsView *calls)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);

  host_push(calls->view.host, streams_view_new(calls->view.host, numbers));
}

static void open_findings(CallsView *calls)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);
  const FindingsOf of = {.calls = (const uint32_t *) (const void *) numbers->data,
                         .count = numbers->len};

  if (numbers->len > 0)
    host_push(calls->view.host, findings_view_new(calls->view.host, &of));
}

static void open_save(CallsView *calls)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);
  const SaveOf of = {
    .calls = (const uint32_t *) (const void *) numbers->data,
    .call_count = numbers->len,
  };

  host_push(calls->view.host, save_view_new(calls->view.host, &of));
}

/* The two that are marked; or the marked one, and that of the cursor. */
static void open_comparison(CallsView *calls)
{
  Host *host = calls->view.host;
  g_autoptr(GArray) marked = call_set_numbers(calls->model->marks);

  if (marked->len == 1 && calls->cursor != 0 && g_array_index(marked, uint32_t, 0) != calls->cursor)
    g_array_append_val(marked, calls->cursor);
  if (marked->len == 2 && host_call(host, g_array_index(marked, uint32_t, 0)) &&
      host_call(host, g_array_index(marked, uint32_t, 1)))
    host_push(host, compare_view_new(host, g_array_index(marked, uint32_t, 0),
                                     g_array_index(marked, uint32_t, 1)));
  else
    host_tell(host, STYLE_HINT, "mark two calls to compare them; %u are marked", marked->len);
}

static void use_filter(void *data, const char *text)
{
  CallsView *calls = data;

  filter_line_set(calls->filter, text);
  apply_filter(calls);
}

static void open_saved_filters(CallsView *calls)
{
  const SavedFiltersOf of = {filter_line_text(calls->filter), use_filter, calls};

  host_push(calls->view.host, saved_filters_view_new(calls->view.host, &of));
}

static bool open_view(CallsView *calls, CommandId id)
{
  Host *host = calls->view.host;

  if (id == COMMAND_OPEN || id == COMMAND_EXTENDED)
    open_flow(calls, id == COMMAND_EXTENDED);
  else if (id == COMMAND_RAW)
    open_message(calls);
  else if (id == COMMAND_TRANSCRIPT)
    open_transcript(calls);
  else if (id == COMMAND_REGISTRATIONS)
    host_push(host, registrations_view_new(host));
  else if (id == COMMAND_DEVICES)
    host_push(host, devices_view_new(host));
  else if (id == COMMAND_STREAMS)
    open_streams(calls);
  else if (id == COMMAND_FINDINGS)
    open_findings(calls);
  else if (id == COMMAND_COMPARE_CALLS)
    open_comparison(calls);
  else if (id == COMMAND_SAVE)
    open_save(calls);
  else if (id == COMMAND_PLAY && calls->cursor != 0)
    player_open_call(host, calls->cursor);
  else if (id == COMMAND_QUICK_FILTER)
    host_push(host, quick_filter_view_new(host));
  else if (id == COMMAND_SAVED_FILTERS)
    open_saved_filters(calls);
  else if (id == COMMAND_COLUMNS)
    host_push(host, columns_view_new(host, COLUMNS_OF_CALLS));
  else if (id == COMMAND_STATS)
    host_push(host, stats_view_new(host));
  else if (id == COMMAND_NUMBERS)
    host_push(host, numbers_view_new(host));
  else if (id == COMMAND_SETTINGS)
    host_push(host, settings_view_new(host));
  else if (id == COMMAND_NOTE)
    note_ask(host, calls->cursor);
  else
    return false;
  return true;
}

/* --- pinned calls --- */

static void change_pin(CallsView *calls)
{
  if (calls->cursor != 0 && !host_pin(calls->view.host, calls->cursor))
    host_tell(calls->view.host, STYLE_WARNING, "no more than %d calls can be pinned", PINNED_MAX);
}

/* The pinned call after that of the cursor that is in the list, or else the first. */
static void go_to_pinned(CallsView *calls)
{
  const GArray *pinned = calls->model->pinned;
  guint at = 0;

  while (at + 1 < pinned->len && g_array_index(pinned, uint32_t, at) != calls->cursor)
    at++;
  for (guint i = 1; i <= pinned->len; i++)
    if (go_to_call(&calls->view, g_array_index(pinned, uint32_t, (at + i) % pinned->len)))
      return;
  host_tell(calls->view.host, STYLE_HINT, "no pinned call is in the list");
}

/* Those that had to go, as there were no others. */
static void drop_evicted_pins(const CallsView *calls)
{
  const GArray *pinned = calls->model->pinned;

  for (guint i = pinned->len; i-- > 0;) {
    uint32_t number = g_array_index(pinned, uint32_t, i);
    if (!host_call(calls->view.host, number))
      host_pin(calls->view.host, number);
  }
}

static bool change_screen(CallsView *calls, CommandId id)
{
  if (id == COMMAND_PIN) {
    change_pin(calls);
  } else if (id == COMMAND_NEXT_PINNED) {
    go_to_pinned(calls);
  } else if (id == COMMAND_SPLIT) {
    config_turn(calls->model->config, SETTING_LIST_SPLIT);
    host_configured(calls->view.host);
  } else if (id == COMMAND_LADDER_DOWN || id == COMMAND_LADDER_UP) {
    split_ladder_scroll(&calls->split, id == COMMAND_LADDER_DOWN);
  } else {
    return false;
  }
  return true;
}

/* --- commands --- */

static void mark_cursor(CallsView *calls)
{
  CallSet *marks = calls->model->marks;

  if (calls->cursor == 0)
    return;
  call_set_put(marks, calls->cursor, !call_set_has(marks, calls->cursor));
  move_by_command(calls, COMMAND_DOWN);
}

static void mark_shown(CallsView *calls, bool inverts)
{
  const CallIndex *index = calls->model->index;
  CallSet *marks = calls->model->marks;

  for (size_t row = 0; row < call_index_count(index); row++) {
    uint32_t number = call_index_at(index, row);
    call_set_put(marks, number, !inverts || !call_set_has(marks, number));
  }
}

static bool change_marks(CallsView *calls, CommandId id)
{
  if (id == COMMAND_SELECT)
    mark_cursor(calls);
  else if (id == COMMAND_SELECT_ALL || id == COMMAND_SELECT_INVERT)
    mark_shown(calls, id == COMMAND_SELECT_INVERT);
  else if (id == COMMAND_SELECT_NONE)
    call_set_clear(calls->model->marks);
  else
    return false;
  return true;
}

static bool change_order(CallsView *calls, CommandId id)
{
  const TableModel model = calls_table_model(calls);
  bool sideways = id == COMMAND_SORT_PREVIOUS || id == COMMAND_SORT_NEXT;
  size_t column;

  if (id == COMMAND_SORT_SWAP)
    sort_by(calls, &calls->sort, !calls->descending);
  else if (sideways && table_beside_sorted(&model, id == COMMAND_SORT_NEXT ? 1 : -1, &column))
    sort_by(calls, &((const CallColumn *) calls->columns->pdata[column])->ref, calls->descending);
  return sideways || id == COMMAND_SORT_SWAP;
}

/* Clears the list, or restores what was cleared when it is empty. */
static void clear_list(CallsView *calls)
{
  CallIndex *index = calls->model->index;

  if (call_index_count(index) == 0 && call_index_hidden(index) > 0) {
    call_index_unhide(index);
    return;
  }
  call_index_clear(index);
  call_set_clear(calls->model->marks);
}

static bool change_rows(CallsView *calls, CommandId id)
{
  CallIndex *index = calls->model->index;
  Config *config = calls->model->config;

  if (id == COMMAND_FILTER) {
    filter_line_begin(calls->filter);
  } else if (id == COMMAND_ONLY_FAILED) {
    QuickChoice quick = call_index_quick(index), only = quick_choice_only(QUICK_FATE_FAILED);
    bool already = quick.kinds == only.kinds && quick.fates == only.fates;
    call_index_set_quick(index, already ? (QuickChoice){0} : only);
  } else if (id == COMMAND_CLEAR) {
    clear_list(calls);
  } else if (id == COMMAND_CLEAR_SOFT) {
    call_index_clear_soft(index);
  } else if (id == COMMAND_AUTOSCROLL) {
    calls->follows = !calls->follows;
    if (calls->follows)
      move_by_command(calls, COMMAND_END);
  } else if (id == COMMAND_PAUSE) {
    call_index_pause(index, !call_index_is_paused(index));
  } else if (id == COMMAND_COLOR_MODE) {
    host_tell(calls->view.host, STYLE_PLAIN, "colour by: %s",
              config_turn(config, SETTING_LIST_COLOR));
  } else if (id == COMMAND_ALIASES) {
    config_turn(config, SETTING_ALIASES);
    host_configured(calls->view.host);
  } else {
    return false;
  }
  return true;
}

/* One step back on a filtered list: the filter, or else the quick filter, is dropped. */
static bool drop_filter(CallsView *calls)
{
  CallIndex *index = calls->model->index;
  double done;

  if (call_index_work(index, &done) == CALL_INDEX_SORTING) /* which is stopped first */
    return false;
  if (call_index_filter(index)) {
    filter_line_set(calls->filter, "");
    apply_filter(calls);
    return true;
  }
  if (!quick_choice_is_set(call_index_quick(index)))
    return false;
  call_index_set_quick(index, (QuickChoice){0});
  return true;
}

static void fold_list(CallsView *calls)
{
  config_turn(calls->model->config, SETTING_LIST_FOLD);
  host_configured(calls->view.host);
}

static void unfold_row(CallsView *calls)
{
  CallIndex *index = calls->model->index;

  note_cursor(calls);
  if (calls->cursor == 0)
    return;
  if (!call_index_folds(index))
    fold_list(calls);
  bool unfolds = call_index_is_folded(index, calls->cursor);
  while (!unfolds && is_below(calls, calls->table.cursor)) /* to the row that stays */
    calls->table.cursor--;
  note_cursor(calls);
  call_index_unfold(index, calls->cursor, unfolds);
}

static void cut_leg(CallsView *calls)
{
  Conversations *conversations = calls->model->conversations;
  bool cut = !conversations_is_cut(conversations, calls->cursor);

  if (calls->cursor == 0)
    return;
  conversations_cut(conversations, calls->cursor, cut);
  host_tell(calls->view.host, STYLE_HINT,
            cut ? "call %u is no leg of another call" : "call %u may be a leg again",
            calls->cursor);
}

static bool change_legs(CallsView *calls, CommandId id)
{
  if (id == COMMAND_FOLD_LEGS)
    fold_list(calls);
  else if (id == COMMAND_UNFOLD_LEGS)
    unfold_row(calls);
  else if (id == COMMAND_CUT_LEG)
    cut_leg(calls);
  else
    return false;
  return true;
}

static bool calls_command(View *view, CommandId id)
{
  CallsView *calls = (CallsView *) view;

  if (id == COMMAND_HELP && filter_line_is_typed(calls->filter)) {
    host_push(view->host, help_filter_view_new(view->host));
    return true;
  }
  if (id == COMMAND_LEAVE_ASKED && drop_filter(calls))
    return true;
  keep_cursor(calls);
  calls->touched = true;
  return move_by_command(calls, id) || change_screen(calls, id) || change_marks(calls, id) ||
         change_order(calls, id) || change_rows(calls, id) || change_legs(calls, id) ||
         open_view(calls, id);
}

/* Keys that the line does not use, such as PgDn, remain commands. */
static bool calls_key(View *view, const KeyEvent *event)
{
  CallsView *calls = (CallsView *) view;

  if (!filter_line_is_typed(calls->filter))
    return false;
  FilterLineResult result = filter_line_key(calls->filter, event);
  if (result == FILTER_LINE_CHANGED)
    apply_filter(calls);
  return result != FILTER_LINE_IGNORED;
}

static const char *calls_typing(const View *view)
{
  return filter_line_is_typed(((const CallsView *) view)->filter)
           ? _("Enter Apply  Esc Cancel  F1 Help  Tab Complete  Up Down History")
           : NULL;
}

static bool calls_mouse(View *view, const KeyEvent *event)
{
  CallsView *calls = (CallsView *) view;
  TableModel model = calls_table_model(calls);
  size_t column = 0;

  if (split_ladder_mouse(&calls->split, event))
    return true;
  TableClick click = table_mouse(&calls->table, event, &model, &column);

  calls->touched = true;
  note_cursor(calls);
  if (click == TABLE_EDGE)
    columns_size(view->host, COLUMNS_OF_CALLS, calls->columns, column, 0);
  else if (click == TABLE_PIN)
    open_pinned(calls, column);
  else if (click == TABLE_CHOSEN)
    open_flow(calls, false);
  return click != TABLE_NOTHING;
}

/* A title sorts when it is released: until then it may be dragged. */
static bool calls_drag(View *view, const KeyEvent *event)
{
  CallsView *calls = (CallsView *) view;
  TableModel model = calls_table_model(calls);
  TableDrag drag = table_drag(&calls->table, event, &model);

  if (drag.kind == TABLE_DRAG_CLICKED)
    sort_by_column(calls, drag.column);
  return columns_drag(view->host, COLUMNS_OF_CALLS, calls->columns, &drag);
}

/* --- work --- */

static bool is_of_legs(const char *text)
{
  return text && (strstr(text, "call.leg") || strstr(text, "call.conversation") ||
                  strstr(text, "call.service"));
}

/* Conversations cost time and memory, and are made only where they are shown or asked for. */
static bool needs_legs(const CallsView *calls)
{
  bool needs = call_index_folds(calls->model->index) || is_of_legs(calls->model->filter_now) ||
               (calls->sort.field && is_of_legs(calls->sort.field->key));

  for (guint i = 0; i < calls->columns->len && !needs; i++)
    needs = is_of_legs(((const CallColumn *) calls->columns->pdata[i])->ref.field->key);
  return needs;
}

/* True also when rows changed, so that they are drawn. */
static bool calls_step(View *view, int64_t until_us)
{
  CallsView *calls = (CallsView *) view;
  Conversations *conversations = calls->model->conversations;
  bool more = needs_legs(calls) && conversations_step(conversations, until_us);

  if (calls->legs_version != conversations_version(conversations)) {
    calls->legs_version = conversations_version(conversations);
    call_cells_forget(calls->cells);
    call_cells_forget(calls->sought);
  }
  more |= call_index_step(calls->model->index, until_us);
  more |= split_ladder_step(&calls->split, until_us);
  drop_evicted_pins(calls);
  bool changed = call_index_version(calls->model->index) != calls->version;

  keep_cursor(calls);
  return more || changed;
}

static const char *calls_progress(const View *view, double *ret_done)
{
  static const char *const NAMES[] = {
    [CALL_INDEX_IDLE] = NULL,
    [CALL_INDEX_SORTING] = N_("sorting"),
    [CALL_INDEX_FILTERING] = N_("filtering"),
  };

  return NAMES[call_index_work(((const CallsView *) view)->model->index, ret_done)];
}

/* Drops the order or the filter that takes too long. */
static bool calls_stop(View *view)
{
  CallsView *calls = (CallsView *) view;
  double done;

  switch (call_index_work(calls->model->index, &done)) {
  case CALL_INDEX_IDLE:
    return false;
  case CALL_INDEX_SORTING:
    sort_by(calls, &(FieldRef){0}, false);
    break;
  case CALL_INDEX_FILTERING:
    filter_line_set(calls->filter, "");
    call_index_set_quick(calls->model->index, (QuickChoice){0});
    apply_filter(calls);
    break;
  }
  return true;
}

/* At once: the filter may look at rows before they are drawn again. */
static void calls_configured(View *view)
{
  CallsView *calls = (CallsView *) view;
  unsigned width = calls->screen_width;

  call_index_fold(calls->model->index, config_bool(calls->model->config, SETTING_LIST_FOLD));
  calls->screen_width = 0;
  if (width > 0)
    make_columns(calls, width);
  split_ladder_configured(&calls->split);
}

static void calls_close(View *view)
{
  CallsView *calls = (CallsView *) view;

  split_ladder_clear(&calls->split);
  call_index_set_filter(calls->model->index, NULL); /* it looks at the cells */
  call_cells_free(calls->cells);
  call_cells_free(calls->sought);
  g_ptr_array_unref(calls->columns);
  filter_line_free(calls->filter);
  g_free(calls->sort_name);
  g_free(calls);
}

View *calls_view_new(Host *host)
{
  static const ViewOps OPS = {
    .scope = SCOPE_CALLS,
    .append_title = calls_append_title,
    .draw = calls_draw,
    .command = calls_command,
    .close = calls_close,
    .key = calls_key,
    .typing = calls_typing,
    .mouse = calls_mouse,
    .drag = calls_drag,
    .step = calls_step,
    .progress = calls_progress,
    .stop = calls_stop,
    .go = go_to_call,
    .configured = calls_configured,
  };
  CallsView *calls = g_new0(CallsView, 1);
  AppModel *model = host_model(host);

  calls->view = (View){.ops = &OPS, .host = host};
  calls->model = model;
  calls->columns = call_columns_usual(COLUMNS_OF_CALLS, 0);
  calls->cells = call_cells_new(model->trace, model->stores);
  calls->sought = call_cells_new(model->trace, model->stores);
  call_cells_set(calls->sought, calls->columns, &(CallCellsLook){.charset = model->charset});
  calls->filter = filter_line_new(model->config, &(FilterRows){find_in_row, calls});
  calls->follows = config_bool(model->config, SETTING_FOLLOW);
  call_cells_share(calls->cells, model->conversations);
  call_cells_share(calls->sought, model->conversations);
  call_index_fold(model->index, config_bool(model->config, SETTING_LIST_FOLD));
  sort_as_configured(calls);
  if (model->filter) {
    g_autofree char *filter =
      model->filter_is_typed ? g_strdup(model->filter) : display_filter_quote_words(model->filter);
    filter_line_set(calls->filter, filter);
    apply_filter(calls);
  }
  return &calls->view;
}
