/* Which connections carry SIP, and which only quote it. */
#include "dissect/stream/sip_judge.h"
#include "tests/test.h"

/*
 * A word per message: side (a, b), what (I: a request, R: a response), the number of its branch,
 * then: "u" Via of UDP, "s", "t", "d" of transports of SCTP and DTLS, "n" no Via, "f" foreign bytes
 * before it, "r" rest before it, "c" cut, "o" not from where its Via says.  "." closes the case.
 */
static SipVerdict show(SipJudge *judge, Slice word, bool peer_is_captured)
{
  static const struct {
    char letter;
    const char *name;
  } TRANSPORTS_OF[] = {{'u', "UDP"}, {'s', "sctp"}, {'t', "TLS-SCTP"}, {'d', "DTLS-UDP"}};
  const char *transport = "TCP";

  if (slice_eq(word, SLICE(".")))
    return sip_judge_close(judge, peer_is_captured);
  for (size_t i = 0; i < G_N_ELEMENTS(TRANSPORTS_OF); i++)
    if (slice_find(word, TRANSPORTS_OF[i].letter) < word.len)
      transport = TRANSPORTS_OF[i].name;
  bool is_request = word.data[1] == 'I', has_via = slice_find(word, 'n') == word.len;
  g_autofree char *via =
    g_strdup_printf("Via: SIP/2.0/%s 192.0.2.1:7;branch=z9hG4bK%c\r\n", transport, word.data[2]);
  g_autofree char *text =
    g_strdup_printf("%s\r\n%sCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n",
                    is_request ? "OPTIONS sip:b@x SIP/2.0" : "SIP/2.0 200 OK", has_via ? via : "");
  Slice octets = exact_slice(slice_from_string(text));
  SipExhibit exhibit = {.octets = octets,
                        .cut = slice_find(word, 'c') < word.len,
                        .side = word.data[0] == 'b',
                        .peer_is_captured = peer_is_captured};

  bool is_elsewhere = slice_find(word, 'o') < word.len;
  Endpoint *client = is_request ? &exhibit.src : &exhibit.dst;
  assert_true(endpoint_parse(is_elsewhere ? SLICE("192.0.2.2") : SLICE("192.0.2.1"), 9, client));
  if (slice_find(word, 'f') < word.len)
    exhibit.before = SIP_BEFORE_FOREIGN;
  if (slice_find(word, 'r') < word.len)
    exhibit.before = SIP_BEFORE_REST;
  SipVerdict verdict = sip_judge_see(judge, &exhibit);
  g_free((char *) (uintptr_t) octets.data);
  return verdict;
}

static const struct {
  const char *name;
  bool one_direction; /* the capture has only one */
  const char *messages;
  const char *verdicts; /* a letter per message and one for the end: ? S Q; "!" when final */
} CASES[] = {
  {"SIP", false, "aI1 bR1", "SSS!"},
  {"SIP, requests of both sides", false, "aI1 bI2 bR1", "SSSS!"},
  {"one direction", true, "aI1 aR2 aI3", "SSSS"},
  {"after a prelude, answered", false, "aI1f bR1f", "??S"},
  {"after a prelude, answered, then in sync", false, "aI1f bR1f aI2", "??SS!"},
  {"a prelude of one side, answered", false, "aI1f bR1", "?SS!"},
  {"wrapped both ways", false, "aI1f bR1f bR2f aI3f", "??QQQ"},
  {"wrapped both ways, requests first", false, "aI1f aI2f bR1f", "??QQ"},
  {"wrapped both ways, then in sync", false, "aI1f bR1f bR2f aI3", "??QSS!"},
  {"wrapped both ways, from the middle", false, "aI1r bR1r bR2f", "??QQ"},
  {"from the middle, answered", false, "aI1r bR1r bR2r aI3", "???SS!"},
  {"from the middle, no Via", false, "aI1rn", "?Q"},
  {"after a prelude, alone", false, "aI1f", "?S"},
  {"after a prelude, cut", false, "aI1fc", "?Q"},
  {"after a prelude, no Via", false, "aI1fn", "?Q"},
  {"after a prelude, Via of UDP", true, "aI1fu", "?Q"},
  {"after a prelude, then in sync", true, "aI1f aI2", "?SS"},
  {"from the middle", true, "aI1r", "?S"},
  {"from the middle, cut", true, "aI1rc", "?S"},
  {"from the middle, all after holes", true, "aI1r aI2r aI3r aR4r", "????S"},
  {"from the middle, Via of UDP", true, "aI1ru", "?Q"},
  {"foreign bytes before each", true, "aI1f aI2f", "??Q"},
  {"foreign bytes before each, from the middle", true, "aI1r aI2f", "??Q"},
  {"answers itself", false, "aI1fu aR1fu", "?QQ!"},
  {"answers itself, in sync", false, "aI1u aR1u", "?QQ!"},
  {"answers itself, after it seemed SIP", false, "aI1 aR1", "SQQ!"},
  {"answers itself, then the peer does", false, "aI1f aR1f bR1", "?QQQ!"},
  {"Via of UDP, answered", false, "aI1u bR1u", "?SS!"},
  {"Via of UDP, one direction", true, "aI1u aI2u", "??S"},
  {"Via of UDP, no answer", false, "aI1u aI2u", "??Q"},
  {"junk once", false, "aI1 bR1 aI2f bR2", "SSSSS!"},
  {"foreign bytes before each, no answer", false, "aI1 aI2f aI3f aI4f aI5f", "SSSSQQ"},
  {"foreign bytes before each, one direction", true, "aI1 aI2f aI3f aI4f aI5f", "SSSSSS"},
  {"foreign bytes before three", false, "aI1 aI2f aI3f aI4f aI5 aI6f", "SSSSSSS"},
  {"foreign bytes before each, but the peer speaks SIP", false, "bI9 aI2f aI3f aI4f aI5f",
   "SSSSSS"},
  {"Via of SCTP, no answer", false, "aI1s aI2s", "??Q"},
  {"Via of TLS over SCTP, no answer", false, "aI1t aI2t", "??Q"},
  {"Via of DTLS, no answer", false, "aI1d aI2d", "??Q"},
  {"Via of UDP, requests of both sides", false, "aI1u bI2u", "??S"},
  {"after a prelude, Via of UDP, from the other side", false, "bI1fu", "?Q"},
  {"after a prelude, waited for, answered", false, "aI1f aI2o . bR1 bR2f", "??SSSS!"},
  {"after a prelude, then in sync, no answer", false, "aI1f aI2o", "??S"},
  {"no Via, alone", false, "aI1n", "?S"},
  {"no Via, and a response in the same direction", false, "aI1n aR1n", "??S"},
  {"quoted from the start", false, "aI1o aI2 aR1", "?SQQ!"},
  {"quoted from the start, answered in the same direction", false, "aI1o aR1", "?QQ!"},
  {"not from where its Via says, answered", false, "aI1o bR1", "?SS!"},
  {"not from where its Via says, and the peer sends, too", false, "aI1o bI2o", "?SS"},
  {"not from where its Via says, no answer", false, "aI1o aI2o", "??S"},
  {"not from where its Via says, one direction", true, "aI1o", "SS"},
  {"requests with the same branch as an answer of the peer", false, "aI1 bR2 bI1", "SSSS"},
};

static void test_cases(void **state)
{
  static const char LETTERS[] = {
    [SIP_VERDICT_OPEN] = '?', [SIP_VERDICT_SIP] = 'S', [SIP_VERDICT_QUOTES] = 'Q'};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    SipJudge judge = {0};
    g_autoptr(GString) out = g_string_new(CASES[i].name);
    g_autofree char *expected = g_strdup_printf("%s: %s", CASES[i].name, CASES[i].verdicts);
    Slice rest = slice_from_string(CASES[i].messages);

    g_string_append(out, ": ");
    while (rest.len > 0)
      g_string_append_c(out, LETTERS[show(&judge, slice_cut(&rest, ' '), !CASES[i].one_direction)]);
    g_string_append_c(out, LETTERS[sip_judge_close(&judge, !CASES[i].one_direction)]);
    g_string_append(out, judge.final ? "!" : "");
    assert_string_equal(out->str, expected);
  }
}

/* Only the latest requests are remembered; many messages in sync need no look any more. */
static void test_bounds(void **state)
{
  SipJudge judge = {0};

  (void) state;
  for (unsigned i = 0; i < SIP_JUDGE_REQUESTS; i++)
    (void) show(&judge, slice_of((char[]){'a', 'I', (char) (i < 26 ? 'A' + i : '0' + i - 26)}, 3),
                false);
  assert_true(show(&judge, SLICE("aIz"), false) == SIP_VERDICT_SIP);
  assert_true(show(&judge, SLICE("bRA"), false) == SIP_VERDICT_SIP && !judge.final);
  for (unsigned i = 0; i < 29; i++)
    (void) show(&judge, SLICE("aR9"), false);
  assert_false(judge.final);
  (void) show(&judge, SLICE("aR9"), false);
  assert_true(judge.final);
}

/* One of the ports, or the host that the Via names, shows SIP at once. */
static void test_signs(void **state)
{
  static const struct {
    const char *sent_by, *src, *dst;
    uint16_t src_port, dst_port;
    bool is_request, is_sip;
  } SIGNS[] = {
    {"192.0.2.9", "192.0.2.1", "192.0.2.2", 5059, 5062, true, false},
    {"192.0.2.9", "192.0.2.1", "192.0.2.2", 5060, 1, true, true},
    {"192.0.2.9", "192.0.2.1", "192.0.2.2", 5061, 1, true, true},
    {"192.0.2.9", "192.0.2.1", "192.0.2.2", 1, 5060, true, true},
    {"192.0.2.9", "192.0.2.1", "192.0.2.2", 1, 5061, false, true},
    {"192.0.2.1 :5062", "192.0.2.1", "192.0.2.2", 1, 2, true, true},
    {"192.0.2.1", "192.0.2.1", "192.0.2.2", 1, 2, false, false},
    {"192.0.2.2", "192.0.2.1", "192.0.2.2", 1, 2, false, true},
    {"192.0.2.2", "192.0.2.1", "192.0.2.2", 1, 2, true, false},
    {"[2001:db8::1]:7", "2001:db8::1", "2001:db8::2", 1, 2, true, true},
    {"[2001:db8::2]", "2001:db8::1", "2001:db8::2", 1, 2, true, false},
    {"proxy.example.com", "192.0.2.1", "192.0.2.2", 1, 2, true, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SIGNS); i++) {
    g_autofree char *text = g_strdup_printf(
      "%s\r\nVia: SIP/2.0/TCP %s;branch=z9hG4bK1\r\nCSeq: 1 OPTIONS\r\nl: 0\r\n\r\n",
      SIGNS[i].is_request ? "OPTIONS sip:b@x SIP/2.0" : "SIP/2.0 200 OK", SIGNS[i].sent_by);
    SipExhibit exhibit = {.octets = slice_from_string(text), .peer_is_captured = true};
    SipJudge judge = {0};

    assert_true(endpoint_parse(slice_from_string(SIGNS[i].src), SIGNS[i].src_port, &exhibit.src));
    assert_true(endpoint_parse(slice_from_string(SIGNS[i].dst), SIGNS[i].dst_port, &exhibit.dst));
    if (sip_judge_see(&judge, &exhibit) != (SIGNS[i].is_sip ? SIP_VERDICT_SIP : SIP_VERDICT_OPEN))
      fail_msg("row %zu: %s", i, SIGNS[i].sent_by);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_bounds),
    cmocka_unit_test(test_signs),
  };

  return cmocka_run_group_tests_name("sip_judge", tests, NULL, NULL);
}
