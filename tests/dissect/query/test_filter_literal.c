/* What users write for values: read as what it means, or refused; never half of it. */
#include "tests/test.h"

#include <inttypes.h>

#include "dissect/query/filter_value.h"

#define MS INT64_C(1000000)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define DAY (86400 * SECOND)
/* 2026-01-02 00:00:00 UTC, and local: the test's zone is 05:30 before it. */
#define UTC_2026 (INT64_C(1767312000) * SECOND)
#define LOCAL_2026 (UTC_2026 - 330 * MINUTE)

typedef bool Read(Slice text, int64_t *ret_low, int64_t *ret_high);

typedef struct {
  const char *text;
  int64_t low, high;
} Good;

static const int64_t UNTOUCHED = 4711;

static void check_good(Read *read, const Good *good)
{
  int64_t low = UNTOUCHED, high = UNTOUCHED;
  Slice exact = exact_slice(slice_from_string(good->text));

  if (!read(exact, &low, &high))
    fail_msg("%s: refused", good->text);
  if (low != good->low || high != good->high)
    fail_msg("%s: %" PRId64 "..%" PRId64, good->text, low, high);
  for (size_t len = 0; len < exact.len; len++) {
    Slice cut = exact_slice(slice_head(exact, len));
    read(cut, &low, &high);
    g_free((char *) (uintptr_t) cut.data);
  }
  g_free((char *) (uintptr_t) exact.data);
}

static void check_bad(Read *read, const char *text)
{
  int64_t low = UNTOUCHED, high = UNTOUCHED;
  Slice exact = exact_slice(slice_from_string(text));

  if (read(exact, &low, &high))
    fail_msg("%s: %" PRId64 "..%" PRId64, text, low, high);
  assert_true(low == UNTOUCHED && high == UNTOUCHED);
  g_free((char *) (uintptr_t) exact.data);
}

static void test_decimals(void **state)
{
  static const Good GOOD[] = {
    {"0", 0, 0},
    {"3.5", 3500, 3500},
    {"4", 4000, 4000},
    {"-1.25", -1250, -1250},
    {"2%", 2000, 2000},
    {"0.0019", 1, 1},
    {"9223372036854775.807", INT64_MAX, INT64_MAX},
  };
  static const char *const BAD[] = {
    "", "-", ".5", "3.", "3,5", "1e3", "%", "4%%", "9223372036854775.808", "99999999999999999999",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++)
    check_good(filter_literal_decimal, &GOOD[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
    check_bad(filter_literal_decimal, BAD[i]);
}

static void test_integers(void **state)
{
  static const Good GOOD[] = {
    {"0", 0, 0},       {"486", 486, 486}, {"-7", -7, -7},
    {"4xx", 400, 499}, {"6XX", 600, 699}, {"9223372036854775807", INT64_MAX, INT64_MAX},
    {"007", 7, 7},
  };
  static const char *const BAD[] = {
    "",     "-",  "x",  "4x", "44xx", "-4xx", "4 86", "0x1", "1.5", "+1", "9223372036854775808",
    "486 ", "xx", "--1"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++)
    check_good(filter_literal_integer, &GOOD[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
    check_bad(filter_literal_integer, BAD[i]);
}

static void test_durations(void **state)
{
  static const Good GOOD[] = {
    {"3s", 3 * SECOND, 3 * SECOND},
    {"3", 3 * SECOND, 3 * SECOND},
    {"0", 0, 0},
    {"250ms", 250 * MS, 250 * MS},
    {"1.5s", 1500 * MS, 1500 * MS},
    {"1.5", 1500 * MS, 1500 * MS},
    {"0.25ms", MS / 4, MS / 4},
    {"2min", 2 * MINUTE, 2 * MINUTE},
    {"1.5m", 90 * SECOND, 90 * SECOND},
    {"0.5h", 30 * MINUTE, 30 * MINUTE},
    {"1h30min5s", 90 * MINUTE + 5 * SECOND, 90 * MINUTE + 5 * SECOND},
    {"2d", 2 * DAY, 2 * DAY},
    {"100us", MS / 10, MS / 10},
    {"100\302\265s", MS / 10, MS / 10},
    {"7ns", 7, 7},
    {"1.9ns", 1, 1},
    {"0.1234567891s", 123456789, 123456789},
    {"-2s", -2 * SECOND, -2 * SECOND},
    {"3SEC", 3 * SECOND, 3 * SECOND},
    {"9223372036s", 9223372036 * SECOND, 9223372036 * SECOND},
  };
  static const char *const BAD[] = {"",
                                    "s",
                                    "-",
                                    "3x",
                                    "3 s",
                                    "1.s",
                                    ".5s",
                                    "1..2s",
                                    "3s-1s",
                                    "+3s",
                                    "9223372037s",
                                    "106752d",
                                    "1,5s",
                                    "99999999999999999999s",
                                    "9223372036s9223372036s"};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++)
    check_good(filter_literal_duration, &GOOD[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
    check_bad(filter_literal_duration, BAD[i]);
}

static void test_times(void **state)
{
  static const Good GOOD[] = {
    {"2026-01-02T00:00:00Z", UTC_2026, UTC_2026 + SECOND - 1},
    {"2026-01-02t00:00:00z", UTC_2026, UTC_2026 + SECOND - 1},
    {"2026-01-02 00:00:00Z", UTC_2026, UTC_2026 + SECOND - 1},
    {"2026-01-02T00:00Z", UTC_2026, UTC_2026 + MINUTE - 1},
    {"2026-01-02T01:00:00+01:00", UTC_2026, UTC_2026 + SECOND - 1},
    {"2026-01-01T22:30:00-01:30", UTC_2026, UTC_2026 + SECOND - 1},
    {"2026-01-02T00:00:00.25Z", UTC_2026 + 250 * MS, UTC_2026 + 260 * MS - 1},
    {"2026-01-02T00:00:00.000000001Z", UTC_2026 + 1, UTC_2026 + 1},
    {"2026-01-02T00:00:00.0000000019Z", UTC_2026 + 1, UTC_2026 + 1},
    {"2026-01-02", LOCAL_2026, LOCAL_2026 + DAY - 1},
    {"2026-01-02 05:30", UTC_2026, UTC_2026 + MINUTE - 1},
    {"2026-01-02T05:30:00", UTC_2026, UTC_2026 + SECOND - 1},
    {"1970-01-01T00:00:00Z", 0, SECOND - 1},
    {"2024-02-29T00:00:00Z", INT64_C(1709164800) * SECOND, INT64_C(1709164801) * SECOND - 1},
  };
  static const char *const BAD[] = {
    "",
    "2026",
    "2026-01",
    "2026-1-2",
    "2026-02-29",
    "2026-13-01",
    "2026-01-02T",
    "2026-01-02T03",
    "2026-01-02T3:04",
    "2026-01-02T24:00",
    "2026-01-02T03:60",
    "2026-01-02T03:04:60",
    "2026-01-02T03:04:05.",
    "2026-01-02T03:04:05Zx",
    "2026-01-02T03:04:05+1",
    "2026-01-02T03:04:05+01",
    "2026-01-02T03:04:05*01:00",
    "03:04:05",
    "0000-01-01",
    "9999-01-01",
    "1000-01-01T00:00:00Z",
    "2026-01-02  03:04",
    "20260102T030405Z",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++)
    check_good(filter_literal_time, &GOOD[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++)
    check_bad(filter_literal_time, BAD[i]);
}

/* "FIRST LAST PORT" */
static char *addresses_text(const FilterAddresses *addresses)
{
  Endpoint first = {.family = addresses->family}, last = first;
  char first_text[ENDPOINT_TEXT_MAX], last_text[ENDPOINT_TEXT_MAX];

  memcpy(first.address, addresses->first, sizeof first.address);
  memcpy(last.address, addresses->last, sizeof last.address);
  return g_strdup_printf("%s %s %u", endpoint_format_address(&first, first_text),
                         endpoint_format_address(&last, last_text), addresses->port);
}

static void test_addresses(void **state)
{
  static const char *const GOOD[][2] = {
    {"10.0.0.1", "10.0.0.1 10.0.0.1 0"},
    {"10.0.0.1:5060", "10.0.0.1 10.0.0.1 5060"},
    {"10.1.2.3/8", "10.0.0.0 10.255.255.255 0"},
    {"10.0.0.1/32", "10.0.0.1 10.0.0.1 0"},
    {"10.0.0.1/0", "0.0.0.0 255.255.255.255 0"},
    {"192.0.2.77/29", "192.0.2.72 192.0.2.79 0"},
    {"::", ":: :: 0"},
    {"2001:db8::1", "2001:db8::1 2001:db8::1 0"},
    {"[2001:db8::1]", "2001:db8::1 2001:db8::1 0"},
    {"[2001:db8::1]:5061", "2001:db8::1 2001:db8::1 5061"},
    {"2001:db8::1/127", "2001:db8:: 2001:db8::1 0"},
    {"2001:db8::/32", "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 0"},
  };
  static const char *const BAD[] = {
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.1:",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "10.0.0.1:x",
    "10.0.0.1/33",
    "10.0.0.1/",
    "10.0.0.1/8:5060",
    "2001:db8::1/129",
    "[10.0.0.1]:5060",
    "[2001:db8::1",
    "[2001:db8::1]x",
    "[2001:db8::1]:",
    "[]",
    "[",
    "]",
    "host",
    "1::2::3",
    "/8",
    "0000000000000000000000000000000000000000000000000000000:1",
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(GOOD); i++) {
    FilterAddresses addresses;
    Slice exact = exact_slice(slice_from_string(GOOD[i][0]));

    if (!filter_literal_addresses(exact, &addresses))
      fail_msg("%s: refused", GOOD[i][0]);
    g_autofree char *text = addresses_text(&addresses);
    assert_string_equal(text, GOOD[i][1]);
    g_free((char *) (uintptr_t) exact.data);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
    FilterAddresses addresses;
    Slice exact = exact_slice(slice_from_string(BAD[i]));

    if (filter_literal_addresses(exact, &addresses))
      fail_msg("%s: not refused", BAD[i]);
    g_free((char *) (uintptr_t) exact.data);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_decimals),  cmocka_unit_test(test_integers),
    cmocka_unit_test(test_durations), cmocka_unit_test(test_times),
    cmocka_unit_test(test_addresses),
  };

  g_setenv("TZ", "TEST-05:30", true);
  return cmocka_run_group_tests_name("filter_literal", tests, NULL, NULL);
}
