#include "dissect/trace/summary.h"

#include "capture/cache.h"
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

const char *call_outcome_name(const CallSummary *summary)
{
  return summary->is_unknown ? NULL : outcome_name(summary->outcome);
}

const char *call_result_name(const CallSummary *summary)
{
  const char *state = call_state_name(summary->state, summary->outcome);
  const char *outcome = call_outcome_name(summary);

  return state ? state : outcome ? outcome : "unknown";
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
  const Transaction *nearest; /* its newest on the hop nearest to the caller; NULL as above */
  bool initial_only; /* there is an INVITE outside of dialogs: only the caller's ones decide */
} Attempt;

static bool is_candidate(const Call *call, const Transaction *t, const Attempt *attempt)
{
  return !attempt->initial_only || (!t->in_dialog && t->from_tag == call->caller_tag);
}

static uint32_t client_of(const Transaction *t)
{
  return t->request ? t->request->src : t->last->dst;
}

static bool is_same_hop(const Transaction *t, const Transaction *other)
{
  return t->via_count == other->via_count && client_of(t) == client_of(other);
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

  if (t == newer || !t->final || !old || !new || new->number < t->final->number ||
      new->src != old->src)
    return false;
  return new->dst == old->dst || t->via_count == 1 || t->final->status == 503 ||
         t->final->status / 100 == 3;
}

static bool is_in_attempt(const Call *call, const Transaction *t, const Attempt *attempt)
{
  const Transaction *last = attempt->last;

  return last && is_candidate(call, t, attempt) && t->cseq == last->cseq &&
         t->from_tag == last->from_tag && !is_earlier_round(t, last);
}

/* Of hops with as many Vias, which a B2BUA may give, the first one is nearest. */
static Attempt last_attempt(const Call *call)
{
  Attempt attempt = {.last = NULL};

  for (const Transaction *t = call->deciders; t && !attempt.initial_only; t = t->next_decider)
    attempt.initial_only = t->method == SIP_METHOD_INVITE && !t->in_dialog;
  for (const Transaction *t = call->deciders; t; t = t->next_decider)
    if (is_candidate(call, t, &attempt) &&
        !(attempt.last && transaction_is_inner_leg(t, attempt.last)))
      attempt.last = t;
  for (const Transaction *t = call->deciders; t; t = t->next_decider)
    if (is_in_attempt(call, t, &attempt) &&
        (!attempt.nearest || t->via_count < attempt.nearest->via_count ||
         is_same_hop(t, attempt.nearest)))
      attempt.nearest = t;
  return attempt;
}

static Outcome outcome_of_status(uint16_t method, unsigned status)
{
  if (status < 300)
    return OUTCOME_ANSWERED;
  if (method != SIP_METHOD_INVITE)
    return OUTCOME_FAILED;
  if (status == 486 || status == 600)
    return OUTCOME_BUSY;
  if (status == 487)
    return OUTCOME_CANCELLED;
  return status < 400 ? OUTCOME_REDIRECTED : OUTCOME_FAILED;
}

/* RFC 3261 16.7 6: a 2xx goes before a 6xx, that before the lowest class. */
static unsigned class_rank(unsigned status)
{
  static const unsigned RANKS[] = {[2] = 0, [6] = 1, [3] = 2, [4] = 3, [5] = 4};

  return RANKS[CLAMP(status / 100, 2, 6)];
}

/* In a class, outcomes are declared in the order in which one wins over another among forks.  A
 * CANCEL that got its 2xx ends the INVITE whatever is sent then but a 2xx, or if nothing is. */
static void consider(CallSummary *summary, const Transaction *t)
{
  if (!t->final && !t->cancelled)
    return;
  unsigned status = t->final ? t->final->status : 0;
  bool is_cancelled = t->cancelled && (status == 0 || status >= 300);
  Outcome outcome = is_cancelled ? OUTCOME_CANCELLED : outcome_of_status(t->method, status);
  unsigned rank = class_rank(status ? status : 487);
  unsigned best = class_rank(summary->status ? summary->status : 487);
  if (summary->is_decided && (rank > best || (rank == best && outcome >= summary->outcome)))
    return;
  *summary =
    (CallSummary){.outcome = outcome, .status = status, .decided_by = t->final, .is_decided = true};
}

/*
 * The caller's last attempt decides: a 401, 407 or 3xx that was tried again is not the outcome.  In
 * it the caller's own hop decides, for there the proxies' choice among forks arrives (RFC 3261
 * 16.7); if that is silent, what the other hops say.
 */
static void decide(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  const Transaction *nearest = attempt->nearest;

  for (const Transaction *t = call->deciders; t; t = t->next_decider)
    if (is_in_attempt(call, t, attempt) && is_same_hop(t, nearest) && !is_tried_again(t, nearest))
      consider(summary, t);
  bool hop_is_silent = !summary->is_decided;
  for (const Transaction *t = call->deciders; t && hop_is_silent; t = t->next_decider)
    if (is_in_attempt(call, t, attempt) && !is_tried_again(t, nearest))
      consider(summary, t);
}

/* What no transaction says: the ACK of a 2xx is there, the 2xx is not; or only requests inside of
 * a dialog are, which do not decide over the call. */
static void decide_by_dialogs(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  if (call->deciding != SIP_METHOD_INVITE || summary->outcome == OUTCOME_ANSWERED ||
      (summary->is_decided && attempt->initial_only))
    return;
  if (call->confirmed > 0)
    *summary = (CallSummary){.outcome = OUTCOME_ANSWERED, .is_decided = true};
  else if (!summary->is_decided && call->is_cancelled)
    *summary = (CallSummary){.outcome = OUTCOME_CANCELLED, .is_decided = true};
}

/* The ACK of a final response whose INVITE was not seen: nothing in it tells a 2xx's from another's
 * (RFC 3261 13.2.2.4, 17.1.1.3). */
static bool is_only_acknowledged(const Call *call)
{
  const Dialog *d = call->dialogs;

  return d && !call->begun && d->acked_ns != TIME_NONE && d->confirmed_ns == TIME_NONE;
}

/* --- Times --- */

/* The hop nearest to the caller on which anything was answered. */
static const Transaction *hop_of_times(const Call *call, const Attempt *attempt)
{
  const Transaction *hop = NULL;

  for (const Transaction *t = call->deciders; t; t = t->next_decider) {
    bool is_answered = t->final || t->provisional > 0;
    if (is_answered && is_in_attempt(call, t, attempt) &&
        (!hop || t->via_count < hop->via_count || is_same_hop(t, hop)))
      hop = t;
  }
  return hop ? hop : attempt->nearest;
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a == TIME_NONE || (b != TIME_NONE && b < a) ? b : a;
}

/* From the first INVITE of all attempts, but none before one that was answered; to the answer of
 * the last. */
static void measure(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  const Transaction *hop = hop_of_times(call, attempt);
  int64_t begun_ns = TIME_NONE, ringing_ns = TIME_NONE, answer_ns = TIME_NONE;

  for (const Transaction *t = call->deciders; t; t = t->next_decider) {
    bool is_last = is_in_attempt(call, t, attempt);
    if (t->number < call->since || transaction_may_be_re_invite(t) ||
        (is_last ? !is_same_hop(t, hop) : t->via_count != hop->via_count))
      continue;
    begun_ns = earlier(begun_ns, t->request ? t->request->time_ns : TIME_NONE);
    ringing_ns = earlier(ringing_ns, t->ringing_ns);
    if (is_last && t->final && t->final->status < 300)
      answer_ns = earlier(answer_ns, t->final->time_ns);
  }
  summary->ring_ns = time_span(begun_ns, ringing_ns);
  summary->setup_ns = time_span(begun_ns, answer_ns);
  if (summary->status >= 300)
    summary->refusal_ns = time_span(begun_ns, summary->decided_by->time_ns);
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

/* The earliest answer of those that have had no BYE. */
static int64_t up_since(const Call *call)
{
  int64_t since_ns = TIME_NONE;
  unsigned asked = 0;

  for (const Dialog *d = call->open_dialog; d && asked++ < CALL_DIALOGS_MAX; d = d->next)
    if (dialog_is_callers(d) && !d->answer_unseen && d->bye_ns == TIME_NONE)
      since_ns = earlier(since_ns, d->confirmed_ns);
  return since_ns;
}

/* An INVITE without a final response: does one still come? */
static CallState waiting_state(const Call *call, const Attempt *attempt, int64_t now_ns)
{
  const Message *invite = attempt->nearest ? attempt->nearest->request : NULL;
  bool is_provisional = false, rings = false;

  for (const Transaction *t = call->deciders; t; t = t->next_decider)
    if (is_in_attempt(call, t, attempt)) {
      is_provisional |= t->provisional > 0;
      rings |= t->ringing_ns != TIME_NONE;
    }
  /* RFC 3261 9.1: nor is a final response waited for longer than that after a CANCEL. */
  int64_t wait_ns = (is_provisional && !call->is_given_up ? PROVISIONAL_MS : SILENT_MS) * MS;
  int64_t since_ns = is_provisional ? call->end_ns : invite ? invite->time_ns : call->start_ns;
  if (now_ns - since_ns >= wait_ns)
    return CALL_STATE_OUTCOME;
  return rings ? CALL_STATE_RINGING : CALL_STATE_CALLING;
}

static CallState state_of(const Call *call, const CallSummary *summary, const Attempt *attempt,
                          int64_t now_ns)
{
  /* Every dialog that the caller's INVITE confirmed has had its BYE. */
  bool has_ended =
    call_rare(call)->stray_bye_ns != TIME_NONE || (call->confirmed > 0 && call->unended == 0);

  if (summary->outcome == OUTCOME_ANSWERED)
    return has_ended ? CALL_STATE_COMPLETED : CALL_STATE_IN_CALL;
  return summary->is_decided ? CALL_STATE_OUTCOME : waiting_state(call, attempt, now_ns);
}

void call_expect(const Call *soon, const Call *later)
{
  cache_expect(later, sizeof *later);
  if (!soon)
    return;
  cache_expect(soon->texts, 1);
  cache_expect(soon->deciders, sizeof *soon->deciders);
  cache_expect(soon->last_decider, sizeof *soon->last_decider);
  cache_expect(soon->dialogs, sizeof *soon->dialogs);
}

CallSummary call_summarize(const Call *call, int64_t now_ns)
{
  CallSummary summary = {.outcome = OUTCOME_UNANSWERED};
  Attempt attempt = last_attempt(call);

  if (attempt.last)
    decide(&summary, call, &attempt);
  decide_by_dialogs(&summary, call, &attempt);
  summary.ring_ns = summary.setup_ns = summary.refusal_ns = summary.duration_ns = -1;
  summary.up_since_ns = TIME_NONE;
  if (call->method != SIP_METHOD_INVITE)
    return summary;
  summary.is_unknown = !summary.is_decided && is_only_acknowledged(call);
  if (!summary.is_unknown)
    summary.state = state_of(call, &summary, &attempt, now_ns);
  if (attempt.initial_only)
    measure(&summary, call, &attempt);
  if (summary.outcome == OUTCOME_ANSWERED)
    summary.duration_ns = duration_of(call);
  if (summary.state == CALL_STATE_IN_CALL)
    summary.up_since_ns = up_since(call);
  return summary;
}

bool call_summary_is_final(const CallSummary *summary)
{
  return summary->state == CALL_STATE_COMPLETED || summary->state == CALL_STATE_OUTCOME ||
         (summary->state == CALL_STATE_NONE && summary->outcome != OUTCOME_UNANSWERED);
}

bool call_has_ended(const Call *call, int64_t now_ns)
{
  static const int64_t QUIET_NS = 1000 * MS;
  CallSummary summary = call_summarize(call, now_ns);

  if (summary.is_unknown)
    return now_ns - call->end_ns > SILENT_MS * MS;
  return call_summary_is_final(&summary) && now_ns - call->end_ns > QUIET_NS;
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
