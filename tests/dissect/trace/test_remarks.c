#include "dissect/trace/remarks.h"

#include "tests/test.h"

static void set(Remarks *remarks, int64_t start_ms, const char *id, const char *text)
{
  const Remark remark = {start_ms, slice_from_string(id), (char *) (uintptr_t) text};

  assert_true(remarks_set(remarks, &remark));
}

static const char *text_of(const Remarks *remarks, int64_t start_ns, Slice id)
{
  const Call call = {.start_ns = start_ns, .texts = id.data, .text_lens = {(uint16_t) id.len}};

  return remarks_of(remarks, &call);
}

static void test_calls(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();

  (void) state;
  assert_null(text_of(remarks, 0, SLICE("a")));
  set(remarks, 5, "a", "one");
  set(remarks, 6, "a", "two");
  set(remarks, 5, "ab", "three");
  set(remarks, -1, "a", "before 1970");
  assert_string_equal(text_of(remarks, 5999999, SLICE("a")), "one");
  assert_string_equal(text_of(remarks, 6000000, SLICE("a")), "two");
  assert_string_equal(text_of(remarks, 5000000, SLICE("ab")), "three");
  assert_string_equal(text_of(remarks, 5000000, SLICE("ab\0c")), "three");
  assert_string_equal(text_of(remarks, -1, SLICE("a")), "before 1970");
  assert_null(text_of(remarks, 7000000, SLICE("a")));
  assert_null(text_of(remarks, 5000000, SLICE_NONE));
  set(remarks, 5, "a", "another");
  assert_string_equal(text_of(remarks, 5000000, SLICE("a")), "another");
  assert_int_equal(remarks_count(remarks), 4);
  set(remarks, 5, "a", " \t ");
  assert_null(text_of(remarks, 5000000, SLICE("a")));
  assert_int_equal(remarks_count(remarks), 3);
}

static void test_without_call_id(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();
  const Call call = {.start_ns = 1};

  (void) state;
  assert_true(remarks_set_call(remarks, &call, "no Call-ID"));
  assert_string_equal(remarks_of(remarks, &call), "no Call-ID");
}

/* A terminal or a file of lines takes it as it is. */
static void test_texts(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();
  g_autofree char *longer = g_strnfill(REMARK_TEXT_MAX + 1, 'x');

  (void) state;
  set(remarks, 0, "a", " tab\there\nline\x1b[2J \xc2\x9b ");
  assert_string_equal(text_of(remarks, 0, SLICE("a")), "tab here line [2J");
  set(remarks, 0, "a", "\xff\xe5\x8d\x97");
  assert_string_equal(text_of(remarks, 0, SLICE("a")), "\xef\xbf\xbd\xe5\x8d\x97");
  set(remarks, 0, "a", longer);
  assert_int_equal(strlen(text_of(remarks, 0, SLICE("a"))), REMARK_TEXT_MAX);
}

static void count(void *data, const Remark *remark)
{
  int64_t *last_ms = data;

  assert_true(remark->start_ms > *last_ms);
  *last_ms = remark->start_ms;
}

static void test_limit(void **state)
{
  g_autoptr(Remarks) remarks = remarks_new();
  const Remark one_more = {REMARKS_MAX, SLICE("a"), (char *) (uintptr_t) "no"};
  int64_t last_ms = -1;

  (void) state;
  for (int64_t i = REMARKS_MAX - 1; i >= 0; i--)
    set(remarks, i, "a", "yes");
  assert_false(remarks_set(remarks, &one_more));
  set(remarks, 0, "a", "changed all the same");
  assert_int_equal(remarks_count(remarks), REMARKS_MAX);
  remarks_each(remarks, count, &last_ms);
  assert_int_equal(last_ms, REMARKS_MAX - 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_calls),
    cmocka_unit_test(test_without_call_id),
    cmocka_unit_test(test_texts),
    cmocka_unit_test(test_limit),
  };

  return cmocka_run_group_tests_name("remarks", tests, NULL, NULL);
}
