/* The limits of the tables of registrations; what they show is in tests/e2e/registrations.py. */
#include "dissect/diagnose/registrations.h"

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

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_limits)};

  return cmocka_run_group_tests_name("registrations", tests, NULL, NULL);
}
