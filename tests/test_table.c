#include "tests/test.h"

#include "dissect/trace/table.h"

typedef struct {
  uint64_t hash;
  unsigned name;
  bool in;
} Item;

enum { ITEMS = 3000, STEPS = 60000 };

static bool is_named(const void *item, const void *wanted)
{
  return ((const Item *) item)->name == *(const unsigned *) wanted;
}

/* Many of few hashes: long runs that cross the end of the table. */
static uint64_t hash_of(unsigned name, unsigned spread)
{
  return name % spread * UINT64_C(0x9e3779b97f4a7c15);
}

static void check_all(const Table *table, const Item *items)
{
  size_t count = 0;

  for (unsigned i = 0; i < ITEMS; i++) {
    const Item *found = table_find(table, items[i].hash, is_named, &i);
    assert_ptr_equal(found, items[i].in ? &items[i] : NULL);
    count += items[i].in;
  }
  assert_int_equal(table->count, count);
}

/* Against a flag per item, whatever the order of coming and going. */
static void check_random(unsigned spread)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(spread);
  g_autofree Item *items = g_new0(Item, ITEMS);
  Table table;

  table_init(&table);
  for (unsigned i = 0; i < ITEMS; i++)
    items[i] = (Item){.hash = hash_of(i, spread), .name = i};
  for (int step = 0; step < STEPS; step++) {
    Item *item = &items[g_rand_int_range(random, 0, ITEMS)];
    if (item->in)
      table_remove(&table, item->hash, item);
    else
      table_add(&table, item->hash, item);
    item->in = !item->in;
    if (step % 6000 == 0)
      check_all(&table, items);
  }
  check_all(&table, items);
  table_clear(&table);
}

static void test_spread_hashes(void **state)
{
  (void) state;
  check_random(ITEMS);
}

static void test_equal_hashes(void **state)
{
  (void) state;
  check_random(40);
}

static void test_absent(void **state)
{
  Table table;
  Item item = {.hash = 7, .name = 1};
  unsigned other = 2;

  (void) state;
  table_init(&table);
  assert_null(table_guess(&table, 7));
  table_remove(&table, 7, &item);
  table_add(&table, 7, &item);
  assert_null(table_find(&table, 7, is_named, &other));
  assert_ptr_equal(table_guess(&table, 7), &item);
  table_remove(&table, 7, &other);
  assert_int_equal(table.count, 1);
  table_clear(&table);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_spread_hashes),
    cmocka_unit_test(test_equal_hashes),
    cmocka_unit_test(test_absent),
  };

  return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
