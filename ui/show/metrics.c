#include "ui/show/metrics.h"

/* --- Adding ----------------------------------------------------------------------------------- */

void metrics_clear(Metrics *metrics)
{
  for (MetricDelay i = 0; i < METRIC_DELAY_COUNT; i++) {
    if (metrics->delays[i])
      delays_clear(metrics->delays[i]);
    g_free(metrics->delays[i]);
  }
  *metrics = (Metrics){0};
}

Delays *metrics_delays(Metrics *metrics, MetricDelay id)
{
  if (!metrics->delays[id])
    metrics->delays[id] = g_new0(Delays, 1);
  return metrics->delays[id];
}

void metrics_merge(Metrics *into, const Metrics *from)
{
  into->calls += from->calls;
  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    into->outcomes[outcome] += from->outcomes[outcome];
  into->effective += from->effective;
  into->seer += from->seer;
  into->ineffective += from->ineffective;
  into->completed += from->completed;
  into->registrations += from->registrations;
  into->failed_registrations += from->failed_registrations;
  for (MetricDelay i = 0; i < METRIC_DELAY_COUNT; i++)
    if (from->delays[i])
      delays_merge(metrics_delays(into, i), from->delays[i]);
}

static void add_delay(Metrics *metrics, MetricDelay id, int64_t ns)
{
  if (ns >= 0)
    delays_add(metrics_delays(metrics, id), ns);
}

void metrics_add_request(Metrics *metrics, const CallSummary *summary, const CallMetrics *measured)
{
  metrics->calls++;
  metrics->outcomes[summary->outcome]++;
  metrics->effective += call_summary_is_effective(summary);
  metrics->seer += measured->is_effective;
  metrics->ineffective += measured->is_ineffective;
  add_delay(metrics, METRIC_DELAY_PDD, measured->pdd_ns);
  add_delay(metrics, METRIC_DELAY_SRD, measured->srd_ns);
  add_delay(metrics, METRIC_DELAY_FAILED_SRD, measured->failed_srd_ns);
}

void metrics_add_ending(Metrics *metrics, const CallSummary *summary, const CallMetrics *measured)
{
  metrics->completed += measured->is_completed;
  add_delay(metrics, METRIC_DELAY_SDD, measured->sdd_ns);
  add_delay(metrics, METRIC_DELAY_FAILED_SDD, measured->failed_sdd_ns);
  add_delay(metrics, METRIC_DELAY_SDT, measured->sdt_ns);
  add_delay(metrics, METRIC_DELAY_FAILED_SDT, measured->failed_sdt_ns);
  add_delay(metrics, METRIC_DELAY_DURATION, summary->duration_ns);
}

void metrics_add_register(Metrics *metrics, const RegisterAttempt *attempt)
{
  metrics->registrations++;
  metrics->failed_registrations += register_attempt_failed(attempt);
  add_delay(metrics, METRIC_DELAY_RRD, attempt->rrd_ns);
}

static void add_attempt(void *data, const RegisterAttempt *attempt)
{
  metrics_add_register(data, attempt);
}

void metrics_add_call(Metrics *metrics, const Call *call, int64_t now_ns)
{
  if (call->method == SIP_METHOD_REGISTER)
    call_each_register(call, now_ns, REGISTER_ALL, add_attempt, metrics);
  if (call->method != SIP_METHOD_INVITE)
    return;
  CallSummary summary = call_summarize(call, now_ns);
  CallMetrics measured = call_measure(call, &summary, now_ns);
  if (summary.is_unknown)
    return;
  metrics_add_request(metrics, &summary, &measured);
  metrics_add_ending(metrics, &summary, &measured);
}

/* --- The table -------------------------------------------------------------------------------- */

static const struct {
  const char *key, *help;
  MetricUnit unit;
} SIMPLE[METRIC_SIMPLE_COUNT] = {
#define SIMPLE_ROW(id, key, unit, help) {key, help, METRIC_UNIT_##unit},
  SIMPLE_METRICS(SIMPLE_ROW)
#undef SIMPLE_ROW
};

typedef struct {
  const char *key, *help;
} Words;

#define WORDS_ROW(id, key, help) {key, help},
static const Words DELAYS[METRIC_DELAY_COUNT] = {METRIC_DELAYS(WORDS_ROW)};
static const Words PARTS[DELAY_PART_COUNT] = {DELAY_PARTS(WORDS_ROW)};
#undef WORDS_ROW

static MetricDelay delay_of(MetricId id)
{
  return (MetricDelay) ((id - METRIC_SIMPLE_COUNT) / DELAY_PART_COUNT);
}

static DelayPart part_of(MetricId id)
{
  return (DelayPart) ((id - METRIC_SIMPLE_COUNT) % DELAY_PART_COUNT);
}

const char *metric_key(MetricId id, char room[32])
{
  if (id < METRIC_SIMPLE_COUNT)
    return SIMPLE[id].key;
  g_snprintf(room, 32, "%s_%s", DELAYS[delay_of(id)].key, PARTS[part_of(id)].key);
  return room;
}

MetricUnit metric_unit(MetricId id)
{
  return id < METRIC_SIMPLE_COUNT ? SIMPLE[id].unit : METRIC_UNIT_DURATION;
}

char *metric_help(MetricId id)
{
  if (id < METRIC_SIMPLE_COUNT)
    return g_strdup(SIMPLE[id].help);
  return g_strdup_printf("%s: %s", DELAYS[delay_of(id)].help, PARTS[part_of(id)].help);
}

MetricId metric_find(Slice key)
{
  char room[32];
  MetricId id = 0;

  while (id < METRIC_COUNT_ALL && !slice_eq(key, slice_from_string(metric_key(id, room))))
    id++;
  return id;
}

/* --- Asking ----------------------------------------------------------------------------------- */

static bool give_ratio(uint64_t part, uint64_t whole, double *ret_value)
{
  if (whole > 0)
    *ret_value = (double) part / (double) whole;
  return whole > 0;
}

static bool give_delay(const Metrics *metrics, MetricDelay id, DelayPart part, double *ret_value)
{
  static const double SHARES[] = {
    [DELAY_PART_P50] = 0.5, [DELAY_PART_P90] = 0.9, [DELAY_PART_P99] = 0.99};
  const Delays *delays = metrics->delays[id];

  if (!delays)
    return false;
  if (part == DELAY_PART_MEAN)
    *ret_value = (double) delays_mean(delays);
  else if (part == DELAY_PART_MAX)
    *ret_value = (double) delays->max_ns;
  else
    *ret_value = (double) delays_quantile(delays, SHARES[part]);
  return true;
}

static bool give_count(uint64_t count, double *ret_value)
{
  *ret_value = (double) count;
  return true;
}

static bool give_simple(const Metrics *metrics, MetricId id, double *ret_value)
{
  uint64_t known = metrics->calls - metrics->outcomes[OUTCOME_REDIRECTED];

  switch ((int) id) {
  case METRIC_CALLS:
    return give_count(metrics->calls, ret_value);
  case METRIC_ASR:
  case METRIC_SER:
    return give_ratio(metrics->outcomes[OUTCOME_ANSWERED], known, ret_value);
  case METRIC_NER:
    return give_ratio(metrics->effective, known, ret_value);
  case METRIC_SEER:
    return give_ratio(metrics->seer, known, ret_value);
  case METRIC_ISA:
    return give_ratio(metrics->ineffective, metrics->calls, ret_value);
  case METRIC_SCR:
    return give_ratio(metrics->completed, metrics->calls, ret_value);
  case METRIC_ACD:
    return give_delay(metrics, METRIC_DELAY_DURATION, DELAY_PART_MEAN, ret_value);
  case METRIC_REGISTRATIONS:
    return give_count(metrics->registrations, ret_value);
  case METRIC_FAILED_REGISTRATIONS:
    return give_count(metrics->failed_registrations, ret_value);
  case METRIC_IRA:
    return give_ratio(metrics->failed_registrations, metrics->registrations, ret_value);
  default:
    return give_count(metrics->outcomes[id - METRIC_ANSWERED], ret_value);
  }
}

G_STATIC_ASSERT(METRIC_UNANSWERED - METRIC_ANSWERED == OUTCOME_UNANSWERED);
G_STATIC_ASSERT(METRIC_REDIRECTED - METRIC_ANSWERED == OUTCOME_REDIRECTED);

bool metrics_value(const Metrics *metrics, MetricId id, double *ret_value)
{
  if (id < METRIC_SIMPLE_COUNT)
    return give_simple(metrics, id, ret_value);
  return give_delay(metrics, delay_of(id), part_of(id), ret_value);
}
