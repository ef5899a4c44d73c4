#include "dissect/diagnose/capture_index.h"

#include "tests/growing_trace.h"

/* An index that is asked now and then, over hours in which calls are evicted. */
static void test_forgets(void **state)
{
  enum { CALLS = 100000, KEPT = 4000, ASKED_EACH = 50 };
  Limits limits = LIMITS_DEFAULT;
  limits.calls = KEPT;
  g_auto(GrowingTrace) growing = growing_trace_new(&limits, 1);
  g_autoptr(CaptureIndex) index = capture_index_new(growing.trace);
  size_t most = 0;

  (void) state;
  for (unsigned i = 1; i <= CALLS; i++) {
    const Message *message = growing_trace_add_of(&growing, i, i);
    if (i % ASKED_EACH != 0)
      continue;
    const Call *call = message->transaction->call;
    assert_false(capture_index_calls_again(index, call, call->start_ns, INT64_MAX));
    most = MAX(most, capture_index_size(index));
  }
  assert_in_range(most, 64 * 1024, 70000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_forgets),
  };

  return cmocka_run_group_tests_name("capture_index", tests, NULL, NULL);
}
