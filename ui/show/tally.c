#include "ui/show/tally.h"

enum {
  QUIET_S = 1,   /* a call is looked at when it was silent for so long, */
  SLOW_S = 8,    /* and again after so long */
  SILENT_S = 32, /* when a timeout is known: 64*T1 */
};

/* Call.tally: three bits, and above them the number of the last REGISTER that was counted. */
enum { IS_WAITING = 1, HAS_REQUEST = 2, HAS_ENDING = 4, FLAG_BITS = 3 };

/* Calls in order of time: all of a queue wait equally long. */
typedef struct {
  GArray *waiting; /* Waiting */
  size_t first;
  int64_t wait_ns;
} Queue;

typedef struct {
  int64_t due_ns;
  uint32_t number;
} Waiting;

typedef struct {
  TallySink sink;
  void *data;
} Sink;

struct Tally {
  Trace *trace;
  Queue quiet, slow;
  GArray *sinks; /* Sink */
  Metrics total;
  bool is_finishing;
};

/* --- The queues ------------------------------------------------------------------------------- */

static void queue_init(Queue *queue, int64_t wait_s)
{
  queue->waiting = g_array_new(false, false, sizeof(Waiting));
  queue->wait_ns = wait_s * INT64_C(1000000000);
}

static void queue_push(Queue *queue, const Call *call, int64_t now_ns)
{
  Waiting waiting = {now_ns + queue->wait_ns, call->number};

  if (queue->first > queue->waiting->len / 2) {
    g_array_remove_range(queue->waiting, 0, (guint) queue->first);
    queue->first = 0;
  }
  g_array_append_val(queue->waiting, waiting);
}

/* The number of the next call that is due; 0: none is. */
static uint32_t queue_pop(Queue *queue, int64_t now_ns, bool is_finishing)
{
  if (queue->first == queue->waiting->len)
    return 0;
  Waiting waiting = g_array_index(queue->waiting, Waiting, queue->first);
  if (waiting.due_ns > now_ns && !is_finishing)
    return 0;
  queue->first++;
  return waiting.number;
}

Tally *tally_new(Trace *trace)
{
  Tally *tally = g_new0(Tally, 1);

  tally->trace = trace;
  tally->sinks = g_array_new(false, false, sizeof(Sink));
  queue_init(&tally->quiet, QUIET_S);
  queue_init(&tally->slow, SLOW_S);
  return tally;
}

void tally_free(Tally *tally)
{
  if (!tally)
    return;
  g_array_unref(tally->quiet.waiting);
  g_array_unref(tally->slow.waiting);
  g_array_unref(tally->sinks);
  metrics_clear(&tally->total);
  g_free(tally);
}

void tally_add_sink(Tally *tally, TallySink sink, void *data)
{
  const Sink added = {sink, data};

  g_array_append_val(tally->sinks, added);
}

void tally_remove_sink(Tally *tally, const void *data)
{
  for (guint i = tally->sinks->len; i-- > 0;)
    if (g_array_index(tally->sinks, Sink, i).data == data)
      g_array_remove_index(tally->sinks, i);
}

const Metrics *tally_total(const Tally *tally)
{
  return &tally->total;
}

void tally_touch(Tally *tally, const Call *call)
{
  bool counts = call->method == SIP_METHOD_INVITE || call->method == SIP_METHOD_REGISTER;

  if (!counts || call->tally & IS_WAITING)
    return;
  trace_set_tally(tally->trace, call->number, call->tally | IS_WAITING);
  queue_push(&tally->quiet, call, trace_now(tally->trace));
}

/* --- What a call adds ------------------------------------------------------------------------- */

void metrics_add_event(Metrics *metrics, const TallyEvent *event)
{
  switch (event->kind) {
  case TALLY_REQUEST:
    metrics_add_request(metrics, event->summary, event->measured);
    break;
  case TALLY_ENDING:
    metrics_add_ending(metrics, event->summary, event->measured);
    break;
  case TALLY_REGISTER:
    metrics_add_register(metrics, event->attempt);
    break;
  }
}

static void emit(void *data, const TallyEvent *event)
{
  const Tally *tally = data;

  for (guint i = 0; i < tally->sinks->len; i++) {
    const Sink *sink = &g_array_index(tally->sinks, Sink, i);
    sink->sink(sink->data, event);
  }
}

static void emit_counted(Tally *tally, const TallyEvent *event)
{
  metrics_add_event(&tally->total, event);
  emit(tally, event);
}

/* A timeout has no message: it is known some time after the last one. */
static int64_t request_time(const Call *call, const CallSummary *summary)
{
  if (summary->decided_by)
    return summary->decided_by->time_ns;
  return summary->is_decided ? call->end_ns : call->end_ns + SILENT_S * INT64_C(1000000000);
}

static bool is_open(const CallSummary *summary)
{
  return summary->state == CALL_STATE_CALLING || summary->state == CALL_STATE_RINGING;
}

/* Nor is an ending known while a BYE may still get its response. */
static bool has_ended(const CallSummary *summary, const CallMetrics *measured)
{
  return summary->state == CALL_STATE_COMPLETED &&
         (measured->is_completed || measured->failed_sdt_ns >= 0);
}

/* Returns the call's flags then; true in *ret_again if it is to be looked at again. */
static uint64_t count_invite(Tally *tally, const Call *call, int64_t now_ns, bool *ret_again)
{
  CallSummary summary = call_summarize(call, now_ns);
  CallMetrics measured = call_measure(call, &summary, now_ns);
  TallyEvent event = {.call = call, .summary = &summary, .measured = &measured};
  uint64_t flags = call->tally;

  if (summary.is_unknown)
    return flags;
  if (!is_open(&summary) && !(flags & HAS_REQUEST)) {
    flags |= HAS_REQUEST;
    event.kind = TALLY_REQUEST;
    event.time_ns = request_time(call, &summary);
    emit_counted(tally, &event);
  }
  if (has_ended(&summary, &measured) && !(flags & HAS_ENDING)) {
    flags |= HAS_ENDING;
    event.kind = TALLY_ENDING;
    event.time_ns = call->end_ns;
    emit_counted(tally, &event);
  }
  *ret_again =
    is_open(&summary) || (summary.state == CALL_STATE_COMPLETED && !(flags & HAS_ENDING) &&
                          now_ns - call->end_ns <= 2 * SILENT_S * INT64_C(1000000000));
  return flags;
}

typedef struct {
  Tally *tally; /* NULL: it is replayed into the sink */
  Sink sink;
  const Call *call;
  uint64_t first, last; /* numbers of transactions */
} Registering;

static void count_attempt(void *data, const RegisterAttempt *attempt)
{
  Registering *counted = data;
  const Transaction *last = attempt->last;
  bool is_timeout = attempt->status == 0;
  const TallyEvent event = {
    .kind = TALLY_REGISTER,
    .time_ns = is_timeout ? last->last_ns : last->final->time_ns,
    .call = counted->call,
    .attempt = attempt,
  };

  if (last->number < counted->first || last->number > counted->last)
    return;
  if (!counted->tally) {
    counted->sink.sink(counted->sink.data, &event);
    return;
  }
  emit_counted(counted->tally, &event);
  counted->first = last->number + 1;
}

static bool waits_for_final(const Call *call, int64_t now_ns)
{
  const Transaction *last = call->last_decider;

  return last && !last->final && now_ns - last->last_ns <= 2 * SILENT_S * INT64_C(1000000000);
}

static uint64_t count_register(Tally *tally, const Call *call, int64_t now_ns, bool *ret_again)
{
  Registering counted = {
    .tally = tally, .call = call, .first = (call->tally >> FLAG_BITS) + 1, .last = UINT64_MAX};

  call_each_register(call, now_ns, REGISTER_IN_ORDER, count_attempt, &counted);
  *ret_again = waits_for_final(call, now_ns);
  return (counted.first - 1) << FLAG_BITS;
}

static void look_at(Tally *tally, const Call *call, int64_t now_ns)
{
  bool again = false;
  uint64_t flags = call->tally | IS_WAITING;

  if (now_ns - call->end_ns < tally->quiet.wait_ns && !tally->is_finishing) {
    queue_push(&tally->quiet, call, now_ns);
    return;
  }
  if (call->method == SIP_METHOD_INVITE)
    flags = count_invite(tally, call, now_ns, &again);
  else if (call->method == SIP_METHOD_REGISTER)
    flags = count_register(tally, call, now_ns, &again);
  again &= !tally->is_finishing;
  if (again)
    queue_push(&tally->slow, call, now_ns);
  trace_set_tally(tally->trace, call->number,
                  again ? flags | IS_WAITING : flags & ~(uint64_t) IS_WAITING);
}

bool tally_step(Tally *tally, int64_t now_ns, int64_t until_us)
{
  enum { CHUNK = 16 }; /* calls between two looks at the clock */

  for (unsigned done = 0;; done++) {
    uint32_t number = queue_pop(&tally->quiet, now_ns, tally->is_finishing);
    if (number == 0)
      number = queue_pop(&tally->slow, now_ns, tally->is_finishing);
    if (number == 0)
      return false;
    const Call *call = trace_call(tally->trace, number);
    if (call)
      look_at(tally, call, now_ns);
    if (done % CHUNK == CHUNK - 1 && g_get_monotonic_time() >= until_us)
      return true;
  }
}

void tally_finish(Tally *tally)
{
  tally->is_finishing = true;
  tally_step(tally, trace_now(tally->trace), INT64_MAX);
  tally->is_finishing = false;
}

void tally_replay(const Call *call, int64_t now_ns, TallySink sink, void *data)
{
  if (call->method == SIP_METHOD_REGISTER) {
    Registering counted = {.sink = {sink, data}, .call = call, .last = call->tally >> FLAG_BITS};
    call_each_register(call, now_ns, REGISTER_IN_ORDER, count_attempt, &counted);
    return;
  }
  if (!(call->tally & HAS_REQUEST))
    return;
  CallSummary summary = call_summarize(call, now_ns);
  CallMetrics measured = call_measure(call, &summary, now_ns);
  TallyEvent event = {.kind = TALLY_REQUEST,
                      .time_ns = request_time(call, &summary),
                      .call = call,
                      .summary = &summary,
                      .measured = &measured};
  sink(data, &event);
  event.kind = TALLY_ENDING;
  event.time_ns = call->end_ns;
  if (call->tally & HAS_ENDING)
    sink(data, &event);
}
