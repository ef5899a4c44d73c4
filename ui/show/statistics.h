/*
 * Statistics: counts and delays of the whole input, or of the calls that the list shows; and the
 * rows in which they are shown, on the screen and by `stats`.
 *
 * Counting is a job: one pass over the calls as they are at that time.  A growing trace needs
 * another pass later.  Of the whole input, messages and evicted calls are those counted by the
 * trace.
 */
#pragma once

#include "capture/source.h"
#include "dissect/trace/trace.h"
#include "ui/show/call_index.h"
#include "ui/show/delays.h"
#include "ui/show/job.h"
#include "ui/show/style.h"

/* --- counts --- */

/* Ranges of durations: below 10 s, 1 min, 5 min, 30 min, 2 h, and longer. */
enum { DURATION_RANGES = 6 };

/* Complete once the job is done; can be shown before. */
typedef struct {
  Job job;
  bool is_whole; /* of the whole input */
  uint64_t call_ids;
  uint64_t invites; /* calls started by INVITE */
  uint64_t states[CALL_STATE_OUTCOME + 1];
  uint64_t outcomes[OUTCOME_COUNT]; /* of `invites` */
  uint64_t effective;               /* of `invites`: call_summary_is_effective */
  Delays ring, setup, duration;
  uint64_t durations[DURATION_RANGES];
  uint64_t messages, requests, responses, retransmissions, duplicates, malformed, incomplete;
  uint64_t statuses[STATUS_MAX];
  uint64_t transports[TRANSPORT_COUNT];
  GArray *methods; /* uint64_t: requests, by Message.method */
} Statistics;

/* Of the rows of `index`; NULL: of the whole input. */
Statistics *statistics_new(const Trace *trace, const CallIndex *index);

/* Answered (ASR) or effective calls (NER), as a share of those that were not redirected (RFC 6076
 * 4.6 and 4.7, ITU-T E.425); -1: there are none. */
double statistics_answer_ratio(const Statistics *statistics);
double statistics_effective_ratio(const Statistics *statistics);

/* Has anything changed since it was started? */
bool statistics_is_old(const Statistics *statistics);

/* --- rows --- */

typedef enum {
  STATS_HEADING, /* of a section */
  STATS_FACT,    /* a name and a text */
  STATS_COUNT,   /* a name, a number, a share */
  STATS_DELAY,   /* a name and four texts */
} StatsRowKind;

enum { STATS_VALUES = 4 };

typedef struct {
  StatsRowKind kind;
  Slice name; /* safe */
  Slice values[STATS_VALUES];
  double share; /* of STATS_COUNT: of the section, from 0 to 1 */
  double bar;   /* the same, of the greatest count of the section */
  Style style;
} StatsRow;

typedef struct {
  Arena *arena; /* holds all texts */
  const Trace *trace;
  const Statistics *statistics;
  const Source *source; /* live: its inputs are shown, too; else NULL */
  int64_t now_ns;       /* of the live input */
  bool full;            /* exact numbers, zeros and long sections too, in their usual order */
  bool utc;
  TextCharset charset;
} StatsInput;

/* An array of StatsRow. */
GArray *stats_rows_new(const StatsInput *input);
