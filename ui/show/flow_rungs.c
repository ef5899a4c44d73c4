#include "ui/show/flow_rungs.h"

#include <stdlib.h>

typedef struct {
  uint32_t number;
  bool waiting;         /* in the queue */
  const Call *call;     /* valid until flow_rungs_sync drops it */
  const Message *taken; /* its newest message among the rungs */
} FlowCall;

struct FlowRungs {
  const Trace *trace;
  GArray *calls;          /* FlowCall */
  GHashTable *numbers;    /* of the calls */
  GArray *queue;          /* uint32_t, indexes of calls: a heap by the next message of each */
  GArray *rungs;          /* FlowRung */
  bool unsorted;          /* a rung was taken out of order and not placed */
  uint64_t seen_messages; /* of the trace, when calls were last checked for new ones */
  uint64_t seen_evicted;
};

FlowRungs *flow_rungs_new(const Trace *trace)
{
  FlowRungs *rungs = g_new0(FlowRungs, 1);

  rungs->trace = trace;
  rungs->calls = g_array_new(FALSE, FALSE, sizeof(FlowCall));
  rungs->numbers = g_hash_table_new(NULL, NULL);
  rungs->queue = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  rungs->rungs = g_array_new(FALSE, FALSE, sizeof(FlowRung));
  rungs->seen_evicted = trace_counts(trace)->evicted_calls;
  return rungs;
}

void flow_rungs_free(FlowRungs *rungs)
{
  if (!rungs)
    return;
  g_array_unref(rungs->calls);
  g_hash_table_unref(rungs->numbers);
  g_array_unref(rungs->queue);
  g_array_unref(rungs->rungs);
  g_free(rungs);
}

/* --- calls --- */

static FlowCall *call_at(const FlowRungs *rungs, size_t index)
{
  return &g_array_index(rungs->calls, FlowCall, index);
}

bool flow_rungs_add_call(FlowRungs *rungs, uint32_t number)
{
  FlowCall call = {.number = number, .call = trace_call(rungs->trace, number)};

  if (!call.call || rungs->calls->len >= FLOW_CALLS_MAX ||
      !g_hash_table_add(rungs->numbers, GUINT_TO_POINTER(number)))
    return false;
  g_array_append_val(rungs->calls, call);
  rungs->seen_messages = 0;
  return true;
}

size_t flow_rungs_call_count(const FlowRungs *rungs)
{
  return rungs->calls->len;
}

uint32_t flow_rungs_call_at(const FlowRungs *rungs, size_t index)
{
  return call_at(rungs, index)->number;
}

uint64_t flow_rungs_expected(const FlowRungs *rungs)
{
  uint64_t all = 0;

  for (size_t i = 0; i < rungs->calls->len; i++)
    all += call_at(rungs, i)->call->messages;
  return all;
}

bool flow_rungs_sync(FlowRungs *rungs)
{
  uint64_t evicted = trace_counts(rungs->trace)->evicted_calls;
  unsigned kept = 0;

  if (evicted == rungs->seen_evicted)
    return false;
  rungs->seen_evicted = evicted;
  for (size_t i = 0; i < rungs->calls->len; i++) {
    FlowCall call = *call_at(rungs, i);

    if (trace_call(rungs->trace, call.number) == call.call)
      *call_at(rungs, kept++) = call;
    else
      g_hash_table_remove(rungs->numbers, GUINT_TO_POINTER(call.number));
  }
  if (kept == rungs->calls->len)
    return false;
  g_array_set_size(rungs->calls, kept);
  g_array_set_size(rungs->rungs, 0);
  g_array_set_size(rungs->queue, 0);
  rungs->seen_messages = 0;
  for (size_t i = 0; i < kept; i++) {
    call_at(rungs, i)->taken = NULL;
    call_at(rungs, i)->waiting = false;
  }
  return true;
}

/* --- the next message of all calls --- */

static int compare_messages(const Message *a, const Message *b)
{
  if (a->frame != b->frame)
    return a->frame < b->frame ? -1 : 1;
  return a->number < b->number ? -1 : a->number > b->number;
}

static const Message *next_of(const FlowCall *call)
{
  return call->taken ? call->taken->next : call->call->first;
}

static uint32_t *queue_at(const FlowRungs *rungs, size_t place)
{
  return &g_array_index(rungs->queue, uint32_t, place);
}

/* Swaps two places of the queue if the second one must come first. */
static bool put_sooner_first(const FlowRungs *rungs, size_t first, size_t second)
{
  uint32_t *a = queue_at(rungs, first), *b = queue_at(rungs, second), call = *a;

  if (compare_messages(next_of(call_at(rungs, *b)), next_of(call_at(rungs, *a))) >= 0)
    return false;
  *a = *b;
  *b = call;
  return true;
}

static void sift_up(FlowRungs *rungs, size_t place)
{
  while (place > 0 && put_sooner_first(rungs, (place - 1) / 2, place))
    place = (place - 1) / 2;
}

static void sift_down(FlowRungs *rungs)
{
  size_t count = rungs->queue->len;

  for (size_t place = 0, child = 1; child < count; place = child, child = 2 * place + 1) {
    if (child + 1 < count && compare_messages(next_of(call_at(rungs, *queue_at(rungs, child + 1))),
                                              next_of(call_at(rungs, *queue_at(rungs, child)))) < 0)
      child++;
    if (!put_sooner_first(rungs, place, child))
      return;
  }
}

/* Queues the calls that have got messages since. */
static void queue_calls(FlowRungs *rungs)
{
  uint64_t messages = trace_counts(rungs->trace)->messages;

  if (messages == rungs->seen_messages)
    return;
  rungs->seen_messages = messages;
  for (uint32_t i = 0; i < rungs->calls->len; i++) {
    FlowCall *call = call_at(rungs, i);

    if (call->waiting || !next_of(call))
      continue;
    call->waiting = true;
    g_array_append_val(rungs->queue, i);
    sift_up(rungs, rungs->queue->len - 1);
  }
}

FlowRung *flow_rungs_take(FlowRungs *rungs)
{
  FlowRung rung = {0};

  queue_calls(rungs);
  if (rungs->queue->len == 0)
    return NULL;
  FlowCall *call = call_at(rungs, *queue_at(rungs, 0));
  rung.message = call->taken = next_of(call);
  call->waiting = next_of(call) != NULL;
  if (!call->waiting) {
    *queue_at(rungs, 0) = *queue_at(rungs, rungs->queue->len - 1);
    g_array_set_size(rungs->queue, rungs->queue->len - 1);
  }
  sift_down(rungs);
  size_t count = rungs->rungs->len;
  rungs->unsorted |=
    count > 0 && compare_messages(rung.message, flow_rungs_at(rungs, count - 1)->message) < 0;
  g_array_append_val(rungs->rungs, rung);
  return flow_rungs_at(rungs, count);
}

/* --- rungs --- */

size_t flow_rungs_count(const FlowRungs *rungs)
{
  return rungs->rungs->len;
}

FlowRung *flow_rungs_at(const FlowRungs *rungs, size_t index)
{
  return &g_array_index(rungs->rungs, FlowRung, index);
}

/* Among the first `count` rungs. */
static size_t find_among(const FlowRungs *rungs, size_t count, const Message *message)
{
  size_t low = 0, high = count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (compare_messages(flow_rungs_at(rungs, middle)->message, message) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t flow_rungs_find(const FlowRungs *rungs, const Message *message)
{
  return find_among(rungs, rungs->rungs->len, message);
}

size_t flow_rungs_place(FlowRungs *rungs)
{
  size_t last = rungs->rungs->len - 1;
  FlowRung rung = *flow_rungs_at(rungs, last);

  if (!rungs->unsorted)
    return last;
  rungs->unsorted = false;
  size_t place = find_among(rungs, last, rung.message);
  FlowRung *at = flow_rungs_at(rungs, place);
  memmove(at + 1, at, (last - place) * sizeof *at);
  *at = rung;
  return place;
}

static int compare_rungs(const void *a, const void *b)
{
  return compare_messages(((const FlowRung *) a)->message, ((const FlowRung *) b)->message);
}

void flow_rungs_sort(FlowRungs *rungs)
{
  if (rungs->unsorted)
    qsort(rungs->rungs->data, rungs->rungs->len, sizeof(FlowRung), compare_rungs);
  rungs->unsorted = false;
}
