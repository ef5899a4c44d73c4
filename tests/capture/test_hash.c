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

/* A run of numbers, and another one that is a multiple of any size of the table farther: a search
 * that is as long as the run takes minutes here. */
static void test_runs(void **state)
{
  enum { RUN = 1 << 19, FARTHER = 1 << 28 };
  g_autoptr(HashSet) set = hash_set_new();

  (void) state;
  for (uint64_t n = 1; n <= RUN; n++)
    hash_set_add(set, n);
  for (uint64_t n = 1; n <= RUN; n++) {
    assert_false(hash_set_has(set, FARTHER + n));
    hash_set_add(set, FARTHER + n);
  }
}

static void test_recent(void **state)
{
  enum { COUNT = 100, ADDED = 1000 };
  g_autoptr(HashSet) set = hash_set_new_recent(COUNT);

  (void) state;
  for (uint64_t n = 0; n < ADDED; n++) {
    unsigned kept = 0;
    hash_set_add(set, n);
    for (uint64_t older = 0; older <= n; older++) {
      bool has = hash_set_has(set, older);
      assert_true(has || n - older >= COUNT);
      kept += has;
    }
    assert_true(kept <= 2 * COUNT + 1); /* 0 is not counted */
  }
}

static void test_values(void **state)
{
  enum { COUNT = 1000, RECENT = 100 };
  g_autoptr(HashSet) set = hash_set_new();
  g_autoptr(HashSet) recent = hash_set_new_recent(RECENT);
  uint32_t value = 1;

  (void) state;
  for (uint32_t n = 0; n < COUNT; n++) {
    hash_set_put(set, (uint64_t) n << 40, n + 7);
    hash_set_put(recent, n, n + 7);
  }
  for (uint32_t n = 0; n < COUNT; n++) {
    assert_true(hash_set_get(set, (uint64_t) n << 40, &value));
    assert_int_equal(value, n + 7);
    bool has = hash_set_get(recent, n, &value);
    assert_true(has ? value == n + 7 : n < COUNT - RECENT);
  }
  hash_set_put(set, 0, 5);
  assert_true(hash_set_get(set, 0, &value));
  assert_int_equal(value, 5);
  assert_false(hash_set_get(set, 1, &value));
  assert_int_equal(value, 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_finds_what_was_added),
    cmocka_unit_test(test_empty),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_runs),
    cmocka_unit_test(test_recent),
  };

  return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
