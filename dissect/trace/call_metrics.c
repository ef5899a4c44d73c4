#include "dissect/trace/call_metrics.h"

#include "dissect/trace/call_facts.h"

#define MS INT64_C(1000000)

enum {
  TIMER_F_MS = 32000, /* 64*T1 (RFC 3261 17.1.2.2) */
  /* Of a call with more transactions, how it ended is not looked for. */
  TRANSACTIONS_MAX = 4096,
};

/* --- How a session ended ---------------------------------------------------------------------- */

/* The BYEs of the call's longest dialog. */
typedef struct {
  const Transaction *first; /* the first that was sent, on the hop of who sent it; NULL: none */
  const Transaction *success, *failure; /* on that hop: the first 2xx; the last other final one */
  bool has_response;                    /* any of them got a final one, but 408 */
} Ending;

static bool is_of_dialog(const Call *call, const Transaction *bye, const CallSummary *summary)
{
  const Dialog *dialog = bye->request ? bye->request->dialog : bye->last->dialog;

  /* One whose tags are of no dialog may end any. */
  return dialog ? dialog_is_callers(dialog) && dialog_duration(dialog) == summary->duration_ns
                : call_rare(call)->stray_bye_ns != TIME_NONE;
}

static void note_bye(Ending *ending, const Transaction *bye)
{
  unsigned status = bye->final ? bye->final->status : 0;

  ending->has_response |= status >= 200 && status != 408;
  if (!ending->first && bye->request)
    ending->first = bye;
  if (!ending->first || !bye->request || bye->request->src != ending->first->request->src ||
      bye->via_count != ending->first->via_count)
    return;
  if (status / 100 == 2 && !ending->success)
    ending->success = bye;
  else if (status >= 300)
    ending->failure = bye;
}

static Ending ending_of(const Call *call, const CallSummary *summary)
{
  Ending ending = {.first = NULL};

  if (call->transaction_count > TRANSACTIONS_MAX)
    return ending;
  for (const Transaction *t = call->transactions; t; t = t->next)
    if (t->method == SIP_METHOD_BYE && is_of_dialog(call, t, summary))
      note_bye(&ending, t);
  return ending;
}

static void measure_ending(CallMetrics *metrics, const Call *call, const CallSummary *summary,
                           int64_t now_ns)
{
  Ending ending = ending_of(call, summary);
  int64_t bye_ns = ending.first ? ending.first->request->time_ns : TIME_NONE;

  metrics->is_completed = ending.has_response;
  if (ending.has_response)
    metrics->sdt_ns = summary->duration_ns;
  else if (ending.first && summary->duration_ns >= 0 && now_ns - bye_ns >= TIMER_F_MS * MS)
    metrics->failed_sdt_ns = summary->duration_ns + TIMER_F_MS * MS;
  if (ending.success)
    metrics->sdd_ns = time_span(bye_ns, ending.success->final->time_ns);
  else if (ending.failure)
    metrics->failed_sdd_ns = time_span(bye_ns, ending.failure->final->time_ns);
}

/* --- How it was set up ------------------------------------------------------------------------ */

static bool is_challenge(unsigned status)
{
  return status == 401 || status == 402 || status == 407;
}

static void measure_setup(CallMetrics *metrics, const CallSummary *summary)
{
  unsigned status = summary->status;
  int64_t rings_ns = summary->ring_ns;
  bool is_refused = summary->is_decided && summary->outcome != OUTCOME_ANSWERED &&
                    summary->outcome != OUTCOME_REDIRECTED && !is_challenge(status);
  bool is_timeout = !summary->is_decided && summary->state == CALL_STATE_OUTCOME;

  metrics->pdd_ns = rings_ns >= 0 ? rings_ns : summary->setup_ns;
  if (summary->outcome == OUTCOME_ANSWERED)
    metrics->srd_ns = metrics->pdd_ns;
  else if (is_refused || is_timeout)
    metrics->failed_srd_ns = rings_ns >= 0 ? rings_ns : summary->refusal_ns;
  metrics->is_effective = summary->outcome == OUTCOME_ANSWERED || status == 480 || status == 486 ||
                          status == 600 || status == 603;
  metrics->is_ineffective = status == 408 || status == 500 || status == 503 || status == 504;
}

CallMetrics call_measure(const Call *call, const CallSummary *summary, int64_t now_ns)
{
  CallMetrics metrics = {-1, -1, -1, -1, -1, -1, -1, false, false, false};

  if (call->method != SIP_METHOD_INVITE || summary->is_unknown)
    return metrics;
  measure_setup(&metrics, summary);
  if (summary->outcome == OUTCOME_ANSWERED && summary->state == CALL_STATE_COMPLETED)
    measure_ending(&metrics, call, summary, now_ns);
  return metrics;
}

/* --- Registrations ---------------------------------------------------------------------------- */

bool register_attempt_failed(const RegisterAttempt *attempt)
{
  return attempt->status == 0 || (attempt->status >= 400 && !is_challenge(attempt->status));
}

static const Transaction *first_of(const Call *call, RegisterWalk walk)
{
  return walk == REGISTER_ALL ? call->transactions : call->deciders;
}

static const Transaction *after(const Transaction *t, RegisterWalk walk)
{
  return walk == REGISTER_ALL ? t->next : t->next_decider;
}

static unsigned nearest_hop(const Call *call, RegisterWalk walk)
{
  unsigned nearest = UINT16_MAX;

  for (const Transaction *t = first_of(call, walk); t; t = after(t, walk))
    if (t->method == SIP_METHOD_REGISTER && t->request)
      nearest = MIN(nearest, t->via_count);
  return nearest;
}

void call_each_register(const Call *call, int64_t now_ns, RegisterWalk walk,
                        void (*each)(void *data, const RegisterAttempt *attempt), void *data)
{
  RegisterAttempt attempt = {.last = NULL};
  unsigned nearest = nearest_hop(call, walk);
  int64_t begun_ns = TIME_NONE; /* of one that was challenged */

  for (const Transaction *t = first_of(call, walk); t; t = after(t, walk)) {
    if (t->method != SIP_METHOD_REGISTER || !t->request || t->via_count != nearest)
      continue;
    int64_t sent_ns = t->request->time_ns;
    bool goes_on = begun_ns != TIME_NONE && sent_ns - attempt.last->last_ns < TIMER_F_MS * MS;
    bool is_over = t->final || now_ns - sent_ns >= TIMER_F_MS * MS;
    if (!is_over && walk == REGISTER_IN_ORDER)
      break;
    attempt.last = t;
    attempt.status = t->final ? t->final->status : 0;
    attempt.start_ns = goes_on ? begun_ns : sent_ns;
    attempt.rrd_ns =
      attempt.status / 100 == 2 ? time_span(attempt.start_ns, t->final->time_ns) : -1;
    begun_ns = is_challenge(attempt.status) ? attempt.start_ns : TIME_NONE;
    if (is_over && !is_challenge(attempt.status))
      each(data, &attempt);
  }
}
