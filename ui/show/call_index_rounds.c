/* Rounds: calls that got messages are asked again and moved, gathered so that it costs little. */
#include "ui/show/call_index_private.h"
#include "ui/show/format.h"

enum {
  REST = 4,               /* a round that took long is followed by a rest as many times as long */
  OPEN_AGAIN_SECONDS = 1, /* of the trace's time */
};

/* Asks a call again, and notes whether its row comes or goes. */
static void ask_again(CallIndex *index, uint32_t number, int64_t until_us)
{
  uint8_t before = *index_flags(index, number);

  if (!(before & CALL_KNOWN)) { /* rows are still being made: it will be asked there */
    index_note_open(index, number);
    return;
  }
  index_ask(index, number, until_us);
  bool flips = ((before ^ *index_flags(index, number)) & CALL_CHOSEN) != 0;
  if (flips && (index->lowest_flip == 0 || number < index->lowest_flip))
    index->lowest_flip = number;
}

static void take_flips(CallIndex *index)
{
  if (index->lowest_flip != 0)
    index_take_flips(index, index->lowest_flip);
  index->lowest_flip = 0;
}

/* Silence changes calls, too. */
static bool open_is_due(const CallIndex *index)
{
  int64_t now_ns = trace_now(index->trace);

  return index->open->len > 0 && now_ns != TIME_NONE &&
         now_ns - index->open_ns >= OPEN_AGAIN_SECONDS * SECOND_NS;
}

static void touch_open(CallIndex *index)
{
  index->open_ns = trace_now(index->trace);
  for (guint i = 0; i < index->open->len; i++) {
    uint32_t number = g_array_index(index->open, uint32_t, i);

    *index_flags(index, number) &= (uint8_t) ~CALL_OPEN;
    index_list(index, index->touched, CALL_TOUCHED, number);
  }
  g_array_set_size(index->open, 0);
}

static bool has_new_to_sort(const CallIndex *index)
{
  return index->order && call_order_last(index->order) < index->taken;
}

static bool is_due(const CallIndex *index)
{
  if (index->coming || index->paused || g_get_monotonic_time() < index->due_us)
    return false;
  return !index->order || !call_order_is_busy(index->order);
}

static bool could_begin(const CallIndex *index)
{
  bool changed = index->touched->len > 0 || has_new_to_sort(index) || open_is_due(index);

  return changed && index->phase == ROUND_NONE && is_due(index);
}

static void begin_round(CallIndex *index)
{
  if (!could_begin(index))
    return;
  if (open_is_due(index))
    touch_open(index);
  GArray *empty = index->round;
  index->round = index->touched;
  index->touched = empty;
  g_array_set_size(index->touched, 0);
  index->round_at = 0;
  index->spent_us = 0;
  index->phase = ROUND_ASK;
}

static void end_round(CallIndex *index)
{
  int64_t rest_us = index->pace_us > 0 ? MAX(index->pace_us, REST * index->spent_us) : 0;

  index->phase = ROUND_NONE;
  index->due_us = g_get_monotonic_time() + rest_us;
}

static void ask_next(CallIndex *index, int64_t until_us)
{
  uint32_t number = g_array_index(index->round, uint32_t, index->round_at++);
  uint8_t *flags = index_flags(index, number);

  *flags &= (uint8_t) ~CALL_TOUCHED;
  if (*flags & CALL_LATER) /* it may have changed behind what was asked */
    index_list(index, index->touched, CALL_TOUCHED, number);
  else
    ask_again(index, number, until_us);
}

static void ask_round(CallIndex *index, int64_t until_us)
{
  while (index->round_at < index->round->len) {
    ask_next(index, until_us);
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

/* The places of calls have changed. */
static void take_order(CallIndex *index)
{
  size_t count;

  index->shown_is_partial = !index->shown_is_old && index_filled(index, &count) < count;
  index_start_next(index);
}

/* Sorting for the first time, in a round, or the other way round. */
static void sort(CallIndex *index, int64_t until_us)
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

/* Calls that are asked in turns, one after the other. */
static void ask_later(CallIndex *index, int64_t until_us)
{
  for (bool late = false; index->later->len > 0 && !late;) {
    size_t at = index->later_at++ % index->later->len;
    uint32_t number = g_array_index(index->later, uint32_t, at);
    uint8_t *flags = index_flags(index, number);

    *flags &= (uint8_t) ~CALL_LATER;
    g_array_remove_index_fast(index->later, (guint) at);
    ask_again(index, number, until_us);
    late = g_get_monotonic_time() >= until_us;
  }
  take_flips(index);
}

void index_round(CallIndex *index, int64_t until_us)
{
  int64_t began_us = g_get_monotonic_time();

  if (index->phase == ROUND_NONE)
    begin_round(index);
  if (index->phase == ROUND_ASK)
    ask_round(index, until_us);
  else
    sort(index, until_us);
  ask_later(index, until_us);
  index->spent_us += g_get_monotonic_time() - began_us;
}

bool index_has_round(const CallIndex *index)
{
  bool sorts = index->coming || (index->order && call_order_is_busy(index->order));

  return sorts || index->phase != ROUND_NONE || index->later->len > 0 || could_begin(index);
}
