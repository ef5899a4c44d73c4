/* The limits of the tables of registrations; what they show is in tests/e2e/registrations.py. */
#include "dissect/diagnose/registrations.h"

#include "tests/growing_trace.h"
#include "tests/sample_trace.h"

static Registrations *read_sample(const SampleTrace *sample, const RegistrationLimits *limits)
{
  Registrations *registrations = registrations_new(sample->trace, sample->stores, limits);

  while (registrations_step(registrations, 0))
    continue;
  return registrations;
}

/* The sample has 4 addresses-of-record, 6 contacts of which one has 2, and 11 REGISTERs. */
static void test_limits(void **state)
{
  static const struct {
    RegistrationLimits limits;
    uint32_t aors;
    RegistrationsLeftOut left_out;
  } CASES[] = {
    {{.aors = 4, .attempts = 11, .contacts = 2}, 4, {0}},
    {{.aors = 3, .attempts = 11, .contacts = 2}, 3, {.aors = 1}},
    {{.aors = 4, .attempts = 10, .contacts = 2}, 4, {.attempts = 1}},
    {{.aors = 4, .attempts = 11, .contacts = 1}, 4, {.contacts = 4}},
  };
  g_auto(SampleTrace) sample = sample_trace_read("registrations.pcap");

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Registrations) registrations = read_sample(&sample, &CASES[i].limits);
    const RegistrationsLeftOut left_out = registrations_left_out(registrations);
    assert_int_equal(registrations_aor_count(registrations), CASES[i].aors);
    assert_memory_equal(&left_out, &CASES[i].left_out, sizeof left_out);
  }
}

/* All calls in one, from `stores` or from the memo. */
static Registrations *read_with_memo(const SampleTrace *sample, const StoreSet *stores,
                                     RegisterMemo *memo)
{
  Registrations *r = registrations_new(sample->trace, stores, &REGISTRATION_LIMITS_DEFAULT);

  registrations_use_memo(r, memo);
  for (size_t i = 0; i < trace_call_count(sample->trace); i++)
    registrations_add_call(r, trace_call_at(sample->trace, i), NULL);
  registrations_finish(r);
  return r;
}

static guint count_events(const Registrations *r)
{
  guint count = 0;

  for (uint32_t a = 0; a < registrations_aor_count(r); a++)
    count += registrations_aor(r, a)->event_count;
  return count;
}

static void assert_same(const Registrations *a, const Registrations *b)
{
  assert_int_equal(registrations_aor_count(a), registrations_aor_count(b));
  assert_int_equal(count_events(a), count_events(b));
  for (guint i = 0; i < count_events(a); i++) {
    const RegistrationEvent *x = registrations_event(a, i), *y = registrations_event(b, i);
    assert_int_equal(x->time_ns, y->time_ns);
    assert_int_equal(x->kind, y->kind);
    assert_int_equal(x->binding, y->binding);
    assert_int_equal(x->seconds, y->seconds);
    if (x->binding == REGISTRATION_NONE)
      continue;
    const RegistrationBinding *p = registrations_binding(a, x->binding);
    const RegistrationBinding *q = registrations_binding(b, y->binding);
    assert_true(slice_eq(p->contact, q->contact));
    assert_true(slice_eq(p->user_agent, q->user_agent));
    assert_true(slice_eq(p->instance, q->instance));
  }
}

/* The second one has no stores: what it says was kept. */
static void test_memo(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("registrations.pcap");
  g_autoptr(RegisterMemo) memo = register_memo_new();
  g_autoptr(Registrations) alone = read_sample(&sample, &REGISTRATION_LIMITS_DEFAULT);
  g_autoptr(Registrations) first = read_with_memo(&sample, sample.stores, memo);
  g_autoptr(Registrations) second = read_with_memo(&sample, NULL, memo);

  (void) state;
  assert_true(count_events(alone) > 0);
  assert_same(alone, first);
  assert_same(first, second);
}

/* What could not be read is not kept as if it said nothing. */
static void test_memo_unreadable(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("registrations.pcap");
  g_autoptr(StoreSet) empty = store_set_new();
  g_autoptr(RegisterMemo) memo = register_memo_new();
  g_autoptr(Registrations) none = read_with_memo(&sample, empty, memo);
  g_autoptr(Registrations) all = read_with_memo(&sample, sample.stores, memo);

  (void) state;
  assert_int_equal(registrations_aor_count(none), 0);
  assert_int_equal(registrations_aor_count(all), 4);
}

/* The same of a reading that finds out only when it is asked. */
static void test_memo_unreadable_later(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("registrations.pcap");
  g_autoptr(StoreSet) empty = store_set_new();
  g_autoptr(RegisterMemo) memo = register_memo_new();
  g_autoptr(Registrations) none =
    registrations_new(sample.trace, empty, &REGISTRATION_LIMITS_DEFAULT);
  Arena arena;

  (void) state;
  arena_init(&arena, 4096);
  registrations_use_memo(none, memo);
  for (size_t i = 0; i < trace_call_count(sample.trace); i++) {
    const Call *call = trace_call_at(sample.trace, i);
    CallReading reading = call_reading_begin(sample.trace, call, empty, &arena);
    registrations_add_call(none, call, &reading);
  }
  g_autoptr(Registrations) all = read_with_memo(&sample, sample.stores, memo);
  assert_int_equal(registrations_aor_count(none), 0);
  assert_int_equal(registrations_aor_count(all), 4);
  arena_clear(&arena);
}

/* A call that got another message is read again. */
static void test_memo_grows(void **state)
{
  enum { MESSAGES = 60, CALLS = 3, KINDS = 3 };
  g_auto(GrowingTrace) growing = growing_trace_new(&LIMITS_DEFAULT, 1);
  g_autoptr(RegisterMemo) memo = register_memo_new();

  (void) state;
  for (unsigned i = 0; i < MESSAGES; i++) {
    growing_trace_add(&growing, 1 + KINDS * (i % CALLS)); /* a REGISTER, or its response */
    const SampleTrace sample = {.trace = growing.trace, .stores = growing.stores};
    g_autoptr(RegisterMemo) fresh = register_memo_new();
    g_autoptr(Registrations) alone = read_with_memo(&sample, growing.stores, fresh);
    g_autoptr(Registrations) kept = read_with_memo(&sample, growing.stores, memo);
    assert_same(alone, kept);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_limits), cmocka_unit_test(test_memo),
                                     cmocka_unit_test(test_memo_unreadable),
                                     cmocka_unit_test(test_memo_unreadable_later),
                                     cmocka_unit_test(test_memo_grows)};

  return cmocka_run_group_tests_name("registrations", tests, NULL, NULL);
}
