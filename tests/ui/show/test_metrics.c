#include "tests/growing_trace.h"
#include "tests/sample_trace.h"

#include "ui/show/metric_groups.h"

/* Every key is found, and no two are alike. */
static void test_keys(void **state)
{
  char room[32];

  (void) state;
  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++) {
    g_autofree char *help = metric_help(id);
    assert_int_equal(metric_find(slice_from_string(metric_key(id, room))), id);
    assert_true(strlen(help) > 0);
  }
  assert_int_equal(metric_find(SLICE("pdd_p95")), METRIC_COUNT_ALL);
}

/* A ratio of nothing, and the delay of nothing, are undefined. */
static void test_nothing(void **state)
{
  Metrics none = {0};
  char room[32];
  double value = 7;

  (void) state;
  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++)
    if (metric_unit(id) == METRIC_UNIT_COUNT) {
      assert_true(metrics_value(&none, id, &value));
      assert_true(value >= 0 && value <= 0);
    } else if (metrics_value(&none, id, &value)) {
      fail_msg("%s has a value", metric_key(id, room));
    }
}

static void add_random(Metrics *metrics, GRand *random)
{
  CallSummary summary = {.outcome = (Outcome) g_rand_int_range(random, 0, OUTCOME_COUNT),
                         .duration_ns = g_rand_int(random),
                         .ring_ns = -1};
  CallMetrics measured = {.pdd_ns = g_rand_int(random),
                          .srd_ns = -1,
                          .failed_srd_ns = g_rand_int(random),
                          .sdt_ns = g_rand_int(random) * INT64_C(100),
                          .failed_sdt_ns = -1,
                          .is_completed = g_rand_boolean(random)};

  metrics_add_request(metrics, &summary, &measured);
  metrics_add_ending(metrics, &summary, &measured);
}

/* Merged halves say what the whole says. */
static void test_merge(void **state)
{
  Metrics whole = {0}, halves[2] = {{0}, {0}};
  GRand *one = g_rand_new_with_seed(5), *two = g_rand_new_with_seed(5);
  double value, merged;
  char room[32];

  (void) state;
  for (unsigned i = 0; i < 500; i++) {
    add_random(&whole, one);
    add_random(&halves[i % 2], two);
  }
  metrics_merge(&halves[0], &halves[1]);
  for (MetricId id = 0; id < METRIC_COUNT_ALL; id++) {
    bool has = metrics_value(&whole, id, &value);
    assert_int_equal(has, metrics_value(&halves[0], id, &merged));
    if (has && (merged < value || merged > value))
      fail_msg("%s: %f, not %f", metric_key(id, room), merged, value);
  }
  assert_true(whole.outcomes[OUTCOME_BUSY] > 0);
  metrics_clear(&whole);
  metrics_clear(&halves[0]);
  metrics_clear(&halves[1]);
  g_rand_free(one);
  g_rand_free(two);
}

static void test_below(void **state)
{
  Delays delays = {0};

  (void) state;
  for (int64_t ms = 1; ms <= 1000; ms++)
    delays_add(&delays, ms * 1000000);
  for (int64_t ms = 1; ms <= 1000; ms += 37) {
    uint64_t below = delays_below(&delays, ms * 1000000);
    assert_true(below >= (uint64_t) ms && below <= (uint64_t) (ms + ms / 100 + 1));
  }
  assert_int_equal(delays_below(&delays, INT64_MAX), 1000);
  assert_true(delays_mean(&delays) == INT64_C(500500000));
  delays_clear(&delays);
}

static void add_calls(MetricGroups *groups, const GrowingTrace *growing)
{
  Arena scratch;

  arena_init(&scratch, 4096);
  g_auto(FieldContext) context = field_context(growing->trace, growing->stores, &scratch);
  for (size_t i = 0; i < trace_call_count(growing->trace); i++) {
    arena_reset(&scratch);
    field_look_at_call(&context, trace_call_at(growing->trace, i));
    metric_groups_add(groups, &context);
  }
  field_context_clear(&context);
  arena_clear(&scratch);
}

static uint64_t calls_in(const MetricGroups *groups, guint *ret_groups)
{
  g_autoptr(GPtrArray) list = metric_groups_list(groups);
  uint64_t calls = 0;

  for (guint i = 0; i < list->len; i++)
    calls += ((const MetricGroup *) list->pdata[i])->metrics.calls;
  *ret_groups = list->len;
  return calls;
}

/* As many groups as are allowed; the calls of all others are counted together. */
static void test_bound(void **state)
{
  enum { CALLS = 3 * (METRIC_GROUPS_MAX + 5) }; /* every third one is an INVITE's */
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 3);
  GroupKey key;
  guint count;

  (void) state;
  for (unsigned id = 0; id < CALLS; id += 3)
    growing_trace_add(&growing, id);
  assert_true(group_key_parse("call.id", &key, NULL));
  g_autoptr(MetricGroups) groups = metric_groups_new(&key, HOUR_UTC);
  add_calls(groups, &growing);
  uint64_t calls = calls_in(groups, &count);
  assert_true(count <= METRIC_GROUPS_MAX);
  assert_int_equal(g_hash_table_size(groups->groups), METRIC_GROUPS_MAX);
  assert_true(groups->others.metrics.calls > 0);
  assert_true(calls + groups->others.metrics.calls <= CALLS / 3);
  assert_true(calls > METRIC_GROUPS_MAX / 2);
}

static void test_group_keys(void **state)
{
  static const struct {
    const char *text, *field, *fault;
  } KEYS[] = {
    {"trunk", "call.dst", NULL},
    {"user-agent", "call.user_agent", NULL},
    {"from.host", "from.host", NULL},
    {"header[\"X-Carrier\"]", "header", NULL},
    {"message.src", NULL, "message.src is not a field of calls"},
    {"call.dst call.src", NULL, "is not one field"},
    {"call.nothing", NULL, "call.nothing"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    g_autoptr(GError) error = NULL;
    GroupKey key;
    if (group_key_parse(KEYS[i].text, &key, &error))
      assert_string_equal(key.ref.field->key, KEYS[i].field);
    else
      assert_non_null(strstr(error->message, KEYS[i].fault));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keys),  cmocka_unit_test(test_nothing), cmocka_unit_test(test_merge),
    cmocka_unit_test(test_below), cmocka_unit_test(test_bound),   cmocka_unit_test(test_group_keys),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
