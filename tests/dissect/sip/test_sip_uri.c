#include "tests/test.h"

#include "dissect/sip/sip_uri.h"

typedef struct {
  const char *text;
  bool ok;
  SipUriKind kind;
  const char *user, *password, *host;
  uint16_t port;
  const char *params, *headers;
} UriCase;

static const UriCase CASES[] = {
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

static void test_parts(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice whole = slice_from_string(CASES[i].text);
    for (size_t len = 0; len <= whole.len; len++) {
      SipUri uri;
      Slice text = exact_slice(slice_head(whole, len));
      if (len == whole.len)
        check_uri(&CASES[i], text);
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

static void test_format_is_the_inverse(void **state)
{
  SipUri uri;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    if (!sip_uri_parse(slice_from_string(CASES[i].text), &uri) || uri.kind == SIP_URI_OTHER)
      continue;
    g_autofree char *text = format_uri(&uri);
    assert_string_equal(text, CASES[i].text);
  }
}

/* RFC 3261 19.1.4: its own examples, and the rules behind them. */
static void test_equality(void **state)
{
  static const struct {
    const char *a, *b;
    bool equal;
  } PAIRS[] = {
    {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
    {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
    {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", true},
    {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
     "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
    {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
     "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
    {"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
    {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
    {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
    {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
    {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},
    {"sip:a@h", "sips:a@h", false},
    {"sip:a@h", "sip:h", false},
    {"sip:@h", "sip:h", false},
    {"sip:a:pw@h", "sip:a@h", false},
    {"sip:a%40@h", "sip:a@@h", false},
    {"sip:%00@h", "sip:%00%00@h", false},
    {"sip:a%3bb@h", "sip:a%3Bb@h", true},
    {"sip:h;maddr=1.2.3.4", "sip:h", false},
    {"sip:h;%6dethod=x", "sip:h;method=x", true},
    {"tel:+123", "TEL:+123", true},
    {"tel:+123", "tel:+124", false},
    {"nonsense", "nonsense", true},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
    Slice a = slice_from_string(PAIRS[i].a), b = slice_from_string(PAIRS[i].b);
    assert_int_equal(sip_uri_equal(a, b), PAIRS[i].equal);
    assert_int_equal(sip_uri_equal(b, a), PAIRS[i].equal);
    assert_true(sip_uri_equal(a, a));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_parts),
    cmocka_unit_test(test_format_is_the_inverse),
    cmocka_unit_test(test_equality),
  };

  return cmocka_run_group_tests_name("sip_uri", tests, NULL, NULL);
}
