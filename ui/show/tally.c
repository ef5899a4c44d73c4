#include "ui/show/tally.h"

#include "ui/show/call_set.h"
#include "ui/show/format.h"

enum { CHUNK = 64 };

struct Tally {
  const Trace *trace;
  const CallIndex *index; /* NULL: all calls */
  TallyCounts counts;
  CallSet *seen; /* rows may move meanwhile */
  size_t next;   /* call or row */
  uint32_t call; /* whose messages are counted; 0: none */
  const Message *next_message;
  bool done;
  uint64_t messages, version; /* of trace and index, when it was begun */
};

Tally *tally_new(const Trace *trace, const CallIndex *index)
{
  Tally *tally = g_new0(Tally, 1);

  tally->trace = trace;
  tally->index = index;
  tally->counts.methods = g_array_new(false, true, sizeof(uint64_t));
  tally->seen = call_set_new();
  tally->messages = trace_counts(trace)->messages;
  tally->version = index ? call_index_version(index) : 0;
  return tally;
}

void tally_free(Tally *tally)
{
  if (!tally)
    return;
  g_array_unref(tally->counts.methods);
  call_set_free(tally->seen);
  g_free(tally);
}

static unsigned span_of(int64_t duration_ns)
{
  static const int64_t ENDS_S[TALLY_SPANS - 1] = {10, 60, 300, 1800, 7200};
  unsigned span = 0;

  while (span < TALLY_SPANS - 1 && duration_ns >= ENDS_S[span] * SECOND_NS)
    span++;
  return span;
}

static void count_delays(TallyCounts *counts, const CallSummary *summary)
{
  if (summary->ring_ns >= 0)
    delays_add(&counts->ring, summary->ring_ns);
  if (summary->setup_ns >= 0)
    delays_add(&counts->setup, summary->setup_ns);
  if (summary->duration_ns < 0)
    return;
  delays_add(&counts->duration, summary->duration_ns);
  counts->durations[span_of(summary->duration_ns)]++;
}

static void count_call(Tally *tally, const Call *call)
{
  CallSummary summary = call_summarize(call, trace_now(tally->trace));
  TallyCounts *counts = &tally->counts;
  bool is_invite = call->method == SIP_METHOD_INVITE;

  counts->calls++;
  counts->states[summary.state]++;
  counts->invites += is_invite;
  if (is_invite)
    counts->outcomes[summary.outcome]++;
  count_delays(counts, &summary);
}

static void set_requests(TallyCounts *counts, uint16_t method, uint64_t requests)
{
  if (method >= counts->methods->len)
    g_array_set_size(counts->methods, method + 1u);
  g_array_index(counts->methods, uint64_t, method) = requests;
}

static void count_request(TallyCounts *counts, uint16_t method)
{
  uint64_t before =
    method < counts->methods->len ? g_array_index(counts->methods, uint64_t, method) : 0;

  counts->requests++;
  set_requests(counts, method, before + 1);
}

static void count_message(TallyCounts *counts, const Message *message)
{
  counts->messages++;
  counts->retransmissions += (message->flags & MESSAGE_RETRANSMISSION) != 0;
  counts->duplicates += (message->flags & MESSAGE_DUPLICATE) != 0;
  counts->malformed += (message->flags & MESSAGE_MALFORMED) != 0;
  counts->incomplete += (message->flags & MESSAGE_INCOMPLETE) != 0;
  counts->transports[message->transport]++;
  if (message_is_request(message)) {
    count_request(counts, message->method);
    return;
  }
  counts->responses++;
  if (message->status < STATUS_MAX)
    counts->statuses[message->status]++;
}

static void count_some_messages(Tally *tally)
{
  const Message *message = trace_call(tally->trace, tally->call) ? tally->next_message : NULL;

  for (unsigned i = 0; i < CHUNK && message; i++) {
    count_message(&tally->counts, message);
    message = message->next;
  }
  tally->next_message = message;
  if (!message)
    tally->call = 0;
}

/* Messages that the trace has counted already. */
static void copy_messages(Tally *tally)
{
  const TraceStats *stats = trace_counts(tally->trace);
  TallyCounts *counts = &tally->counts;

  counts->messages = stats->messages;
  counts->requests = stats->requests;
  counts->responses = stats->responses;
  counts->retransmissions = stats->retransmissions;
  counts->duplicates = stats->duplicates;
  counts->malformed = stats->malformed;
  counts->incomplete = stats->incomplete;
  memcpy(counts->statuses, stats->statuses, sizeof counts->statuses);
  memcpy(counts->transports, stats->transports, sizeof counts->transports);
  for (uint16_t method = 0; method < trace_method_count(tally->trace); method++)
    set_requests(counts, method, trace_method_requests(tally->trace, method));
}

static size_t row_count(const Tally *tally)
{
  return tally->index ? call_index_count(tally->index) : trace_call_count(tally->trace);
}

static void count_next_call(Tally *tally)
{
  size_t row = tally->next++;
  uint32_t number = tally->index ? call_index_at(tally->index, row) : (uint32_t) row + 1;
  const Call *call = trace_call(tally->trace, number);

  if (!call || call_set_has(tally->seen, number))
    return;
  call_set_put(tally->seen, number, true);
  count_call(tally, call);
  if (!tally->index)
    return;
  tally->call = number;
  tally->next_message = call->first;
}

static void count_some(Tally *tally)
{
  for (unsigned i = 0; i < CHUNK && tally->call == 0 && tally->next < row_count(tally); i++)
    count_next_call(tally);
  if (tally->call == 0 && tally->next >= row_count(tally))
    tally->done = true;
}

bool tally_step(Tally *tally, int64_t until_us)
{
  if (!tally->index && !tally->done)
    copy_messages(tally);
  while (!tally->done) {
    if (tally->call != 0)
      count_some_messages(tally);
    else
      count_some(tally);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return !tally->done;
}

double tally_progress(const Tally *tally)
{
  size_t count = row_count(tally);

  return tally->done || count == 0 ? 1 : MIN((double) tally->next / (double) count, 1.0);
}

const TallyCounts *tally_counts(const Tally *tally)
{
  return &tally->counts;
}

bool tally_is_old(const Tally *tally)
{
  return tally->messages != trace_counts(tally->trace)->messages ||
         (tally->index && tally->version != call_index_version(tally->index));
}
