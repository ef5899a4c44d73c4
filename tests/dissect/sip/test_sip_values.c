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

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_lists),       cmocka_unit_test(test_params),
    cmocka_unit_test(test_find_param),  cmocka_unit_test(test_tokens),
    cmocka_unit_test(test_conversions), cmocka_unit_test(test_cseqs),
    cmocka_unit_test(test_racks),
  };

  return cmocka_run_group_tests_name("sip_values", tests, NULL, NULL);
}
