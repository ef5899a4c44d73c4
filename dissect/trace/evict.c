/*
 * Which call goes first at a limit: the oldest finished one, or the oldest if none is finished.
 *
 * Calls are asked whether they are finished in order of appearance, each once; one that is not is
 * asked again when nothing was heard of it for a while, and one that only another message can end
 * is parked until it gets that message.  So the work per new call is constant on average, however
 * many calls never end.
 */
#include "dissect/trace/trace_private.h"

enum {
  /* Summaries at a time, so that no message waits long: after them the oldest call goes. */
  LOOKS_MAX = 4096,
  /* A call may be finished when it was quiet for this long. */
  QUIET_S = 32,
};

#define QUIET_NS (QUIET_S * INT64_C(1000000000))

/* A call that was not finished, and when to ask again. */
typedef struct {
  int64_t due_ns;
  uint32_t number;
} Asked;

void evictor_init(Evictor *evictor)
{
  *evictor = (Evictor){
    .waiting = g_array_new(FALSE, FALSE, sizeof(Asked)),
    .finished = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
    .chosen = g_ptr_array_new(),
    .pinned = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
  };
}

void evictor_clear(Evictor *evictor)
{
  g_array_unref(evictor->waiting);
  g_array_unref(evictor->finished);
  g_ptr_array_unref(evictor->chosen);
  g_array_unref(evictor->pinned);
}

/* NULL if it is gone, or chosen. */
static Call *call_at(const Trace *trace, size_t index)
{
  Call *call = sparse_array_get(trace->calls, index);

  return call && !call->is_chosen ? call : NULL;
}

/* --- The finished: a heap, the lowest number first ------------------------------------------- */

static void push_finished(GArray *heap, uint32_t number)
{
  g_array_append_val(heap, number);
  uint32_t *numbers = (uint32_t *) (void *) heap->data;
  for (size_t i = heap->len - 1; i > 0 && numbers[(i - 1) / 2] > numbers[i]; i = (i - 1) / 2) {
    uint32_t parent = numbers[(i - 1) / 2];
    numbers[(i - 1) / 2] = numbers[i];
    numbers[i] = parent;
  }
}

static uint32_t pop_finished(GArray *heap)
{
  uint32_t *numbers = (uint32_t *) (void *) heap->data;
  uint32_t least = numbers[0];
  size_t len = heap->len - 1, at = 0;

  numbers[0] = numbers[len];
  g_array_set_size(heap, (guint) len);
  for (size_t child = 1; child < len; child = 2 * at + 1) {
    if (child + 1 < len && numbers[child + 1] < numbers[child])
      child++;
    if (numbers[at] <= numbers[child])
      break;
    uint32_t moved = numbers[at];
    numbers[at] = numbers[child];
    numbers[child] = moved;
    at = child;
  }
  return least;
}

/* --- The unfinished: all wait equally long, so that they are in order of time ---------------- */

static void push_waiting(Trace *trace, const Call *call)
{
  Evictor *evictor = &trace->evictor;
  Asked asked = {trace->stats.last_ns + QUIET_NS, call->number};

  if (evictor->first_waiting > evictor->waiting->len / 2) {
    g_array_remove_range(evictor->waiting, 0, (guint) evictor->first_waiting);
    evictor->first_waiting = 0;
  }
  g_array_append_val(evictor->waiting, asked);
}

void evictor_unpark(Trace *trace, Call *call)
{
  call->is_parked = false;
  push_waiting(trace, call);
}

static bool is_quiet(const Trace *trace, const Call *call)
{
  return trace->stats.last_ns - call->end_ns >= QUIET_NS;
}

/* One that is not finished waits or is parked. */
static bool ask_call(Trace *trace, Call *call)
{
  if (call->is_pinned) {
    call->is_parked = true;
    return false;
  }
  if (is_quiet(trace, call))
    switch (call_summarize(call, trace->stats.last_ns).state) {
    case CALL_STATE_NONE:
    case CALL_STATE_COMPLETED:
    case CALL_STATE_OUTCOME:
      return true;
    case CALL_STATE_IN_CALL:
      call->is_parked = true;
      return false;
    case CALL_STATE_CALLING:
    case CALL_STATE_RINGING:
      break;
    }
  push_waiting(trace, call);
  return false;
}

/* --- The choice ------------------------------------------------------------------------------ */

static void ask_waiting(Trace *trace)
{
  Evictor *evictor = &trace->evictor;

  for (unsigned looks = 0; evictor->first_waiting < evictor->waiting->len && looks < LOOKS_MAX;) {
    Asked asked = g_array_index(evictor->waiting, Asked, evictor->first_waiting);
    if (asked.due_ns > trace->stats.last_ns)
      break;
    evictor->first_waiting++;
    Call *call = call_at(trace, asked.number - 1);
    if (!call)
      continue;
    looks += is_quiet(trace, call); /* others had a message meanwhile, and are not summarized */
    if (ask_call(trace, call))
      push_finished(evictor->finished, asked.number);
  }
}

/* The oldest of those that were finished when they were asked and got no message since. */
static Call *take_finished(Trace *trace)
{
  GArray *finished = trace->evictor.finished;

  while (finished->len > 0) {
    Call *call = call_at(trace, pop_finished(finished) - 1);
    if (call && ask_call(trace, call))
      return call;
  }
  return NULL;
}

/* All that were asked before are older. */
static Call *ask_unasked(Trace *trace)
{
  Evictor *evictor = &trace->evictor;

  evictor->unasked = MAX(evictor->unasked, evictor->oldest);
  for (unsigned looks = 0; evictor->unasked < sparse_array_len(trace->calls) && looks < LOOKS_MAX;
       looks++) {
    Call *call = call_at(trace, evictor->unasked);
    if (call && trace->stats.last_ns - call->start_ns < QUIET_NS)
      break; /* nor are those after it finished */
    evictor->unasked++;
    if (call && ask_call(trace, call))
      return call;
  }
  return NULL;
}

/* The oldest of all; or else, of those that are pinned. */
static Call *take_oldest(Trace *trace)
{
  Evictor *evictor = &trace->evictor;
  Call *call = NULL;

  for (; !call && evictor->oldest < sparse_array_len(trace->calls); evictor->oldest += !call) {
    call = call_at(trace, evictor->oldest);
    if (call && call->is_pinned)
      call = NULL;
  }
  for (guint i = 0; !call && i < evictor->pinned->len; i++)
    call = call_at(trace, g_array_index(evictor->pinned, uint32_t, i) - 1);
  return call;
}

Call *evictor_choose(Trace *trace)
{
  ask_waiting(trace);
  Call *call = take_finished(trace);
  if (!call)
    call = ask_unasked(trace);
  if (!call)
    call = take_oldest(trace);
  if (call)
    call->is_chosen = true;
  return call;
}

/* One that was passed over meanwhile is looked at again. */
static void unpin(Trace *trace, size_t index)
{
  Evictor *evictor = &trace->evictor;
  Call *call = call_at(trace, index);

  if (!call)
    return;
  call->is_pinned = false;
  evictor->oldest = MIN(evictor->oldest, index);
  if (call->is_parked)
    evictor_unpark(trace, call);
}

void trace_set_pinned(Trace *trace, const uint32_t *numbers, size_t count)
{
  GArray *pinned = trace->evictor.pinned;

  for (guint i = 0; i < pinned->len; i++)
    unpin(trace, g_array_index(pinned, uint32_t, i) - 1);
  g_array_set_size(pinned, 0);
  for (size_t i = 0; i < count; i++) {
    Call *call = numbers[i] > 0 && numbers[i] <= sparse_array_len(trace->calls)
                   ? call_at(trace, numbers[i] - 1)
                   : NULL;
    if (!call)
      continue;
    call->is_pinned = true;
    g_array_append_val(pinned, numbers[i]);
  }
}
