/* The cursor of a ladder, and what takes long: searching, and finding related calls. */
#include "ui/view/flow/flow_view.h"
#include "ui/view/widget/scroll.h"

static bool is_message(const FlowView *flow, size_t row)
{
  return flow_model_row(flow->model, row).kind == FLOW_ROW_MESSAGE;
}

bool flow_cursor_row(const FlowView *flow, size_t *ret_row)
{
  size_t count = flow_model_row_count(flow->model), row = 0;

  if (count == 0)
    return false;
  if (flow->follow)
    row = count - 1;
  else if (flow->cursor)
    row = flow_model_find(flow->model, flow->cursor);
  while (row > 0 && !is_message(flow, row))
    row--;
  *ret_row = row;
  return true;
}

const Message *flow_cursor_message(const FlowView *flow)
{
  size_t row;

  return flow_cursor_row(flow, &row) ? flow_model_row(flow->model, row).message : NULL;
}

/* Scrolls as little as possible. */
static void move_to(FlowView *flow, size_t row)
{
  size_t before = 0, page = (size_t) MAX(flow->rows.height, 1);

  flow_cursor_row(flow, &before);
  size_t top = before - MIN(flow->offset, before);
  if (row < top)
    top = row;
  else if (row - top >= page)
    top = row - page + 1;
  flow->offset = row - top;
  flow->cursor = flow_model_row(flow->model, row).message;
  flow->follow = false;
}

void flow_cursor_go(FlowView *flow, const Message *message)
{
  if (flow_model_row_count(flow->model) > 0)
    move_to(flow, flow_model_find(flow->model, message));
  flow->cursor = message;
  flow->follow = false;
}

size_t flow_cursor_top(FlowView *flow, size_t row, size_t page)
{
  size_t count = flow_model_row_count(flow->model);
  size_t last = count > page ? count - page : 0;

  flow->offset = MIN(flow->offset, MIN(row, page - 1));
  if (row - flow->offset > last)
    flow->offset = row - last;
  /* rows that belong to the last message are shown with it */
  if (row + 1 < count && flow->offset == page - 1 && page > 1 && !is_message(flow, row + 1))
    flow->offset--;
  return row - flow->offset;
}

/* The nearest row of a message in that direction, the row itself included. */
static bool nearest(const FlowView *flow, size_t row, int direction, size_t *ret_row)
{
  size_t count = flow_model_row_count(flow->model);

  while (row < count && !is_message(flow, row)) /* before the first it wraps to SIZE_MAX */
    row = direction < 0 ? row - 1 : row + 1;
  if (row >= count)
    return false;
  *ret_row = row;
  return true;
}

static void move_by(FlowView *flow, size_t rows, int direction)
{
  size_t count = flow_model_row_count(flow->model), row, to;

  if (!flow_cursor_row(flow, &row))
    return;
  if (direction < 0)
    to = row - MIN(rows, row);
  else
    to = MIN(row + rows, count - 1);
  if (nearest(flow, to, direction, &to) || nearest(flow, to, -direction, &to))
    move_to(flow, to);
}

const Message *flow_cursor_beside(const FlowView *flow, const Message *message, int direction)
{
  size_t row = flow_model_find(flow->model, message);

  if (row >= flow_model_row_count(flow->model) ||
      !nearest(flow, direction < 0 ? row - 1 : row + 1, direction, &row))
    return NULL;
  return flow_model_row(flow->model, row).message;
}

size_t flow_column_place(const FlowView *flow)
{
  size_t place = 0;

  while (place < flow->window.ladder.column_count && flow->window.slots[place] != flow->column)
    place++;
  return place;
}

/* Selects the next visible column; after the last one none is selected. */
static void choose_column(FlowView *flow, int direction)
{
  size_t count = flow->window.ladder.column_count, place = flow_column_place(flow);

  if (place == count)
    place = direction < 0 ? count - 1 : 0;
  else
    place = direction < 0 ? place - 1 : place + 1;
  flow->column = place < count ? flow->window.slots[place] : FLOW_COLUMN_NONE;
}

bool flow_cursor_command(FlowView *flow, CommandId id)
{
  int rows;

  if (scroll_rows(id, flow->rows.height, &rows))
    move_by(flow, (size_t) ABS(rows), rows < 0 ? -1 : 1);
  else if (id == COMMAND_LEFT || id == COMMAND_RIGHT)
    choose_column(flow, id == COMMAND_LEFT ? -1 : 1);
  else
    return false;
  flow->follow = id == COMMAND_END;
  return true;
}

bool flow_cursor_mouse(FlowView *flow, const KeyEvent *event)
{
  bool click = event->mouse == MOUSE_CLICK || event->mouse == MOUSE_DOUBLE_CLICK;
  size_t line = (size_t) (event->y - flow->rows.y), row;

  if (click && rect_has(flow->names, event->x, event->y) && flow->window.ladder.column_count > 0) {
    LadderPaint paint = {NULL, &flow->window.ladder, flow->names, flow->scroll};

    flow->column = flow->window.slots[ladder_paint_column_at(&paint, event->x)];
    return true;
  }
  if (!click || !rect_has(flow->rows, event->x, event->y) || !flow_cursor_row(flow, &row))
    return false;
  row = row - flow->offset + line;
  if (row >= flow_model_row_count(flow->model))
    return true;
  if (nearest(flow, row, -1, &row))
    move_to(flow, row);
  if (event->mouse == MOUSE_DOUBLE_CLICK)
    host_run(flow->view.host, COMMAND_OPEN);
  return true;
}

static const Message *bookmark_at(const FlowView *flow, size_t index)
{
  return g_array_index(flow->bookmarks, const Message *, index);
}

bool flow_is_bookmarked(const FlowView *flow, const Message *message)
{
  for (size_t i = 0; i < flow->bookmarks->len; i++)
    if (bookmark_at(flow, i) == message)
      return true;
  return false;
}

void flow_toggle_bookmark(FlowView *flow)
{
  enum { BOOKMARKS_MAX = 100 };
  const Message *message = flow_cursor_message(flow);

  if (!message)
    return;
  for (guint i = 0; i < flow->bookmarks->len; i++)
    if (bookmark_at(flow, i) == message) {
      g_array_remove_index(flow->bookmarks, i);
      return;
    }
  if (flow->bookmarks->len < BOOKMARKS_MAX)
    g_array_append_val(flow->bookmarks, message);
  else
    host_tell(flow->view.host, STYLE_WARNING, "no more than %d bookmarks", BOOKMARKS_MAX);
}

/* The next one after the cursor, or else the first. */
void flow_next_bookmark(FlowView *flow)
{
  const Message *cursor = flow_cursor_message(flow);
  size_t row, next = SIZE_MAX, first = SIZE_MAX;

  if (!cursor || flow->bookmarks->len == 0) {
    host_tell(flow->view.host, STYLE_HINT, "no bookmarks set");
    return;
  }
  flow_cursor_row(flow, &row);
  for (size_t i = 0; i < flow->bookmarks->len; i++) {
    size_t at = flow_model_find(flow->model, bookmark_at(flow, i));

    first = MIN(first, at);
    next = at > row ? MIN(next, at) : next;
  }
  move_to(flow, next < SIZE_MAX ? next : first);
}

/* --- what takes long: reading the ladder, searching it, searching for other calls --- */

static Host *host_of(const FlowView *flow)
{
  return flow->view.host;
}

static void flow_stop_search(FlowView *flow)
{
  if (flow->search)
    job_free(&flow->search->job);
  flow->search = NULL;
}

static void flow_stop_extend(FlowView *flow)
{
  if (flow->extend)
    job_free(&flow->extend->job);
  flow->extend = NULL;
}

void flow_stop_jobs(FlowView *flow)
{
  flow_stop_search(flow);
  flow_stop_extend(flow);
}

/* --- search --- */

/* The message of the cursor, even before its row is made. */
static const Message *search_from(const FlowView *flow)
{
  bool known = flow->busy && flow->cursor && !flow->follow;

  return known ? flow->cursor : flow_cursor_message(flow);
}

static void begin_search(FlowView *flow, bool backward)
{
  const FlowSearchSetup setup = {
    .model = flow->model,
    .stores = host_model(host_of(flow))->stores,
    .text = slice_from_string(flow->needle),
    .after = search_from(flow),
    .backward = backward,
  };

  flow_stop_jobs(flow);
  flow->search = flow_search_new(&setup);
}

static void search_for(void *data, Host *host, const char *text)
{
  FlowView *flow = data;

  (void) host;
  flow_sync(flow);
  if (*text == '\0')
    return;
  g_free(flow->needle);
  flow->needle = g_strdup(text);
  flow_preview_forget(&flow->preview);
  begin_search(flow, false);
}

static void ask_needle(FlowView *flow)
{
  ask_line(host_of(flow), &(AskSetup){
                            .label = "search: ",
                            .history = flow->needles,
                            .done = search_for,
                            .data = flow,
                          });
}

static void search_again(FlowView *flow, bool backward)
{
  if (flow->needle)
    begin_search(flow, backward);
  else
    ask_needle(flow);
}

static void search_transaction(FlowView *flow, bool backward)
{
  const Message *message = search_from(flow);
  const FlowSearchSetup setup = {
    .model = flow->model,
    .stores = host_model(host_of(flow))->stores,
    .after = message,
    .of_transaction = message ? message->transaction : NULL,
    .backward = backward,
  };

  flow_stop_jobs(flow);
  if (message)
    flow->search = flow_search_new(&setup);
}

static void end_search(FlowView *flow)
{
  const FlowSearch *search = flow->search;

  if (search->found) {
    flow_cursor_go(flow, search->found);
    if (search->wrapped)
      host_tell(host_of(flow), STYLE_HINT, "search wrapped around");
  } else if (search->unreadable > 0) {
    host_tell(host_of(flow), STYLE_ERROR, "not found; cannot read %zu messages",
              search->unreadable);
  } else if (search->of_text) {
    host_tell(host_of(flow), STYLE_WARNING, "not found: %s", flow->needle);
  } else {
    host_tell(host_of(flow), STYLE_HINT, "no more messages of this transaction in the ladder");
  }
  flow_stop_search(flow);
}

/* --- calls that belong to this one --- */

void flow_extend_now(FlowView *flow)
{
  const AppModel *model = host_model(host_of(flow));
  g_autoptr(GArray) numbers = flow_call_numbers(flow);
  const FlowExtendSetup setup = {model->trace, model->stores, (const uint32_t *) numbers->data,
                                 numbers->len};

  flow_stop_jobs(flow);
  flow->extend = flow_extend_new(&setup);
}

static void add_kin(FlowView *flow, const GArray *kin)
{
  for (guint i = 0; i < kin->len; i++) {
    const FlowKin *one = &g_array_index(kin, FlowKin, i);
    if (flow_model_add_call(flow->model, one->number))
      g_array_append_val(flow->kin, *one);
  }
}

static void tell_added(FlowView *flow, const GArray *kin)
{
  g_autoptr(GString) text = g_string_new("added ");

  flow_kin_append(text, kin);
  host_tell(host_of(flow), STYLE_HINT, "%s", text->str);
}

static void tell_hints(FlowView *flow, const GArray *facts)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (facts->len > 0) {
    g_string_append(text, "added ");
    flow_kin_append(text, facts);
    g_string_append(text, "; ");
  }
  g_string_append(text, "likely: ");
  flow_kin_append(text, flow->hints);
  g_string_append(text, "; ");
  keymap_append_keys(host_model(host_of(flow))->keymap, COMMAND_EXTENDED, text);
  g_string_append(text, flow->hints->len == 1 ? " adds it" : " adds them");
  host_tell(host_of(flow), STYLE_HINT, "%s", text->str);
}

/* Facts are added at once; hints when the command is given again. */
static void end_extend(FlowView *flow)
{
  const GArray *facts = flow->extend->facts, *hints = flow->extend->hints;

  g_array_set_size(flow->hints, 0);
  g_array_append_vals(flow->hints, hints->data, hints->len);
  add_kin(flow, facts);
  if (hints->len > 0)
    tell_hints(flow, facts);
  else if (facts->len > 0)
    tell_added(flow, facts);
  else
    host_tell(host_of(flow), STYLE_HINT, "no related calls found");
  flow_stop_extend(flow);
}

static size_t add_marked(FlowView *flow)
{
  g_autoptr(GArray) marked = call_set_numbers(host_model(host_of(flow))->marks);
  size_t added = 0;

  for (guint i = 0; i < marked->len; i++)
    added += flow_model_add_call(flow->model, g_array_index(marked, uint32_t, i));
  return added;
}

/* First the marked calls, then facts, then hints. */
static void extend(FlowView *flow)
{
  size_t marked = add_marked(flow);

  if (marked > 0) {
    host_tell(host_of(flow), STYLE_HINT, "%zu marked %s added", marked,
              marked == 1 ? "call" : "calls");
    return;
  }
  if (flow->hints->len == 0) {
    flow_extend_now(flow);
    return;
  }
  add_kin(flow, flow->hints);
  tell_added(flow, flow->hints);
  g_array_set_size(flow->hints, 0);
}

/* --- all of them --- */

bool flow_job_command(FlowView *flow, CommandId id)
{
  if (id == COMMAND_SEARCH)
    ask_needle(flow);
  else if (id == COMMAND_SEARCH_NEXT || id == COMMAND_SEARCH_PREVIOUS)
    search_again(flow, id == COMMAND_SEARCH_PREVIOUS);
  else if (id == COMMAND_NEXT_IN_TRANSACTION || id == COMMAND_PREVIOUS_IN_TRANSACTION)
    search_transaction(flow, id == COMMAND_PREVIOUS_IN_TRANSACTION);
  else if (id == COMMAND_EXTENDED)
    extend(flow);
  else
    return false;
  return true;
}

bool flow_step(View *view, int64_t until_us)
{
  FlowView *flow = (FlowView *) view;

  flow_sync(flow);
  flow->busy = flow_model_step(flow->model, until_us);
  if (flow->busy) /* the jobs need all rows */
    return true;
  if (flow->search) {
    if (!job_step(&flow->search->job, until_us))
      end_search(flow);
    return true; /* the result has to be drawn */
  }
  if (flow->extend) {
    if (!job_step(&flow->extend->job, until_us))
      end_extend(flow);
    return true;
  }
  return false;
}

const char *flow_progress(const View *view, double *ret_done)
{
  const FlowView *flow = (const FlowView *) view;

  const Job *job = NULL;

  if (flow->search)
    job = &flow->search->job;
  else if (flow->extend)
    job = &flow->extend->job;
  if (job) {
    *ret_done = job_progress(job);
    return job_name(job);
  }
  *ret_done = flow_model_progress(flow->model);
  return flow->busy ? "reading" : NULL;
}

bool flow_stop(View *view)
{
  FlowView *flow = (FlowView *) view;
  bool runs = flow->search || flow->extend;

  flow_stop_jobs(flow);
  return runs;
}
