/*
 * Metrics: the numbers of RFC 6076, ASR and NER (ITU-T E.425), ACD and PDD over many calls, in
 * memory that does not grow with their number.
 *
 * A call is added once as a request, when what became of it is known, and once more when it has
 * ended; each attempt to register once (dissect/trace/call_metrics.h).  METRICS names what can be
 * asked of them, for tables, JSON, CSV and alerts.
 */
#pragma once

#include "dissect/trace/call_metrics.h"
#include "ui/show/delays.h"

/* clang-format off */
/* X-macro: what is timed: id, key, sentence for the help. */
#define METRIC_DELAYS(X)                                                                           \
  X(PDD, "pdd", "post-dial delay: INVITE to the first 18x, or else to the 2xx")                    \
  X(SRD, "srd", "session request delay of answered calls (RFC 6076 4.3.1)")                        \
  X(FAILED_SRD, "failed_srd", "session request delay of calls that failed (4.3.2)")                \
  X(SDD, "sdd", "session disconnect delay: BYE to 2xx (4.4)")                                      \
  X(FAILED_SDD, "failed_sdd", "the same to a response that refused the BYE")                       \
  X(SDT, "sdt", "session duration time: 2xx to a BYE that got a response (4.5.1)")                 \
  X(FAILED_SDT, "failed_sdt", "the same to Timer F of a BYE that got none (4.5.2)")                \
  X(RRD, "rrd", "registration request delay: REGISTER to 2xx (4.1)")                               \
  X(DURATION, "duration", "answer to BYE")

/* X-macro: what is asked of each: id, ending of the key, words. */
#define DELAY_PARTS(X)                                                                             \
  X(MEAN, "mean", "mean")                                                                          \
  X(P50, "p50", "half of them are shorter")                                                        \
  X(P90, "p90", "90% of them are shorter")                                                         \
  X(P99, "p99", "99% of them are shorter")                                                         \
  X(MAX, "max", "longest")

/* X-macro: id, key, unit, sentence. */
#define SIMPLE_METRICS(X)                                                                          \
  X(CALLS, "calls", COUNT, "session requests: calls begun by INVITE")                              \
  X(ANSWERED, "answered", COUNT, "calls that got a 2xx")                                           \
  X(BUSY, "busy", COUNT, "calls refused with 486 or 600")                                          \
  X(CANCELLED, "cancelled", COUNT, "calls that the caller gave up")                                \
  X(REDIRECTED, "redirected", COUNT, "calls that ended with a 3xx")                                \
  X(FAILED, "failed", COUNT, "calls refused with any other 4xx, 5xx or 6xx")                       \
  X(UNANSWERED, "unanswered", COUNT, "calls without a final response")                             \
  X(ASR, "asr", RATIO, "answer-seizure ratio: answered of calls that were not redirected")         \
  X(NER, "ner", RATIO, "the same of answered, busy, declined, and given up while it rang (E.425)") \
  X(SER, "ser", RATIO, "session establishment ratio (RFC 6076 4.6): 2xx, of calls without a 3xx")  \
  X(SEER, "seer", RATIO, "effectiveness (4.7): 2xx, 480, 486, 600, 603, of calls without a 3xx")   \
  X(ISA, "isa", RATIO, "ineffective attempts (4.8): 408, 500, 503, 504, of all calls")             \
  X(SCR, "scr", RATIO, "session completion ratio (4.9): ended with an answered BYE, of all calls") \
  X(ACD, "acd", DURATION, "average call duration: answer to BYE")                                  \
  X(REGISTRATIONS, "registrations", COUNT, "attempts to register that got their final response")   \
  X(FAILED_REGISTRATIONS, "failed_registrations", COUNT,                                           \
    "those refused, but for 401, 402 and 407, or without a response")                              \
  X(IRA, "ira", RATIO, "ineffective registration attempts (4.2)")
/* clang-format on */

typedef enum {
#define DELAY_ENUM(id, key, help) METRIC_DELAY_##id,
  METRIC_DELAYS(DELAY_ENUM)
#undef DELAY_ENUM
    METRIC_DELAY_COUNT,
} MetricDelay;

typedef enum {
#define PART_ENUM(id, key, help) DELAY_PART_##id,
  DELAY_PARTS(PART_ENUM)
#undef PART_ENUM
    DELAY_PART_COUNT,
} DelayPart;

typedef enum {
#define METRIC_ENUM(id, key, unit, help) METRIC_##id,
  SIMPLE_METRICS(METRIC_ENUM)
#undef METRIC_ENUM
    METRIC_SIMPLE_COUNT,
  METRIC_COUNT_ALL = METRIC_SIMPLE_COUNT + (int) METRIC_DELAY_COUNT * (int) DELAY_PART_COUNT,
} MetricId;

/* That part of that delay. */
static inline MetricId metric_of_delay(MetricDelay delay, DelayPart part)
{
  return (MetricId) (METRIC_SIMPLE_COUNT + (int) delay * (int) DELAY_PART_COUNT + (int) part);
}

typedef enum {
  METRIC_UNIT_COUNT,
  METRIC_UNIT_RATIO,    /* 0 to 1 */
  METRIC_UNIT_DURATION, /* nanoseconds */
} MetricUnit;

/* All zero when empty. */
typedef struct {
  uint64_t calls, outcomes[OUTCOME_COUNT];
  uint64_t effective; /* NER: call_summary_is_effective */
  uint64_t seer, ineffective, completed;
  uint64_t registrations, failed_registrations;
  Delays *delays[METRIC_DELAY_COUNT]; /* NULL: none yet */
} Metrics;

void metrics_clear(Metrics *metrics);
void metrics_merge(Metrics *into, const Metrics *from);

/* What is known when the call got its outcome, and when it has ended. */
void metrics_add_request(Metrics *metrics, const CallSummary *summary, const CallMetrics *measured);
void metrics_add_ending(Metrics *metrics, const CallSummary *summary, const CallMetrics *measured);
void metrics_add_register(Metrics *metrics, const RegisterAttempt *attempt);

/* All of a call as it is now, registrations too. */
void metrics_add_call(Metrics *metrics, const Call *call, int64_t now_ns);

/* Made when they are first asked for. */
Delays *metrics_delays(Metrics *metrics, MetricDelay id);

/* "pdd_p90"; its unit; one sentence. */
const char *metric_key(MetricId id, char room[32]);
MetricUnit metric_unit(MetricId id);
char *metric_help(MetricId id); /* to be freed with g_free */
/* METRIC_COUNT_ALL if there is none of that key. */
MetricId metric_find(Slice key);

/* False where there is nothing that it could be of: a ratio of nothing is undefined (4). */
bool metrics_value(const Metrics *metrics, MetricId id, double *ret_value);
