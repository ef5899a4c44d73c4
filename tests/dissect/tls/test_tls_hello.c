#include "dissect/tls/tls_hello.h"
#include "tests/test.h"

#define RANDOM "0123456789abcdef0123456789abcdef"
#define RETRY                                                                                      \
  "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"                               \
  "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"

/* Version 3.3, no session, one suite; then extensions: a name, ALPN, versions with GREASE. */
static const char CLIENT[] = "\3\3" RANDOM "\0\0\2\x13\1\1\0"
                             "\0\x2f"
                             "\0\0\0\x0a\0\x08\0\0\5a.com"
                             "\0\x10\0\x0e\0\x0c\5sip/2\5other"
                             "\0\x2b\0\7\6\xfa\xfa\3\4\3\3"
                             "\0\x2a\0\0";
static const char SERVER[] = "\3\3" RANDOM "\0\x13\2\0"
                             "\0\x12\0\x2b\0\2\3\4\0\x29\0\2\0\0\0\x16\0\0\0\x17";

static void test_client(void **state)
{
  TlsClientHello hello;

  (void) state;
  for (size_t len = 0; len < sizeof CLIENT; len++) {
    Slice body = exact_slice(slice_of(CLIENT, len));
    bool ok = tls_client_hello_read(body, &hello);
    assert_int_equal(ok, len >= 41);
    if (len == sizeof CLIENT - 1) {
      assert_slice(hello.server_name, "a.com");
      assert_slice(hello.protocol, "sip/2");
      assert_int_equal(hello.version, TLS_1_3);
      assert_true(hello.early_data);
      assert_memory_equal(hello.random, RANDOM, TLS_RANDOM_LEN);
    }
    g_free((char *) (uintptr_t) body.data);
  }
}

static void test_server(void **state)
{
  TlsServerHello hello;

  (void) state;
  for (size_t len = 0; len < sizeof SERVER; len++) {
    Slice body = exact_slice(slice_of(SERVER, len));
    assert_int_equal(tls_server_hello_read(body, &hello), len >= 38);
    g_free((char *) (uintptr_t) body.data);
  }
  assert_int_equal(hello.suite, 0x1302);
  assert_true(tls_server_hello_read(slice_of(SERVER, sizeof SERVER - 1), &hello));
  assert_true(hello.resumes && hello.encrypt_then_mac && !hello.retries && !hello.compresses);
  assert_int_equal(hello.version, TLS_1_3);
  assert_true(tls_server_hello_read(slice_of("\3\3" RETRY "\0\x13\1\0", 38), &hello));
  assert_true(hello.retries);
}

static void test_certificate(void **state)
{
  static const char LIST[] = "\0\0\7\0\0\4abcd";

  (void) state;
  assert_slice(tls_certificate_first(slice_of(LIST, 10), TLS_1_2), "abcd");
  assert_slice(tls_certificate_first(slice_of("\1x\0\0\7\0\0\4abcd", 12), TLS_1_3), "abcd");
  for (size_t len = 0; len < 10; len++) {
    Slice body = exact_slice(slice_of(LIST, len));
    assert_null(tls_certificate_first(body, TLS_1_2).data);
    g_free((char *) (uintptr_t) body.data);
  }
}

static void test_names(void **state)
{
  char room[TLS_NAME_MAX];

  (void) state;
  assert_string_equal(tls_version_name(TLS_1_3, room), "TLS 1.3");
  assert_string_equal(tls_version_name(0x7f1c, room), "version 0x7f1c");
  assert_string_equal(tls_suite_name(0x1301, room), "TLS_AES_128_GCM_SHA256");
  assert_string_equal(tls_suite_name(0xffff, room), "suite 0xffff");
  assert_string_equal(tls_alert_name(48, room), "unknown_ca");
  assert_string_equal(tls_alert_name(200, room), "alert 200");
}

/* Suites are found by bisection: they are in order. */
static void test_suites(void **state)
{
  unsigned count = 0;

  (void) state;
  for (unsigned number = 0; number <= UINT16_MAX; number++) {
    const TlsSuite *suite = tls_suite_find((uint16_t) number);
    count += suite != NULL;
    assert_true(!suite || suite->number == number);
  }
  assert_int_equal(count, 164);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_client),      cmocka_unit_test(test_server),
    cmocka_unit_test(test_certificate), cmocka_unit_test(test_names),
    cmocka_unit_test(test_suites),
  };

  return cmocka_run_group_tests_name("tls_hello", tests, NULL, NULL);
}
