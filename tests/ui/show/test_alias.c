#include "tests/test.h"

#include <glib/gstdio.h>

#include "ui/show/alias.h"

static Endpoint endpoint(const char *address, uint16_t port)
{
  Endpoint endpoint;

  assert_true(endpoint_parse(slice_from_string(address), port, &endpoint));
  return endpoint;
}

static void assert_shown(const Aliases *aliases, const Endpoint *of, const char *with_port,
                         const char *host)
{
  g_autoptr(GString) text = g_string_new(NULL);

  aliases_append(aliases, of, ALIAS_WITH_PORT, text);
  assert_string_equal(text->str, with_port);
  g_string_truncate(text, 0);
  aliases_append(aliases, of, ALIAS_HOST, text);
  assert_string_equal(text->str, host);
}

static void test_set(void **state)
{
  static const struct {
    const char *address, *name;
    bool good;
  } CASES[] = {
    {"10.0.0.1", "SBC", true},
    {"10.0.0.2:5060", " proxy ", true},
    {"10.0.0.2:5080", "media", true},
    {"2001:db8::1", "six", true},
    {"[2001:db8::2]:5061", "tls", true},
    {"[2001:db8::3]", "bare", true},
    {"10.0.0.9", "gone", true},
    {"10.0.0.9", "", true},
    {"", "x", false},
    {"10.0.0.1:", "SBC", true},
    {"10.0.0.1:0", "x", false},
    {"10.0.0.1:70000", "x", false},
    {"[2001:db8::1", "x", false},
    {"[2001:db8::1]5060", "x", false},
    {"[]:5060", "x", false},
    {"proxy.example.com", "x", false},
    {":5060", "x", false},
    {"10.0.0.300", "x", false},
  };
  static const struct {
    const char *address;
    uint16_t port;
    const char *with_port, *host;
  } SHOWN[] = {
    {"10.0.0.1", 5060, "SBC:5060", "SBC"},    {"10.0.0.2", 5060, "proxy", "10.0.0.2"},
    {"10.0.0.2", 5080, "media", "10.0.0.2"},  {"10.0.0.2", 5090, "10.0.0.2:5090", "10.0.0.2"},
    {"2001:db8::1", 5060, "six:5060", "six"}, {"2001:db8::2", 5061, "tls", "2001:db8::2"},
    {"2001:db8::3", 1, "bare:1", "bare"},     {"10.0.0.9", 5060, "10.0.0.9:5060", "10.0.0.9"},
  };
  g_autoptr(Aliases) aliases = aliases_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice address = exact_slice(slice_from_string(CASES[i].address));
    bool good = aliases_set(aliases, address, slice_from_string(CASES[i].name));

    g_free((void *) (uintptr_t) address.data);
    if (good != CASES[i].good)
      fail_msg("%s", CASES[i].address);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(SHOWN); i++) {
    Endpoint of = endpoint(SHOWN[i].address, SHOWN[i].port);
    assert_shown(aliases, &of, SHOWN[i].with_port, SHOWN[i].host);
  }
}

static void test_hosts(void **state)
{
  static const char TEXT[] = "# hosts\n"
                             "127.0.0.1 localhost\r\n"
                             "10.0.0.1\tSBC1 sbc.example.com # the first\n"
                             "10.0.0.1 later\n"
                             "10.0.0.2#nothing\n"
                             "fe80::1%eth0 scoped\n"
                             "\n"
                             "  2001:db8::1   six";
  g_autoptr(Aliases) aliases = aliases_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp("rung-hosts-XXXXXX", &path, NULL);
  Endpoint one = endpoint("10.0.0.1", 5060), two = endpoint("10.0.0.2", 5060);
  Endpoint six = endpoint("2001:db8::1", 5060), none = {0};
  Endpoint others = {.is_others = 1};

  (void) state;
  assert_true(fd >= 0 && g_close(fd, NULL));
  assert_true(g_file_set_contents(path, TEXT, -1, NULL));
  assert_true(aliases_set(aliases, SLICE("2001:db8::1"), SLICE("mine")));
  assert_true(aliases_read_hosts(aliases, path, &error));
  assert_slice(aliases_find(aliases, &one), "SBC1");
  assert_null(aliases_find(aliases, &two).data);
  assert_slice(aliases_find(aliases, &six), "mine");
  assert_true(aliases_set(aliases, SLICE("2001:db8::1"), SLICE("")));
  assert_slice(aliases_find(aliases, &six), "six");
  assert_shown(aliases, &none, "-", "-");
  assert_shown(aliases, &others, "others", "others");
  assert_shown(NULL, &one, "10.0.0.1:5060", "10.0.0.1");
  g_unlink(path);
  assert_false(aliases_read_hosts(aliases, path, &error));
  assert_non_null(strstr(error->message, path));
}

static void test_endpoints_in_order_of_appearance(void **state)
{
  EndpointSet set = endpoint_set_new(NULL);

  (void) state;
  assert_int_equal(endpoint_set_add(&set, 70), 0);
  assert_int_equal(endpoint_set_add(&set, 3), 1);
  assert_int_equal(endpoint_set_add(&set, 70), 0);
  assert_int_equal(endpoint_set_add(&set, 100000), 2);
  assert_int_equal(endpoint_set_count(&set), 3);

  endpoint_set_reset(&set);
  assert_int_equal(endpoint_set_count(&set), 0);
  assert_int_equal(endpoint_set_add(&set, 3), 0);
  assert_int_equal(endpoint_set_add(&set, 70), 1);
  endpoint_set_clear(&set);
}

/* Places of the first round must not come back when the rounds have been counted through. */
static void test_endpoints_after_all_rounds(void **state)
{
  EndpointSet set = endpoint_set_new(NULL);

  (void) state;
  endpoint_set_add(&set, 5);
  endpoint_set_add(&set, 6);
  set.round = UINT32_MAX;
  endpoint_set_reset(&set);
  assert_int_equal(set.round, 1);
  assert_int_equal(endpoint_set_add(&set, 6), 0);
  assert_int_equal(endpoint_set_count(&set), 1);
  endpoint_set_clear(&set);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_set),
    cmocka_unit_test(test_hosts),
    cmocka_unit_test(test_endpoints_in_order_of_appearance),
    cmocka_unit_test(test_endpoints_after_all_rounds),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
