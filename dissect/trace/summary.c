#include "dissect/trace/summary.h"

#include "dissect/trace/call_facts.h"

#define MS INT64_C(1000000)

enum {
  /* 63*T1: after this the last copy of an unanswered INVITE has been sent (RFC 3261 17.1.1.2). */
  SILENT_MS = 31500,
  /* Timer C: how long a proxy waits for more than a provisional response (RFC 3261 16.6). */
  PROVISIONAL_MS = 180000,
};

const char *outcome_name(Outcome outcome)
{
  static const char *const NAMES[] = {
#define OUTCOME_NAME(id, name) [OUTCOME_##id] = name,
    OUTCOMES(OUTCOME_NAME)
#undef OUTCOME_NAME
  };

  return NAMES[outcome];
}

const char *call_state_name(CallState state, Outcome outcome)
{
  static const char *const NAMES[] = {
#define STATE_NAME(id, name) [CALL_STATE_##id] = name,
    CALL_STATES(STATE_NAME)
#undef STATE_NAME
  };

  return state == CALL_STATE_OUTCOME ? outcome_name(outcome) : NAMES[state];
}

/* All transactions of one attempt share From tag and CSeq: hops, forks, recursion in proxies. */
typedef struct {
  const Transaction *last;    /* its newest transaction; NULL if there is none */
  const Transaction *nearest; /* its newest of those nearest to the caller; NULL as above */
  bool initial_only;          /* there is an INVITE outside of dialogs: re-INVITEs do not decide */
} Attempt;

static bool is_candidate(const Transaction *t, const Attempt *attempt)
{
  return !(attempt->initial_only && t->in_dialog);
}

/* Some peers never count their CSeq up: what ended long before belongs to an earlier request. */
static bool is_earlier_round(const Transaction *t, const Transaction *last)
{
  return t->final && last->request && last->request->time_ns - t->last_ns > SILENT_MS * MS;
}

/* Others try again at once with the CSeq of what was refused, or go to the next server as they
 * should (RFC 3263 4.3); a proxy follows a 3xx with it (RFC 3261 16.7 4).  Only what a proxy tries
 * in sequence counts together (16.7 6). */
static bool is_tried_again(const Transaction *t, const Transaction *newer)
{
  const Message *old = t->request, *new = newer->request;

  if (!t->final || !old || new->number < t->final->number || new->src != old->src)
    return false;
  return new->dst == old->dst || t->via_count == 1 || t->final->status == 503 ||
         t->final->status / 100 == 3;
}

static bool is_in_attempt(const Transaction *t, const Attempt *attempt)
{
  const Transaction *last = attempt->last;

  return is_candidate(t, attempt) && t->cseq == last->cseq && t->from_tag == last->from_tag &&
         !is_earlier_round(t, last);
}

static Attempt last_attempt(const Call *call)
{
  Attempt attempt = {.last = NULL};

  for (const Transaction *t = call->deciders; t && !attempt.initial_only; t = t->next_decider)
    attempt.initial_only = t->method == SIP_METHOD_INVITE && !t->in_dialog;
  for (const Transaction *t = call->deciders; t; t = t->next_decider)
    if (is_candidate(t, &attempt) && !(attempt.last && transaction_is_inner_leg(t, attempt.last)))
      attempt.last = t;
  for (const Transaction *t = call->deciders; t; t = t->next_decider)
    if (is_in_attempt(t, &attempt) && t->request &&
        (!attempt.nearest || t->via_count <= attempt.nearest->via_count))
      attempt.nearest = t;
  return attempt;
}

static Outcome outcome_of_status(const Call *call, uint16_t method, unsigned status)
{
  if (status < 300)
    return OUTCOME_ANSWERED;
  if (method != SIP_METHOD_INVITE)
    return OUTCOME_FAILED;
  if (status == 486 || status == 600)
    return OUTCOME_BUSY;
  if (status == 487 && call->cancelled)
    return OUTCOME_CANCELLED;
  return status < 400 ? OUTCOME_REDIRECTED : OUTCOME_FAILED;
}

/* RFC 3261 16.7 6: a 2xx goes before a 6xx, that before the lowest class. */
static unsigned class_rank(unsigned status)
{
  static const unsigned RANKS[] = {[2] = 0, [6] = 1, [3] = 2, [4] = 3, [5] = 4};

  return RANKS[CLAMP(status / 100, 2, 6)];
}

/* In a class, outcomes are declared in the order in which one wins over another among forks. */
static void consider(CallSummary *summary, const Call *call, const Transaction *t)
{
  if (!t->final)
    return;
  unsigned status = t->final->status;
  Outcome outcome = outcome_of_status(call, t->method, status);
  unsigned rank = class_rank(status), best = class_rank(summary->status);
  if (summary->decided_by && (rank > best || (rank == best && outcome >= summary->outcome)))
    return;
  summary->outcome = outcome;
  summary->status = status;
  summary->decided_by = t->final;
}

/*
 * The last attempt decides: a 401, 407 or 3xx that was tried again is not the outcome.  In it the
 * caller's own hop decides, for there the proxies' choice among forks arrives (RFC 3261 16.7); if
 * that is silent, what the other hops say.  A call that was ever answered is answered.
 */
static void decide(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  const Transaction *nearest = attempt->nearest;

  for (const Transaction *t = call->deciders; t && nearest; t = t->next_decider)
    if (is_in_attempt(t, attempt) && t->request && t->via_count == nearest->via_count &&
        !is_tried_again(t, nearest))
      consider(summary, call, t);
  bool hop_is_silent = !summary->decided_by;
  if (attempt->initial_only && call->answered)
    consider(summary, call, call->answered);
  for (const Transaction *t = call->deciders; t && hop_is_silent; t = t->next_decider)
    if (is_in_attempt(t, attempt) && !(nearest && is_tried_again(t, nearest)))
      consider(summary, call, t);
}

/* What no transaction says: the ACK of a 2xx is there, the 2xx is not; or only requests inside of
 * a dialog are, which do not decide over the call. */
static void decide_by_dialogs(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  if (call->deciding != SIP_METHOD_INVITE || summary->outcome == OUTCOME_ANSWERED ||
      (summary->decided_by && attempt->initial_only) || call->confirmed == 0)
    return;
  summary->outcome = OUTCOME_ANSWERED;
  summary->status = 0;
  summary->decided_by = NULL;
}

/* Of the longest dialog: a fork that answered too late is ended at once. */
static int64_t duration_of(const Call *call)
{
  int64_t longest = call->longest_ns;
  unsigned asked = 0;

  for (const Dialog *d = call->open_dialog; d && asked++ < CALL_DIALOGS_MAX; d = d->next)
    longest = MAX(longest, dialog_duration(d));
  return longest;
}

static CallState state_of(const Call *call, const CallSummary *summary, int64_t now_ns)
{
  /* Every dialog that an INVITE confirmed has had its BYE. */
  bool has_ended = call->stray_bye_ns != TIME_NONE || (call->confirmed > 0 && call->unended == 0);

  if (summary->outcome == OUTCOME_ANSWERED)
    return has_ended ? CALL_STATE_COMPLETED : CALL_STATE_IN_CALL;
  if (summary->decided_by)
    return CALL_STATE_OUTCOME;
  /* RFC 3261 9.1: nor is a final response waited for longer than that after a CANCEL. */
  int64_t wait_ns = (call->provisional && !call->cancelled ? PROVISIONAL_MS : SILENT_MS) * MS;
  int64_t since_ns = call->provisional ? call->end_ns : call->invite_ns;
  if (now_ns - since_ns >= wait_ns)
    return CALL_STATE_OUTCOME;
  return call->ringing_ns != TIME_NONE ? CALL_STATE_RINGING : CALL_STATE_CALLING;
}

CallSummary call_summarize(const Call *call, int64_t now_ns)
{
  CallSummary summary = {.ring_ns = -1, .setup_ns = -1, .duration_ns = -1};
  Attempt attempt = last_attempt(call);

  summary.outcome = OUTCOME_UNANSWERED;
  if (attempt.last)
    decide(&summary, call, &attempt);
  decide_by_dialogs(&summary, call, &attempt);
  if (call->method != SIP_METHOD_INVITE)
    return summary;
  summary.state = state_of(call, &summary, now_ns);
  summary.ring_ns = time_span(call->invite_ns, call->ringing_ns);
  summary.setup_ns = time_span(call->invite_ns, call->answer_ns);
  summary.duration_ns = duration_of(call);
  return summary;
}

bool call_summary_is_effective(const CallSummary *summary)
{
  switch (summary->outcome) {
  case OUTCOME_ANSWERED:
  case OUTCOME_BUSY:
    return true;
  case OUTCOME_CANCELLED:
    return summary->ring_ns >= 0;
  case OUTCOME_FAILED: /* no answer, declined */
    return summary->status == 480 || summary->status == 603;
  case OUTCOME_REDIRECTED:
  case OUTCOME_UNANSWERED:
  case OUTCOME_COUNT:
    return false;
  }
  return false;
}
