/* Making rows: a walk over all calls in order, beside the rows that are shown. */
#include "ui/show/call_index_private.h"

enum {
  FIRST_ROWS = 64,       /* so many new rows are shown before all are there */
  NEAR_ROWS = 64 * 1024, /* so many calls are gone over again in one go */
  ROWS_BETWEEN = 4096,   /* rows between two looks at the clock */
};

void index_note_open(CallIndex *index, uint32_t number)
{
  const Call *call = trace_call(index->trace, number);

  if (call && quick_fate_may_change(call, trace_now(index->trace)))
    index_list(index, index->open, CALL_OPEN, number);
}

static void set_answer(uint8_t *flags, bool chosen)
{
  *flags = (uint8_t) ((*flags & ~CALL_CHOSEN) | CALL_KNOWN | (chosen ? CALL_CHOSEN : 0));
}

/* The answer takes long.  Rows that are being made can wait for it, but not for a huge call. */
static void set_aside(CallIndex *index, const Call *call)
{
  uint8_t *flags = index_flags(index, call->number);

  if (!(*flags & CALL_KNOWN) && call->messages < CALL_JUDGE_HUGE)
    return;
  index_list(index, index->later, CALL_LATER, call->number);
  *flags |= CALL_KNOWN;
}

void index_ask(CallIndex *index, uint32_t number, int64_t until_us)
{
  const Call *call = trace_call(index->trace, number);
  uint8_t *flags = index_flags(index, number);

  if (!call) {
    call_judge_forget(index->judge, number);
    set_answer(flags, false);
    return;
  }
  JudgeAnswer answer = call_judge_ask(index->judge, call, until_us);
  if (answer == JUDGE_LATER) {
    set_aside(index, call);
    return;
  }
  set_answer(flags, answer == JUDGE_YES);
  index_note_open(index, number);
}

static size_t order_count(const CallIndex *index)
{
  return index->order ? call_order_count(index->order) : index->taken;
}

static uint32_t order_at(const CallIndex *index, size_t place)
{
  return index->order ? call_order_at(index->order, place) : (uint32_t) place + 1;
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

/* The next call in order, if there is an answer; true when it had to be asked. */
static bool fill_one(CallIndex *index, RowFill *fill, int64_t until_us)
{
  uint32_t number = order_at(index, fill->cursor);
  const uint8_t *flags = index_flags(index, number);
  bool asks = !(*flags & CALL_KNOWN);

  if (asks)
    index_ask(index, number, until_us);
  if (!(*flags & CALL_KNOWN))
    return true;
  fill->cursor++;
  if (is_row(index, number))
    add_row(fill, number);
  return asks;
}

static void fill_up(CallIndex *index, RowFill *fill, int64_t until_us)
{
  size_t end = order_count(index);

  for (size_t i = 1; fill->cursor < end; i++)
    if ((fill_one(index, fill, until_us) || i % ROWS_BETWEEN == 0) &&
        g_get_monotonic_time() >= until_us)
      return;
}

void index_start_next(CallIndex *index)
{
  index->next.count = index->next.cursor = 0;
  index->next.ascending = !index->order;
  index->fills_next = true;
  index->stale = false;
}

static void show_next(CallIndex *index)
{
  RowFill was = index->shown;

  index->shown = index->next;
  index->next = was;
  index->fills_next = index->shown_is_old = index->shown_is_partial = false;
  index->version++;
}

/* All rows that there will be, or enough to begin with, or more than are shown. */
static bool next_is_better(const CallIndex *index)
{
  size_t count = index->next.count;

  return index->next.cursor == order_count(index) || (index->shown_is_old && count >= FIRST_ROWS) ||
         (index->shown_is_partial && !index->shown_is_old && count >= index->shown.count);
}

void index_fill(CallIndex *index, int64_t until_us)
{
  size_t count = index->shown.count;

  if (index->order && call_order_is_turning(index->order))
    return;
  if (index->stale && !index->fills_next)
    index_start_next(index);
  if (index->fills_next) {
    fill_up(index, &index->next, until_us);
    if (next_is_better(index))
      show_next(index);
    return;
  }
  fill_up(index, &index->shown, until_us);
  index->version += index->shown.count != count;
}

bool index_is_filling(const CallIndex *index)
{
  return index->fills_next || index->stale || index->shown.cursor < order_count(index);
}

size_t index_filled(const CallIndex *index, size_t *ret_of)
{
  *ret_of = order_count(index);
  return index->fills_next ? index->next.cursor : index->shown.cursor;
}

size_t index_first_row(const RowFill *fill, uint32_t number)
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

/* Those at the end are gone over again at once: all of them were asked. */
static void refill_end(CallIndex *index, uint32_t from)
{
  RowFill *shown = &index->shown;
  size_t end = shown->cursor;

  shown->count = index_first_row(shown, from);
  for (shown->cursor = from - 1; shown->cursor < end;)
    fill_one(index, shown, 0);
  index->version++;
}

void index_take_flips(CallIndex *index, uint32_t from)
{
  bool in_place = !index->order && !index->fills_next && !index->stale && index->shown.ascending;

  if (in_place && from > index->shown.cursor)
    return;
  if (in_place && index->shown.cursor - from < NEAR_ROWS)
    refill_end(index, from);
  else
    index->stale = true;
}
