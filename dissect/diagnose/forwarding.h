/*
 * Forwarding: the way of each request of a call over its hops, by the Via stacks (RFC 3261 16.6,
 * 16.7): a tree of branches for every request of a client.
 *
 * A *branch* is one request on one hop: a client transaction that was captured.  A proxy puts its
 * Via on top of the stack, so the parent of a branch is the one with the rest of its stack.  Who
 * sends a request with a Via of its own alone is a client of its own; when it had received one of
 * the same CSeq (a B2BUA that keeps the Call-ID), that is its parent all the same, `regenerated`.
 *
 * Computed for one call from its CallReading, which must outlive it, as must the arena; linear in
 * the messages.  What lies beyond a tap is not in the tree: nothing is inferred about it.
 */
#pragma once

#include "dissect/diagnose/call_reading.h"

/* How a branch came after the one before it, of the same parent (RFC 3261 6, 8.1.3.4, 16.5). */
typedef enum {
  BRANCH_FIRST,
  BRANCH_PARALLEL,   /* before there was a final response: a parallel search, a fork */
  BRANCH_SEQUENTIAL, /* after a final response, a CANCEL or a timeout */
  BRANCH_RECURSION,  /* to a Contact of a 3xx */
  BRANCH_RETRY,      /* to the same Request-URI again: with credentials, or after a refusal */
} BranchOrder;

/* An element that gets the request once more that has passed it (RFC 3261 16.3, 6). */
typedef enum {
  BRANCH_STRAIGHT,
  BRANCH_SPIRAL, /* with another Request-URI or Route */
  BRANCH_LOOP,   /* nothing that steers it was changed */
} BranchTurn;

typedef struct Branch Branch;
struct Branch {
  const Transaction *transaction;
  const ReadMessage *request;     /* the first of them */
  const ReadMessage *provisional; /* the first but a 100; NULL without */
  const ReadMessage *trying;      /* 100, or NULL */
  const ReadMessage *final;       /* the first, but a 2xx wins; NULL without */
  Branch *parent, *children, *last_child, *sibling;
  const Branch *before;  /* of the same parent, by time; of a client: the try before it */
  const Branch *chosen;  /* child whose final response the parent's is (RFC 3261 16.7), or NULL */
  const Branch *cancel;  /* of an INVITE: its CANCEL on this hop, or NULL */
  const Branch *earlier; /* TURN: the branch on which it came to the element before */
  const Branch *merged;  /* another way on which its receiver got the same request (8.2.2.2) */
  uint64_t vias;         /* hash of the whole stack; 0 if none of the call has more than one Via */
  uint32_t from, to;     /* trace_endpoint */
  uint16_t depth;        /* 0: of a client */
  uint16_t via_count;
  uint16_t hidden; /* Vias between it and its parent: elements whose hops were not captured */
  uint8_t order;   /* BranchOrder */
  uint8_t turn;    /* BranchTurn */
  bool regenerated;
};

typedef struct {
  const CallReading *reading;
  Branch *branches; /* by time of the request */
  size_t count;
  GHashTable *by_transaction;
  uint64_t seed; /* of Branch.vias */
} Forwarding;

Forwarding forwarding_of(const CallReading *reading, Arena *arena);
void forwarding_clear(Forwarding *forwarding);

/* The branch whose request or response it is; NULL for one that is not in the tree. */
const Branch *forwarding_branch(const Forwarding *forwarding, const Message *message);

/* The same request or response on the hop before: what its sender had received.  NULL at its
 * origin, and where that was not captured. */
const ReadMessage *forwarding_previous(const Forwarding *forwarding, const Message *message);

/* Outcome of a final response: 0 while there is none. */
static inline unsigned branch_status(const Branch *branch)
{
  return branch->final ? branch->final->message->status : 0;
}

/* Was the branch forwarded by its receiver, over Via or with a new one? */
static inline bool branch_is_leaf(const Branch *branch)
{
  return branch->children == NULL;
}

/* Hash of a message's Via stack, comparable with Branch.vias; received, rport and other parameters
 * do not count. */
uint64_t forwarding_hash_vias(const Forwarding *forwarding, const SipMsg *sip);
