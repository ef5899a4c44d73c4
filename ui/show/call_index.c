#include "ui/show/call_index_private.h"

enum {
  PACE_US = 250000,
  PROGRESS_LEAST = 10000, /* calls; of less work nothing is told */
};

CallIndex *call_index_new(const Trace *trace, const StoreSet *stores)
{
  CallIndex *index = g_new0(CallIndex, 1);

  index->trace = trace;
  index->stores = stores;
  index->judge = call_judge_new(trace, stores);
  index->shown.ascending = true;
  index->touched = g_array_new(false, false, sizeof(uint32_t));
  index->round = g_array_new(false, false, sizeof(uint32_t));
  index->later = g_array_new(false, false, sizeof(uint32_t));
  index->open = g_array_new(false, false, sizeof(uint32_t));
  index->pace_us = PACE_US;
  return index;
}

void call_index_free(CallIndex *index)
{
  if (!index)
    return;
  call_judge_free(index->judge);
  call_order_free(index->order);
  call_order_free(index->coming);
  g_free(index->sort_name);
  g_free(index->flags);
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

void call_index_touch(CallIndex *index, const Call *call)
{
  bool matters = index->order || index->coming || !call_judge_is_idle(index->judge);

  if (matters && call->number <= index->taken)
    index_list(index, index->touched, CALL_TOUCHED, call->number);
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
    index->flags_room = room;
  }
  index->taken = (uint32_t) count;
  index->stale |= evicted != index->evicted;
  index->evicted = evicted;
}

bool call_index_step(CallIndex *index, int64_t until_us)
{
  take_in(index);
  index_round(index, until_us);
  index_fill(index, until_us);
  if (index->clears_soft)
    call_index_clear_soft(index);
  index->filters_anew &= index_is_filling(index) || index->later->len > 0;
  return index_is_filling(index) || index_has_round(index);
}

/* --- Rows ------------------------------------------------------------------------------------ */

size_t call_index_count(const CallIndex *index)
{
  return index->shown.count;
}

uint32_t call_index_at(const CallIndex *index, size_t row)
{
  g_assert(row < index->shown.count);
  return index->shown.rows[row];
}

static bool find_anywhere(const RowFill *shown, uint32_t number, size_t *ret_row)
{
  for (size_t row = 0; row < shown->count; row++)
    if (shown->rows[row] == number) {
      *ret_row = row;
      return true;
    }
  return false;
}

bool call_index_find(const CallIndex *index, uint32_t number, size_t *ret_row)
{
  const RowFill *shown = &index->shown;

  if (!shown->ascending)
    return find_anywhere(shown, number, ret_row);
  size_t row = index_first_row(shown, number);
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

/* --- Filters --------------------------------------------------------------------------------- */

/* All calls are to be asked again. */
static void forget_answers(CallIndex *index)
{
  for (uint32_t i = 0; i < index->taken; i++)
    index->flags[i] &= (uint8_t) ~(CALL_KNOWN | CALL_CHOSEN | CALL_LATER);
  g_array_set_size(index->later, 0);
  index->lowest_flip = 0;
  index->shown_is_old = true;
  index->filters_anew = true;
  index->clears_soft = false;
  index_start_next(index);
}

void call_index_set_filter(CallIndex *index, DisplayFilter *filter)
{
  call_judge_set_filter(index->judge, filter);
  forget_answers(index);
}

const DisplayFilter *call_index_filter(const CallIndex *index)
{
  return call_judge_filter(index->judge);
}

void call_index_set_quick(CallIndex *index, QuickChoice quick)
{
  call_judge_set_quick(index->judge, quick);
  forget_answers(index);
}

QuickChoice call_index_quick(const CallIndex *index)
{
  return call_judge_quick(index->judge);
}

/* --- Order ----------------------------------------------------------------------------------- */

static bool is_sorted_by(const CallIndex *index, const FieldRef *ref)
{
  const Field *field = ref ? ref->field : NULL;

  return index->sort.field == field &&
         (!field || !field->takes_name || slice_eq_nocase(index->sort.name, ref->name));
}

static void set_sort(CallIndex *index, const FieldRef *ref)
{
  g_free(index->sort_name);
  index->sort_name = ref && ref->name.data ? slice_dup(ref->name) : NULL;
  index->sort = (FieldRef){ref ? ref->field : NULL, slice_from_string(index->sort_name)};
}

/* In order of appearance: nothing is to be worked out. */
static void unsort(CallIndex *index)
{
  if (!index->order)
    return;
  g_clear_pointer(&index->order, call_order_free);
  if (index->phase == ROUND_SORT)
    index->phase = ROUND_NONE;
  index_start_next(index);
}

void call_index_sort(CallIndex *index, const FieldRef *ref, bool descending)
{
  CallOrder *order = index->coming ? index->coming : index->order;
  bool is_plain = !ref && !descending;

  if (!is_plain && order && is_sorted_by(index, ref)) {
    call_order_set_descending(order, descending);
    return;
  }
  set_sort(index, ref);
  g_clear_pointer(&index->coming, call_order_free);
  if (is_plain) {
    unsort(index);
    return;
  }
  index->coming = call_order_new(index->trace, index->stores, ref);
  call_order_set_descending(index->coming, descending);
  call_order_begin(index->coming, index->taken, NULL);
}

/* --- Clearing -------------------------------------------------------------------------------- */

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
  index_start_next(index);
}

void call_index_clear_soft(CallIndex *index)
{
  index->clears_soft = index_is_filling(index) || index->later->len > 0;
  if (!index->clears_soft)
    hide(index, CALL_CHOSEN, 0);
}

void call_index_unhide(CallIndex *index)
{
  for (uint32_t i = 0; i < index->taken; i++)
    index->flags[i] &= (uint8_t) ~CALL_HIDDEN;
  index->hidden = 0;
  index_start_next(index);
}

/* --- State ----------------------------------------------------------------------------------- */

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
  size_t count, filled = index_filled(index, &count);
  bool sorts = index->coming || (order && call_order_is_turning(order));

  if (sorts && index->taken >= PROGRESS_LEAST) {
    *ret_done = call_order_progress(order);
    return CALL_INDEX_SORTING;
  }
  if (!index->filters_anew || (filled + PROGRESS_LEAST > count && index->later->len == 0))
    return CALL_INDEX_IDLE;
  *ret_done = count > 0 ? (double) filled / (double) count : 0;
  return CALL_INDEX_FILTERING;
}

bool call_index_is_unreadable(const CallIndex *index)
{
  return call_judge_is_unreadable(index->judge) ||
         (index->order && call_order_is_unreadable(index->order));
}
