#include "tests/test.h"

#include "dissect/sip/sip_via.h"

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
    cmocka_unit_test(test_vias),
    cmocka_unit_test(test_cookie),
  };

  return cmocka_run_group_tests_name("sip_via", tests, NULL, NULL);
}
