#include "tests/test.h"

#include "capture/ref_set.h"

enum { STEP = 16 }; /* the nearest that two frames can be */

/* Frames as near as they can be, over several pages, in two stores and at the end of one. */
static void test_finds_what_was_added(void **state)
{
  static const ByteRef FIRST[] = {0, STEP / 2, (UINT64_C(1) << 48) - UINT64_C(100) * STEP,
                                  UINT64_C(7) << 48};
  enum { COUNT = 10000 };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FIRST); i++) {
    g_autoptr(RefSet) set = ref_set_new();
    for (ByteRef n = 0; n < COUNT; n++)
      if (n % 3 != 0)
        ref_set_add(set, FIRST[i] + n * STEP);
    for (ByteRef n = 0; n < COUNT; n++)
      assert_int_equal(ref_set_has(set, FIRST[i] + n * STEP), n % 3 != 0);
    assert_false(ref_set_has(set, FIRST[i] + COUNT * STEP));
  }
}

static void test_empty(void **state)
{
  g_autoptr(RefSet) set = ref_set_new();

  (void) state;
  assert_false(ref_set_has(set, 0));
  ref_set_add(set, UINT64_C(1) << 48);
  assert_false(ref_set_has(set, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_finds_what_was_added),
    cmocka_unit_test(test_empty),
  };

  return cmocka_run_group_tests_name("ref_set", tests, NULL, NULL);
}
