#include "capture/clickhouse.h"

#include <zstd.h>

#include "capture/row_binary.h"
#include "tests/test.h"

static void test_faults(void **state)
{
  const struct {
    const char *body, *text;
    unsigned code;
  } CASES[] = {
    {"Code: 193, e.displayText() = DB::Exception: Wrong password for user rung, e.what() = "
     "DB::Exception\n",
     "Wrong password for user rung", 193},
    {"Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE) (version 24.8.1)\nmore",
     "Table a.b does not exist. (UNKNOWN_TABLE) (version 24.8.1)", 60},
    {"Code: 99999999999. DB::Exception: x", "x", 0},
    {"Code: DB::Exception: ", "", 0},
    {"<html>\n", "<html>", 0},
    {"", "", 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice body = exact_slice(slice_from_string(CASES[i].body));
    g_autoptr(GString) text = g_string_new(NULL);

    assert_int_equal(clickhouse_read_fault(body, text), CASES[i].code);
    assert_string_equal(text->str, CASES[i].text);
    g_free((char *) (uintptr_t) body.data);
  }
}

static void test_long_fault(void **state)
{
  g_autofree char *body = g_strnfill(100000, 'x');
  g_autoptr(GString) text = g_string_new(NULL);

  (void) state;
  (void) clickhouse_read_fault(slice_from_string(body), text);
  assert_true(text->len < sizeof((ClickHouseFault *) NULL)->text);
}

static void test_kinds_of_faults(void **state)
{
  const struct {
    unsigned code;
    bool is_lasting, is_of_rows;
  } CASES[] = {{0, false, false},  {27, true, true},   {33, true, true},    {60, true, false},
               {193, true, false}, {516, true, false}, {243, false, false}, {252, false, false}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const ClickHouseFault fault = {.code = CASES[i].code};
    assert_true(clickhouse_fault_is_lasting(&fault) == CASES[i].is_lasting);
    assert_true(clickhouse_fault_is_of_rows(&fault) == CASES[i].is_of_rows);
  }
}

static void test_literal(void **state)
{
  g_autoptr(GString) sql = g_string_new("a=");

  (void) state;
  clickhouse_append_text(sql, slice_of("'\\\0\xFFz", 5));
  assert_string_equal(sql->str, "a=unhex('275C00FF7A')");
}

/* A block says its sizes, and holds the bytes. */
static void test_block(void **state)
{
  enum { HEAD = 25 };
  static const char TEXT[] = "INVITE INVITE INVITE INVITE INVITE INVITE INVITE";
  g_autoptr(GByteArray) block = g_byte_array_new();
  uint32_t sizes[2];
  char back[sizeof TEXT];

  (void) state;
  g_byte_array_append(block, (const guint8 *) "before", 6);
  clickhouse_append_block(block, slice_of(TEXT, sizeof TEXT));
  const uint8_t *head = block->data + 6;
  assert_int_equal(head[16], 0x90);
  memcpy(sizes, head + 17, sizeof sizes);
  assert_int_equal(GUINT32_FROM_LE(sizes[0]), block->len - 6 - 16);
  assert_int_equal(GUINT32_FROM_LE(sizes[1]), sizeof TEXT);
  assert_int_equal(ZSTD_decompress(back, sizeof back, head + HEAD, block->len - 6 - HEAD),
                   sizeof TEXT);
  assert_memory_equal(back, TEXT, sizeof TEXT);
}

static void test_row_binary(void **state)
{
  static const uint8_t EXPECTED[] = {0x7F, 0x80, 0x01, 0xFF, 0x7F, 0x80, 0x80, 0x01, /* counts */
                                     0x02, 'a',  0x00,                               /* text */
                                     0x34, 0x12,                                     /* 16 bits */
                                     1,    0,    0,    0,    0,    0,    0,    0x80, /* 64 bits */
                                     0,    0,    0,    0,    0,    0,    0xF8, 0x3F, /* 1.5 */
                                     1};                                             /* null */
  ByteBuffer to = {0};

  (void) state;
  row_binary_count(&to, 0x7F);
  row_binary_count(&to, 0x80);
  row_binary_count(&to, 0x3FFF);
  row_binary_count(&to, 0x4000);
  row_binary_text(&to, slice_of("a\0", 2));
  row_binary_u16(&to, 0x1234);
  row_binary_u64(&to, UINT64_C(0x8000000000000001));
  row_binary_f64(&to, 1.5);
  row_binary_null(&to, true);
  assert_int_equal(to.len, sizeof EXPECTED);
  assert_memory_equal(to.data, EXPECTED, sizeof EXPECTED);
  byte_buffer_clear(&to);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_faults),          cmocka_unit_test(test_long_fault),
    cmocka_unit_test(test_kinds_of_faults), cmocka_unit_test(test_literal),
    cmocka_unit_test(test_block),           cmocka_unit_test(test_row_binary),
  };

  return cmocka_run_group_tests_name("clickhouse", tests, NULL, NULL);
}
