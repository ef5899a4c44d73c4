#include "dissect/trace/summary.h"

#include "dissect/trace/call_digest.h"

#define MS INT64_C(1000000)

enum {
  /* 63*T1: after this the last copy of an unanswered INVITE has been sent (RFC 3261 17.1.1.2). */
  SILENT_MS = 31500,
  /* Timer C: how long a proxy waits for more than a provisional response (RFC 3261 16.6). */
  PROVISIONAL_MS = 180000,
  /* So many dialogs without a BYE of their own are asked how long they lasted. */
  DIALOGS_MAX = 1024,
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

/* Requests inside of a dialog do not decide over a call that was begun by the method. */
static bool is_candidate(const Transaction *t, uint16_t method, bool initial_only)
{
  return t->method == method && !(initial_only && t->in_dialog);
}

/* All transactions of one attempt share From tag and CSeq: hops, forks, recursion in proxies. */
typedef struct {
  const Transaction *last;    /* its newest transaction; NULL when there is none */
  const Transaction *nearest; /* its newest of those nearest to the caller; NULL as above */
  uint16_t method;
  bool initial_only;
} Attempt;

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

/* The transactions that may be candidates: those of one endless dialog are passed over. */
static const Transaction *first_of(const Call *call, const Attempt *attempt)
{
  if (!attempt->initial_only && !call->digest)
    return call->transactions;
  return attempt->initial_only || call->outer_invites ? call->outer_invites : call->digest->inner;
}

static const Transaction *next_of(const Transaction *t, const Attempt *attempt)
{
  const CallDigest *digest = t->call->digest;

  if (attempt->initial_only)
    return t->next_outer;
  if (!digest)
    return t->next;
  return t == t->call->last_outer_invite ? digest->inner : t->next_outer;
}

static bool is_in_attempt(const Transaction *t, const Attempt *attempt)
{
  const Transaction *last = attempt->last;

  return is_candidate(t, attempt->method, attempt->initial_only) && t->cseq == last->cseq &&
         t->from_tag == last->from_tag && !is_earlier_round(t, last);
}

static const Transaction *last_candidate(const Call *call, const Attempt *attempt)
{
  const Transaction *last = NULL;

  for (const Transaction *t = first_of(call, attempt); t; t = next_of(t, attempt))
    if (is_candidate(t, attempt->method, attempt->initial_only) &&
        !(last && transaction_is_inner_leg(t, last)))
      last = t;
  return last;
}

static Attempt last_attempt(const Call *call)
{
  Attempt attempt = {.method = call_deciding_method(call)};

  for (const Transaction *t = call->outer_invites; t; t = t->next_outer)
    if (is_candidate(t, attempt.method, true))
      attempt.initial_only = true;
  attempt.last = last_candidate(call, &attempt);
  for (const Transaction *t = first_of(call, &attempt); t && attempt.last; t = next_of(t, &attempt))
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
static bool wins_over(const CallSummary *summary, Outcome outcome, unsigned status)
{
  unsigned rank = class_rank(status), other = class_rank(summary->status);

  return !summary->decided_by || rank < other || (rank == other && outcome < summary->outcome);
}

static void consider(CallSummary *summary, const Call *call, const Transaction *t)
{
  if (!t->final)
    return;
  Outcome outcome = outcome_of_status(call, t->method, t->final->status);
  if (!wins_over(summary, outcome, t->final->status))
    return;
  summary->outcome = outcome;
  summary->status = t->final->status;
  summary->decided_by = t->final;
}

static bool is_answer(const Transaction *t, const Attempt *attempt)
{
  return attempt->initial_only && t->final && t->final->status < 300 &&
         is_candidate(t, attempt->method, true);
}

/*
 * The last attempt decides: a 401, 407 or 3xx that was tried again is not the outcome.  In it the
 * caller's own hop decides, for there the proxies' choice among forks arrives (RFC 3261 16.7);
 * where that is silent, what the other hops say.  A call that was ever answered is answered.
 */
static void decide(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  const Transaction *nearest = attempt->nearest;

  for (const Transaction *t = first_of(call, attempt); t && nearest; t = next_of(t, attempt))
    if (is_in_attempt(t, attempt) && t->request && t->via_count == nearest->via_count &&
        !is_tried_again(t, nearest))
      consider(summary, call, t);
  bool hop_is_silent = !summary->decided_by;
  if (call->digest && call->digest->answered && is_answer(call->digest->answered, attempt))
    consider(summary, call, call->digest->answered);
  for (const Transaction *t = first_of(call, attempt); t; t = next_of(t, attempt))
    if (is_answer(t, attempt) ||
        (hop_is_silent && is_in_attempt(t, attempt) && !(nearest && is_tried_again(t, nearest))))
      consider(summary, call, t);
}

/* Dialogs that an INVITE confirmed, and those of them without a BYE. */
typedef struct {
  uint32_t confirmed, unended;
} DialogCounts;

static DialogCounts count_dialogs(const Call *call)
{
  DialogCounts counts = {0, 0};

  if (call->digest)
    return (DialogCounts){call->digest->confirmed, call->digest->unended};
  for (const Dialog *d = call->dialogs; d; d = d->next) {
    if (d->method != SIP_METHOD_INVITE || d->confirmed_ns == TIME_NONE)
      continue;
    counts.confirmed++;
    counts.unended += d->bye_ns == TIME_NONE;
  }
  return counts;
}

/* What no transaction tells: the ACK of a 2xx is there, the 2xx is not; or only requests inside of
 * a dialog are, which do not decide over the call. */
static void decide_by_dialogs(CallSummary *summary, const Call *call, const Attempt *attempt)
{
  if (attempt->method != SIP_METHOD_INVITE || summary->outcome == OUTCOME_ANSWERED ||
      (summary->decided_by && attempt->initial_only))
    return;
  if (count_dialogs(call).confirmed == 0)
    return;
  summary->outcome = OUTCOME_ANSWERED;
  summary->status = 0;
  summary->decided_by = NULL;
}

/* Ended: every dialog that an INVITE confirmed has had its BYE. */
static bool has_ended(const Call *call)
{
  DialogCounts counts = count_dialogs(call);

  return call->stray_bye_ns != TIME_NONE || (counts.confirmed > 0 && counts.unended == 0);
}

/* The longest dialog: a fork that answered too late is ended at once. */
static int64_t duration_of(const Call *call)
{
  int64_t longest = call->digest ? call->digest->longest_ns : -1;
  unsigned asked = 0;

  for (const Dialog *d = call->digest ? call->digest->open : call->dialogs;
       d && asked++ < DIALOGS_MAX; d = d->next)
    longest = MAX(longest, dialog_duration(d));
  return longest;
}

static bool was_provisional(const Call *call)
{
  if (call->digest)
    return call->digest->provisional;
  for (const Transaction *t = call->transactions; t; t = t->next)
    if (t->method == SIP_METHOD_INVITE && t->provisional > 0)
      return true;
  return false;
}

static CallState state_of(const Call *call, const CallSummary *summary, int64_t now_ns)
{
  if (summary->outcome == OUTCOME_ANSWERED)
    return has_ended(call) ? CALL_STATE_COMPLETED : CALL_STATE_IN_CALL;
  if (summary->decided_by)
    return CALL_STATE_OUTCOME;
  bool provisional = was_provisional(call);
  /* RFC 3261 9.1: nor is a final response waited for longer than that after a CANCEL. */
  int64_t wait_ns = (provisional && !call->cancelled ? PROVISIONAL_MS : SILENT_MS) * MS;
  int64_t since_ns = provisional ? call->end_ns : call->invite_ns;
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
