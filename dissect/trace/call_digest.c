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

/* --- Transactions ---------------------------------------------------------------------------- */

/* The oldest of a chain goes when there are too many. */
static void count_decider(Transaction **first, unsigned *count)
{
  Transaction *oldest = *first;

  if (++*count <= CALL_DECIDERS_MAX)
    return;
  *first = oldest->next_outer;
  oldest->next_outer = NULL;
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

static void note_message(CallDigest *digest, const Call *call, const Message *m)
{
  call_facts_note(&digest->facts, call, m);
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
  *digest = (CallDigest){.method = call->method};
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
