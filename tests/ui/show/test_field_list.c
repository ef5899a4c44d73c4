/* Keys are in the order of the values that they were made of. */
#include "tests/test.h"

#include "capture/error.h"
#include "ui/show/field_list.h"

enum { ROUNDS = 20000 };

static int sign(int order)
{
  return order < 0 ? -1 : order > 0;
}

/* Undecided is right only where both texts are longer than what is kept, and the same so far. */
static void check_pair(Arena *arena, const FieldValue *a, const FieldValue *b)
{
  SortKey first = sort_key_new(arena, 1, a, SORT_TEXT_MAX),
          second = sort_key_new(arena, 2, b, SORT_TEXT_MAX);
  SortOrder order = sort_key_compare(&first, &second, false);
  bool are_texts = a->type == FIELD_STRING || a->type == FIELD_ENUM;
  SortKey whole = sort_key_new(arena, 1, a, SIZE_MAX), missing = sort_key_new(arena, 3, NULL, 0);
  SortKey other = sort_key_new(arena, 2, b, SIZE_MAX);

  assert_int_equal((int) sort_key_compare(&whole, &other, false), sign(field_compare(a, b)));
  assert_int_equal((int) sort_key_compare(&whole, &other, true), -sign(field_compare(a, b)));
  assert_int_equal(sort_key_compare(&whole, &missing, false), SORT_BEFORE);
  assert_int_equal(sort_key_compare(&whole, &missing, true), SORT_BEFORE);
  assert_int_equal(sort_key_compare(&missing, &missing, true), SORT_EQUAL);

  if (order == SORT_UNDECIDED) {
    assert_true(are_texts && a->text.len > SORT_TEXT_MAX && b->text.len > SORT_TEXT_MAX);
    assert_true(
      slice_eq_nocase(slice_head(a->text, SORT_TEXT_MAX), slice_head(b->text, SORT_TEXT_MAX)));
    return;
  }
  assert_int_equal((int) order, sign(field_compare(a, b)));
}

/* Few bytes, so that texts begin alike; and lengths about where prefix and text end. */
static FieldValue random_text(GRand *random, Arena *arena)
{
  static const size_t LENGTHS[] = {0, 1, 7, 8, 9, 15, 16, 17, 40, 127, 128, 129, 200};
  static const char BYTES[] = {'a', 'a', 'a', 'a', 'a', 'a', 'a', 'A', 'b', '\0', '\xff'};
  size_t len = LENGTHS[g_rand_int_range(random, 0, G_N_ELEMENTS(LENGTHS))];
  char *text = arena_alloc(arena, len + 1);
  bool plain = g_rand_boolean(random);

  for (size_t i = 0; i < len; i++)
    text[i] = plain ? 'a' : BYTES[g_rand_int_range(random, 0, G_N_ELEMENTS(BYTES))];
  if (len > 0 && g_rand_boolean(random))
    text[len - 1] = 'B';
  return (FieldValue){.type = FIELD_STRING, .text = slice_of(text, len)};
}

static FieldValue random_number(GRand *random)
{
  static const int64_t NUMBERS[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};

  return (FieldValue){.type = FIELD_TIME,
                      .integer = NUMBERS[g_rand_int_range(random, 0, G_N_ELEMENTS(NUMBERS))]};
}

static FieldValue random_address(GRand *random)
{
  FieldValue value = {.type = FIELD_ADDRESS};

  value.address.family = g_rand_boolean(random) ? ADDRESS_IPV4 : ADDRESS_IPV6;
  value.address.address[g_rand_int_range(random, 0, 4)] = (uint8_t) g_rand_int(random);
  if (value.address.family == ADDRESS_IPV6)
    value.address.address[15] = (uint8_t) g_rand_int_range(random, 0, 3);
  value.address.port =
    (uint16_t) g_rand_int_range(random, 0, 1 << (g_rand_boolean(random) ? 2 : 16));
  return value;
}

static void test_texts(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(1);
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  for (unsigned i = 0; i < ROUNDS; i++) {
    FieldValue a = random_text(random, &arena), b = random_text(random, &arena);

    check_pair(&arena, &a, &b);
    check_pair(&arena, &a, &a);
    if (i % 100 == 0)
      arena_reset(&arena);
  }
  arena_clear(&arena);
}

static void test_others(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(1);
  const FieldValue no = {.type = FIELD_BOOLEAN}, yes = {.type = FIELD_BOOLEAN, .truth = true};
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  check_pair(&arena, &no, &yes);
  check_pair(&arena, &yes, &yes);
  for (unsigned i = 0; i < ROUNDS; i++) {
    FieldValue number = random_number(random), other_number = random_number(random);
    FieldValue address = random_address(random), other_address = random_address(random);

    check_pair(&arena, &number, &other_number);
    check_pair(&arena, &address, &other_address);
  }
  arena_clear(&arena);
}

/* A key that was moved needs nothing of the first arena. */
static void test_move(void **state)
{
  const FieldValue value = {.type = FIELD_STRING, .text = SLICE("longer than the prefix is")};
  Arena from, to;

  (void) state;
  arena_init(&from, 64);
  arena_init(&to, 64);
  SortKey key = sort_key_new(&from, 1, &value, SORT_TEXT_MAX),
          same = sort_key_new(&to, 2, &value, SORT_TEXT_MAX);
  sort_key_move(&key, &to);
  arena_clear(&from);
  assert_int_equal(sort_key_compare(&key, &same, false), SORT_EQUAL);
  assert_true(sort_key_bytes(&key) > value.text.len);
  arena_clear(&to);
}

/* "call.start -call.duration " */
static char *list_text(const GArray *list)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < list->len; i++) {
    const FieldChoice *choice = &g_array_index(list, FieldChoice, i);
    g_string_append(text, choice->descending ? "-" : "");
    field_ref_append_key(text, &choice->ref);
    g_string_append_c(text, ' ');
  }
  return g_string_free(text, FALSE);
}

static void test_read(void **state)
{
  static const struct {
    const char *text, *columns, *sort; /* NULL: refused */
  } CASES[] = {
    {"call.start", "call.start ", "call.start "},
    {"CALL.Start", "call.start ", "call.start "},
    {" call.start , call.end ", "call.start call.end ", "call.start call.end "},
    {"header[\"X-A,b\"],call.end", "header[\"X-A,b\"] call.end ", "header[\"X-A,b\"] call.end "},
    {"sip.from.user", "from.user ", "from.user "},
    {"-call.start,+call.end", NULL, "-call.start call.end "},
    {"- call.start", NULL, "-call.start "},
    {"header[\"a\"],header[\"b\"]", "header[\"a\"] header[\"b\"] ", "header[\"a\"] header[\"b\"] "},
    {"header[\"a\"],header[\"A\"]", NULL, NULL},
    {"call.start,call.start", NULL, NULL},
    {"call.start,-call.start", NULL, NULL},
    {"call.start,", NULL, NULL},
    {",call.start", NULL, NULL},
    {"call.start,,call.end", NULL, NULL},
    {"call.start call.end", NULL, NULL},
    {"", NULL, NULL},
    {"  ", NULL, NULL},
    {"-", NULL, NULL},
    {"--call.start", NULL, NULL},
    {"header", NULL, NULL},
    {"header[\"a", NULL, NULL},
    {"nonsense", NULL, NULL},
  };

  (void) state;
  for (size_t i = 0; i < 2 * G_N_ELEMENTS(CASES); i++) {
    FieldListKind kind = i % 2 == 0 ? FIELD_LIST_COLUMNS : FIELD_LIST_SORT;
    const char *expected = i % 2 == 0 ? CASES[i / 2].columns : CASES[i / 2].sort;
    g_autofree char *typed = exact_copy(CASES[i / 2].text, strlen(CASES[i / 2].text) + 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) list = field_list_parse(typed, kind, &error);

    if ((list != NULL) != (expected != NULL))
      fail_msg("'%s': %s", typed, error ? error->message : "was taken");
    if (!list) {
      assert_true(g_error_matches(error, APP_ERROR, APP_ERROR_USAGE));
      continue;
    }
    g_autofree char *text = list_text(list);
    assert_string_equal(text, expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_texts),
    cmocka_unit_test(test_others),
    cmocka_unit_test(test_move),
    cmocka_unit_test(test_read),
  };

  return cmocka_run_group_tests_name("field_list", tests, NULL, NULL);
}
