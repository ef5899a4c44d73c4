#include "ui/show/call_index.h"

#include "dissect/diagnose/conversations.h"
#include "ui/show/call_order.h"
#include "ui/show/format.h"
#include "ui/show/selection.h"

enum {
  PACE_US = 250000,
  PROGRESS_LEAST = 10000, /* calls; no progress is shown for less work */
  PROGRESS_US = 300000,   /* unless it has taken so long already */
  REST = 4,               /* after a round, a pause so many times as long as it took */
  OPEN_AGAIN_SECONDS = 1, /* in the time of the trace */
  FIRST_ROWS = 64,        /* so many new rows are shown before all are complete */
  NEAR_ROWS = 64 * 1024,  /* so many calls are checked again at once */
  ROWS_BETWEEN = 4096,    /* rows between two looks at the clock */
};

enum {
  CALL_KNOWN = 1 << 0,   /* CALL_CHOSEN is the answer of the filter, or its previous one */
  CALL_CHOSEN = 1 << 1,  /* it passes the filters */
  CALL_HIDDEN = 1 << 2,  /* it was cleared */
  CALL_TOUCHED = 1 << 3, /* it is in `touched` or `round` */
  CALL_LATER = 1 << 4,   /* it is in `later` */
  CALL_OPEN = 1 << 5,    /* it is in `open` */
};

/* Rows being made by a walk over all calls in order. */
typedef struct {
  uint32_t *rows;
  size_t count, room;
  size_t cursor;  /* place in the order up to which calls were checked */
  uint32_t turn;  /* of `folded`: conversations that have a row in it */
  bool ascending; /* rows are in order of appearance */
} RowFill;

typedef enum {
  ROUND_NONE,
  ROUND_CHECK, /* calls are checked by the filter */
  ROUND_SORT,  /* and moved by the order */
} RoundPhase;

struct CallIndex {
  const Trace *trace;
  const StoreSet *stores;
  Conversations *conversations; /* or NULL */
  uint64_t legs_version;        /* of those, that rows were made for */
  bool folds;
  uint32_t *folded;  /* by number of the conversation - 1: RowFill.turn */
  uint32_t turns;    /* of all fills */
  CallSet *unfolded; /* numbers of conversations */
  CallFilter *filter;
  uint8_t *flags; /* CALL_..., by number - 1 */
  size_t flags_room;
  uint32_t taken; /* calls taken in */
  size_t hidden;

  /* NULL: in order of appearance.  `coming` takes its place once it is sorted. */
  CallOrder *order, *coming;
  FieldRef sort; /* its field is NULL if not sorted */
  char *sort_name;

  RowFill shown, next; /* `next` takes the place of `shown` once it is better */
  bool fills_next;
  bool shown_is_old;     /* made for another filter */
  bool shown_is_partial; /* made by a previous order */
  bool stale;            /* `shown` has to be made again */
  bool clears_soft;      /* once all calls were checked */
  bool filters_anew;     /* not all calls were checked since the filter was set */
  int64_t filter_set_us;
  uint64_t version, evicted;

  RoundPhase phase;
  GArray *touched; /* numbers of calls that got messages */
  GArray *round;   /* those that are checked again now */
  size_t round_at;
  uint32_t
    lowest_flip; /* lowest number of a row that was added or removed in this round; 0: none */
  GArray *later; /* calls with unfinished checks, in turns */
  size_t later_at;
  GArray *open;    /* calls that may change without a message */
  int64_t open_ns; /* time of the trace when they were checked last */
  int64_t pace_us, due_us, spent_us;
  bool paused;
};

static uint8_t *flags_of(CallIndex *index, uint32_t number)
{
  return &index->flags[number - 1];
}

/* Adds a call to one of the lists, unless it is there already. */
static void list_once(CallIndex *index, GArray *list, uint8_t flag, uint32_t number)
{
  uint8_t *flags = flags_of(index, number);

  if (*flags & flag)
    return;
  *flags |= flag;
  g_array_append_val(list, number);
}

CallIndex *call_index_new(const Trace *trace, const StoreSet *stores)
{
  CallIndex *index = g_new0(CallIndex, 1);

  index->trace = trace;
  index->stores = stores;
  index->filter = call_filter_new(trace, stores);
  index->shown.ascending = true;
  index->touched = g_array_new(false, false, sizeof(uint32_t));
  index->round = g_array_new(false, false, sizeof(uint32_t));
  index->later = g_array_new(false, false, sizeof(uint32_t));
  index->open = g_array_new(false, false, sizeof(uint32_t));
  index->unfolded = call_set_new();
  index->pace_us = PACE_US;
  return index;
}

void call_index_share(CallIndex *index, Conversations *conversations)
{
  index->conversations = conversations;
  call_filter_share(index->filter, conversations);
}

void call_index_free(CallIndex *index)
{
  if (!index)
    return;
  call_filter_free(index->filter);
  call_order_free(index->order);
  call_order_free(index->coming);
  g_free(index->sort_name);
  g_free(index->flags);
  g_free(index->folded);
  call_set_free(index->unfolded);
  g_free(index->shown.rows);
  g_free(index->next.rows);
  g_array_unref(index->touched);
  g_array_unref(index->round);
  g_array_unref(index->later);
  g_array_unref(index->open);
  g_free(index);
}

void call_index_set_pace(CallIndex *index, int64_t pace_us)
{
  index->pace_us = pace_us;
}

/* --- rows: a walk over all calls in order --- */

/* The call is checked again as time passes, if that may change it. */
static void note_open(CallIndex *index, uint32_t number)
{
  const Call *call = trace_call(index->trace, number);

  if (call && quick_fate_may_change(call, trace_now(index->trace)))
    list_once(index, index->open, CALL_OPEN, number);
}

static void set_answer(uint8_t *flags, bool chosen)
{
  *flags = (uint8_t) ((*flags & ~CALL_CHOSEN) | CALL_KNOWN | (chosen ? CALL_CHOSEN : 0));
}

/* Asks the filter.  If that takes several steps, the call keeps its previous answer meanwhile, or
 * stays without one: rows that are being made wait for it, but not for a huge call. */
static void check_call(CallIndex *index, uint32_t number, int64_t until_us)
{
  const Call *call = trace_call(index->trace, number);
  uint8_t *flags = flags_of(index, number);

  if (!call) {
    call_filter_forget(index->filter, number);
    set_answer(flags, false);
    return;
  }
  CallVerdict verdict = call_filter_check(index->filter, call, until_us);
  if (verdict != CALL_VERDICT_LATER) {
    set_answer(flags, verdict == CALL_VERDICT_YES);
    note_open(index, number);
  } else if (*flags & CALL_KNOWN || call->messages >= CALL_FILTER_HUGE) {
    list_once(index, index->later, CALL_LATER, number);
    *flags |= CALL_KNOWN;
  }
}

static size_t order_count(const CallIndex *index)
{
  return index->order ? call_order_count(index->order) : index->taken;
}

static bool is_row(const CallIndex *index, uint32_t number)
{
  uint8_t flags = index->flags[number - 1];

  return (flags & (CALL_CHOSEN | CALL_HIDDEN)) == CALL_CHOSEN &&
         (index->evicted == 0 || trace_call(index->trace, number) != NULL);
}

static void add_row(RowFill *fill, uint32_t number)
{
  if (fill->count == fill->room) {
    fill->room = MAX(1024, fill->room * 2);
    fill->rows = g_renew(uint32_t, fill->rows, fill->room);
  }
  fill->rows[fill->count++] = number;
}

/* Has its conversation a row already?  From now on it has. */
static bool is_below(CallIndex *index, const RowFill *fill, uint32_t number)
{
  uint32_t *turn = &index->folded[conversations_of(index->conversations, number) - 1];
  bool is = *turn == fill->turn;

  *turn = fill->turn;
  return is;
}

static void add_legs(CallIndex *index, RowFill *fill, uint32_t number, int64_t until_us)
{
  if (!call_set_has(index->unfolded, conversations_of(index->conversations, number)))
    return;
  g_autoptr(GArray) numbers = conversations_numbers(index->conversations, number);
  for (guint i = 0; i < numbers->len; i++) {
    uint32_t leg = g_array_index(numbers, uint32_t, i);
    if (leg == number || leg > index->taken)
      continue;
    if (!(*flags_of(index, leg) & CALL_KNOWN))
      check_call(index, leg, until_us);
    if (is_row(index, leg))
      add_row(fill, leg);
  }
}

/* Handles the next call in order, unless its answer is not known yet; true if it had to be
 * checked. */
static bool fill_one(CallIndex *index, RowFill *fill, int64_t until_us)
{
  uint32_t number =
    index->order ? call_order_at(index->order, fill->cursor) : (uint32_t) fill->cursor + 1;
  const uint8_t *flags = flags_of(index, number);
  bool checks = !(*flags & CALL_KNOWN);

  if (checks)
    check_call(index, number, until_us);
  if (!(*flags & CALL_KNOWN))
    return true;
  fill->cursor++;
  if (!is_row(index, number) || (index->folds && is_below(index, fill, number)))
    return checks;
  add_row(fill, number);
  if (index->folds)
    add_legs(index, fill, number, until_us);
  return checks;
}

static void fill_up(CallIndex *index, RowFill *fill, int64_t until_us)
{
  size_t end = order_count(index);

  for (size_t i = 1; fill->cursor < end; i++)
    if ((fill_one(index, fill, until_us) || i % ROWS_BETWEEN == 0) &&
        g_get_monotonic_time() >= until_us)
      return;
}

/* Makes rows again, beside those that are shown. */
static void start_next(CallIndex *index)
{
  index->next.count = index->next.cursor = 0;
  index->next.ascending = !index->order && !index->folds;
  index->next.turn = ++index->turns;
  index->fills_next = true;
  index->stale = false;
}

/* Shows them if these are all rows, or enough to begin with, or more than are shown. */
static void show_next_if_better(CallIndex *index)
{
  size_t count = index->next.count;
  RowFill was = index->shown;

  if (index->next.cursor != order_count(index) && !(index->shown_is_old && count >= FIRST_ROWS) &&
      !(index->shown_is_partial && !index->shown_is_old && count >= index->shown.count))
    return;
  index->shown = index->next;
  index->next = was;
  index->fills_next = index->shown_is_old = index->shown_is_partial = false;
  index->version++;
}

static void fill_rows(CallIndex *index, int64_t until_us)
{
  size_t count = index->shown.count;

  if (index->order && call_order_is_turning(index->order))
    return;
  if (index->stale && !index->fills_next)
    start_next(index);
  if (index->fills_next) {
    fill_up(index, &index->next, until_us);
    show_next_if_better(index);
    return;
  }
  fill_up(index, &index->shown, until_us);
  index->version += index->shown.count != count;
}

static bool is_filling(const CallIndex *index)
{
  return index->fills_next || index->stale || index->shown.cursor < order_count(index);
}

/* Number of calls handled, and of how many. */
static size_t filled_calls(const CallIndex *index, size_t *ret_of)
{
  *ret_of = order_count(index);
  return index->fills_next ? index->next.cursor : index->shown.cursor;
}

/* The first row with that number or a greater one; rows must be in order of appearance. */
static size_t first_row(const RowFill *fill, uint32_t number)
{
  size_t low = 0, high = fill->count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (fill->rows[middle] < number)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Rows were added or removed, from call number `from` on. */
static void apply_flips(CallIndex *index, uint32_t from)
{
  RowFill *shown = &index->shown;
  bool in_place = !index->order && !index->fills_next && !index->stale && shown->ascending;
  size_t end = shown->cursor;

  if (in_place && from > end)
    return;
  if (!in_place || end - from >= NEAR_ROWS) {
    index->stale = true;
    return;
  }
  shown->count = first_row(shown, from);
  for (shown->cursor = from - 1; shown->cursor < end;) /* all of these have an answer */
    fill_one(index, shown, 0);
  index->version++;
}

/* --- rounds: calls with new messages are gathered, checked again and moved --- */

/* Notes whether the row of the call is to be added or removed. */
static void check_again(CallIndex *index, uint32_t number, int64_t until_us)
{
  uint8_t before = *flags_of(index, number);

  if (!(before & CALL_KNOWN)) { /* rows are still being made: it will be checked there */
    note_open(index, number);
    return;
  }
  check_call(index, number, until_us);
  bool flips = ((before ^ *flags_of(index, number)) & CALL_CHOSEN) != 0;
  if (flips && (index->lowest_flip == 0 || number < index->lowest_flip))
    index->lowest_flip = number;
}

static void take_flips(CallIndex *index)
{
  if (index->lowest_flip != 0)
    apply_flips(index, index->lowest_flip);
  index->lowest_flip = 0;
}

/* Silence changes calls, too. */
static bool open_is_due(const CallIndex *index)
{
  int64_t now_ns = trace_now(index->trace);

  return index->open->len > 0 && now_ns != TIME_NONE &&
         now_ns - index->open_ns >= OPEN_AGAIN_SECONDS * SECOND_NS;
}

/* Is a round due, and has anything changed? */
static bool could_begin(const CallIndex *index)
{
  bool unsorted = index->order && call_order_last(index->order) < index->taken;

  if (index->phase != ROUND_NONE || index->coming || index->paused ||
      g_get_monotonic_time() < index->due_us)
    return false;
  if (index->order && call_order_is_busy(index->order))
    return false;
  return index->touched->len > 0 || unsorted || open_is_due(index);
}

static void round_begin(CallIndex *index)
{
  if (!could_begin(index))
    return;
  if (open_is_due(index)) {
    index->open_ns = trace_now(index->trace);
    for (guint i = 0; i < index->open->len; i++) {
      uint32_t number = g_array_index(index->open, uint32_t, i);

      *flags_of(index, number) &= (uint8_t) ~CALL_OPEN;
      list_once(index, index->touched, CALL_TOUCHED, number);
    }
    g_array_set_size(index->open, 0);
  }
  GArray *empty = index->round;
  index->round = index->touched;
  index->touched = empty;
  g_array_set_size(index->touched, 0);
  index->round_at = 0;
  index->spent_us = 0;
  index->phase = ROUND_CHECK;
}

static void end_round(CallIndex *index)
{
  int64_t rest_us = index->pace_us > 0 ? MAX(index->pace_us, REST * index->spent_us) : 0;

  index->phase = ROUND_NONE;
  index->due_us = g_get_monotonic_time() + rest_us;
}

static void check_round(CallIndex *index, int64_t until_us)
{
  while (index->round_at < index->round->len) {
    uint32_t number = g_array_index(index->round, uint32_t, index->round_at++);
    uint8_t *flags = flags_of(index, number);

    *flags &= (uint8_t) ~CALL_TOUCHED;
    if (*flags & CALL_LATER) /* it may have changed after what was checked */
      list_once(index, index->touched, CALL_TOUCHED, number);
    else
      check_again(index, number, until_us);
    if (g_get_monotonic_time() >= until_us)
      return;
  }
  take_flips(index);
  if (!index->order) {
    end_round(index);
    return;
  }
  call_order_begin(index->order, index->taken, index->round);
  index->phase = ROUND_SORT;
}

/* The order has changed. */
static void take_order(CallIndex *index)
{
  size_t count;

  index->shown_is_partial = !index->shown_is_old && filled_calls(index, &count) < count;
  start_next(index);
}

/* Sorts for the first time, in a round, or in the other direction. */
static void sort_some(CallIndex *index, int64_t until_us)
{
  if (index->coming) {
    if (call_order_step(index->coming, until_us))
      return;
    call_order_free(index->order);
    index->order = g_steal_pointer(&index->coming);
    take_order(index);
  } else if (index->order && call_order_is_busy(index->order)) {
    if (call_order_step(index->order, until_us))
      return;
    take_order(index);
  }
  if (index->phase == ROUND_SORT)
    end_round(index);
}

static void work_on_round(CallIndex *index, int64_t until_us)
{
  int64_t began_us = g_get_monotonic_time();

  if (index->phase == ROUND_NONE)
    round_begin(index);
  if (index->phase == ROUND_CHECK)
    check_round(index, until_us);
  else
    sort_some(index, until_us);
  /* Unfinished checks are continued, in turns. */
  for (bool late = false; index->later->len > 0 && !late;) {
    size_t at = index->later_at++ % index->later->len;
    uint32_t number = g_array_index(index->later, uint32_t, at);
    uint8_t *flags = flags_of(index, number);

    *flags &= (uint8_t) ~CALL_LATER;
    g_array_remove_index_fast(index->later, (guint) at);
    check_again(index, number, until_us);
    late = g_get_monotonic_time() >= until_us;
  }
  take_flips(index);
  index->spent_us += g_get_monotonic_time() - began_us;
}

/* --- steps --- */

void call_index_touch(CallIndex *index, const Call *call)
{
  bool matters = index->order || index->coming || !call_filter_is_empty(index->filter);

  if (matters && call->number <= index->taken)
    list_once(index, index->touched, CALL_TOUCHED, call->number);
}

static void take_in(CallIndex *index)
{
  uint64_t evicted = trace_counts(index->trace)->evicted_calls;
  size_t count = trace_call_count(index->trace), room = MAX(index->flags_room, 1024);

  if (index->paused)
    return;
  while (room < count)
    room *= 2;
  if (room > index->flags_room) {
    index->flags = g_realloc(index->flags, room);
    memset(index->flags + index->flags_room, 0, room - index->flags_room);
    index->folded = g_renew(uint32_t, index->folded, room);
    memset(index->folded + index->flags_room, 0,
           (room - index->flags_room) * sizeof *index->folded);
    index->flags_room = room;
  }
  index->taken = (uint32_t) count;
  index->stale |= evicted != index->evicted;
  index->evicted = evicted;
}

/* Calls that have other legs now are checked again, and rows are folded again. */
static void take_legs(CallIndex *index)
{
  uint64_t version = index->conversations ? conversations_version(index->conversations) : 0;

  if (version == index->legs_version)
    return;
  index->legs_version = version;
  const GArray *changed = conversations_changed(index->conversations);
  for (guint i = 0; i < changed->len; i++) {
    const Call *call = trace_call(index->trace, g_array_index(changed, uint32_t, i));
    if (call)
      call_index_touch(index, call);
  }
  if (index->folds)
    start_next(index);
}

bool call_index_step(CallIndex *index, int64_t until_us)
{
  take_in(index);
  take_legs(index);
  work_on_round(index, until_us);
  fill_rows(index, until_us);
  if (index->clears_soft)
    call_index_clear_soft(index);
  index->filters_anew &= is_filling(index) || index->later->len > 0;
  bool sorts = index->coming || (index->order && call_order_is_busy(index->order));
  return is_filling(index) || sorts || index->phase != ROUND_NONE || index->later->len > 0 ||
         could_begin(index);
}

/* --- what is shown --- */

size_t call_index_count(const CallIndex *index)
{
  return index->shown.count;
}

uint32_t call_index_at(const CallIndex *index, size_t row)
{
  g_assert(row < index->shown.count);
  return index->shown.rows[row];
}

bool call_index_find(const CallIndex *index, uint32_t number, size_t *ret_row)
{
  const RowFill *shown = &index->shown;
  size_t row = shown->ascending ? first_row(shown, number) : 0;

  while (!shown->ascending && row < shown->count && shown->rows[row] != number)
    row++;
  if (row == shown->count || shown->rows[row] != number)
    return false;
  *ret_row = row;
  return true;
}

uint64_t call_index_version(const CallIndex *index)
{
  return index->version;
}

size_t call_index_total(const CallIndex *index)
{
  return index->taken;
}

size_t call_index_hidden(const CallIndex *index)
{
  return index->hidden;
}

/* --- filters --- */

/* All calls have to be checked again. */
static void forget_answers(CallIndex *index)
{
  for (uint32_t i = 0; i < index->taken; i++)
    index->flags[i] &= (uint8_t) ~(CALL_KNOWN | CALL_CHOSEN | CALL_LATER);
  g_array_set_size(index->later, 0);
  index->lowest_flip = 0;
  index->shown_is_old = true;
  index->filters_anew = true;
  index->filter_set_us = g_get_monotonic_time();
  index->clears_soft = false;
  start_next(index);
}

void call_index_set_filter(CallIndex *index, DisplayFilter *filter)
{
  call_filter_set_display(index->filter, filter);
  forget_answers(index);
}

const DisplayFilter *call_index_filter(const CallIndex *index)
{
  return call_filter_display(index->filter);
}

void call_index_set_quick(CallIndex *index, QuickChoice quick)
{
  call_filter_set_quick(index->filter, quick);
  forget_answers(index);
}

QuickChoice call_index_quick(const CallIndex *index)
{
  return call_filter_quick(index->filter);
}

/* --- order --- */

static bool is_sorted_by(const CallIndex *index, const FieldRef *ref)
{
  const Field *field = ref ? ref->field : NULL;

  return index->sort.field == field &&
         (!field || !field->takes_name || slice_eq_nocase(index->sort.name, ref->name));
}

/* In order of appearance nothing has to be computed. */
static void unsort(CallIndex *index)
{
  if (!index->order)
    return;
  g_clear_pointer(&index->order, call_order_free);
  if (index->phase == ROUND_SORT)
    index->phase = ROUND_NONE;
  start_next(index);
}

void call_index_sort(CallIndex *index, const FieldRef *ref, bool descending)
{
  CallOrder *order = index->coming ? index->coming : index->order;
  bool is_plain = !ref && !descending;

  if (!is_plain && order && is_sorted_by(index, ref)) {
    call_order_set_descending(order, descending);
    return;
  }
  g_free(index->sort_name);
  index->sort_name = ref && ref->name.data ? slice_dup(ref->name) : NULL;
  index->sort = (FieldRef){ref ? ref->field : NULL, slice_from_string(index->sort_name)};
  g_clear_pointer(&index->coming, call_order_free);
  if (is_plain) {
    unsort(index);
    return;
  }
  index->coming = call_order_new(index->trace, index->stores, ref);
  call_order_share(index->coming, index->conversations);
  call_order_set_descending(index->coming, descending);
  call_order_begin(index->coming, index->taken, NULL);
}

/* --- folding --- */

void call_index_fold(CallIndex *index, bool folds)
{
  if (!index->conversations || folds == index->folds)
    return;
  index->folds = folds;
  start_next(index);
}

bool call_index_folds(const CallIndex *index)
{
  return index->folds;
}

void call_index_unfold(CallIndex *index, uint32_t number, bool unfolds)
{
  call_set_put(index->unfolded, conversations_of(index->conversations, number), unfolds);
  start_next(index);
}

bool call_index_is_folded(const CallIndex *index, uint32_t number)
{
  return index->folds && conversations_legs(index->conversations, number) > 1 &&
         !call_set_has(index->unfolded, conversations_of(index->conversations, number));
}

/* --- clearing --- */

static void hide(CallIndex *index, uint8_t mask, uint8_t value)
{
  for (uint32_t i = 0; i < index->taken; i++) {
    uint8_t *flags = &index->flags[i];

    if ((*flags & (mask | CALL_HIDDEN)) == value) {
      *flags |= CALL_HIDDEN;
      index->hidden++;
    }
  }
}

void call_index_clear(CallIndex *index)
{
  take_in(index);
  hide(index, 0, 0);
  index->shown.count = 0;
  index->version++;
  start_next(index);
}

void call_index_clear_soft(CallIndex *index)
{
  index->clears_soft = is_filling(index) || index->later->len > 0;
  if (!index->clears_soft)
    hide(index, CALL_CHOSEN, 0);
}

void call_index_unhide(CallIndex *index)
{
  for (uint32_t i = 0; i < index->taken; i++)
    index->flags[i] &= (uint8_t) ~CALL_HIDDEN;
  index->hidden = 0;
  start_next(index);
}

/* --- state --- */

void call_index_pause(CallIndex *index, bool paused)
{
  index->paused = paused;
}

bool call_index_is_paused(const CallIndex *index)
{
  return index->paused;
}

size_t call_index_waiting(const CallIndex *index)
{
  return trace_call_count(index->trace) - index->taken;
}

CallIndexWork call_index_work(const CallIndex *index, double *ret_done)
{
  const CallOrder *order = index->coming ? index->coming : index->order;
  size_t count, filled = filled_calls(index, &count);
  bool sorts = index->coming || (order && call_order_is_turning(order));

  if (sorts && index->taken >= PROGRESS_LEAST) {
    *ret_done = call_order_progress(order);
    return CALL_INDEX_SORTING;
  }
  bool is_short = filled + PROGRESS_LEAST > count && index->later->len == 0 &&
                  g_get_monotonic_time() - index->filter_set_us < PROGRESS_US;
  if (!index->filters_anew || is_short)
    return CALL_INDEX_IDLE;
  *ret_done = count > 0 ? (double) filled / (double) count : 0;
  return CALL_INDEX_FILTERING;
}

bool call_index_is_unreadable(const CallIndex *index)
{
  return call_filter_is_unreadable(index->filter) ||
         (index->order && call_order_is_unreadable(index->order));
}
