#include "ui/report/push_tables.h"

#include "tests/test.h"
#include "ui/report/push_schema.h"

enum { DAY = 86400 };

static const PushColumn *column_at(const PushTable *table, guint i)
{
  return &g_array_index(table->columns, PushColumn, i);
}

static void test_columns(void **state)
{
  g_autoptr(PushTables) tables = push_tables_new();

  (void) state;
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++) {
    const PushTable *table = &tables->items[id];
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    bool has_key = strcmp(table->key, "probe") == 0;

    for (guint i = 0; i < table->columns->len; i++) {
      const PushColumn *column = column_at(table, i);
      assert_true(g_hash_table_add(names, column->name)); /* none twice */
      assert_int_equal(strspn(column->name, "abcdefghijklmnopqrstuvwxyz_0123456789"),
                       strlen(column->name));
      assert_true((column->field != NULL) == (i < table->field_count));
      assert_true((column->type == FIELD_TIME) == (bool) g_str_has_suffix(column->name, "_ns"));
      has_key |= strcmp(column->name, table->key) == 0;
    }
    assert_true(has_key);
    assert_false(g_hash_table_contains(names, "call"));
    assert_false(g_hash_table_contains(names, "message"));
    assert_false(g_hash_table_contains(names, "registration"));
  }
}

/* Each column is in the statement that makes the table, and in that which fills it. */
static void test_sql(void **state)
{
  g_autoptr(PushTables) tables = push_tables_new();

  (void) state;
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++) {
    const PushTable *table = &tables->items[id];
    g_autoptr(GString) old = g_string_new(NULL), recent = g_string_new(NULL);

    push_table_append_create(table, "", false, old);
    push_table_append_create(table, PUSH_SHARD, true, recent);
    assert_non_null(strstr(recent->str, "_shard` ("));
    assert_null(strstr(old->str, "CODEC"));
    assert_true((strstr(recent->str, "CODEC") != NULL) == (id == PUSH_MESSAGES));
    for (guint i = 0; i < table->columns->len; i++) {
      g_autoptr(GString) add = g_string_new(NULL);
      g_autofree char *made = g_strdup_printf(",`%s` ", column_at(table, i)->name);
      g_autofree char *filled = g_strdup_printf(",`%s`", column_at(table, i)->name);
      assert_non_null(strstr(old->str, made));
      assert_non_null(strstr(table->into, filled));
      push_table_append_add(table, "", column_at(table, i), add);
      assert_true(g_str_has_prefix(add->str, "ALTER TABLE `"));
    }
  }
}

/* A row of registrations, which has columns of every type but decimals: whatever a text holds, it
 * is as long as it says. */
static void test_row(void **state)
{
  g_autoptr(PushTables) tables = push_tables_new();
  const PushTable *table = &tables->items[PUSH_REGISTRATIONS];
  g_autofree FieldValue *values = g_new0(FieldValue, table->columns->len);
  ByteBuffer row = {0};
  const Slice items[] = {SLICE("a"), slice_of("\0'", 2)};
  const PushRowHead head = {"p", {1}, 3 * DAY * INT64_C(1000000000)};
  g_autoptr(GByteArray) expected = g_byte_array_new();

  (void) state;
  g_byte_array_append(expected, (const guint8 *) "\1p\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\3\0", 20);
  for (guint i = 0; i < table->columns->len; i++) {
    const PushColumn *column = column_at(table, i);
    const char *bytes = "\1";
    size_t len = 1;

    values[i] = value_none();
    if (column->many) {
      values[i] = value_list(items, 2);
      bytes = "\2\1a\2\0'", len = 6;
    } else if (column->type == FIELD_STRING) {
      values[i] = value_text(slice_of("'\n\\\xFF\0", 5));
      bytes = "\5'\n\\\xFF\0", len = 6;
    } else if (column->type == FIELD_TIME) {
      values[i] = value_time(258);
      bytes = "\2\1\0\0\0\0\0\0", len = 8;
    } else if (column->type == FIELD_BOOLEAN || column->type == FIELD_ADDRESS ||
               column->type == FIELD_ENUM) {
      bytes = "\0"; /* absent */
    } else if (i % 2 == 0) {
      values[i] = value_number(3);
      bytes = "\0\3\0\0\0\0\0\0\0", len = 9;
    }
    g_byte_array_append(expected, (const guint8 *) bytes, (guint) len);
  }
  push_table_append_row(table, &head, values, &row);
  assert_int_equal(row.len, expected->len);
  assert_memory_equal(row.data, expected->data, row.len);
  byte_buffer_clear(&row);
}

static void test_days_of_times(void **state)
{
  const int64_t SECOND = INT64_C(1000000000);

  (void) state;
  assert_int_equal(push_day(0), 0);
  assert_int_equal(push_day(DAY * SECOND - 1), 0);
  assert_int_equal(push_day(DAY * SECOND), 1);
  assert_int_equal(push_day(-DAY * SECOND), 0);
  assert_int_equal(push_day(INT64_MIN), 0);
  assert_int_equal(push_day(INT64_MAX), UINT16_MAX);
}

static void test_days(void **state)
{
  static const char *const BAD[] = {
    "", "x", "-1", "30,other=1", "messages=", "messages=x", "30;messages=1", "36501"};
  uint32_t days[PUSH_TABLE_COUNT];

  (void) state;
  assert_true(push_days_parse("30", days, NULL));
  for (PushTableId id = 0; id < PUSH_TABLE_COUNT; id++)
    assert_int_equal(days[id], 30);
  assert_true(push_days_parse("90,messages=7,probe=0", days, NULL));
  assert_int_equal(days[PUSH_MESSAGES], 7);
  assert_int_equal(days[PUSH_PROBE], 0);
  assert_int_equal(days[PUSH_CALLS], 90);
  assert_true(push_days_parse("calls=1", days, NULL));
  assert_int_equal(days[PUSH_MESSAGES], 0);
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
    assert_false(push_days_parse(BAD[i], days, NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_columns),       cmocka_unit_test(test_sql),  cmocka_unit_test(test_row),
    cmocka_unit_test(test_days_of_times), cmocka_unit_test(test_days),
  };

  return cmocka_run_group_tests_name("push_tables", tests, NULL, NULL);
}
