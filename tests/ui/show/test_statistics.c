#include "tests/growing_trace.h"
#include "tests/sample_trace.h"

#include "ui/show/statistics.h"

static Statistics *count(const Trace *trace, const CallIndex *index, int64_t until_us)
{
  Statistics *counts = statistics_new(trace, index);

  while (job_step(&counts->job, until_us))
    assert_true(job_progress(&counts->job) >= 0 && job_progress(&counts->job) <= 1);
  assert_false(statistics_is_old(counts));
  return counts;
}

static void assert_same_counts(const Statistics *a, const Statistics *b)
{
  assert_int_equal(a->call_ids, b->call_ids);
  assert_int_equal(a->invites, b->invites);
  assert_int_equal(a->messages, b->messages);
  assert_int_equal(a->requests, b->requests);
  assert_int_equal(a->responses, b->responses);
  assert_int_equal(a->retransmissions, b->retransmissions);
  assert_int_equal(a->duplicates, b->duplicates);
  assert_int_equal(a->malformed, b->malformed);
  assert_int_equal(a->incomplete, b->incomplete);
  assert_memory_equal(a->outcomes, b->outcomes, sizeof a->outcomes);
  assert_memory_equal(a->statuses, b->statuses, sizeof a->statuses);
  assert_memory_equal(a->transports, b->transports, sizeof a->transports);
  assert_int_equal(a->setup.count, b->setup.count);
  assert_true(a->setup.sum_s == b->setup.sum_s && a->setup.sum_ns == b->setup.sum_ns);
  assert_memory_equal(a->durations, b->durations, sizeof a->durations);
  for (guint i = 0; i < MIN(a->methods->len, b->methods->len); i++)
    assert_int_equal(g_array_index(a->methods, uint64_t, i),
                     g_array_index(b->methods, uint64_t, i));
}

/* The same counts message by message as by the trace, in one slice as in many. */
static void test_counts(void **state)
{
  static const char *const SAMPLES[] = {
    "failed.pcap", "proxies.pcap",   "retransmission.pcap",     "duplicates.pcap",
    "broken.pcap", "truncated.pcap", "websocket.pcap sctp.pcap"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(SAMPLES[i]);
    g_autoptr(CallIndex) index = call_index_new(sample.trace, sample.stores);

    while (call_index_step(index, INT64_MAX))
      continue;
    Statistics *all = count(sample.trace, NULL, INT64_MAX);
    Statistics *slow = count(sample.trace, NULL, 0);
    Statistics *rows = count(sample.trace, index, 0);
    assert_same_counts(all, slow);
    assert_same_counts(all, rows);
    assert_int_equal(all->call_ids, trace_counts(sample.trace)->call_ids);
    job_free(&all->job);
    job_free(&slow->job);
    job_free(&rows->job);
  }
}

static void test_delays(void **state)
{
  static const int64_t UNITS_NS[] = {1, 1000, 1000000, 1000000000, INT64_C(3600) * 1000000000};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(UNITS_NS); i++) {
    g_autofree Delays *delays = g_new0(Delays, 1);
    int64_t unit = UNITS_NS[i];

    assert_int_equal(delays_quantile(delays, 0.5), -1);
    for (int64_t n = 1000; n > 0; n--)
      delays_add(delays, n * unit);
    assert_int_equal(delays->count, 1000);
    assert_true(delays->max_ns == 1000 * unit);
    for (int percent = 0; percent <= 100; percent += 10) {
      int64_t found = delays_quantile(delays, percent / 100.0);
      int64_t exact = MIN(percent * 10 + 1, 1000) * unit;
      assert_true(found >= exact && found <= exact + exact / 100 + 1000);
    }
    delays_clear(delays);
  }
}

static void test_extreme_delays(void **state)
{
  g_autofree Delays *delays = g_new0(Delays, 1);

  (void) state;
  delays_add(delays, INT64_MAX);
  delays_add(delays, INT64_MIN);
  delays_add(delays, 0);
  assert_true(delays_quantile(delays, 0) < 1000);
  assert_true(delays_quantile(delays, 1) == INT64_MAX);
  assert_true(delays_mean(delays) == INT64_MAX / 3);
  delays_clear(delays);
  for (int64_t i = 0; i < 2; i++) /* centuries: of 10^10 calls 180.000000007 s each */
    delays_add_many(delays, 5000000000, INT64_C(180000000007), INT64_C(900000000000),
                    INT64_C(35000000000));
  assert_true(delays_mean(delays) == INT64_C(180000000007));
  delays_add_many(delays, UINT64_MAX / 2, 1, INT64_MAX, INT64_MAX);
  assert_true(delays_mean(delays) >= 0);
  delays_clear(delays);
}

/* Calls that were evicted are counted with those that are there. */
static void test_evicted(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  limits.calls = 5;
  g_auto(GrowingTrace) growing = growing_trace_new(&limits, 7);

  (void) state;
  for (unsigned i = 0; i < 300; i++)
    growing_trace_add(&growing, i % 60);
  Statistics *counts = count(growing.trace, NULL, INT64_MAX);
  const TraceStats *stats = trace_counts(growing.trace);
  uint64_t outcomes = 0;
  for (size_t i = 0; i < OUTCOME_COUNT; i++)
    outcomes += counts->outcomes[i];
  assert_true(stats->evicted_calls > 0);
  assert_int_equal(counts->call_ids, stats->call_ids);
  assert_int_equal(counts->invites, stats->invite_calls);
  assert_int_equal(outcomes, counts->invites);
  job_free(&counts->job);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_counts),
    cmocka_unit_test(test_delays),
    cmocka_unit_test(test_extreme_delays),
    cmocka_unit_test(test_evicted),
  };

  return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
