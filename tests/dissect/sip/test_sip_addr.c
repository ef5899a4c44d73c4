#include "tests/test.h"

#include "dissect/sip/sip_addr.h"

typedef struct {
  const char *text, *display, *uri, *tag;
  uint8_t flaws;
} AddrCase;

static const AddrCase CASES[] = {
  {"sip:bob@biloxi.com", "", "sip:bob@biloxi.com", "", 0},
  {"sip:bob@biloxi.com;tag=1", "", "sip:bob@biloxi.com", "1", 0},
  {"sip:+1@ss1;user=phone ; TAG = x", "", "sip:+1@ss1", "x", 0},
  {"<sip:+1@ss1;user=phone>;tag=x", "", "sip:+1@ss1;user=phone", "x", 0},
  {"Bob <sip:bob@biloxi.com>;tag=a6c85cf", "Bob", "sip:bob@biloxi.com", "a6c85cf", 0},
  {"caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com", "323", 0},
  {"\"Watson, \\\"T\\\" <x>;tag=no\" <sip:a@b>;tag=1", "\"Watson, \\\"T\\\" <x>;tag=no\"",
   "sip:a@b", "1", 0},
  {"\"J \\\\\\\"\"\r\n   <sip:a@b>\r\n ;\r\n tag =\r\n 98", "\"J \\\\\\\"\"", "sip:a@b", "98", 0},
  {"<sip:a@b?Route=%3Csip:x%3E>", "", "sip:a@b?Route=%3Csip:x%3E", "", 0},
  {"<sip:a@b>;x=\"<;tag=0\";tag=1", "", "sip:a@b", "1", 0},
  {"sip:a@b;x=\"<\";tag=1", "", "sip:a@b", "1", 0},
  {"\xd0\x96 <sip:a@b>", "\xd0\x96", "sip:a@b", "", 0},
  {"<sip:a@b>;tag=1;x", "", "sip:a@b", "1", 0},
  {"<sip:a@b>;tag=", "", "sip:a@b", "", 0},
  {"sip:a;tag=1 <b>;tag=2", "", "sip:a", "1", 0},
  {"\"a>;tag=1\" <sip:b>", "\"a>;tag=1\"", "sip:b", "", 0},
  {"*", "", "*", "", 0},
  {"\"Mr. J. User <sip:j@e.com>;tag=2", "\"Mr. J. User", "sip:j@e.com", "2", SIP_ADDR_QUOTE_OPEN},
  {"Bell, Alexander <sip:a@b>;tag=43", "Bell, Alexander", "sip:a@b", "43", SIP_ADDR_DISPLAY_NAME},
  {"\"Watson\" < sip:a@b >", "\"Watson\"", "sip:a@b", "", SIP_ADDR_SPACES},
  {"<sip:a@b;tag=7", "", "sip:a@b", "7", SIP_ADDR_ANGLE_OPEN},
  {"<sip:a@b> <sip:c@d>;tag=7", "", "sip:a@b", "7", SIP_ADDR_TRAILING},
  {"", "", "", "", SIP_ADDR_EMPTY},
  {"<>", "", "", "", SIP_ADDR_EMPTY},
  {";tag=1", "", "", "1", SIP_ADDR_EMPTY},
};

static void test_addresses(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice text = exact_slice(slice_from_string(CASES[i].text));
    SipAddr addr = sip_addr_parse(text);
    assert_slice(addr.display, CASES[i].display);
    assert_slice(addr.uri, CASES[i].uri);
    assert_slice(sip_addr_tag(&addr), CASES[i].tag);
    assert_slice(sip_addr_tag_of(slice_from_string(CASES[i].text)), CASES[i].tag);
    assert_int_equal(addr.flaws, CASES[i].flaws);
    g_free((void *) (uintptr_t) text.data);
  }
}

static bool lies_within(Slice part, Slice whole)
{
  return !part.data || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

static void test_cut_addresses(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len < strlen(CASES[i].text); len++) {
      Slice text = slice_of(exact_copy(CASES[i].text, len), len);
      SipAddr addr = sip_addr_parse(text);
      assert_true(lies_within(addr.display, text));
      assert_true(lies_within(addr.uri, text));
      assert_true(lies_within(addr.params, text));
      g_free((void *) (uintptr_t) text.data);
    }
}

typedef struct {
  const char *text;
  bool ok;
  SipUriKind kind;
  const char *user, *password, *host;
  uint16_t port;
  const char *params, *headers;
} UriCase;

static const UriCase URI_CASES[] = {
  {"sip:bob@biloxi.com", true, SIP_URI_SIP, "bob", "", "biloxi.com", 0, "", ""},
  {"SIPS:bob:pw@h:5061;transport=tcp?a=b&c=d", true, SIP_URI_SIPS, "bob", "pw", "h", 5061,
   "transport=tcp", "a=b&c=d"},
  {"sip:h", true, SIP_URI_SIP, "", "", "h", 0, "", ""},
  {"sip:h;lr", true, SIP_URI_SIP, "", "", "h", 0, "lr", ""},
  {"sip:user;par=u%40x?y@example.com", true, SIP_URI_SIP, "user;par=u%40x?y", "", "example.com", 0,
   "", ""},
  {"sip:a@[2001:db8::10]:5070;x", true, SIP_URI_SIP, "a", "", "[2001:db8::10]", 5070, "x", ""},
  {"sip:[::1]", true, SIP_URI_SIP, "", "", "[::1]", 0, "", ""},
  {"sip:3402000000", true, SIP_URI_SIP, "", "", "3402000000", 0, "", ""},
  {"tel:+1-201-555;phone-context=x", true, SIP_URI_TEL, "+1-201-555", "", "", 0, "phone-context=x",
   ""},
  {"soap.beep://192.0.2.103:3002", true, SIP_URI_OTHER, "", "", "", 0, "", ""},
  {"urn:service:sos", true, SIP_URI_OTHER, "", "", "", 0, "", ""},
  {"sip:2001:db8::10", false, 0, "", "", "", 0, "", ""},
  {"sip:a@", false, 0, "", "", "", 0, "", ""},
  {"sip:", false, 0, "", "", "", 0, "", ""},
  {"sip:a@h:", false, 0, "", "", "", 0, "", ""},
  {"sip:a@h:65536", false, 0, "", "", "", 0, "", ""},
  {"sip:a@[::1", false, 0, "", "", "", 0, "", ""},
  {"sip:a@b c", false, 0, "", "", "", 0, "", ""},
  {"alan@jasomi.com", false, 0, "", "", "", 0, "", ""},
  {"1sip:a", false, 0, "", "", "", 0, "", ""},
  {"", false, 0, "", "", "", 0, "", ""},
};

static void check_uri(const UriCase *c, Slice text)
{
  SipUri uri;

  assert_int_equal(sip_uri_parse(text, &uri), c->ok);
  if (!c->ok)
    return;
  assert_int_equal(uri.kind, c->kind);
  assert_slice(uri.user, c->user);
  assert_slice(uri.password, c->password);
  assert_slice(uri.host, c->host);
  assert_int_equal(uri.port, c->port);
  assert_slice(uri.params, c->params);
  assert_slice(uri.headers, c->headers);
  assert_slice(sip_uri_user(text), c->user);
}

static void test_uri_parts(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(URI_CASES); i++) {
    Slice whole = slice_from_string(URI_CASES[i].text);
    for (size_t len = 0; len <= whole.len; len++) {
      SipUri uri;
      Slice text = exact_slice(slice_head(whole, len));
      if (len == whole.len)
        check_uri(&URI_CASES[i], text);
      else if (sip_uri_parse(text, &uri))
        assert_true(uri.scheme.len + 1 + uri.opaque.len == len);
      g_free((void *) (uintptr_t) text.data);
    }
  }
}

/* What the parts say, written again. */
static char *format_uri(const SipUri *uri)
{
  GString *text = g_string_new(NULL);

  g_string_append_printf(text, "%.*s:", SLICE_ARG(uri->scheme));
  if (uri->user.data)
    g_string_append_printf(text, "%.*s", SLICE_ARG(uri->user));
  if (uri->password.data)
    g_string_append_printf(text, ":%.*s", SLICE_ARG(uri->password));
  if (uri->user.data && uri->kind != SIP_URI_TEL)
    g_string_append_c(text, '@');
  g_string_append_printf(text, "%.*s", SLICE_ARG(uri->host));
  if (uri->port)
    g_string_append_printf(text, ":%u", uri->port);
  if (uri->params.data)
    g_string_append_printf(text, ";%.*s", SLICE_ARG(uri->params));
  if (uri->headers.data)
    g_string_append_printf(text, "?%.*s", SLICE_ARG(uri->headers));
  return g_string_free(text, FALSE);
}

static void test_uri_format_is_the_inverse(void **state)
{
  SipUri uri;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(URI_CASES); i++) {
    if (!sip_uri_parse(slice_from_string(URI_CASES[i].text), &uri) || uri.kind == SIP_URI_OTHER)
      continue;
    g_autofree char *text = format_uri(&uri);
    assert_string_equal(text, URI_CASES[i].text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_addresses),
    cmocka_unit_test(test_cut_addresses),
    cmocka_unit_test(test_uri_parts),
    cmocka_unit_test(test_uri_format_is_the_inverse),
  };

  return cmocka_run_group_tests_name("sip_addr", tests, NULL, NULL);
}
