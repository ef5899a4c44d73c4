#include "tests/test.h"

#include "ui/fetch_sql.h"

#define SECOND_NS INT64_C(1000000000)
#define DAY_NS (86400 * SECOND_NS)

/* The conditions of a choice, and the fields that became part of them. */
typedef struct {
  GString *sql, *fields;
  bool leaves_out;
} Asked;

static void asked_clear(Asked *asked)
{
  g_string_free(asked->sql, true);
  g_string_free(asked->fields, true);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asked, asked_clear)

static Asked ask(int64_t since_ns, int64_t until_ns, const char *where, const Selection *named)
{
  g_autoptr(DisplayFilter) filter = where ? display_filter_new(where, NULL) : NULL;
  const FetchChoice choice = {since_ns, until_ns, filter, named, "t"};
  Asked asked = {g_string_new(NULL), g_string_new(NULL), false};

  assert_true(filter || !where);
  asked.leaves_out = fetch_sql_append(&choice, asked.sql, asked.fields);
  return asked;
}

static void test_everything(void **state)
{
  (void) state;
  g_auto(Asked) asked = ask(INT64_MIN, INT64_MAX, NULL, NULL);

  assert_string_equal(asked.sql->str, "1");
  assert_false(asked.leaves_out);
}

/* Of a call that has a message between the times all are chosen, a day more on either side. */
static void test_window(void **state)
{
  (void) state;
  g_auto(Asked) asked = ask(2 * DAY_NS + 5, 3 * DAY_NS + 7, NULL, NULL);

  assert_string_equal(asked.sql->str,
                      "1 AND day>=toDate(1) AND day<=toDate(4) AND key_hash IN (SELECT key_hash "
                      "FROM t WHERE 1 AND day>=toDate(2) AND day<=toDate(3) AND "
                      "time_ns>=172800000000005 AND time_ns<259200000000007)");
  assert_false(asked.leaves_out);
}

static void test_filter(void **state)
{
  static const struct {
    const char *where, *test, *fields;
  } CASES[] = {
    {"message.status == 486", "`status` BETWEEN 486 AND 486", "message.status"},
    {"message.status >= 500 && message.method == invite",
     "lower(`method`)=lower(unhex('696E76697465'))", "message.status, message.method"},
    {"message.status < 5000000000", "`status` BETWEEN 0 AND 4294967295", "message.status"},
    {"message.call_id contains \"o'x\"", "positionCaseInsensitive(`call_id`,unhex('6F2778'))>0",
     "message.call_id"},
    {"from.user == alice", "`from_user`=unhex('616C696365')", "from.user"},
    {"call.outcome == busy", "`status` IN (486,600)", "call.outcome"},
    {"call.outcome == answered", NULL, ""}, /* may be known by what has no status */
    {"message.status == 486 || message.status == 487", NULL, ""},
    {"call.duration > 5", NULL, ""},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(Asked) asked = ask(INT64_MIN, INT64_MAX, CASES[i].where, NULL);
    assert_string_equal(asked.fields->str, CASES[i].fields);
    assert_int_equal(asked.leaves_out, CASES[i].test != NULL);
    if (CASES[i].test)
      assert_non_null(strstr(asked.sql->str, CASES[i].test));
    else
      assert_string_equal(asked.sql->str, "1");
  }
}

/* A Call-ID is looked for in its place alone; none becomes SQL. */
static void test_call_ids(void **state)
{
  (void) state;
  g_autoptr(Selection) named = selection_new();
  selection_name_call(named, "a@b");
  selection_name_call(named, "x') OR (1");
  g_auto(Asked) by_name = ask(INT64_MIN, INT64_MAX, NULL, named);
  g_auto(Asked) by_filter = ask(INT64_MIN, INT64_MAX, "call.id == \"x') OR (1\"", NULL);

  assert_string_equal(
    by_name.sql->str,
    "1 AND key_hash IN (cityHash64(unhex('614062')),cityHash64(unhex('782729204F52202831')))");
  assert_true(by_name.leaves_out);
  assert_string_equal(
    by_filter.sql->str,
    "1 AND key_hash=cityHash64(unhex('782729204F52202831')) AND key_hash IN (SELECT key_hash "
    "FROM t WHERE 1 AND key_hash=cityHash64(unhex('782729204F52202831')) AND "
    "`call_id`=unhex('782729204F52202831'))");
  assert_true(by_filter.leaves_out);
}

static void test_exchanges(void **state)
{
  (void) state;
  g_autoptr(GString) sql = g_string_new(NULL);
  g_autoptr(DisplayFilter) filter = display_filter_new("call.id == \"a\"", NULL);

  fetch_sql_append_exchanges(&(FetchChoice){2 * DAY_NS, INT64_MAX, filter, NULL, "t"}, sql);
  assert_string_equal(sql->str,
                      "1 AND day>=toDate(1) AND key_hash IN (SELECT key_hash FROM t WHERE 1 AND "
                      "day>=toDate(2) AND time_ns>=172800000000000 AND "
                      "time_ns<9223372036854775807) AND key_hash IN (SELECT key_hash FROM t "
                      "PREWHERE 1 AND day>=toDate(1)" FETCH_AND_IS_EXCHANGE ")");
}

static void test_times(void **state)
{
  const int64_t now_ns = 10 * DAY_NS;
  int64_t time_ns = 0;

  (void) state;
  assert_true(fetch_time_parse("2h", now_ns, &time_ns));
  assert_int_equal(time_ns, now_ns - 7200 * SECOND_NS);
  assert_true(fetch_time_parse("1970-01-02T00:00:00Z", now_ns, &time_ns));
  assert_int_equal(time_ns, DAY_NS);
  assert_false(fetch_time_parse("11d", now_ns, &time_ns));
  assert_false(fetch_time_parse("-2h", now_ns, &time_ns));
  assert_false(fetch_time_parse("soon", now_ns, &time_ns));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_everything), cmocka_unit_test(test_window),
    cmocka_unit_test(test_filter),     cmocka_unit_test(test_call_ids),
    cmocka_unit_test(test_exchanges),  cmocka_unit_test(test_times),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
