#include "tests/test.h"

#include <stdlib.h>
#include <time.h>

#include "ui/show/format.h"

#define NS INT64_C(1000000000)

static void test_rfc3339(void **state)
{
  static const struct {
    int64_t ns;
    const char *text;
  } CASES[] = {
    {0, "1970-01-01T00:00:00.000000000Z"},
    {-1, "1969-12-31T23:59:59.999999999Z"},
    {1767323045 * NS + 123456000, "2026-01-02T03:04:05.123456000Z"},
    {951782400 * NS, "2000-02-29T00:00:00.000000000Z"},
    {4107542399 * NS, "2100-02-28T23:59:59.000000000Z"},
    {4107542400 * NS, "2100-03-01T00:00:00.000000000Z"},
    {-2203891200 * NS, "1900-03-01T00:00:00.000000000Z"},
    {INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
    {INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
  };
  char text[TIME_TEXT_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    assert_int_equal(time_format_rfc3339(CASES[i].ns, text), strlen(CASES[i].text));
    assert_string_equal(text, CASES[i].text);
  }
}

/* Against the C library, over all centuries that fit. */
static void test_dates_against_gmtime(void **state)
{
  char text[TIME_TEXT_MAX], expected[64];

  (void) state;
  for (int64_t second = -9223372036; second < 9223372036; second += 86399 * 7) {
    time_t when = (time_t) second;
    struct tm tm;

    if (when != second) /* which 32 bits cannot hold */
      continue;
    assert_non_null(gmtime_r(&when, &tm));
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000000000Z", &tm);
    time_format_rfc3339(second * NS, text);
    assert_string_equal(text, expected);
  }
}

static void test_clock(void **state)
{
  static const struct {
    TimeMode mode;
    unsigned digits;
    bool date;
    const char *first, *second, *third;
  } CASES[] = {
    {TIME_ABSOLUTE, 6, true, "2026-01-02 03:04:05.123456", "2026-01-02 03:04:06.623456",
     "2026-01-02 03:04:05.000000"},
    {TIME_ABSOLUTE, 3, false, "03:04:05.123", "03:04:06.623", "03:04:05.000"},
    {TIME_ABSOLUTE, 0, false, "03:04:05", "03:04:06", "03:04:05"},
    {TIME_RELATIVE, 6, true, "0.000000", "1.500000", "-0.123456"},
    {TIME_DELTA, 6, true, "0.000000", "1.500000", "-1.623456"},
    {TIME_EPOCH, 9, true, "1767323045.123456000", "1767323046.623456000", "1767323045.000000000"},
  };
  const int64_t start = 1767323045 * NS;
  char text[TIME_TEXT_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Clock clock = clock_new(CASES[i].mode, true);

    clock.digits = CASES[i].digits;
    clock.date = CASES[i].date;
    assert_string_equal(clock_format(&clock, start + 123456000, text), CASES[i].first);
    assert_string_equal(clock_format(&clock, start + 1623456000, text), CASES[i].second);
    assert_string_equal(clock_format(&clock, start, text), CASES[i].third);
  }
}

static void test_clock_of_any_time(void **state)
{
  static const TimeMode MODES[] = {TIME_ABSOLUTE, TIME_RELATIVE, TIME_DELTA, TIME_EPOCH};
  char text[TIME_TEXT_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(MODES); i++) {
    Clock clock = clock_new(MODES[i], false);

    assert_true(strlen(clock_format(&clock, INT64_MIN, text)) < TIME_TEXT_MAX);
    assert_true(strlen(clock_format(&clock, INT64_MAX, text)) < TIME_TEXT_MAX);
    assert_true(strlen(clock_format(&clock, INT64_MIN, text)) < TIME_TEXT_MAX);
  }
}

static void test_local_time(void **state)
{
  Clock clock = clock_new(TIME_ABSOLUTE, false);
  char text[TIME_TEXT_MAX];

  (void) state;
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  tzset();
  /* the switch to summer time, 2026-03-29 01:00 UTC */
  assert_string_equal(clock_format(&clock, 1774745999 * NS, text), "2026-03-29 01:59:59.000000");
  assert_string_equal(clock_format(&clock, 1774746000 * NS, text), "2026-03-29 03:00:00.000000");
  /* another day there than in UTC */
  assert_int_equal(clock_day(&clock, 1767310200 * NS), clock_day(&clock, 1767308400 * NS));
  assert_int_equal(clock_day(&clock, 1767308400 * NS), clock_day(&clock, 1767308399 * NS) + 1);
}

static void test_durations(void **state)
{
  static const struct {
    int64_t ns;
    const char *ms, *people;
  } CASES[] = {
    {0, "0.0", "0 ms"},
    {1, "0.000001", "0 ms"},
    {120500000, "120.5", "120 ms"},
    {2031 * INT64_C(1000000), "2031.0", "2.0 s"},
    {10000200000, "10000.2", "10.0 s"},
    {59999999999, "59999.999999", "59.9 s"},
    {125 * NS, "125000.0", "2m05s"},
    {3725 * NS, "3725000.0", "1h02m"},
    {-1500000, "-1.5", "0 ms"},
    {INT64_MAX, "9223372036854.775807", "2562047h47m"},
  };
  char text[TIME_TEXT_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    assert_int_equal(duration_format_ms(CASES[i].ns, text), strlen(CASES[i].ms));
    assert_string_equal(text, CASES[i].ms);
    assert_string_equal(duration_format(CASES[i].ns, text), CASES[i].people);
  }
}

static void test_numbers(void **state)
{
  char text[TIME_TEXT_MAX];

  (void) state;
  assert_int_equal(number_format(0, text), 1);
  assert_string_equal(text, "0");
  assert_int_equal(number_format(UINT64_MAX, text), 20);
  assert_string_equal(text, "18446744073709551615");
}

static void test_number_in_a_text(void **state)
{
  g_autoptr(GString) text = g_string_new("; ");

  (void) state;
  number_append(text, "%u", 0);
  number_append(text, " of %u calls", UINT32_MAX);
  assert_string_equal(text->str, "; 0 of 4294967295 calls");
}

static void test_sizes(void **state)
{
  static const struct {
    uint64_t octets;
    const char *text;
  } CASES[] = {
    {0, "0 B"},           {999, "999 B"},          {1000, "1.0 kB"},       {12999, "12.9 kB"},
    {999999, "999.9 kB"}, {113824061, "113.8 MB"}, {1200000000, "1.2 GB"}, {UINT64_MAX, "18.4 EB"},
  };
  char text[TIME_TEXT_MAX];

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    assert_string_equal(size_format(CASES[i].octets, text), CASES[i].text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rfc3339),    cmocka_unit_test(test_dates_against_gmtime),
    cmocka_unit_test(test_clock),      cmocka_unit_test(test_clock_of_any_time),
    cmocka_unit_test(test_local_time), cmocka_unit_test(test_durations),
    cmocka_unit_test(test_numbers),    cmocka_unit_test(test_number_in_a_text),
    cmocka_unit_test(test_sizes),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
