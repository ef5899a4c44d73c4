/* What differs in every call is no difference; what else differs is one. */
#include "tests/test.h"
#include "ui/show/call_noise.h"

static const struct {
  SipHeader header;
  const char *left, *right;
  bool same;
} VALUES[] = {
  {SIP_HEADER_FROM, "<sip:a@x>;tag=1", "<sip:a@x>;tag=2", true},
  {SIP_HEADER_FROM, "<sip:a@x>;tag=1", "<sip:b@x>;tag=1", false},
  {SIP_HEADER_FROM, "<sip:a@x>;tag=1;x=1", "<sip:a@x>;x=2;tag=3", false},
  {SIP_HEADER_CONTACT, "<sip:a@10.0.0.1:5060>", "<sip:a@10.0.0.1:62001;ob>", true},
  {SIP_HEADER_CONTACT, "<sip:a@10.0.0.1>", "<sip:a@10.0.0.2>", false},
  {SIP_HEADER_CONTACT, "<sip:3f2e1d0c9b8a@10.0.0.1>", "<sip:0a1b2c3d4e5f@10.0.0.1>", true},
  {SIP_HEADER_CONTACT, "<sip:+4930123456@h>", "<sip:+4930123457@h>", false},
  {SIP_HEADER_TO, "<tel:110>", "<tel:112>", false},
  {SIP_HEADER_TO, "<sip:110>", "<sip:112>", false},
  {SIP_HEADER_TO, "sip:[2001:db8::1]:5060", "sip:[2001:db8::1]:5070", true},
  {SIP_HEADER_AUTHORIZATION, "Digest username=\"a\", nonce=\"1,2\", response=\"f\"",
   "Digest username=\"a\", nonce=\"3;4\", response=\"0\"", true},
  {SIP_HEADER_AUTHORIZATION, "Digest nonce=\"1\", username=\"a\"",
   "Digest nonce=\"2\", username=\"b\"", false},
  {SIP_HEADER_OTHER, "7f3a99c2d1e04b55", "0b55e04d1c299a3f", true},
  {SIP_HEADER_OTHER, "4930123456", "4930123457", false},
  {SIP_HEADER_OTHER, "premium", "basic", false},
  {SIP_HEADER_EXPIRES, "3600", "60", false},
  {SIP_HEADER_SUBJECT, "at 10:30 sharp", "at 10:45 sharp", true},
  {SIP_HEADER_SUBJECT, "\"nonce", "\"", false},
};

static void test_values(void **state)
{
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  for (size_t i = 0; i < G_N_ELEMENTS(VALUES); i++) {
    Slice left =
      call_noise_plain_value(&arena, VALUES[i].header, slice_from_string(VALUES[i].left));
    Slice right =
      call_noise_plain_value(&arena, VALUES[i].header, slice_from_string(VALUES[i].right));
    if (slice_eq(left, right) != VALUES[i].same)
      fail_msg("'%s' and '%s': '%.*s' and '%.*s'", VALUES[i].left, VALUES[i].right, SLICE_ARG(left),
               SLICE_ARG(right));
  }
  arena_clear(&arena);
}

static const struct {
  const char *left, *right;
  bool same;
} LINES[] = {
  {"m=audio 4000 RTP/AVP 0", "m=audio 6000 RTP/AVP 0", true},
  {"m=audio 4000 RTP/AVP 0", "m=audio 0 RTP/AVP 0", false},
  {"m=audio 4000 RTP/AVP 0", "m=audio 4000 RTP/AVP 8", false},
  {"o=a 1 1 IN IP4 10.0.0.1", "o=a 2 2 IN IP4 10.0.0.1", true},
  {"c=IN IP4 10.0.0.1", "c=IN IP4 10.0.0.2", false},
  {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:a", "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:b",
   true},
  {"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:a", "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:a",
   false},
  {"a=fingerprint:sha-256 01:02", "a=fingerprint:sha-256 03:04", true},
  {"a=fingerprint:sha-256 01:02", "a=fingerprint:sha-1 01:02", false},
  {"a=candidate:1 1 UDP 1 10.0.0.1 1 typ host", "a=ice-ufrag:x", true},
  {"a=ptime:20", "a=ptime:30", false},
};

static void test_lines(void **state)
{
  Arena arena;

  (void) state;
  arena_init(&arena, 1024);
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
    Slice left = call_noise_plain_sdp(&arena, slice_from_string(LINES[i].left));
    Slice right = call_noise_plain_sdp(&arena, slice_from_string(LINES[i].right));
    if (slice_eq(left, right) != LINES[i].same)
      fail_msg("'%s' and '%s'", LINES[i].left, LINES[i].right);
  }
  arena_clear(&arena);
}

static void test_headers(void **state)
{
  (void) state;
  assert_true(call_noise_is_header(SIP_HEADER_CALL_ID));
  assert_true(call_noise_is_header(SIP_HEADER_VIA));
  assert_false(call_noise_is_header(SIP_HEADER_REQUIRE));
  assert_false(call_noise_is_header(SIP_HEADER_OTHER));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_lines),
    cmocka_unit_test(test_headers),
  };

  return cmocka_run_group_tests_name("call_noise", tests, NULL, NULL);
}
