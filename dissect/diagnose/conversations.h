/*
 * Conversations: calls that belong together across back-to-back user agents, transfers, pickups and
 * forwarding.  All that is said of legs comes from here.
 *
 * Two calls are linked by evidence (leg_evidence.h), and links are transitive.  Calls with the same
 * value are found by a table of hashes, never in pairs; a value that more than LEG_CALLS_MAX calls
 * have is no evidence, however it is named.  All work is linear in the messages that are read, and
 * is done in rounds: new messages are read, all calls are matched again by what is known now, and
 * the results are replaced at once.  Links do not depend on when the rounds were.
 *
 * The number of a conversation is that of its first call.  A call that was cut has no links.
 * Borrows trace and stores.
 */
#pragma once

#include "dissect/diagnose/leg_evidence.h"
#include "dissect/trace/trace.h"

typedef struct Conversations Conversations;

enum {
  LEG_CALLS_MAX = 64,          /* calls that may have the same value */
  CONVERSATION_LEGS_MAX = 256, /* legs that are listed */
};

Conversations *conversations_new(const Trace *trace, const StoreSet *stores);
void conversations_free(Conversations *conversations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Conversations, conversations_free)

/* Of leg_headers_parse; NULL: none.  Copied; if they are others, all calls are read again. */
void conversations_set_headers(Conversations *conversations, const char *const *headers);
const char *const *conversations_headers(const Conversations *conversations);

/* Takes what a message says of other calls that was added to the trace just now: before the first
 * round, which then need not read it again. */
void conversations_note(Conversations *conversations, const Message *message, const SipMsg *sip);

/* From now on only steps make it, however long they take: conversations_update does nothing. */
void conversations_set_stepped(Conversations *conversations);

/* Works until then; true while there is more to do.  A round begins when the trace has changed and
 * the last one is long enough ago. */
bool conversations_step(Conversations *conversations, int64_t until_us);
/* The next step begins a round if anything has changed, however short ago the last one was; one
 * that is under way begins again. */
void conversations_hurry(Conversations *conversations);
/* All of it, if the trace has changed. */
void conversations_update(Conversations *conversations);
/* The share of the round that is done, from 0 to 1. */
double conversations_progress(const Conversations *conversations);

/* Incremented when a round has changed something; numbers (uint32_t) of the calls that it
 * changed. */
uint64_t conversations_version(const Conversations *conversations);
const GArray *conversations_changed(const Conversations *conversations);

/* Number of the conversation of a call: its own if it has no other leg, or is not known yet. */
uint32_t conversations_of(const Conversations *conversations, uint32_t call);
/* Legs of the conversation, this call among them. */
uint32_t conversations_legs(const Conversations *conversations, uint32_t call);
/* The numbers of its legs, ascending (uint32_t), at most CONVERSATION_LEGS_MAX. */
GArray *conversations_numbers(const Conversations *conversations, uint32_t call);

/* Takes the call out of its conversation, or back. */
void conversations_cut(Conversations *conversations, uint32_t call, bool cut);
bool conversations_is_cut(const Conversations *conversations, uint32_t call);

/* One leg of the conversation of a call, and the leg that it is linked to, on the way from that
 * call. */
typedef struct {
  uint32_t number, of;
  uint32_t evidence; /* a bit per LegEvidence */
  unsigned header;   /* of LEG_EVIDENCE_HEADER */
  LegEvidence strongest;
  double score; /* of all evidence together, from 0 to 1 */
  bool names;   /* this leg was first: it has what the other one names, follows or sends on */
} Leg;

/* All other legs (Leg) by number, at most CONVERSATION_LEGS_MAX, and how many were left out. */
GArray *conversations_links(const Conversations *conversations, uint32_t call,
                            size_t *ret_left_out);
/* Calls (Leg) that are likely to be legs of it, and are not among them, as far as is known. */
GArray *conversations_hints(const Conversations *conversations, uint32_t call);

/* How often values occur that too many calls have: they are no evidence. */
uint64_t conversations_worn(const Conversations *conversations);

/* --- what the legs are to each other (RFC 5359, 5589, 3725) --- */

/* clang-format off */
#define LEG_SERVICES(X)                                                                            \
  X(ATTENDED_TRANSFER, "attended transfer")                                                        \
  X(BLIND_TRANSFER, "blind transfer")                                                              \
  X(CLICK_TO_DIAL, "click to dial")                                                                \
  X(PARK, "park")                                                                                  \
  X(PICKUP, "pickup")                                                                              \
  X(REPLACEMENT, "replacement")                                                                    \
  X(JOIN, "join")                                                                                  \
  X(FORWARD, "forward")                                                                            \
  X(THIRD_PARTY, "third-party call control")                                                       \
  X(B2BUA, "B2BUA leg")
/* clang-format on */

typedef enum {
#define LEG_SERVICE_ENUM(id, text) LEG_SERVICE_##id,
  LEG_SERVICES(LEG_SERVICE_ENUM)
#undef LEG_SERVICE_ENUM
    LEG_SERVICE_COUNT,
} LegService;

const char *leg_service_name(LegService service);

/* What the legs of the conversation of a call are: a bit per LegService; 0: it has one leg, which
 * was not forwarded. */
unsigned conversations_services(const Conversations *conversations, uint32_t call);
/* What this leg is to the one that it is linked to; LEG_SERVICE_COUNT: not known. */
LegService conversations_service_of(const Conversations *conversations, const Leg *leg);

/* --- proof --- */

/* A value that two calls have in common. */
typedef struct {
  LegEvidence evidence;
  unsigned header;
  Slice value;    /* in the arena; not safe to print */
  uint32_t calls; /* that have it */
} LegProof;

/* What links the leg to the one that it is linked to, read again from both: LegProof, the strongest
 * first. */
GArray *conversations_prove(const Conversations *conversations, const Leg *leg, Arena *arena);

/* Values of the call that are no evidence, since too many calls have them: LegProof. */
GArray *conversations_worn_of(const Conversations *conversations, uint32_t call, Arena *arena);
