#include "dissect/trace/call_digest.h"

uint16_t call_deciding_method(const Call *call)
{
  if (call->method == SIP_METHOD_NONE)
    return call->transactions->method;
  return call->method == SIP_METHOD_ACK ? SIP_METHOD_INVITE : call->method;
}

bool message_makes_fork(const Message *message)
{
  return message->method == SIP_METHOD_INVITE && message->dialog &&
         !message->transaction->in_dialog && message->status > 100 && message->status < 300;
}

bool transaction_is_inner_leg(const Transaction *t, const Transaction *outer)
{
  return t->request && outer->request && t->from_tag != outer->from_tag &&
         t->request->src != outer->request->src &&
         (!outer->final || outer->final->number > t->request->number);
}

int64_t time_span(int64_t from_ns, int64_t to_ns)
{
  return from_ns == TIME_NONE || to_ns == TIME_NONE || to_ns < from_ns ? -1 : to_ns - from_ns;
}

int64_t dialog_duration(const Dialog *d)
{
  int64_t to = d->bye_ns != TIME_NONE ? d->bye_ns : d->call->stray_bye_ns;
  bool is_acked = d->acked_ns != TIME_NONE && d->acked_ns <= to;

  if (d->method != SIP_METHOD_INVITE || d->answer_unseen)
    return -1;
  return time_span(is_acked ? d->acked_ns : d->confirmed_ns, to);
}

/* --- Transactions ---------------------------------------------------------------------------- */

/* Another hop or fork of the same attempt, farther from the caller. */
static bool is_farther(const Transaction *t, const Transaction *outer)
{
  return outer->request && t->cseq == outer->cseq && t->from_tag == outer->from_tag &&
         (!t->request || t->via_count > outer->via_count);
}

/* The oldest of a chain goes when there are too many; but not before those that it goes before. */
static void count_decider(Transaction **first, unsigned *count)
{
  if (++*count <= CALL_DECIDERS_MAX)
    return;
  Transaction *oldest = *first, *next = oldest->next_outer;
  bool stays = is_farther(next, oldest) || transaction_is_inner_leg(next, oldest);
  Transaction **link = stays ? &oldest->next_outer : first;
  Transaction *gone = *link;

  *link = gone->next_outer;
  gone->next_outer = NULL;
  --*count;
}

static void note_transaction(CallDigest *digest, Call *call, Transaction *t)
{
  bool is_outer = t == call->last_outer_invite || t->next_outer;

  if (is_outer) { /* the trace has linked it */
    count_decider(&call->outer_invites, &digest->outer_count);
    return;
  }
  if (t->method != call_deciding_method(call))
    return;
  if (digest->last_inner)
    digest->last_inner->next_outer = t;
  else
    digest->inner = t;
  digest->last_inner = t;
  count_decider(&digest->inner, &digest->inner_count);
}

/* --- Dialogs --------------------------------------------------------------------------------- */

static bool is_confirmed_invite(const Dialog *d)
{
  return d->method == SIP_METHOD_INVITE && d->confirmed_ns != TIME_NONE;
}

void call_digest_note_confirmed(const Dialog *dialog)
{
  CallDigest *digest = dialog->call->digest;

  if (!digest || !is_confirmed_invite(dialog))
    return;
  digest->confirmed++;
  digest->unended += dialog->bye_ns == TIME_NONE;
}

void call_digest_note_ended(const Dialog *dialog)
{
  CallDigest *digest = dialog->call->digest;

  if (digest && is_confirmed_invite(dialog))
    digest->unended--;
}

static void note_duration(CallDigest *digest, const Call *call, const Dialog *d)
{
  if (d && d->bye_ns != TIME_NONE)
    digest->longest_ns = MAX(digest->longest_ns, dialog_duration(d));
  if (!digest->open)
    digest->open = call->dialogs;
  while (digest->open && digest->open->next && digest->open->bye_ns != TIME_NONE)
    digest->open = digest->open->next;
}

static CallAttempt *attempt_of(CallDigest *digest, const Transaction *t)
{
  unsigned known = MIN(digest->attempt_count, CALL_ATTEMPTS_MAX);

  for (unsigned i = 0; i < known; i++)
    if (digest->attempts[i].from_tag == t->from_tag && digest->attempts[i].cseq == t->cseq)
      return &digest->attempts[i];
  CallAttempt *oldest = &digest->attempts[digest->attempt_count++ % CALL_ATTEMPTS_MAX];
  *oldest = (CallAttempt){t->from_tag, t->cseq, 0};
  return oldest;
}

static void note_fork(CallDigest *digest, const Message *m)
{
  if (!message_makes_fork(m) || m->dialog->is_counted)
    return;
  CallAttempt *attempt = attempt_of(digest, m->transaction);
  attempt->dialogs++;
  m->dialog->is_counted = true;
  digest->forks = MAX(digest->forks, attempt->dialogs);
}

/* --- Endpoints ------------------------------------------------------------------------------- */

static bool has_endpoint(const CallDigest *digest, uint32_t id)
{
  for (unsigned i = 0; i < digest->endpoint_count; i++)
    if (digest->endpoints[i] == id)
      return true;
  return false;
}

static void note_endpoint(CallDigest *digest, uint32_t id, const Message *m)
{
  if (digest->beyond || has_endpoint(digest, id))
    return;
  if (digest->endpoint_count == CALL_ENDPOINTS_MAX)
    digest->beyond = m;
  else
    digest->endpoints[digest->endpoint_count++] = id;
}

/* --- All of it ------------------------------------------------------------------------------- */

static void note_answer(CallDigest *digest, const Message *m)
{
  const Transaction *t = m->transaction;

  if (m->status < 200 || m->status >= 300 || t->method != SIP_METHOD_INVITE || t->in_dialog)
    return;
  if (!digest->answered || t->number < digest->answered->number)
    digest->answered = t;
}

static void note_message(CallDigest *digest, const Call *call, const Message *m)
{
  call_facts_note(&digest->facts, call, m);
  note_answer(digest, m);
  note_duration(digest, call, m->dialog);
  note_fork(digest, m);
  note_endpoint(digest, m->src, m);
  note_endpoint(digest, m->dst, m);
  if (!message_is_request(m) && m->status < 200 && m->transaction->method == SIP_METHOD_INVITE)
    digest->provisional = true;
}

static void unlink_inner(CallDigest *digest)
{
  for (Transaction *t = digest->inner, *next; t; t = next) {
    next = t->next_outer;
    t->next_outer = NULL;
  }
}

/* By the walks that it saves later. */
static void fill(CallDigest *digest, Call *call)
{
  *digest = (CallDigest){.method = call->method, .longest_ns = -1};
  for (Transaction *t = call->transactions; t; t = t->next)
    note_transaction(digest, call, t);
  for (Dialog *d = call->dialogs; d; d = d->next) {
    d->is_counted = false;
    call_digest_note_confirmed(d);
  }
  for (const Message *m = call->first; m; m = m->next)
    note_message(digest, call, m);
}

/* A call may come to be of another kind when more of it is seen; that is seldom. */
void call_digest_file(Call *call, Message *message, bool begins)
{
  CallDigest *digest = call->digest;

  if (digest && digest->method == call->method) {
    if (begins)
      note_transaction(digest, call, message->transaction);
    note_message(digest, call, message);
  } else if (digest) {
    unlink_inner(digest);
    fill(digest, call);
  } else if (call->messages >= CALL_DIGEST_FROM) {
    call->digest = arena_new(&call->arena, CallDigest);
    fill(call->digest, call);
  }
}
