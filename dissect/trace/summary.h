/*
 * CallSummary: what became of a call: outcome, state and times.
 *
 * Worked out from the call's counters and deciders whenever it is asked for; it is not kept, so
 * it is right at any time of a live capture.
 */
#pragma once

#include "dissect/trace/message.h"

/* clang-format off */
/* X-macro: how a call ended; names as in JSON. */
#define OUTCOMES(X)                                                                                \
  X(ANSWERED, "answered")                                                                          \
  X(BUSY, "busy")                                                                                  \
  X(CANCELLED, "cancelled")                                                                        \
  X(REDIRECTED, "redirected")                                                                      \
  X(FAILED, "failed")                                                                              \
  X(UNANSWERED, "unanswered")

/* X-macro: the state of a call that an INVITE began. */
#define CALL_STATES(X)                                                                             \
  X(CALLING, "calling")                                                                            \
  X(RINGING, "ringing")                                                                            \
  X(IN_CALL, "in-call")                                                                            \
  X(COMPLETED, "completed")
/* clang-format on */

typedef enum {
#define OUTCOME_ENUM(id, name) OUTCOME_##id,
  OUTCOMES(OUTCOME_ENUM)
#undef OUTCOME_ENUM
    OUTCOME_COUNT,
} Outcome;

typedef enum {
  CALL_STATE_NONE, /* not an INVITE */
#define CALL_STATE_ENUM(id, name) CALL_STATE_##id,
  CALL_STATES(CALL_STATE_ENUM)
#undef CALL_STATE_ENUM
    CALL_STATE_OUTCOME, /* not answered: the outcome is its state */
} CallState;

typedef struct {
  Outcome outcome;
  CallState state;
  unsigned status;           /* final status that decided, 0 if there is none */
  const Message *decided_by; /* the response that carried it, or NULL */
  bool is_decided;           /* the outcome does not change without another message */
  bool is_unknown;           /* an ACK shows a final response that was not captured: which one? */
  int64_t ring_ns;           /* -1 if absent, as below */
  int64_t setup_ns;
  int64_t refusal_ns; /* from the first INVITE, as setup_ns, to a final response that is no 2xx */
  int64_t duration_ns;
  int64_t up_since_ns; /* in-call: the answer of the dialog that is up longest; else TIME_NONE */
} CallSummary;

const char *outcome_name(Outcome outcome);

/* The outcome's name; NULL when it is not known. */
const char *call_outcome_name(const CallSummary *summary);

/* For people: the state, if there is one, or else the outcome. */
const char *call_result_name(const CallSummary *summary);

/* Did the network do its part, whatever the callee did (NER of ITU-T E.425, SEER of RFC 6076 4.7)?
 * Answered, busy, rejected, or given up while it rang. */
bool call_summary_is_effective(const CallSummary *summary);

/* "ringing"; of CALL_STATE_OUTCOME the outcome's name; NULL for CALL_STATE_NONE. */
const char *call_state_name(CallState state, Outcome outcome);

/* Has it got its outcome, or ended? */
bool call_summary_is_final(const CallSummary *summary);

/* The same, and has it been silent for a second?  `now_ns`: as below. */
bool call_has_ended(const Call *call, int64_t now_ns);

/* A hint: `soon` is summarized after a few others, `later` after some more.  What is read of them
 * is fetched from memory meanwhile.  NULL: there is none. */
void call_expect(const Call *soon, const Call *later);

/* `now_ns`: the latest time of the trace, by which silence is judged. */
CallSummary call_summarize(const Call *call, int64_t now_ns);
