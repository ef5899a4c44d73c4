/* TlsTable: connections that move from row to row, and more kinds than there are rows. */
#include "tests/test.h"

#include "dissect/stream/tls_table.h"

static TlsRow row_of(uint16_t port, TlsOutcome outcome)
{
  return (TlsRow){.server = {.port = port}, .outcome = (uint8_t) outcome, .count = 1};
}

static unsigned add(TlsTable *table, uint16_t port, TlsOutcome outcome)
{
  const TlsRow row = row_of(port, outcome);

  return tls_table_add(table, &row);
}

static void test_connections_move(void **state)
{
  g_autofree TlsTable *table = g_new0(TlsTable, 1), *copy = g_new0(TlsTable, 1);

  (void) state;
  unsigned first = add(table, 1, TLS_UNREAD);
  assert_int_equal(add(table, 1, TLS_UNREAD), first);
  unsigned other = add(table, 2, TLS_FAILED);
  assert_int_not_equal(other, first);
  assert_int_equal(table->rows[first].count, 2);
  tls_table_remove(table, first);
  assert_int_equal(table->rows[first].count, 1);
  tls_table_remove(table, first);
  tls_table_copy(copy, table);
  assert_int_equal(copy->count, 1);
  assert_int_equal(copy->rows[0].server.port, 2);
  assert_int_equal(add(table, 3, TLS_READ), first); /* the row was free */
  assert_int_equal(table->count, 2);
}

static void test_limit(void **state)
{
  g_autofree TlsTable *table = g_new0(TlsTable, 1);
  unsigned place = 0;

  (void) state;
  for (uint16_t port = 1; port <= TLS_ROWS_MAX + 5; port++)
    place = add(table, port, TLS_READ);
  assert_int_equal(table->count, TLS_ROWS_MAX);
  assert_int_equal(table->others, 5);
  tls_table_remove(table, place);
  assert_int_equal(table->others, 4);
  assert_int_equal(add(table, 1, TLS_READ), 0);
  assert_int_equal(table->rows[0].count, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_connections_move),
    cmocka_unit_test(test_limit),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
