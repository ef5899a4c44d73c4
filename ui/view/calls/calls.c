#include "ui/view/calls/calls_private.h"

#include "ui/show/field_list.h"
#include "ui/view/calls/columns.h"
#include "ui/view/calls/quick_filter.h"
#include "ui/view/config/settings.h"
#include "ui/view/flow/flow.h"
#include "ui/view/message/message.h"
#include "ui/view/save/save.h"
#include "ui/view/stats/stats.h"

/* --- The cursor ------------------------------------------------------------------------------ */

/* On that row, which stays on the line of the screen where the cursor was. */
static void move_cursor(CallsView *calls, size_t row)
{
  Table *table = &calls->table;
  size_t line = table->cursor - MIN(table->top, table->cursor);

  table->cursor = row;
  table->top = row - MIN(line, row);
}

static void note_cursor(CallsView *calls)
{
  size_t count = call_index_count(calls->model->index);

  calls->table.row_count = count;
  if (calls->table.cursor >= count)
    calls->table.cursor = count > 0 ? count - 1 : 0;
  calls->cursor = count > 0 ? call_index_at(calls->model->index, calls->table.cursor) : 0;
}

void calls_keep_cursor(CallsView *calls)
{
  const CallIndex *index = calls->model->index;
  size_t row;

  if (call_index_version(index) == calls->version)
    return;
  calls->version = call_index_version(index);
  if (calls->follows)
    calls->table.cursor = call_index_count(index);
  else if (calls->touched && calls->cursor != 0 && call_index_find(index, calls->cursor, &row))
    move_cursor(calls, row);
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

static bool go(View *view, uint32_t number)
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

/* --- Marks ----------------------------------------------------------------------------------- */

static void mark_one(CallsView *calls)
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

/* What is marked, or else the call of the cursor: numbers in ascending order. */
static GArray *chosen_calls(const CallsView *calls)
{
  if (call_set_count(calls->model->marks) > 0)
    return call_set_numbers(calls->model->marks);
  GArray *numbers = g_array_new(false, false, sizeof(uint32_t));
  if (calls->cursor != 0)
    g_array_append_val(numbers, calls->cursor);
  return numbers;
}

/* --- Order ----------------------------------------------------------------------------------- */

static const Field *number_field(void)
{
  return field_find(SLICE("call.number"));
}

int calls_sorted_column(const CallsView *calls)
{
  FieldRef ref = {calls->sort.field ? calls->sort.field : number_field(), calls->sort.name};

  for (guint i = 0; i < calls->columns->len; i++)
    if (call_column_is(calls->columns->pdata[i], &ref))
      return (int) i;
  return -1;
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

/* [columns] sort = -call.duration; what is wrong with it was told when it was read. */
static void sort_as_configured(CallsView *calls)
{
  g_auto(GStrv) keys = config_list(calls->model->config, "columns", "sort");

  if (!keys || !keys[0])
    return;
  g_autoptr(GArray) fields = field_list_parse(keys[0], FIELD_LIST_SORT, NULL);
  if (!fields)
    return;
  const FieldChoice *choice = &g_array_index(fields, FieldChoice, 0);
  if (choice->ref.field->scope != FIELD_OF_MESSAGE)
    sort_by(calls, &choice->ref, choice->descending);
}

static void sort_by_column(CallsView *calls, size_t column)
{
  const CallColumn *chosen = calls->columns->pdata[column];
  bool again = calls_sorted_column(calls) == (int) column;

  sort_by(calls, &chosen->ref, again && !calls->descending);
}

/* The column beside the one that rows are sorted by. */
static void sort_beside(CallsView *calls, int step)
{
  int sorted = calls_sorted_column(calls), count = (int) calls->columns->len;
  int column = sorted < 0 ? (step > 0 ? 0 : count - 1) : CLAMP(sorted + step, 0, count - 1);
  const CallColumn *chosen = calls->columns->pdata[column];

  if (column != sorted)
    sort_by(calls, &chosen->ref, calls->descending);
}

/* --- What is shown --------------------------------------------------------------------------- */

static void follow_filter(CallsView *calls)
{
  call_index_set_filter(calls->model->index, filter_line_make(calls->filter));
}

/* All calls, or, when there are none left, all of those back. */
static void clear(CallsView *calls)
{
  CallIndex *index = calls->model->index;

  if (call_index_count(index) == 0 && call_index_hidden(index) > 0) {
    call_index_unhide(index);
    return;
  }
  call_index_clear(index);
  call_set_clear(calls->model->marks);
}

static void toggle_follow(CallsView *calls)
{
  calls->follows = !calls->follows;
  if (calls->follows)
    move_by_command(calls, COMMAND_END);
}

static void toggle_pause(CallsView *calls)
{
  CallIndex *index = calls->model->index;

  call_index_pause(index, !call_index_is_paused(index));
}

static void toggle_aliases(CallsView *calls)
{
  config_turn(calls->model->config, SETTING_ALIASES);
  host_configured(calls->view.host);
}

static void next_color(CallsView *calls)
{
  host_tell(calls->view.host, STYLE_PLAIN, "colours tell: %s",
            config_turn(calls->model->config, SETTING_LIST_COLOR));
}

/* --- Other views ----------------------------------------------------------------------------- */

static void open_flow(CallsView *calls, bool extended)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);
  const FlowCalls flow = {(const uint32_t *) (const void *) numbers->data, numbers->len, extended};

  if (numbers->len > 0)
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

static void open_save(CallsView *calls)
{
  g_autoptr(GArray) numbers = chosen_calls(calls);
  const SaveOf of = {
    .calls = (const uint32_t *) (const void *) numbers->data,
    .call_count = numbers->len,
  };

  host_push(calls->view.host, save_view_new(calls->view.host, &of));
}

static bool open_view(CallsView *calls, CommandId id)
{
  Host *host = calls->view.host;

  if (id == COMMAND_OPEN || id == COMMAND_EXTENDED)
    open_flow(calls, id == COMMAND_EXTENDED);
  else if (id == COMMAND_RAW)
    open_message(calls);
  else if (id == COMMAND_SAVE)
    open_save(calls);
  else if (id == COMMAND_QUICK_FILTER)
    host_push(host, quick_filter_view_new(host));
  else if (id == COMMAND_COLUMNS)
    host_push(host, columns_view_new(host));
  else if (id == COMMAND_STATS)
    host_push(host, stats_view_new(host));
  else if (id == COMMAND_SETTINGS)
    host_push(host, settings_view_new(host));
  else
    return false;
  return true;
}

/* --- The view -------------------------------------------------------------------------------- */

static bool change_marks(CallsView *calls, CommandId id)
{
  if (id == COMMAND_SELECT)
    mark_one(calls);
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
  if (id == COMMAND_SORT_PREVIOUS || id == COMMAND_SORT_NEXT)
    sort_beside(calls, id == COMMAND_SORT_NEXT ? 1 : -1);
  else if (id == COMMAND_SORT_SWAP)
    sort_by(calls, &calls->sort, !calls->descending);
  else
    return false;
  return true;
}

static bool change_rows(CallsView *calls, CommandId id)
{
  if (id == COMMAND_FILTER)
    filter_line_begin(calls->filter);
  else if (id == COMMAND_CLEAR)
    clear(calls);
  else if (id == COMMAND_CLEAR_SOFT)
    call_index_clear_soft(calls->model->index);
  else if (id == COMMAND_AUTOSCROLL)
    toggle_follow(calls);
  else if (id == COMMAND_PAUSE)
    toggle_pause(calls);
  else if (id == COMMAND_COLOR_MODE)
    next_color(calls);
  else if (id == COMMAND_ALIASES)
    toggle_aliases(calls);
  else
    return false;
  return true;
}

static bool command(View *view, CommandId id)
{
  CallsView *calls = (CallsView *) view;

  calls_keep_cursor(calls);
  calls->touched = true;
  return move_by_command(calls, id) || change_marks(calls, id) || change_order(calls, id) ||
         change_rows(calls, id) || open_view(calls, id);
}

/* Keys that say nothing to the line, such as PgDn, are commands all the same. */
static bool key(View *view, const KeyEvent *event)
{
  CallsView *calls = (CallsView *) view;

  if (!filter_line_is_typed(calls->filter))
    return false;
  FilterLineResult result = filter_line_key(calls->filter, event);
  if (result == FILTER_LINE_CHANGED)
    follow_filter(calls);
  return result != FILTER_LINE_IGNORED;
}

static const char *typing(const View *view)
{
  return filter_line_is_typed(((const CallsView *) view)->filter)
           ? "Enter Keep  Esc Drop  Tab Complete  Up Down Entered before"
           : NULL;
}

static bool mouse(View *view, const KeyEvent *event)
{
  CallsView *calls = (CallsView *) view;
  TableModel model = calls_table_model(calls);
  size_t column = 0;
  TableClick click = table_mouse(&calls->table, event, &model, &column);

  calls->touched = true;
  note_cursor(calls);
  if (click == TABLE_TITLE)
    sort_by_column(calls, column);
  else if (click == TABLE_CHOSEN)
    open_flow(calls, false);
  return click != TABLE_NOTHING;
}

/* True as well when rows changed, so that they are drawn. */
static bool step(View *view, int64_t until_us)
{
  CallsView *calls = (CallsView *) view;
  bool more = call_index_step(calls->model->index, until_us);
  bool changed = call_index_version(calls->model->index) != calls->version;

  calls_keep_cursor(calls);
  return more || changed;
}

static const char *progress(const View *view, double *ret_done)
{
  return call_index_progress(((const CallsView *) view)->model->index, ret_done);
}

/* What takes too long is not wanted. */
static bool stop(View *view)
{
  CallsView *calls = (CallsView *) view;
  double done;
  const char *what = progress(view, &done);

  if (!what)
    return false;
  if (strcmp(what, "sorting") == 0) {
    sort_by(calls, &(FieldRef){0}, false);
    return true;
  }
  filter_line_set(calls->filter, "");
  call_index_set_quick(calls->model->index, (QuickChoice){0});
  follow_filter(calls);
  return true;
}

static void configured(View *view)
{
  ((CallsView *) view)->screen_width = 0;
}

static void close_view(View *view)
{
  CallsView *calls = (CallsView *) view;

  call_cells_free(calls->cells);
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
    .command = command,
    .close = close_view,
    .key = key,
    .typing = typing,
    .mouse = mouse,
    .step = step,
    .progress = progress,
    .stop = stop,
    .go = go,
    .configured = configured,
  };
  CallsView *calls = g_new0(CallsView, 1);
  AppModel *model = host_model(host);

  calls->view = (View){&OPS, host};
  calls->model = model;
  calls->columns = call_columns_usual(0);
  calls->cells = call_cells_new(model->trace, model->stores);
  calls->filter = filter_line_new(model->config);
  calls->follows = config_bool(model->config, SETTING_FOLLOW);
  sort_as_configured(calls);
  if (model->filter) {
    filter_line_set(calls->filter, model->filter);
    follow_filter(calls);
  }
  return &calls->view;
}
