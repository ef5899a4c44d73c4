#include "dissect/trace/call_rare.h"
#include "dissect/trace/correlation.h"

#include "tests/test.h"

static Slice of(Call *call, bool is_copied, uint8_t place)
{
  Transaction transaction = {.call = call};
  const Message message = {
    .transaction = &transaction, .is_copied = is_copied, .correlation = place};

  return correlation_of(&message);
}

static void test_of_messages(void **state)
{
  Call call = {0};

  (void) state;
  assert_int_equal(correlation_add(&call, SLICE_NONE), 0);
  assert_int_equal(correlation_add(&call, SLICE("a")), 1);
  assert_int_equal(correlation_add(&call, SLICE("b")), 2);
  assert_int_equal(correlation_add(&call, SLICE("a")), 1);
  assert_slice(of(&call, true, 1), "a");
  assert_slice(of(&call, true, 2), "b");
  assert_int_equal(of(&call, true, 0).len, 0);
  assert_int_equal(of(&call, false, 64).len, 0); /* a TTL */
  call_free_rare(&call);
}

static void test_limits(void **state)
{
  g_autofree char *text = g_strnfill(CORRELATION_LEN_MAX + CORRELATIONS_MAX, 'x');
  size_t len = strlen(text);
  Call call = {0};

  (void) state;
  for (unsigned i = 1; i <= CORRELATIONS_MAX; i++)
    assert_int_equal(correlation_add(&call, slice_of(text, i)), i);
  assert_int_equal(correlation_add(&call, SLICE("y")), 0);
  assert_int_equal(correlation_add(&call, slice_of(text, 1)), 1);
  call_free_rare(&call);
  assert_int_equal(correlation_add(&call, slice_of(text, len)), 1);
  assert_int_equal(correlation_add(&call, slice_of(text, len - 1)), 1); /* the same beginning */
  assert_int_equal(of(&call, true, 1).len, CORRELATION_LEN_MAX);
  call_free_rare(&call);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_of_messages),
    cmocka_unit_test(test_limits),
  };

  return cmocka_run_group_tests_name("correlation", tests, NULL, NULL);
}
