#include "dissect/tls/tls_keys.h"
#include "tests/test.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define SECRET_32 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SECRET_48 SECRET_32 "0123456789abcdef0123456789abcdef"

static uint64_t add(TlsKeys *keys, const char *lines)
{
  TlsKeyLogFaults faults = {0};
  Slice copy = exact_slice(slice_from_string(lines));

  tls_keys_add(keys, copy, &faults);
  g_free((char *) (uintptr_t) copy.data);
  return faults.bad > 0 ? faults.first : 0;
}

static const TlsSecret *find(const TlsKeys *keys, uint8_t byte, TlsSecretKind kind)
{
  uint8_t random[TLS_RANDOM_LEN];

  memset(random, byte, sizeof random);
  return tls_keys_find(keys, random, kind);
}

/* A line, and the number of the first that is wrong: 0 for none. */
static void test_lines(void **state)
{
  static const struct {
    const char *lines;
    unsigned bad;
  } LOGS[] = {
    {"", 0},
    {"# a comment\n\n   \r\n", 0},
    {"CLIENT_RANDOM " A " " SECRET_48, 0},
    {"CLIENT_RANDOM " A " " SECRET_48 "\r\n", 0},
    {"CLIENT_RANDOM " A " " SECRET_32 "\n", 1},
    {"\nCLIENT_RANDOM " A " " SECRET_48 "0\n", 2},
    {"\nCLIENT_RANDOM " A " " SECRET_48 "00\n", 2},
    {"CLIENT_RANDOM " A "00 " SECRET_48 "\n", 1},
    {"CLIENT_RANDOM aa " SECRET_48 "\n", 1},
    {"CLIENT_RANDOM " A "\n", 1},
    {"CLIENT_RANDOM\n", 1},
    {"CLIENT_RANDOM x" A " " SECRET_48 "\n", 1},
    {"CLIENT_TRAFFIC_SECRET_0 " A " " SECRET_32 "\n", 0},
    {"SERVER_TRAFFIC_SECRET_0 " A " " SECRET_48 "\n", 0},
    {"SERVER_TRAFFIC_SECRET_0 " A " 0123\n", 1},
    {"EXPORTER_SECRET " A " " SECRET_48 "\nRSA Session-ID:00 Master-Key:00\n", 0},
    {"no label, but words\n", 1},
    {"word\n", 1},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LOGS); i++) {
    g_autoptr(TlsKeys) keys = tls_keys_new(8);
    if (add(keys, LOGS[i].lines) != LOGS[i].bad)
      fail_msg("line %zu", i);
  }
}

static void test_line_limit(void **state)
{
  g_autoptr(TlsKeys) keys = tls_keys_new(8);
  g_autoptr(GString) line = g_string_new("LABEL 00 ");

  (void) state;
  while (line->len < TLS_KEY_LINE_MAX)
    g_string_append_c(line, 'x');
  assert_int_equal(add(keys, line->str), 0);
  g_string_append_c(line, 'x');
  assert_int_equal(add(keys, line->str), 1);
}

static void test_last_wins(void **state)
{
  g_autoptr(TlsKeys) keys = tls_keys_new(8);

  (void) state;
  assert_null(find(keys, 0xaa, TLS_CLIENT_TRAFFIC));
  add(keys, "CLIENT_TRAFFIC_SECRET_0 " A " " B "\n");
  add(keys, "CLIENT_TRAFFIC_SECRET_0 " A " " SECRET_48 "\n");
  const TlsSecret *secret = find(keys, 0xaa, TLS_CLIENT_TRAFFIC);
  assert_int_equal(secret->len, 48);
  assert_int_equal(secret->bytes[1], 0x23);
  assert_null(find(keys, 0xaa, TLS_SERVER_TRAFFIC));
  assert_null(find(keys, 0xbb, TLS_CLIENT_TRAFFIC));
  assert_int_equal(tls_keys_generation(keys), 2);
}

/* At the limit the connection that came first goes. */
static void test_limit(void **state)
{
  g_autoptr(TlsKeys) keys = tls_keys_new(2);

  (void) state;
  for (unsigned i = 1; i <= 3; i++) {
    g_autoptr(GString) line = g_string_new("CLIENT_RANDOM ");
    for (unsigned byte = 0; byte < TLS_RANDOM_LEN; byte++)
      g_string_append_printf(line, "%02x", i);
    g_string_append(line, " " SECRET_48 "\n");
    add(keys, line->str);
    assert_non_null(find(keys, (uint8_t) i, TLS_MASTER));
  }
  assert_null(find(keys, 1, TLS_MASTER));
  assert_non_null(find(keys, 2, TLS_MASTER));
  assert_int_equal(tls_keys_dropped(keys), 1);
}

/* What is written can be read again. */
static void test_append(void **state)
{
  static const char LINES[] = "CLIENT_RANDOM " A " " SECRET_48 "\n"
                              "SERVER_TRAFFIC_SECRET_0 " A " " SECRET_32 "\n";
  g_autoptr(TlsKeys) keys = tls_keys_new(8);
  g_autoptr(GString) out = g_string_new(NULL);
  uint8_t random[TLS_RANDOM_LEN];

  (void) state;
  add(keys, LINES);
  memset(random, 0xaa, sizeof random);
  tls_keys_append_lines(keys, random, out);
  assert_string_equal(out->str, LINES);
  memset(random, 0xbb, sizeof random);
  tls_keys_append_lines(keys, random, out);
  assert_string_equal(out->str, LINES);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lines),     cmocka_unit_test(test_line_limit),
    cmocka_unit_test(test_last_wins), cmocka_unit_test(test_limit),
    cmocka_unit_test(test_append),
  };

  return cmocka_run_group_tests_name("tls_keys", tests, NULL, NULL);
}
