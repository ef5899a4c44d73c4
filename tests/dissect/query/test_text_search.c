/* A text is found where a plain comparison finds it, and nowhere else. */
#include "tests/test.h"

#include "dissect/query/text_search.h"

enum { CHECKED_PLACES = 100 };

static bool finds_plainly(Slice needle, Slice in)
{
  for (size_t i = 0; i + needle.len <= in.len; i++)
    if (slice_eq_nocase(needle, slice_of(in.data + i, needle.len)))
      return true;
  return false;
}

static bool is_plainly_at(Slice needle, Slice in, size_t at)
{
  return at + needle.len <= in.len && slice_eq_nocase(needle, slice_of(in.data + at, needle.len));
}

/* From and before every place. */
static void check_places(const TextSearch *search, Slice needle, Slice in)
{
  for (size_t place = 0; place <= in.len + 1; place++) {
    size_t after = 0, before = in.len;

    while (after < in.len && !(after + needle.len > place && is_plainly_at(needle, in, after)))
      after++;
    for (size_t at = 0; at < MIN(place, in.len); at++)
      if (is_plainly_at(needle, in, at))
        before = at;
    assert_int_equal(text_search_find_after(search, in, place), after);
    assert_int_equal(text_search_find_before(search, in, place), before);
  }
}

static void check(Slice needle, Slice in)
{
  Slice exact_needle = exact_slice(needle), exact_in = exact_slice(in);
  Arena arena;

  arena_init(&arena, 64);
  const TextSearch *search = text_search_new(&arena, exact_needle);
  g_free((char *) (uintptr_t) exact_needle.data); /* it was copied */
  if (text_search_finds(search, exact_in) != finds_plainly(needle, in))
    fail_msg("%.*s in %.*s", SLICE_ARG(needle), SLICE_ARG(in));
  if (in.len < CHECKED_PLACES)
    check_places(search, needle, exact_in);
  g_free((char *) (uintptr_t) exact_in.data);
  arena_clear(&arena);
}

static void test_cases(void **state)
{
  static const struct {
    Slice needle, in;
    bool found;
  } CASES[] = {
    {{"a", 1}, {"", 0}, false},           {{"a", 1}, {"a", 1}, true},
    {{"a", 1}, {"A", 1}, true},           {{"aab", 3}, {"aaab", 4}, true},
    {{"abab", 4}, {"abacabab", 8}, true}, {{"[", 1}, {"{", 1}, false},
    {{"@", 1}, {"`", 1}, false},          {{"\0x", 2}, {"a\0X", 3}, true},
    {{"\xe9", 1}, {"\xc9", 1}, false},    {{"longer", 6}, {"long", 4}, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Arena arena;

    arena_init(&arena, 64);
    assert_int_equal(text_search_finds(text_search_new(&arena, CASES[i].needle), CASES[i].in),
                     CASES[i].found);
    check(CASES[i].needle, CASES[i].in);
    arena_clear(&arena);
  }
}

/* Of few letters, so that much is nearly found. */
static Slice random_text(GRand *random, size_t max, char *room)
{
  size_t len = (size_t) g_rand_int_range(random, 0, (gint32) max + 1);

  for (size_t i = 0; i < len; i++)
    room[i] = "abAB"[g_rand_int_range(random, 0, 4)];
  return slice_of(room, len);
}

static void test_random(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(4475);
  char needle[8], in[64];

  (void) state;
  for (unsigned i = 0; i < 20000; i++) {
    Slice text = random_text(random, sizeof needle - 1, needle);

    if (text.len > 0)
      check(text, random_text(random, sizeof in, in));
  }
}

/* Longer than a skip can tell. */
static void test_long(void **state)
{
  enum { LEN = 700 };
  char in[LEN];

  (void) state;
  memset(in, 'x', sizeof in);
  memset(in + 100, 'y', 300);
  for (size_t len = 1; len < LEN; len += 37)
    for (size_t at = 0; at + len <= LEN; at += 29) {
      check(slice_of(in + at, len), slice_of(in, sizeof in));
      check(slice_of(in + at, len), slice_of(in + 1, sizeof in - 2));
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_random),
    cmocka_unit_test(test_long),
  };

  return cmocka_run_group_tests_name("text_search", tests, NULL, NULL);
}
