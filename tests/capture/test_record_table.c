#include "tests/test.h"

#include "capture/record_table.h"

typedef struct {
  uint32_t hash;
  unsigned id;
} Entry;

static uint32_t entry_hash(const void *entry)
{
  return ((const Entry *) entry)->hash;
}

static bool entry_equal(const void *a, const void *b)
{
  return ((const Entry *) a)->id == ((const Entry *) b)->id;
}

static const RecordKey ENTRY_KEY = {entry_hash, entry_equal};

enum { COUNT = 20000 };

/* Hashes that are spread, lie side by side, or are those that free places have. */
static const struct {
  const char *name;
  uint32_t factor, divisor;
} HASHES[] = {
  {"spread", 2654435761U, 1},
  {"side by side", 1, 1},
  {"eight alike", 1, 8},
  {"high octets only", 1U << 16, 1},
};

static Entry *entries_new(size_t row)
{
  Entry *entries = g_new(Entry, COUNT);

  for (unsigned i = 0; i < COUNT; i++)
    entries[i] = (Entry){i / HASHES[row].divisor * HASHES[row].factor, i};
  return entries;
}

/* Everything is found at any time, also while the table grows. */
static void test_finds_what_was_put(void **state)
{
  (void) state;
  for (size_t row = 0; row + 1 < G_N_ELEMENTS(HASHES); row++) {
    g_autoptr(RecordTable) table = record_table_new(&ENTRY_KEY);
    g_autofree Entry *entries = entries_new(row);

    for (unsigned i = 0; i < COUNT; i++) {
      const Entry probe = entries[i], half = entries[i / 2];
      assert_null(record_table_find(table, &probe));
      record_table_put(table, &entries[i]);
      assert_ptr_equal(record_table_find(table, &probe), &entries[i]);
      assert_ptr_equal(record_table_find(table, &half), &entries[i / 2]);
      assert_int_equal(record_table_count(table), i + 1);
    }
    for (unsigned i = 0; i < COUNT; i++)
      assert_ptr_equal(record_table_find(table, &entries[i]), &entries[i]);
  }
}

static void test_same_place(void **state)
{
  g_autoptr(RecordTable) table = record_table_new(&ENTRY_KEY);
  g_autofree Entry *entries = entries_new(3);

  (void) state;
  for (unsigned i = 0; i < 1000; i++)
    record_table_put(table, &entries[i]);
  for (unsigned i = 0; i < 1000; i++)
    assert_ptr_equal(record_table_find(table, &entries[i]), &entries[i]);
  assert_null(record_table_find(table, &entries[1000]));
}

/* The newest of its key is the one that is found, wherever the one before was. */
static void test_takes_the_place_of_an_equal_one(void **state)
{
  g_autoptr(RecordTable) table = record_table_new(&ENTRY_KEY);
  g_autofree Entry *entries = entries_new(0), *again = entries_new(0);

  (void) state;
  for (unsigned i = 0; i < COUNT; i++) {
    record_table_put(table, &entries[i]);
    record_table_put(table, &again[i / 2]);
    assert_ptr_equal(record_table_find(table, &entries[i / 2]), &again[i / 2]);
    assert_int_equal(record_table_count(table), i + 1);
  }
}

/* A table that records come into and go from for ever. */
static void test_forgets(void **state)
{
  enum { KEPT = 700 };
  g_autoptr(RecordTable) table = record_table_new(&ENTRY_KEY);
  g_autofree Entry *entries = entries_new(0);

  (void) state;
  for (unsigned i = 0; i < COUNT; i++) {
    record_table_put(table, &entries[i]);
    if (i < KEPT)
      continue;
    record_table_remove(table, &entries[i - KEPT]);
    assert_null(record_table_find(table, &entries[i - KEPT]));
    assert_ptr_equal(record_table_find(table, &entries[i - KEPT + 1]), &entries[i - KEPT + 1]);
    record_table_remove(table, &entries[i - KEPT]);
    assert_int_equal(record_table_count(table), KEPT);
  }
  for (unsigned i = COUNT - KEPT; i < COUNT; i++)
    assert_ptr_equal(record_table_find(table, &entries[i]), &entries[i]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_finds_what_was_put),
    cmocka_unit_test(test_same_place),
    cmocka_unit_test(test_takes_the_place_of_an_equal_one),
    cmocka_unit_test(test_forgets),
  };

  return cmocka_run_group_tests_name("record_table", tests, NULL, NULL);
}
