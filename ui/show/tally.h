/*
 * Tally: counts and delays of all calls, or of those that the call list shows, in slices.
 *
 * One pass over the calls as they are by then; a trace that grows wants another pass later.  Of all
 * calls the messages are those that the trace has counted, evicted ones included.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/call_index.h"
#include "ui/show/delays.h"

/* Spans of the durations of calls: below 10 s, 1 min, 5 min, 30 min, 2 h, and longer. */
enum { TALLY_SPANS = 6 };

typedef struct {
  uint64_t calls;   /* Call-IDs */
  uint64_t invites; /* of these begun by INVITE */
  uint64_t states[CALL_STATE_OUTCOME + 1];
  uint64_t outcomes[OUTCOME_COUNT]; /* of the invites */
  Delays ring, setup, duration;
  uint64_t durations[TALLY_SPANS];
  uint64_t messages, requests, responses, retransmissions, duplicates, malformed, incomplete;
  uint64_t statuses[STATUS_MAX];
  uint64_t transports[TRANSPORT_COUNT];
  GArray *methods; /* uint64_t: requests, by Message.method */
} TallyCounts;

typedef struct Tally Tally;

/* Of the rows of `index`; NULL: of all calls. */
Tally *tally_new(const Trace *trace, const CallIndex *index);
void tally_free(Tally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tally, tally_free)

/* A slice; true while more is to do. */
bool tally_step(Tally *tally, int64_t until_us);
/* From 0 to 1. */
double tally_progress(const Tally *tally);

/* As far as it has come. */
const TallyCounts *tally_counts(const Tally *tally);

/* Has something come since it was begun? */
bool tally_is_old(const Tally *tally);
