#include "tests/test.h"

#include "capture/hash.h"

/* Hashes that lie side by side, and those that want the same place. */
static void test_finds_what_was_added(void **state)
{
  static const uint64_t STEPS[] = {1, 2, 32, UINT64_C(1) << 40};
  enum { COUNT = 1000 };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
    g_autoptr(HashSet) set = hash_set_new();
    for (uint64_t n = 0; n < COUNT; n++) {
      assert_false(hash_set_has(set, n * STEPS[i]));
      hash_set_add(set, n * STEPS[i]);
      hash_set_add(set, n / 2 * STEPS[i]);
      assert_true(hash_set_has(set, n * STEPS[i]));
    }
    for (uint64_t n = 0; n < 2 * COUNT; n++)
      assert_int_equal(hash_set_has(set, n * STEPS[i]), n < COUNT);
  }
}

static void test_empty(void **state)
{
  g_autoptr(HashSet) set = hash_set_new();

  (void) state;
  assert_false(hash_set_has(set, 0));
  assert_false(hash_set_has(set, 1));
  hash_set_add(set, 0);
  assert_true(hash_set_has(set, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_finds_what_was_added),
    cmocka_unit_test(test_empty),
  };

  return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
