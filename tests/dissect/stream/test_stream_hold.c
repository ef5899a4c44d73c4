#include "dissect/stream/stream.h"
#include "tests/test.h"

static Slice octets_of(size_t len)
{
  return slice_of(g_malloc0(len), len);
}

static TcpEvent event_of(TcpStream *tcp, Slice octets)
{
  return (TcpEvent){.kind = TCP_DATA, .stream = tcp, .octets = octets, .seq_end = 1000};
}

/* What was not taken comes again first, after an empty event at the place up to which it was. */
static void test_order(void **state)
{
  TcpStream ends[2] = {{.peer = &ends[1]}, {.peer = &ends[0]}};
  g_autoptr(Stream) stream = stream_new(&ends[0], 1000);
  HoldTable table = {0};
  TcpEvent event = event_of(&ends[0], SLICE("abcdef")), next;

  (void) state;
  assert_false(hold_table_next(&table, &next));
  hold_table_keep_back(&table, stream, &event, 2);
  event.octets = SLICE("gh");
  hold_table_add(&table, stream, &event);
  assert_false(hold_table_next(&table, &next)); /* nothing has come for it */
  hold_table_retry(&table, stream);
  assert_true(hold_table_next(&table, &next));
  assert_int_equal(next.octets.len, 0);
  assert_int_equal(next.seq_end, 998);
  hold_table_keep_back(&table, stream, &next, 0); /* it still waits */
  assert_false(hold_table_next(&table, &next));
  hold_table_retry_all(&table);
  assert_true(hold_table_next(&table, &next) && next.octets.len == 0);
  assert_true(hold_table_next(&table, &next));
  assert_slice(next.octets, "ef");
  assert_int_equal(next.seq_end, 1000);
  assert_true(hold_table_next(&table, &next));
  assert_slice(next.octets, "gh");
  assert_false(hold_table_next(&table, &next));
  assert_int_equal(table.bytes, 0);
  hold_table_clear(&table);
}

/* One stream holds 128 KiB; all together what they may, of which the oldest is given up. */
static void test_limits(void **state)
{
  enum { STREAM_MAX = 128 * 1024, PIECE = 60 * 1024, ALL_MAX = 200 * 1024 };
  TcpStream ends[2] = {{.peer = &ends[1]}, {.peer = &ends[0]}};
  g_autoptr(Stream) first = stream_new(&ends[0], 1000);
  g_autoptr(Stream) second = stream_new(&ends[1], 1000);
  Slice octets = octets_of(PIECE);
  TcpEvent event = event_of(&ends[0], octets);
  HoldTable table = {0};

  (void) state;
  hold_table_keep_back(&table, first, &event, PIECE);
  hold_table_add(&table, first, &event);
  assert_null(hold_table_overfull(&table, first, ALL_MAX));
  hold_table_keep_back(&table, second, &event, PIECE);
  assert_null(hold_table_overfull(&table, second, ALL_MAX));
  hold_table_add(&table, second, &event);
  assert_ptr_equal(hold_table_overfull(&table, second, ALL_MAX), first);
  hold_table_add(&table, second, &event);
  assert_ptr_equal(hold_table_overfull(&table, second, SIZE_MAX), second);
  hold_table_drop(&table, first);
  hold_table_drop(&table, second);
  hold_table_drop(&table, second);
  assert_int_equal(table.bytes, 0);
  assert_null(hold_table_overfull(&table, second, 0));
  g_free((char *) (uintptr_t) octets.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order),
    cmocka_unit_test(test_limits),
  };

  return cmocka_run_group_tests_name("stream_hold", tests, NULL, NULL);
}
