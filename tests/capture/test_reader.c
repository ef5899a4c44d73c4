#include "tests/test.h"

#include "capture/reader.h"

static const uint8_t BYTES[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static void test_numbers(void **state)
{
  g_autofree char *bytes = exact_copy(BYTES, sizeof BYTES);
  Reader r = reader_of(bytes, sizeof BYTES);

  (void) state;
  assert_int_equal(reader_peek(&r), 1);
  assert_int_equal(reader_u8(&r), 1);
  assert_int_equal(reader_u16(&r), 0x0203);
  assert_int_equal(reader_u32(&r), 0x04050607);
  assert_int_equal(reader_u16le(&r), 0x0908);
  assert_int_equal(reader_left(&r), 2);
  assert_int_equal(reader_rest(&r).len, 2);
  assert_false(r.failed);
  assert_int_equal(reader_peek(&r), 0);
}

static void test_end_is_sticky(void **state)
{
  (void) state;
  for (size_t len = 0; len < sizeof BYTES; len++) {
    g_autofree char *bytes = exact_copy(BYTES, len);
    Reader r = reader_of(bytes, len);
    size_t read = 0;
    while (!r.failed && read < sizeof BYTES) {
      (void) reader_u32le(&r);
      read += 4;
    }
    assert_true(r.failed);
    assert_int_equal(reader_u8(&r), 0);
    assert_null(reader_slice(&r, 1).data);
    assert_false(reader_skip(&r, 0));
  }
}

static void test_absent_bytes(void **state)
{
  Reader r = reader_of(NULL, 0);

  (void) state;
  assert_int_equal(reader_u16(&r), 0);
  assert_true(r.failed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_end_is_sticky),
    cmocka_unit_test(test_absent_bytes),
  };

  return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
