#include "tests/test.h"

static void test_equality(void **state)
{
  (void) state;
  assert_true(slice_eq(SLICE("abc"), SLICE("abc")));
  assert_false(slice_eq(SLICE("abc"), SLICE("abC")));
  assert_false(slice_eq(SLICE("abc"), SLICE("abcd")));
  assert_true(slice_eq(SLICE_NONE, SLICE("")));
  assert_true(slice_eq_nocase(SLICE("Call-ID"), SLICE("CALL-id")));
  assert_false(slice_eq_nocase(SLICE("Call-ID"), SLICE("Call_ID")));
  assert_true(slice_starts_with(SLICE("SIP/2.0 200"), SLICE("SIP/")));
  assert_false(slice_starts_with(SLICE("SI"), SLICE("SIP/")));
  assert_true(slice_starts_with_nocase(SLICE("Z9HG4bKx"), SLICE("z9hG4bK")));
}

static void test_parts(void **state)
{
  (void) state;
  assert_slice(slice_trim(SLICE(" \t a b\r\n")), "a b");
  assert_slice(slice_trim(SLICE(" \r\n\t")), "");
  assert_slice(slice_from(SLICE("abc"), 1), "bc");
  assert_slice(slice_from(SLICE("abc"), 9), "");
  assert_slice(slice_head(SLICE("abc"), 2), "ab");
  assert_slice(slice_head(SLICE("abc"), 9), "abc");
  assert_int_equal(slice_find(SLICE("abc"), 'c'), 2);
  assert_int_equal(slice_find(SLICE("abc"), 'x'), 3);
  assert_int_equal(slice_find(SLICE_NONE, 'x'), 0);
}

static void test_cut(void **state)
{
  Slice s = SLICE("a,b,,c");

  (void) state;
  assert_slice(slice_cut(&s, ','), "a");
  assert_slice(slice_cut(&s, ','), "b");
  assert_slice(slice_cut(&s, ','), "");
  assert_slice(slice_cut(&s, ','), "c");
  assert_int_equal(s.len, 0);
  assert_slice(slice_cut(&s, ','), "");
}

static void test_lines(void **state)
{
  Slice s = SLICE("one\r\ntwo\n\r\nlast");

  (void) state;
  assert_slice(slice_take_line(&s), "one");
  assert_slice(slice_take_line(&s), "two");
  assert_slice(slice_take_line(&s), "");
  assert_slice(slice_take_line(&s), "last");
  assert_int_equal(s.len, 0);
}

static void test_numbers(void **state)
{
  static const struct {
    Slice text;
    bool ok16, ok32, ok64;
    uint64_t value;
  } CASES[] = {
    {{"0", 1}, true, true, true, 0},
    {{"0070", 4}, true, true, true, 70},
    {{"65535", 5}, true, true, true, UINT16_MAX},
    {{"65536", 5}, false, true, true, 65536},
    {{"4294967295", 10}, false, true, true, UINT32_MAX},
    {{"4294967296", 10}, false, false, true, UINT64_C(4294967296)},
    {{"18446744073709551615", 20}, false, false, true, UINT64_MAX},
    {{"18446744073709551616", 20}, false, false, false, 0},
    {{"", 0}, false, false, false, 0},
    {{"-1", 2}, false, false, false, 0},
    {{"1 ", 2}, false, false, false, 0},
    {{"+1", 2}, false, false, false, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    uint16_t value16 = 7;
    uint32_t value32 = 7;
    uint64_t value64 = 7;
    assert_int_equal(slice_to_u16(CASES[i].text, &value16), CASES[i].ok16);
    assert_int_equal(slice_to_u32(CASES[i].text, &value32), CASES[i].ok32);
    assert_int_equal(slice_to_u64(CASES[i].text, &value64), CASES[i].ok64);
    assert_int_equal(value16, CASES[i].ok16 ? CASES[i].value : 7);
    assert_int_equal(value32, CASES[i].ok32 ? CASES[i].value : 7);
    assert_true(value64 == (CASES[i].ok64 ? CASES[i].value : 7));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_equality), cmocka_unit_test(test_parts),   cmocka_unit_test(test_cut),
    cmocka_unit_test(test_lines),    cmocka_unit_test(test_numbers),
  };

  return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
