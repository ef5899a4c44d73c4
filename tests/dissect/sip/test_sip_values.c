#include "tests/test.h"

#include "dissect/sip/sip_values.h"

/* The values joined by '|'. */
static char *join_list(Slice text)
{
  GString *joined = g_string_new(NULL);
  SipListIter iter = sip_list(text);
  Slice value;

  while (sip_list_next(&iter, &value))
    g_string_append_printf(joined, "%.*s|", SLICE_ARG(value));
  return g_string_free(joined, FALSE);
}

static void test_lists(void **state)
{
  static const struct {
    const char *text, *values;
  } CASES[] = {
    {"", ""},
    {" \r\n ", ""},
    {"a", "a|"},
    {"a,b", "a|b|"},
    {" a ,\r\n b ", "a|b|"},
    {"a,,b,", "a||b||"},
    {",", "||"},
    {"\"x,y\" <sip:a@b>, <sip:c,d@e>;q=1", "\"x,y\" <sip:a@b>|<sip:c,d@e>;q=1|"},
    {"\"a\\\",b\" <sip:x>,c", "\"a\\\",b\" <sip:x>|c|"},
    {"SIP/2.0/UDP a (one, (two,) three), b", "SIP/2.0/UDP a (one, (two,) three)|b|"},
    {"a\"b,c", "a\"b|c|"},
    {"<sip:a, <sip:b", "<sip:a|<sip:b|"},
    {"(a, b, (c", "(a|b|(c|"},
    {"a\\", "a\\|"},
    {"\"a\\", "\"a\\|"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice text = exact_slice(slice_from_string(CASES[i].text));
    g_autofree char *values = join_list(text);
    assert_string_equal(values, CASES[i].values);
    g_free((void *) (uintptr_t) text.data);
  }
}

/* name=value|, with '!' for a parameter without "=", and in () what ended the value. */
static char *join_params(Slice text, bool (*next)(Slice *, SipParam *))
{
  GString *joined = g_string_new(NULL);
  SipParam param;

  while (next(&text, &param)) {
    g_string_append_printf(joined, "%.*s%s%.*s", SLICE_ARG(param.name),
                           param.value.data ? "=" : "!", SLICE_ARG(param.value));
    if (param.extra.data)
      g_string_append_printf(joined, "(%.*s)", SLICE_ARG(param.extra));
    g_string_append_c(joined, '|');
  }
  return g_string_free(joined, FALSE);
}

static void test_params(void **state)
{
  static const struct {
    const char *text, *params;
  } CASES[] = {
    {"", ""},
    {"lr", "lr!|"},
    {"tag=1", "tag=1|"},
    {" tag \r\n = \t 1 ; q = 0.5 ", "tag=1|q=0.5|"},
    {"a=\"x;y\\\";z\";b", "a=\"x;y\\\";z\"|b!|"},
    {";;a", "!|!|a!|"},
    {"a;", "a!|"},
    {"a=", "a=|"},
    {"a=b=c", "a=b=c|"},
    {"a=\"x;b=1", "a=\"x|b=1|"},
    {"a=\\\";b=\\\"", "a=\\\"|b=\\\"|"},
    {"a=b c;d", "a=b(c)|d!|"},
    {"a = b\r\n\t c d ;e=f\tg", "a=b(c d)|e=f(g)|"},
    {"a=\"b c\" d", "a=\"b c\"(d)|"},
    {"a=\"b c", "a=\"b(c)|"},
    {"received=[::1] x", "received=[::1](x)|"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice text = exact_slice(slice_from_string(CASES[i].text));
    g_autofree char *params = join_params(text, sip_param_next);
    assert_string_equal(params, CASES[i].params);
    g_free((void *) (uintptr_t) text.data);
  }
  g_autofree char *digest =
    join_params(SLICE("username=\"a,b\", realm=x,nc = 1"), sip_auth_param_next);
  assert_string_equal(digest, "username=\"a,b\"|realm=x|nc=1|");
}

static void test_find_param(void **state)
{
  Slice value, rest = SLICE("sip:a@b ;x");

  (void) state;
  assert_true(sip_param_find(SLICE("a=1;TAG=x;tag=y"), SLICE("tag"), &value));
  assert_slice(value, "x");
  assert_true(sip_param_find(SLICE("a;lr"), SLICE("LR"), &value));
  assert_null(value.data);
  assert_false(sip_param_find(SLICE("tagg=1"), SLICE("tag"), &value));
  assert_false(sip_param_find(SLICE_NONE, SLICE("tag"), &value));
  assert_slice(sip_cut_params(&rest), "sip:a@b ");
  assert_slice(rest, "x");
  assert_slice(sip_cut_params(&rest), "x");
  assert_null(rest.data);
}

static void test_tokens(void **state)
{
  Slice s = SLICE(" SIP \t/ 2.0\r\n / UDP host");

  (void) state;
  assert_slice(sip_take_token(&s), "SIP");
  assert_true(sip_take_mark(&s, '/'));
  assert_slice(sip_take_token(&s), "2.0");
  assert_false(sip_take_mark(&s, ';'));
  assert_true(sip_take_mark(&s, '/'));
  assert_slice(sip_take_token(&s), "UDP");
  assert_slice(s, " host");
  assert_true(sip_is_token(SLICE("!interesting-Method0123456789_*+`.%indeed'~")));
  assert_false(sip_is_token(SLICE("a b")));
  assert_false(sip_is_token(SLICE("")));
  s = SLICE_NONE;
  assert_int_equal(sip_take_token(&s).len, 0);
  assert_false(sip_take_mark(&s, '/'));
}

typedef Slice (*Converter)(Arena *arena, Slice text);

static void check_conversion(Converter convert, const char *text, const char *expected)
{
  Slice input = exact_slice(slice_from_string(text));
  Arena arena;

  arena_init(&arena, 64);
  assert_slice(convert(&arena, input), expected);
  for (size_t len = 0; len < input.len; len++) {
    char *part = exact_copy(input.data, len);
    assert_true(convert(&arena, slice_of(part, len)).len <= len);
    g_free(part);
  }
  arena_clear(&arena);
  g_free((void *) (uintptr_t) input.data);
}

static void test_conversions(void **state)
{
  (void) state;
  check_conversion(sip_unquote, "\"a b\"", "a b");
  check_conversion(sip_unquote, "\"a \\\"b\\\\\"", "a \"b\\");
  check_conversion(sip_unquote, "\"open", "\"open");
  check_conversion(sip_unquote, "\"", "\"");
  check_conversion(sip_unquote, "plain", "plain");
  check_conversion(sip_unfold, "a b", "a b");
  check_conversion(sip_unfold, "a,\r\n   b\n\t c", "a, b c");
  check_conversion(sip_unfold, "a \t\r\n \r\n b", "a b");
  check_conversion(sip_unescape, "%61lice%25%34%31", "alice%41");
  check_conversion(sip_unescape, "%Z%4", "%Z%4");
}

static void test_cseqs(void **state)
{
  static const struct {
    const char *text;
    bool ok, fits;
    uint32_t number;
    SipMethod method;
  } NUMBERS[] = {
    {"1 INVITE", true, true, 1, SIP_METHOD_INVITE},
    {" 0009\r\n  INVITE ", true, true, 9, SIP_METHOD_INVITE},
    {"4294967295 ACK", true, true, UINT32_MAX, SIP_METHOD_ACK},
    {"4294967296 ACK", true, false, 0, SIP_METHOD_ACK},
    {"36893488147419103232 REGISTER", true, false, 0, SIP_METHOD_REGISTER},
    {"8 invite", true, true, 8, SIP_METHOD_OTHER},
    {"1", false, false, 0, 0},
    {"INVITE", false, false, 0, 0},
    {"-1 INVITE", false, false, 0, 0},
    {"1INVITE", false, false, 0, 0},
    {"1 INVITE x", false, false, 0, 0},
    {"", false, false, 0, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
    SipCseq cseq;
    Slice text = exact_slice(slice_from_string(NUMBERS[i].text));
    assert_int_equal(sip_cseq_parse(text, &cseq), NUMBERS[i].ok);
    if (NUMBERS[i].ok) {
      assert_int_equal(cseq.number_fits, NUMBERS[i].fits);
      assert_int_equal(cseq.number, NUMBERS[i].number);
      assert_int_equal(cseq.method, NUMBERS[i].method);
    }
    g_free((void *) (uintptr_t) text.data);
  }
}

static void test_racks(void **state)
{
  SipRack rack;

  (void) state;
  assert_true(sip_rack_parse(SLICE("776656 1 INVITE"), &rack));
  assert_int_equal(rack.rseq, 776656);
  assert_int_equal(rack.cseq.number, 1);
  assert_int_equal(rack.cseq.method, SIP_METHOD_INVITE);
  assert_false(sip_rack_parse(SLICE("1 INVITE"), &rack));
  assert_false(sip_rack_parse(SLICE("4294967296 1 INVITE"), &rack));
  assert_false(sip_rack_parse(SLICE(""), &rack));
}

typedef struct {
  const char *text;
  bool ok;
  const char *version, *transport, *sent_by, *host;
  uint16_t port;
  const char *branch, *received, *rport;
  bool has_rport;
} ViaCase;

static const ViaCase CASES[] = {
  {"SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776", true, "2.0", "UDP", "pc33.atlanta.com",
   "pc33.atlanta.com", 0, "z9hG4bK776", "", "", false},
  {"SIP/2.0/TCP 192.0.2.1:5060 ;rport;received=192.0.2.9;branch=x;branch=y", true, "2.0", "TCP",
   "192.0.2.1:5060", "192.0.2.1", 5060, "x", "192.0.2.9", "", true},
  {"SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390", true, "2.0", "UDP", "192.0.2.2",
   "192.0.2.2", 0, "390", "", "", false},
  {"SIP / 2.0 / TLS-SCTP  h : 5061 ; Branch = b ; RPORT = 7", true, "2.0", "TLS-SCTP", "h : 5061",
   "h", 5061, "b", "", "7", true},
  {"SIP/2.0/ UDP h", true, "2.0", "UDP", "h", "h", 0, "", "", "", false},
  {"SIP/2.0/UDP [2001:db8::9:1]:5060;received=[::1];branch=b", true, "2.0", "UDP",
   "[2001:db8::9:1]:5060", "[2001:db8::9:1]", 5060, "b", "[::1]", "", false},
  {"SIP/7.0/UDP h;branch=b", true, "7.0", "UDP", "h", "h", 0, "b", "", "", false},
  {"SIP/2.0/UDP 192.0.2.15;;", true, "2.0", "UDP", "192.0.2.15", "192.0.2.15", 0, "", "", "",
   false},
  {"SIP/2.0/UDP h:port;branch=b", true, "2.0", "UDP", "h:port", "", 0, "b", "", "", false},
  {"SIP/2.0/UDP h:70000", true, "2.0", "UDP", "h:70000", "", 0, "", "", "", false},
  {"SIP/2.0/UDP fe80:0:0::1:5060;branch=b", true, "2.0", "UDP", "fe80:0:0::1:5060", "", 0, "b", "",
   "", false},
  {"SIP/2.0/UDP a b", true, "2.0", "UDP", "a b", "", 0, "", "", "", false},
  {"SIP/2.0/UDP", false, "", "", "", "", 0, "", "", "", false},
  {"SIP/2.0/UDP ;branch=b", false, "", "", "", "", 0, "", "", "", false},
  {"SIP/2.0 UDP h", false, "", "", "", "", 0, "", "", "", false},
  {"SIP/2.0/", false, "", "", "", "", 0, "", "", "", false},
  {"", false, "", "", "", "", 0, "", "", "", false},
};

static void check_via(const ViaCase *c, Slice text)
{
  SipVia via;

  assert_int_equal(sip_via_parse(text, &via), c->ok);
  if (!c->ok)
    return;
  assert_slice(via.protocol, "SIP");
  assert_slice(via.version, c->version);
  assert_slice(via.transport, c->transport);
  assert_slice(via.sent_by, c->sent_by);
  assert_slice(via.host, c->host);
  assert_int_equal(via.bad_sent_by, c->host[0] == '\0');
  assert_int_equal(via.port, c->port);
  assert_slice(via.branch, c->branch);
  assert_slice(via.received, c->received);
  assert_slice(via.rport, c->rport);
  assert_int_equal(via.has_rport, c->has_rport);
}

static void test_vias(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len <= strlen(CASES[i].text); len++) {
      SipVia via;
      Slice text = slice_of(exact_copy(CASES[i].text, len), len);
      if (CASES[i].text[len] == '\0')
        check_via(&CASES[i], text);
      else if (sip_via_parse(text, &via))
        assert_true(via.sent_by.len > 0 && via.transport.len > 0);
      g_free((void *) (uintptr_t) text.data);
    }
}

/* RFC 3261 8.1.1.7: the cookie in any case, and something behind it. */
static void test_cookie(void **state)
{
  (void) state;
  assert_true(sip_branch_is_rfc3261(SLICE("z9hG4bKx")));
  assert_true(sip_branch_is_rfc3261(SLICE("Z9HG4BKx")));
  assert_false(sip_branch_is_rfc3261(SLICE("z9hG4bK")));
  assert_false(sip_branch_is_rfc3261(SLICE("z3hG9bKx")));
  assert_false(sip_branch_is_rfc3261(SLICE_NONE));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lists),       cmocka_unit_test(test_params),
    cmocka_unit_test(test_find_param),  cmocka_unit_test(test_tokens),
    cmocka_unit_test(test_conversions), cmocka_unit_test(test_cseqs),
    cmocka_unit_test(test_racks),       cmocka_unit_test(test_vias),
    cmocka_unit_test(test_cookie),
  };

  return cmocka_run_group_tests_name("sip_values", tests, NULL, NULL);
}
