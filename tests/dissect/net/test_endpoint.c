#include "dissect/net/endpoint.h"

#include <arpa/inet.h>

#include "tests/test.h"

static Endpoint endpoint_of(int family, const char *address, uint16_t port)
{
  Endpoint endpoint = {.port = port, .family = family == AF_INET ? ADDRESS_IPV4 : ADDRESS_IPV6};

  assert_int_equal(inet_pton(family, address, endpoint.address), 1);
  return endpoint;
}

static void test_format(void **state)
{
  static const struct {
    int family;
    const char *address;
    uint16_t port;
    const char *whole, *alone;
  } CASES[] = {
    {AF_INET, "10.0.0.1", 5060, "10.0.0.1:5060", "10.0.0.1"},
    {AF_INET, "255.255.255.255", 65535, "255.255.255.255:65535", "255.255.255.255"},
    {AF_INET, "0.0.0.0", 0, "0.0.0.0:0", "0.0.0.0"},
    /* RFC 5952 4: no leading zeros, the longest run of zeros, lower case */
    {AF_INET6, "2001:0DB8::0001", 5060, "[2001:db8::1]:5060", "2001:db8::1"},
    {AF_INET6, "2001:db8:0:0:1:0:0:1", 1, "[2001:db8::1:0:0:1]:1", "2001:db8::1:0:0:1"},
    {AF_INET6, "2001:db8:0:1:1:1:1:1", 1, "[2001:db8:0:1:1:1:1:1]:1", "2001:db8:0:1:1:1:1:1"},
    {AF_INET6, "::", 5061, "[::]:5061", "::"},
    {AF_INET6, "::1", 5061, "[::1]:5061", "::1"},
    {AF_INET6, "::ffff:10.0.0.1", 5060, "[::ffff:10.0.0.1]:5060", "::ffff:10.0.0.1"},
    {AF_INET6, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Endpoint endpoint = endpoint_of(CASES[i].family, CASES[i].address, CASES[i].port);
    char text[ENDPOINT_TEXT_MAX];
    assert_ptr_equal(endpoint_format(&endpoint, text), text);
    assert_string_equal(text, CASES[i].whole);
    assert_string_equal(endpoint_format_address(&endpoint, text), CASES[i].alone);
  }
}

static void test_no_address(void **state)
{
  Endpoint none = {.port = 5060};
  char text[ENDPOINT_TEXT_MAX];

  (void) state;
  assert_string_equal(endpoint_format(&none, text), "-:5060");
  assert_string_equal(endpoint_format_address(&none, text), "-");
}

/* Addresses of IPv4 are read as inet_pton does. */
static void test_parse(void **state)
{
  static const char *const TEXTS[] = {
    "192.0.2.1",  "0.0.0.0", "255.255.255.255", "1.2.3.256", "1.2.3.4.",
    ".1.2.3.4",   "1..2.3",  "1.2.3",           "01.2.3.4",  "1.2.3.00",
    "1.2.3.1000", "",        "1.2.3.4.5",       "1.2.3.4 ",  "+1.2.3.4",
    "1.2.3.a",    "host",    "1,2,3,4",         "1",         "0",
    "...",
  };
  Endpoint endpoint;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    size_t len = strlen(TEXTS[i]);
    g_autofree char *exact = g_memdup2(TEXTS[i], len);
    uint8_t expected[sizeof endpoint.address] = {0};
    bool is_address = inet_pton(AF_INET, TEXTS[i], expected) == 1;
    assert_int_equal(endpoint_parse(slice_of(exact, len), 5060, &endpoint), is_address);
    if (is_address)
      assert_memory_equal(endpoint.address, expected, sizeof expected);
  }
  assert_true(endpoint_parse(SLICE("2001:db8::1"), 5060, &endpoint));
  assert_int_equal(endpoint.family, ADDRESS_IPV6);
  assert_false(endpoint_parse(SLICE("2001:db8::1\0"), 5060, &endpoint));
}

static void test_equality(void **state)
{
  Endpoint a = endpoint_of(AF_INET, "10.0.0.1", 5060);
  Endpoint port = endpoint_of(AF_INET, "10.0.0.1", 5061);
  Endpoint address = endpoint_of(AF_INET, "10.0.0.2", 5060);
  Endpoint mapped = endpoint_of(AF_INET6, "::ffff:10.0.0.1", 5060);
  Endpoint same = a;

  (void) state;
  assert_true(endpoint_eq(&a, &same));
  assert_false(endpoint_eq(&a, &port));
  assert_false(endpoint_eq(&a, &address));
  assert_false(endpoint_eq(&a, &mapped));
}

static void test_transports(void **state)
{
  (void) state;
  assert_string_equal(transport_name(TRANSPORT_UDP), "UDP");
  assert_string_equal(transport_name(TRANSPORT_WSS), "WSS");
  for (Transport t = 0; t < TRANSPORT_COUNT; t++)
    assert_int_equal(transport_is_stream(t), t != TRANSPORT_UDP && t != TRANSPORT_SCTP);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_format),     cmocka_unit_test(test_no_address),
    cmocka_unit_test(test_parse),      cmocka_unit_test(test_equality),
    cmocka_unit_test(test_transports),
  };

  return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
