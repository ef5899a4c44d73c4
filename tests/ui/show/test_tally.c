/* Each call is counted once, whatever the steps, and what was counted can be counted again. */
#include "tests/growing_trace.h"
#include "tests/sample_trace.h"

#include "ui/show/metric_window.h"

enum { SAMPLES_MAX = 4 };

static void assert_same(const Metrics *a, const Metrics *b)
{
  char room[32];
  double left, right;

  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++) {
    bool has = metrics_value(a, id, &left);
    if (has != metrics_value(b, id, &right))
      fail_msg("%s: only one has it", metric_key(id, room));
    if (has && (left < right || left > right))
      fail_msg("%s: %f, not %f", metric_key(id, room), left, right);
  }
}

/* Touched once for each message, stepped in between; the same as counting at the end, of calls that
 * are over. */
static void test_once(void **state)
{
  static const char *const SAMPLES[] = {"failed.pcap", "basic.pcap", "registrations.pcap",
                                        "busy.pcap auth.pcap cancel.pcap fork.pcap"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++) {
    g_auto(SampleTrace) sample = sample_trace_read(SAMPLES[i]);
    g_autoptr(Tally) tally = tally_new(sample.trace);
    Metrics whole = {0};

    for (unsigned round = 0; round < 3; round++) {
      for (size_t c = 0; c < trace_call_count(sample.trace); c++)
        tally_touch(tally, trace_call_at(sample.trace, c));
      while (tally_step(tally, trace_now(sample.trace) + round * 60 * INT64_C(1000000000), 0))
        continue;
    }
    tally_finish(tally);
    for (size_t c = 0; c < trace_call_count(sample.trace); c++)
      metrics_add_call(&whole, trace_call_at(sample.trace, c),
                       trace_now(sample.trace) + 120 * INT64_C(1000000000));
    assert_same(tally_total(tally), &whole);
    metrics_clear(&whole);
  }
}

static void count_event(void *data, const TallyEvent *event)
{
  metrics_add_event(data, event);
}

/* While a trace grows and calls are evicted, and after that: what is there can be replayed. */
static void test_growing(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 11);
  g_autoptr(Tally) tally = tally_new(growing.trace);
  Metrics seen = {0}, again = {0};

  (void) state;
  tally_add_sink(tally, count_event, &seen);
  for (unsigned i = 0; i < 3000; i++) {
    const Message *message = growing_trace_add(&growing, i % 97 + i / 400 * 100);
    tally_touch(tally, message->transaction->call);
    tally_step(tally, growing.now_ns, INT64_MAX);
  }
  tally_finish(tally);
  for (size_t c = 0; c < trace_call_count(growing.trace); c++)
    tally_replay(trace_call_at(growing.trace, c), growing.now_ns, count_event, &again);
  assert_true(seen.calls > 100 && seen.registrations > 10);
  assert_int_equal(seen.calls, again.calls);
  /* a REGISTER that came after its response was passed over */
  assert_in_range(seen.registrations, again.registrations * 95 / 100, again.registrations);
  assert_int_equal(seen.calls, tally_total(tally)->calls);
  metrics_clear(&seen);
  metrics_clear(&again);
}

static TallyEvent event_at(int64_t second)
{
  static const CallSummary ANSWERED = {.outcome = OUTCOME_ANSWERED, .ring_ns = -1};
  static const CallMetrics MEASURED = {-1, -1, -1, -1, -1, -1, -1, true, false, false};

  return (TallyEvent){.kind = TALLY_REQUEST,
                      .time_ns = second * INT64_C(1000000000),
                      .summary = &ANSWERED,
                      .measured = &MEASURED};
}

static uint64_t calls_within(const MetricWindow *window, WindowLength length, int64_t second)
{
  Metrics sum;

  metric_window_sum(window, length, second * INT64_C(1000000000), &sum);
  uint64_t calls = sum.calls;
  metrics_clear(&sum);
  return calls;
}

/* One event a second for two hours, then silence, then a clock that was set back. */
static void test_window(void **state)
{
  enum { START = 1000000, LENGTH = 7200 };
  MetricWindow *window = g_new0(MetricWindow, 1);

  (void) state;
  assert_int_equal(calls_within(window, WINDOW_1_HOUR, START), 0);
  for (int64_t s = START; s < START + LENGTH; s++) {
    TallyEvent event = event_at(s);
    metric_window_add(window, &event);
  }
  int64_t end = START + LENGTH - 1;
  assert_in_range(calls_within(window, WINDOW_5_MINUTES, end), 300, 331);
  assert_in_range(calls_within(window, WINDOW_1_HOUR, end), 3600, 3631);
  assert_in_range(calls_within(window, WINDOW_5_MINUTES, end + 200), 100, 131);
  assert_int_equal(calls_within(window, WINDOW_5_MINUTES, end + 400), 0);
  assert_false(metric_window_is_empty(window, end * INT64_C(1000000000)));
  assert_true(metric_window_is_empty(window, (end + 4000) * INT64_C(1000000000)));

  TallyEvent late = event_at(end - 3000), old = event_at(end - 4000), back = event_at(START - 9000);
  metric_window_add(window, &late);
  metric_window_add(window, &old);
  assert_in_range(calls_within(window, WINDOW_1_HOUR, end), 3601, 3632);
  metric_window_add(window, &back);
  assert_int_equal(calls_within(window, WINDOW_1_HOUR, START - 9000), 1);
  metric_window_clear(window);
  g_free(window);
}

static uint64_t calls_in(const MetricWindows *windows, int64_t now_ns)
{
  uint64_t calls = 0;

  for (guint i = 0; i <= windows->groups->len; i++) {
    const WindowGroup *group =
      i < windows->groups->len ? windows->groups->pdata[i] : &windows->others;
    Metrics sum;
    metric_window_sum(&group->window, WINDOW_1_HOUR, now_ns, &sum);
    calls += sum.calls;
    metrics_clear(&sum);
  }
  return calls;
}

/* Made in the middle, it counts what was before in steps and what comes, each once; there are never
 * more groups than allowed. */
static void test_windows(void **state)
{
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 17);
  g_autoptr(Tally) tally = tally_new(growing.trace);
  MetricWindow *all = g_new0(MetricWindow, 1);
  MetricWindows *windows = NULL;
  uint64_t calls = 0;

  (void) state;
  for (unsigned i = 0; i < 4000; i++) {
    const Message *message = growing_trace_add(&growing, i / 3);
    tally_touch(tally, message->transaction->call);
    tally_step(tally, growing.now_ns, INT64_MAX);
    if (i == 2000) {
      windows = metric_windows_new(growing.trace, growing.stores, "call.id", HOUR_UTC);
      tally_add_sink(tally, metric_windows_add, windows);
    }
    if (i > 2000 && i % 10 == 0)
      metric_windows_step(windows, 0);
  }
  tally_finish(tally);
  while (metric_windows_step(windows, INT64_MAX))
    continue;
  calls = tally_total(tally)->calls;
  assert_true(calls > WINDOW_GROUPS_MAX);
  assert_int_equal(calls_in(windows, growing.now_ns), calls);
  assert_int_equal(windows->groups->len, WINDOW_GROUPS_MAX);
  metric_windows_free(windows);
  g_free(all);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_once),
    cmocka_unit_test(test_growing),
    cmocka_unit_test(test_window),
    cmocka_unit_test(test_windows),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
