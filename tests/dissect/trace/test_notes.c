#include "dissect/trace/notes.h"

#include "tests/test.h"

static void add(Notes *notes, uint64_t id, int64_t time_ns, uint32_t len)
{
  const Key key = {id, id};
  const Note note = {.time_ns = time_ns, .len = len};

  notes_add(notes, &key, &note);
}

static size_t count_of(const Notes *notes, uint64_t id)
{
  const Key key = {id, id};
  const Note *found;

  return notes_of(notes, &key, &found);
}

static void test_order(void **state)
{
  static const int64_t TIMES[] = {5, 1, 9, 5, 0};
  g_autoptr(Notes) notes = notes_new(NOTES_MAX);
  const Key key = {1, 1};
  const Note *found;

  (void) state;
  for (uint32_t i = 0; i < G_N_ELEMENTS(TIMES); i++)
    add(notes, 1, TIMES[i], i);
  add(notes, 2, 7, 9);
  assert_int_equal(notes_of(notes, &key, &found), 5);
  const uint32_t wanted[] = {4, 1, 0, 3, 2};
  for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
    assert_int_equal(found[i].len, wanted[i]);
  assert_int_equal(count_of(notes, 2), 1);
  assert_int_equal(count_of(notes, 3), 0);
}

static void test_limits(void **state)
{
  g_autoptr(Notes) notes = notes_new(10);

  (void) state;
  for (uint64_t id = 1; id <= 5; id++)
    for (int64_t i = 0; i < 3; i++)
      add(notes, id, i, 0);
  /* ten are kept: those of the first two are gone */
  assert_int_equal(count_of(notes, 1), 0);
  assert_int_equal(count_of(notes, 2), 0);
  assert_int_equal(count_of(notes, 3), 3);
  assert_int_equal(notes_dropped(notes), 6);
  assert_int_equal(notes_count(notes), 15);
}

static void test_limit_of_one(void **state)
{
  g_autoptr(Notes) notes = notes_new(NOTES_MAX);

  (void) state;
  for (int64_t i = 0; i < NOTES_OF_ONE_MAX + 5; i++)
    add(notes, 1, i, 0);
  assert_int_equal(count_of(notes, 1), NOTES_OF_ONE_MAX);
  assert_int_equal(notes_dropped(notes), 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_limit_of_one),
  };

  return cmocka_run_group_tests_name("notes", tests, NULL, NULL);
}
