#include "ui/show/call_set.h"

#include "tests/test.h"

static void test_all(void **state)
{
  static const uint32_t NUMBERS[] = {1, 64, 65, 128, 1000000, 7};
  static const uint32_t SORTED[] = {1, 7, 64, 65, 128, 1000000};
  g_autoptr(CallSet) set = call_set_new();

  (void) state;
  assert_false(call_set_has(set, 1));
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
    call_set_put(set, NUMBERS[i], true);
    call_set_put(set, NUMBERS[i], true);
  }
  assert_int_equal(call_set_count(set), G_N_ELEMENTS(NUMBERS));
  g_autoptr(GArray) numbers = call_set_numbers(set);
  assert_int_equal(numbers->len, G_N_ELEMENTS(SORTED));
  assert_memory_equal(numbers->data, SORTED, sizeof SORTED);
  call_set_put(set, 64, false);
  call_set_put(set, 2000000, false);
  assert_false(call_set_has(set, 64));
  assert_true(call_set_has(set, 65));
  assert_int_equal(call_set_count(set), G_N_ELEMENTS(NUMBERS) - 1);
  call_set_clear(set);
  assert_int_equal(call_set_count(set), 0);
  assert_false(call_set_has(set, 65));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};

  return cmocka_run_group_tests(tests, NULL, NULL);
}
