/* The statistics view: what it counts, and how it looks. */
#include "tests/ui/screen.h"
#include "ui/show/tally.h"
#include "ui/view/stats/stats_view.h"

static void test_screens(void **state)
{
  static const struct {
    const char *golden, *samples;
    int width, height;
    TextCharset charset;
    const char *keys;
  } CASES[] = {
    {"view/stats/80.txt", "failed.pcap proxies.pcap", 80, 24, TEXT_UTF8, NULL},
    {"view/stats/80-end.txt", "failed.pcap proxies.pcap", 80, 24, TEXT_UTF8, "End"},
    {"view/stats/80-shown.txt", "failed.pcap proxies.pcap", 80, 24, TEXT_ASCII, "Space"},
    {"view/stats/200.txt", "failed.pcap proxies.pcap registration.pcap tcp-split.pcap", 200, 50,
     TEXT_UTF8, NULL},
    {"view/stats/20.txt", "basic.pcap", 20, 10, TEXT_UTF8, "Down Down"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ScreenSetup setup = {CASES[i].samples, CASES[i].width, CASES[i].height, CASES[i].charset,
                               NULL};
    g_autoptr(Screen) screen = screen_open(&setup);

    while (call_index_step(screen->model.index, INT64_MAX))
      continue;
    host_push(screen->app, stats_view_new(screen->app));
    screen_settle(screen);
    if (CASES[i].keys)
      screen_keys(screen, CASES[i].keys);
    assert_screen(screen, CASES[i].golden, true);
  }
}

static Tally *run_tally(const Trace *trace, const CallIndex *index, int64_t until_us)
{
  Tally *tally = tally_new(trace, index);

  while (tally_step(tally, until_us))
    assert_true(tally_progress(tally) >= 0 && tally_progress(tally) <= 1);
  assert_false(tally_is_old(tally));
  return tally;
}

static void assert_same_counts(const TallyCounts *a, const TallyCounts *b)
{
  assert_int_equal(a->calls, b->calls);
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
  assert_memory_equal(&a->setup, &b->setup, sizeof a->setup);
  assert_memory_equal(a->durations, b->durations, sizeof a->durations);
  for (guint i = 0; i < MIN(a->methods->len, b->methods->len); i++)
    assert_int_equal(g_array_index(a->methods, uint64_t, i),
                     g_array_index(b->methods, uint64_t, i));
}

/* Counted message by message as by the trace, in one slice as in many, and as in `rung stats`. */
static void test_counts(void **state)
{
  static const char *const SAMPLES[] = {
    "failed.pcap", "proxies.pcap",   "retransmission.pcap",     "duplicates.pcap",
    "broken.pcap", "truncated.pcap", "websocket.pcap sctp.pcap"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(SAMPLES[i]);
    g_autoptr(CallIndex) index = call_index_new(sample.trace, sample.stores);
    TraceStats stats = trace_stats(sample.trace);

    while (call_index_step(index, INT64_MAX))
      continue;
    g_autoptr(Tally) all = run_tally(sample.trace, NULL, INT64_MAX);
    g_autoptr(Tally) slow = run_tally(sample.trace, NULL, 0);
    g_autoptr(Tally) rows = run_tally(sample.trace, index, 0);
    assert_same_counts(tally_counts(all), tally_counts(slow));
    assert_same_counts(tally_counts(all), tally_counts(rows));
    assert_int_equal(tally_counts(all)->calls, trace_call_count(sample.trace));
    assert_memory_equal(tally_counts(all)->outcomes, stats.outcomes, sizeof stats.outcomes);
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
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_screens),
    cmocka_unit_test(test_counts),
    cmocka_unit_test(test_delays),
    cmocka_unit_test(test_extreme_delays),
  };

  return cmocka_run_group_tests_name("stats_view", tests, NULL, NULL);
}
