/*
 * CallFacts: what the messages of a call say beyond its counters: the few messages that say more
 * than others, its forks and its endpoints.
 *
 * There is one set of rules, applied message by message in order of arrival.  Of a short call the
 * facts are collected when they are asked for; of a call of very many messages they are kept up to
 * date as messages arrive, so that one endless dialog is never walked over.
 */
#pragma once

#include "dissect/trace/message.h"

enum {
  CALL_FACTS_KEPT_FROM = 1024, /* messages from which on CallRare.facts is kept */
  CALL_DIALOGS_MAX = 1024,     /* without a BYE, that are asked how long they lasted */
  CALL_BYES_MAX = 3,
  CALL_REFUSALS_MAX = 3,
  CALL_ENDPOINTS_MAX = 256,
  CALL_ATTEMPTS_MAX = 32,
};

/* The dialogs that one attempt (From tag and CSeq) got. */
typedef struct {
  uint64_t from_tag;
  uint32_t cseq, dialogs;
} CallAttempt;

struct CallFacts {
  const Message *began;  /* the first request of the call's method, or NULL */
  const Message *offer;  /* RFC 3264: the first offer and its answer, NULL if not seen */
  const Message *answer; /* an early one if there is no final one */
  const Message *callee; /* the first response above 100, or NULL */
  /* The first ones that may carry a Reason (RFC 3326), without copies. */
  const Message *byes[CALL_BYES_MAX], *refusals[CALL_REFUSALS_MAX];
  const Message *cancel;
  unsigned bye_count, refusal_count;
  uint16_t method; /* the call's when they were collected */

  unsigned forks; /* the most dialogs of one attempt */
  unsigned attempt_count;
  CallAttempt attempts[CALL_ATTEMPTS_MAX]; /* the newest */

  unsigned endpoint_count;
  uint32_t endpoints[CALL_ENDPOINTS_MAX]; /* distinct, in order of appearance */
  const Message *beyond; /* the first message with an endpoint that did not fit, or NULL */
};

/* Those that are kept, or else collected into `scratch`; valid until the call gets a message. */
const CallFacts *call_facts(const Call *call, Arena *scratch);

/* The other side of a B2BUA that keeps the Call-ID: another caller, with a From tag of its own,
 * while the first one waits. */
bool transaction_is_inner_leg(const Transaction *transaction, const Transaction *outer);

/* An INVITE with a To tag begins a call at some peers, and rings there.  Else it belongs to a
 * dialog, be it one that began before the capture. */
static inline bool transaction_may_be_re_invite(const Transaction *t)
{
  return t->in_dialog ||
         (t->request && (t->request->flags & MESSAGE_HAS_TO_TAG) && t->ringing_ns == TIME_NONE);
}

/* Does it say what became of the call, as far as the caller sees? */
static inline bool dialog_is_callers(const Dialog *d)
{
  return d->method == SIP_METHOD_INVITE && d->is_callers && d->round == d->call->round;
}

/* From the ACK, or the 2xx if the ACK is not seen or came after the BYE; -1: not known. */
int64_t dialog_duration(const Dialog *dialog);
