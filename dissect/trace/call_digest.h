/*
 * CallDigest: what walks over a call of very many messages would find, kept up as they are filed,
 * so that nobody has to walk over one endless dialog.  Lies in the call's arena.
 *
 * It changes nothing of what is told of a call but this: where more transactions could decide over
 * it than CALL_DECIDERS_MAX, the newest ones do, with any older answer and what they are the forks
 * or inner legs of.
 */
#pragma once

#include "dissect/trace/call_facts.h"

enum {
  CALL_DIGEST_FROM = 1024, /* messages from which on a call has one */
  CALL_DECIDERS_MAX = 1024,
  CALL_ENDPOINTS_MAX = 256,
  CALL_ATTEMPTS_MAX = 8,
};

/* The dialogs that one attempt (From tag and CSeq) got. */
typedef struct {
  uint64_t from_tag;
  uint32_t cseq, dialogs;
} CallAttempt;

struct CallDigest {
  CallFacts facts;
  /* Of the method that decides over the call, without Call.outer_invites; linked as those are. */
  Transaction *inner, *last_inner;
  unsigned inner_count, outer_count;
  const Transaction *answered; /* the oldest outer INVITE with a 2xx, or NULL */
  uint16_t method;             /* the call's when it was made */
  bool provisional;            /* a provisional response to an INVITE was seen */
  uint32_t confirmed, unended; /* dialogs of INVITEs with a 2xx; those of them without a BYE */
  int64_t longest_ns;          /* of dialogs that had their BYE, or -1 */
  const Dialog *open;          /* those before it have had it; NULL when there are none */
  CallAttempt attempts[CALL_ATTEMPTS_MAX]; /* the newest */
  unsigned attempt_count, forks;           /* forks: the most dialogs of one attempt */
  uint32_t endpoints[CALL_ENDPOINTS_MAX];  /* distinct, in order of appearance */
  unsigned endpoint_count;
  const Message *beyond; /* the first one with an endpoint that found no room, or NULL */
};

/* The method whose transactions decide over the call. */
uint16_t call_deciding_method(const Call *call);

/* The other side of a B2BUA that keeps the Call-ID: somebody else calls, with a From tag of its
 * own, while the first one waits. */
bool transaction_is_inner_leg(const Transaction *transaction, const Transaction *outer);

/* -1 where one of them is not known, or they are in the wrong order. */
int64_t time_span(int64_t from_ns, int64_t to_ns);

/* From the ACK, or the 2xx where the ACK is not seen or came after the BYE; -1: not known. */
int64_t dialog_duration(const Dialog *dialog);

/* RFC 3261 12.1: each To tag of 101-199 and 2xx to an INVITE has made a dialog. */
bool message_makes_fork(const Message *message);

/* The newest message was filed, which began its transaction when `begins`. */
void call_digest_file(Call *call, Message *message, bool begins);

/* The dialog got its first 2xx, or its first BYE. */
void call_digest_note_confirmed(const Dialog *dialog);
void call_digest_note_ended(const Dialog *dialog);
