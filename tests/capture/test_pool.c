#include "tests/test.h"

#include "capture/pool.h"

enum { RECORD = 96, COUNT = 2000 };

static bool is_all(const uint8_t *record, uint8_t value)
{
  for (size_t i = 0; i < RECORD; i++)
    if (record[i] != value)
      return false;
  return true;
}

static void test_records_are_zero_and_apart(void **state)
{
  g_autofree uint8_t **records = g_new(uint8_t *, COUNT);
  Pool pool;

  (void) state;
  pool_init(&pool, RECORD);
  for (size_t i = 0; i < COUNT; i++) {
    records[i] = pool_take(&pool);
    assert_true(is_all(records[i], 0));
    memset(records[i], (int) (i % 255 + 1), RECORD);
  }
  for (size_t i = 0; i < COUNT; i++) {
    assert_true(is_all(records[i], (uint8_t) (i % 255 + 1)));
    pool_give_back(&pool, records[i]);
  }
  pool_clear(&pool);
}

static void test_gives_out_again(void **state)
{
  g_autofree uint8_t **records = g_new(uint8_t *, COUNT);
  size_t used = 0;
  Pool pool;

  (void) state;
  pool_init(&pool, RECORD);
  for (unsigned round = 0; round < 3; round++) {
    for (size_t i = 0; i < COUNT; i++) {
      records[i] = pool_take(&pool);
      assert_true(is_all(records[i], 0));
      memset(records[i], 0xff, RECORD);
    }
    if (round > 0)
      assert_int_equal(pool.arena.used, used);
    used = pool.arena.used;
    for (size_t i = 0; i < COUNT; i++)
      pool_give_back(&pool, records[i]);
  }
  pool_clear(&pool);
  assert_int_equal(pool.arena.used, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_records_are_zero_and_apart),
    cmocka_unit_test(test_gives_out_again),
  };

  return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
