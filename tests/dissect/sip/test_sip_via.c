#include "tests/test.h"

#include "dissect/sip/sip_cseq.h"
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
    cmocka_unit_test(test_vias),
    cmocka_unit_test(test_cookie),
    cmocka_unit_test(test_cseqs),
    cmocka_unit_test(test_racks),
  };

  return cmocka_run_group_tests_name("sip_via", tests, NULL, NULL);
}
