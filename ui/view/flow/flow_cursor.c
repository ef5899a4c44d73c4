/* The cursor of a ladder, searching, and adding related calls. */
#include "capture/language.h"
#include "ui/show/leg_search.h"
#include "ui/view/flow/flow_view.h"
#include "ui/view/widget/table.h"

static bool is_message(const FlowView *flow, size_t row)
{
  return flow_model_row(flow->model, row).kind == FLOW_ROW_MESSAGE;
}

/* Can the cursor be there? */
static bool is_rung(const FlowView *flow, size_t row)
{
  return is_message(flow, row) || flow_model_row(flow->model, row).kind == FLOW_ROW_STREAM;
}

typedef bool RowTest(const FlowView *flow, size_t row);

/* The nearest row of that kind in a direction, the row itself included. */
static bool nearest(const FlowView *flow, RowTest *is_wanted, size_t row, int direction,
                    size_t *ret_row)
{
  size_t count = flow_model_row_count(flow->model);

  while (row < count && !is_wanted(flow, row)) /* before the first it wraps to SIZE_MAX */
    row = direction < 0 ? row - 1 : row + 1;
  if (row >= count)
    return false;
  *ret_row = row;
  return true;
}

bool flow_cursor_row(const FlowView *flow, size_t *ret_row)
{
  size_t count = flow_model_row_count(flow->model);

  if (count == 0)
    return false;
  if (flow->follow)
    return nearest(flow, is_rung, count - 1, -1, ret_row);
  if (flow->stream > 0 && flow_model_find_stream(flow->model, flow->stream, flow->digit, ret_row))
    return true;
  /* streams may be before the first message, and messages be hidden */
  size_t row = flow->cursor ? flow_model_find(flow->model, flow->cursor) : 0;
  return nearest(flow, is_message, row, -1, ret_row) ||
         nearest(flow, is_message, row, 1, ret_row) || nearest(flow, is_rung, 0, 1, ret_row);
}

const Message *flow_cursor_message(const FlowView *flow)
{
  size_t row;

  if (!flow_cursor_row(flow, &row) || !is_message(flow, row))
    return NULL;
  return flow_model_row(flow->model, row).message;
}

const FlowStream *flow_cursor_stream(const FlowView *flow)
{
  size_t row;

  return flow_cursor_row(flow, &row) ? flow_model_row(flow->model, row).stream : NULL;
}

const Message *flow_cursor_nearest(const FlowView *flow)
{
  size_t row;

  if (!flow_cursor_row(flow, &row) ||
      (!nearest(flow, is_message, row, -1, &row) && !nearest(flow, is_message, row, 1, &row)))
    return NULL;
  return flow_model_row(flow->model, row).message;
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
  FlowRow to = flow_model_row(flow->model, row);
  flow->offset = row - top;
  flow->follow = false;
  flow->stream = to.stream ? to.stream->stream : 0;
  flow->digit = to.stream ? to.stream->digit : 0;
  flow->cursor = to.stream ? flow_cursor_nearest(flow) : to.message;
}

void flow_cursor_go(FlowView *flow, const Message *message)
{
  if (flow_model_row_count(flow->model) > 0)
    move_to(flow, flow_model_find(flow->model, message));
  flow->cursor = message;
  flow->stream = flow->digit = 0;
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
  if (row + 1 < count && flow->offset == page - 1 && page > 1 && !is_rung(flow, row + 1))
    flow->offset--;
  return row - flow->offset;
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
  if (nearest(flow, is_rung, to, direction, &to) || nearest(flow, is_rung, to, -direction, &to))
    move_to(flow, to);
}

const Message *flow_cursor_beside(const FlowView *flow, const Message *message, int direction)
{
  size_t row = flow_model_find(flow->model, message);

  if (row >= flow_model_row_count(flow->model) ||
      !nearest(flow, is_message, direction < 0 ? row - 1 : row + 1, direction, &row))
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

  bool wheel = event->mouse == MOUSE_WHEEL_DOWN || event->mouse == MOUSE_WHEEL_UP;
  if (wheel && rect_has(flow->places.preview, event->x, event->y)) {
    flow_preview_scroll(&flow->preview, event->mouse == MOUSE_WHEEL_DOWN ? 3 : -3);
    return true;
  }
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
  if (nearest(flow, is_rung, row, -1, &row))
    move_to(flow, row);
  if (event->mouse == MOUSE_DOUBLE_CLICK)
    host_run(flow->view.host, COMMAND_OPEN);
  return true;
}

bool flow_is_bookmarked(const FlowView *flow, const Message *message)
{
  return message && app_model_find_bookmark(host_model(flow->view.host), message) >= 0;
}

void flow_toggle_bookmark(FlowView *flow)
{
  AppModel *model = host_model(flow->view.host);
  const Message *message = flow_cursor_message(flow);

  if (!message)
    return;
  int index = app_model_find_bookmark(model, message);
  const Bookmark bookmark = {message->number, message->transaction->call->number};
  if (index >= 0)
    g_array_remove_index(model->bookmarks, (guint) index);
  else if (model->bookmarks->len < BOOKMARKS_MAX)
    g_array_append_val(model->bookmarks, bookmark);
  else
    host_tell(flow->view.host, STYLE_WARNING, "no more than %d bookmarks", BOOKMARKS_MAX);
}

/* The next one of the ladder after the cursor, or else the first. */
void flow_next_bookmark(FlowView *flow)
{
  const GArray *bookmarks = host_model(flow->view.host)->bookmarks;
  size_t row, next = SIZE_MAX, first = SIZE_MAX;
  bool has_row = flow_cursor_row(flow, &row);

  for (guint i = 0; i < bookmarks->len && has_row; i++) {
    uint32_t number = g_array_index(bookmarks, Bookmark, i).message;
    const Message *message = flow_model_message(flow->model, number);
    size_t at = message ? flow_model_find(flow->model, message) : SIZE_MAX;
    first = MIN(first, at);
    next = at > row ? MIN(next, at) : next;
  }
  if (first < SIZE_MAX)
    move_to(flow, next < SIZE_MAX ? next : first);
  else
    host_tell(flow->view.host, STYLE_HINT, "no bookmarks set");
}

/* --- searching --- */

/* The message of the cursor, even before its row is made. */
static const Message *search_from(const FlowView *flow)
{
  bool known = flow->busy && flow->cursor && !flow->follow;

  return known ? flow->cursor : flow_cursor_nearest(flow);
}

static void take_found(View *view, Job *job)
{
  FlowView *flow = (FlowView *) view;
  const FlowSearch *search = (const FlowSearch *) job;
  Host *host = view->host;

  if (search->found) {
    flow_cursor_go(flow, search->found);
    if (search->wrapped)
      host_tell(host, STYLE_HINT, "search wrapped around");
  } else if (search->unreadable > 0) {
    host_tell(host, STYLE_ERROR, "not found; cannot read %zu messages", search->unreadable);
  } else if (search->of_text) {
    host_tell(host, STYLE_WARNING, "not found: %s", flow->needle);
  } else {
    host_tell(host, STYLE_HINT, "no more messages of this transaction in the ladder");
  }
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
  flow_search_command(flow, COMMAND_SEARCH_NEXT);
}

static void search_transaction(FlowView *flow, bool backward)
{
  const Message *message = search_from(flow);
  const FlowSearchSetup setup = {
    .model = flow->model,
    .stores = host_model(flow->view.host)->stores,
    .after = message,
    .of_transaction = message ? message->transaction : NULL,
    .backward = backward,
  };

  if (message)
    view_begin_job(&flow->view, &flow_search_new(&setup)->job, take_found);
}

bool flow_search_command(FlowView *flow, CommandId id)
{
  bool again = id == COMMAND_SEARCH_NEXT || id == COMMAND_SEARCH_PREVIOUS;

  if (again && flow->needle) {
    const FlowSearchSetup setup = {
      .model = flow->model,
      .stores = host_model(flow->view.host)->stores,
      .text = slice_from_string(flow->needle),
      .after = search_from(flow),
      .backward = id == COMMAND_SEARCH_PREVIOUS,
    };
    view_begin_job(&flow->view, &flow_search_new(&setup)->job, take_found);
  } else if (again || id == COMMAND_SEARCH_FLOW) {
    ask_line(flow->view.host, &(AskSetup){
                                .label = _("search: "),
                                .history = flow->needles,
                                .done = search_for,
                                .data = flow,
                              });
  } else if (id == COMMAND_NEXT_IN_TRANSACTION || id == COMMAND_PREVIOUS_IN_TRANSACTION) {
    search_transaction(flow, id == COMMAND_PREVIOUS_IN_TRANSACTION);
  } else {
    return false;
  }
  return true;
}

/* --- related calls --- */

enum { LEGS_FROM_MAX = 256 }; /* calls of the ladder whose legs are looked for */

static guint add_legs(FlowView *flow, const GArray *legs)
{
  guint added = 0;

  for (guint i = 0; i < legs->len; i++) {
    const Leg *one = &g_array_index(legs, Leg, i);
    if (!flow_model_add_call(flow->model, one->number))
      continue;
    g_array_append_val(flow->legs, *one);
    added++;
  }
  return added;
}

/* "added call 2 (Session-ID); likely: call 3 (same users); x adds it" */
static void tell_legs(FlowView *flow, guint first, const GArray *hints, size_t left_out)
{
  const char *const *headers = conversations_headers(host_model(flow->view.host)->conversations);
  g_autoptr(GArray) added = g_array_new(false, false, sizeof(Leg));
  g_autoptr(GString) text = g_string_new(NULL);

  if (flow->legs->len > first) {
    g_array_append_vals(added, &g_array_index(flow->legs, Leg, first), flow->legs->len - first);
    g_string_append(text, _("added "));
    legs_append(added, headers, text);
  }
  if (hints && hints->len > 0) {
    g_string_append(text, added->len > 0 ? _("; likely: ") : _("likely: "));
    legs_append(hints, headers, text);
    g_string_append(text, _("; "));
    keymap_append_keys(host_model(flow->view.host)->keymap, COMMAND_EXTENDED, text);
    g_string_append(text, hints->len == 1 ? _(" adds it") : _(" adds them"));
  }
  if (text->len == 0)
    g_string_append(text, flow_model_call_count(flow->model) > 1
                            ? _("no further related calls found")
                            : _("no related calls found"));
  if (left_out > 0)
    g_string_append_printf(text, _("; %zu more left out (at most %d)"), left_out,
                           CONVERSATION_LEGS_MAX);
  host_tell(flow->view.host, STYLE_HINT, "%s", text->str);
}

/* Those of all calls of the ladder; each call once, and none that the ladder has. */
static void take_hints(FlowView *flow, const GArray *numbers)
{
  const Conversations *conversations = host_model(flow->view.host)->conversations;
  g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);

  g_array_set_size(flow->hints, 0);
  for (guint i = 0; i < MIN(numbers->len, (guint) LEGS_FROM_MAX); i++) {
    g_autoptr(GArray) hints =
      conversations_hints(conversations, g_array_index(numbers, uint32_t, i));
    for (guint k = 0; k < hints->len; k++) {
      const Leg *hint = &g_array_index(hints, Leg, k);
      if (!flow_model_has_call(flow->model, hint->number) &&
          g_hash_table_add(taken, GUINT_TO_POINTER(hint->number)))
        g_array_append_val(flow->hints, *hint);
    }
  }
}

/* Facts are added at once; hints when the command is given again. */
static void take_legs(View *view, Job *job)
{
  FlowView *flow = (FlowView *) view;
  const Conversations *conversations = host_model(view->host)->conversations;
  g_autoptr(GArray) numbers = flow_model_call_numbers(flow->model);
  guint first = flow->legs->len;
  size_t left_out = 0;

  (void) job;
  for (guint i = 0; i < MIN(numbers->len, (guint) LEGS_FROM_MAX); i++) {
    uint32_t number = g_array_index(numbers, uint32_t, i);
    size_t more;
    g_autoptr(GArray) legs = conversations_links(conversations, number, &more);
    add_legs(flow, legs);
    left_out += more;
  }
  take_hints(flow, numbers);
  tell_legs(flow, first, flow->hints, left_out);
}

void flow_find_legs(FlowView *flow)
{
  view_begin_job(&flow->view, leg_search_new(host_model(flow->view.host)->conversations),
                 take_legs);
}

/* First the marked calls, then facts, then hints. */
void flow_extend(FlowView *flow)
{
  g_autoptr(GArray) marked = call_set_numbers(host_model(flow->view.host)->marks);
  guint added = 0, first = flow->legs->len;

  for (guint i = 0; i < marked->len; i++)
    added += flow_model_add_call(flow->model, g_array_index(marked, uint32_t, i));
  if (added > 0) {
    host_tell(flow->view.host, STYLE_HINT, "%u marked %s added", added,
              added == 1 ? _("call") : _("calls"));
  } else if (flow->hints->len == 0) {
    flow_find_legs(flow);
  } else {
    add_legs(flow, flow->hints);
    tell_legs(flow, first, NULL, 0);
    g_array_set_size(flow->hints, 0);
  }
}

void flow_cut_leg(FlowView *flow)
{
  Conversations *conversations = host_model(flow->view.host)->conversations;
  const Message *message = flow_cursor_message(flow);
  g_autoptr(GArray) numbers = flow_model_call_numbers(flow->model);

  if (!message)
    return;
  uint32_t number = message->transaction->call->number;
  bool cut = !conversations_is_cut(conversations, number);
  conversations_cut(conversations, number, cut);
  for (guint i = numbers->len; cut && numbers->len > 1 && i-- > 0;)
    if (g_array_index(numbers, uint32_t, i) == number)
      g_array_remove_index(numbers, i);
  if (cut)
    flow_show_calls(
      flow, &(FlowCalls){(const uint32_t *) (const void *) numbers->data, numbers->len, false});
  host_tell(flow->view.host, STYLE_HINT,
            cut ? _("call %u is no leg of another call") : _("call %u may be a leg again"), number);
}
