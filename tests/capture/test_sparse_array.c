#include "capture/sparse_array.h"

#include "tests/test.h"

static void test_all(void **state)
{
  enum { ITEMS = 3 * 4096 + 5, LEFT = 4096 + 7 };
  SparseArray *array = sparse_array_new();
  char items[2];

  (void) state;
  for (size_t i = 0; i < ITEMS; i++) {
    assert_int_equal(sparse_array_len(array), i);
    sparse_array_add(array, &items[i % 2]);
    assert_ptr_equal(sparse_array_get(array, i), &items[i % 2]);
  }
  for (size_t i = ITEMS; i-- > 0;)
    if (i != LEFT)
      sparse_array_take_out(array, i);
  for (size_t i = 0; i < ITEMS; i++)
    assert_ptr_equal(sparse_array_get(array, i), i == LEFT ? &items[LEFT % 2] : NULL);
  sparse_array_take_out(array, LEFT);
  assert_null(sparse_array_get(array, LEFT));
  sparse_array_add(array, items);
  assert_ptr_equal(sparse_array_get(array, ITEMS), items);
  assert_int_equal(sparse_array_len(array), ITEMS + 1);
  sparse_array_free(array);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};

  return cmocka_run_group_tests_name("sparse_array", tests, NULL, NULL);
}
