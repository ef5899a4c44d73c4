#include "tests/test.h"

#include "ui/show/endpoint_set.h"

static void test_endpoints_in_order_of_appearance(void **state)
{
  EndpointSet set = endpoint_set_new(NULL);

  (void) state;
  assert_int_equal(endpoint_set_add(&set, 70), 0);
  assert_int_equal(endpoint_set_add(&set, 3), 1);
  assert_int_equal(endpoint_set_add(&set, 70), 0);
  assert_int_equal(endpoint_set_add(&set, 100000), 2);
  assert_int_equal(endpoint_set_count(&set), 3);

  endpoint_set_reset(&set);
  assert_int_equal(endpoint_set_count(&set), 0);
  assert_int_equal(endpoint_set_add(&set, 3), 0);
  assert_int_equal(endpoint_set_add(&set, 70), 1);
  endpoint_set_clear(&set);
}

/* Places of the first round must not come back when the rounds have been counted through. */
static void test_endpoints_after_all_rounds(void **state)
{
  EndpointSet set = endpoint_set_new(NULL);

  (void) state;
  endpoint_set_add(&set, 5);
  endpoint_set_add(&set, 6);
  set.round = UINT32_MAX;
  endpoint_set_reset(&set);
  assert_int_equal(set.round, 1);
  assert_int_equal(endpoint_set_add(&set, 6), 0);
  assert_int_equal(endpoint_set_count(&set), 1);
  endpoint_set_clear(&set);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_endpoints_in_order_of_appearance),
    cmocka_unit_test(test_endpoints_after_all_rounds),
  };

  return cmocka_run_group_tests_name("endpoint set", tests, NULL, NULL);
}
