#include "dissect/sip/sip_mask.h"

#include "dissect/sip/sip_msg.h"
#include "tests/test.h"

static const uint8_t KEY[PSEUDONYM_KEY] = "a key of the tests, always the s";

/* What of a message must not be found any more, and what must stay.  Words are ended by a blank. */
static const struct {
  const char *name, *message, *gone, *stays;
} CASES[] = {
  {"request",
   "INVITE sip:+4930123456@pbx.acme.com:5070;transport=tcp;user=phone SIP/2.0\r\n"
   "Via: SIP/2.0/TCP 10.1.2.33:5060;rport;branch=z9hG4bKnashds8\r\n"
   "From: \"Alice Smith\" <sip:alice@acme.com>;tag=1928alpha\r\n"
   "To: <sip:+4930123456@pbx.acme.com;user=phone>\r\n"
   "Call-ID: a84b4c76e66710@pc33.acme.com\r\nCSeq: 314159 INVITE\r\n"
   "Contact: <sip:alice@10.1.2.33:5060;transport=tcp;ob>;expires=3600;q=0.7\r\n"
   "User-Agent: Frob/1.2 (10.1.2.33)\r\nX-Secret: alice secret17\r\nContent-Length: 0\r\n\r\n",
   "4930123456 acme pbx alice Alice Smith 1928alpha a84b4c76e66710 pc33 10.1.2.33 nashds8 secret17",
   "INVITE sip:+ .com:5070;transport=tcp;user=phone SIP/2.0/TCP :5060;rport;branch=z9hG4bK "
   "314159 ;transport=tcp;ob>;expires=3600;q=0.7 Frob/1.2"},
  {"response",
   "SIP/2.0 404 Not Found bob@acme.com\r\nVia: SIP/2.0/UDP a.acme.com;branch=z9hG4bKxy12\r\n"
   "Warning: 399 proxy.acme.com \"no route to +49301234567\"\r\n"
   "Reason: Q.850;cause=1;text=\"Unallocated number\"\r\nCSeq: 1 INVITE\r\n\r\n",
   "bob acme proxy xy12 49301234567", "404 Not Found 399 route Q.850;cause=1 Unallocated number"},
  {"name in a reason",
   "SIP/2.0 404 User walter does not exist\r\nTo: <sip:walter@h>;tag=a1\r\n"
   "User-Agent: Walter/1.0\r\n\r\n",
   "walter", "404 User does not exist Walter/1.0"},
  {"digest",
   "REGISTER sip:acme.com SIP/2.0\r\nAuthorization: Digest username=\"alice\",realm=\"acme\","
   "nonce=\"84f1c1ae6cbe5ua9c8e88dfa3ecm3459\", uri=\"sip:acme.com\",qop=auth,nc=00000001,"
   "cnonce=\"0a4f113b\",response=\"dd98bd1f0ca7b6a2b2bde9ff9ad3d3d5\",algorithm=MD5\r\n\r\n",
   "alice acme 84f1c1ae6cbe5ua9c8e88dfa3ecm3459 0a4f113b dd98bd1f0ca7b6a2b2bde9ff9ad3d3d5",
   "Digest username= realm= nonce= uri=\"sip: qop=auth,nc=00000001 response= algorithm=MD5"},
  {"sdp",
   "INVITE sip:b@h SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n"
   "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.7\r\ns=Call of Jane\r\n"
   "i=A seminar\r\nu=http://www.acme.com/x.pdf\r\ne=jane@acme.com\r\np=+1 617 5556011\r\n"
   "c=IN IP4 198.51.100.7\r\nt=0 0\r\nm=audio 49170 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
   "a=rtcp:49171 IN IP4 198.51.100.7\r\na=ice-ufrag:F7gI9x\r\n"
   "a=candidate:842163 1 udp 1677724415 198.51.100.7 49170 typ srflx raddr 10.0.9.9 rport 5000\r\n"
   "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20\r\n",
   "jdoe 198.51.100.7 Jane seminar acme 5556011 F7gI9x 842163 10.0.9.9 d0RmdmcmVCspeEc3QGZiNWpV",
   "3724394400 3724394405 i= u=http: e= p=+ m=audio 49170 RTP/SAVP a=rtpmap:0 a=rtcp:49171 "
   "1677724415 rport "
   "AES_CM_128_HMAC_SHA1_80"},
  {"sdp with blanks",
   "INVITE sip:b@h SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n"
   "v=0\r\no=      jdoe  37  38 IN  IP4\t198.51.100.7\r\nc=  IN  IP4  198.51.100.71\r\n"
   "m=audio 49170 RTP/SAVP 0\r\na=rtcp: 49171  IN 198.51.100.72\r\n"
   "a=candidate:1  1 udp  16777  198.51.100.73 49170 typ host\r\n"
   "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
   "inline:d0RmdmcmVCsp|2^20|1:4;inline:eEc3QGZiNWpV|2^20|2:4\r\n",
   "jdoe 198.51.100.7 198.51.100.71 198.51.100.72 198.51.100.73 d0RmdmcmVCsp eEc3QGZiNWpV",
   "37 38 IN IP4 49171 16777 |2^20|1:4;inline: |2^20|2:4"},
  {"xml",
   "NOTIFY sip:b@h SIP/2.0\r\nContent-Type: application/dialog-info+xml\r\n\r\n"
   "<?xml version=\"1.0\"?>\r\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" "
   "version=\"7\" state=\"full\" entity=\"sip:carol@acme.com\"><!-- carol --><?x carol?><dialog "
   "id=\"q17z\">"
   "<state>confirmed</state><identity>sip:carol@acme.com</identity></dialog></dialog-info>\r\n",
   "carol acme q17z",
   "<?xml xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"7\" "
   "state=\"full\" <state>confirmed</state> </identity>"},
  {"json",
   "INFO sip:b@h SIP/2.0\r\nContent-Type: application/json\r\n\r\n"
   "{\"caller\": \"+49301234567\", \"n\": 12, \"id\" : 49301234567, \"who\":[\"car\\\"ol\"]}",
   "49301234567 car ol", "\"caller\": \"n\": 12, \"id\" \"who\":[\""},
  {"parts",
   "INVITE sip:b@h SIP/2.0\r\nContent-Type: multipart/mixed;boundary=bb\r\n\r\npre\r\n"
   "--bb\r\nContent-Type: application/sdp\r\nContent-ID: <one@acme.com>\r\n\r\n"
   "c=IN IP4 198.51.100.7\r\n--bb\r\nContent-Type: text/plain\r\n\r\nsecret words\r\n--bb--\r\n",
   "pre acme 198.51.100.7 secret words",
   "--bb multipart/mixed;boundary=bb application/sdp "
   "c=IN text/plain --bb--"},
  {"fragment",
   "NOTIFY sip:b@h SIP/2.0\r\nContent-Type: message/sipfrag\r\n\r\n"
   "SIP/2.0 200 OK\r\nContact: <sip:carol@acme.com>\r\n\r\nbody of it",
   "carol acme body", "200 OK Contact:"},
  {"dtmf",
   "INFO sip:b@h SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=7\r\n"
   "Duration=160\r\n",
   "=7", "Signal=0 Duration=160"},
  {"unknown body", "MESSAGE sip:b@h SIP/2.0\r\nContent-Type: text/plain\r\n\r\nMeet me at 9\r\n",
   "Meet me 9", "xxxx xx xx x"},
  {"escaped",
   "REFER sip:b@h SIP/2.0\r\nRefer-To: <sip:c@h?Replaces=ab12cd%40acme%3Bto-tag%3Dtt77"
   "%3Bfrom-tag%3Dff88&X=%61lice>\r\nReplaces: ab12cd@acme;to-tag=tt77;from-tag=ff88\r\n\r\n",
   "ab12cd acme tt77 ff88 lice", "?Replaces= %3Bto-tag%3D %3Bfrom-tag%3D ;to-tag= ;from-tag="},
  {"nobody",
   "INVITE sip:b@h SIP/2.0\r\nFrom: \"Anonymous\" "
   "<sip:anonymous@anonymous.invalid>;tag=t1t\r\n\r\n",
   "t1t", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="},
};

static bool masked(const char *message, SipMaskOptions options, char **ret_text)
{
  g_autoptr(Pseudonyms) pseudonyms = pseudonyms_new(KEY);
  size_t len = strlen(message);
  g_autofree char *bytes = exact_copy(message, len);
  bool ok = sip_mask_message(pseudonyms, options, (uint8_t *) bytes, len);

  *ret_text = g_strndup(bytes, len);
  return ok;
}

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_auto(GStrv) gone = g_strsplit(CASES[i].gone, " ", -1);
    g_auto(GStrv) stays = g_strsplit(CASES[i].stays, " ", -1);
    g_autofree char *text = NULL;
    assert_true(masked(CASES[i].message, (SipMaskOptions){0}, &text));
    assert_int_equal(strlen(text), strlen(CASES[i].message));
    for (char **word = gone; *word; word++) {
      if (!strstr(CASES[i].message, *word) || strstr(text, *word))
        fail_msg("%s: '%s' in %s", CASES[i].name, *word, text);
    }
    for (char **word = stays; *word; word++)
      if (!strstr(text, *word))
        fail_msg("%s: no '%s' in %s", CASES[i].name, *word, text);
  }
}

static void test_user_agents(void **state)
{
  static const char MESSAGE[] = "OPTIONS sip:b@h SIP/2.0\r\nUser-Agent: Frob/1.2\r\n\r\n";
  g_autofree char *kept = NULL, *text = NULL;

  (void) state;
  assert_true(masked(MESSAGE, (SipMaskOptions){0}, &kept));
  assert_true(masked(MESSAGE, (SipMaskOptions){.user_agents = true}, &text));
  assert_non_null(strstr(kept, "Frob/1.2"));
  assert_null(strstr(text, "Frob"));
}

/* A Call-ID is the same in all headers that name it, whatever else these have. */
static void test_same_everywhere(void **state)
{
  static const char MESSAGE[] = "INVITE sip:c@h SIP/2.0\r\nCall-ID: "
                                "x1=y2@10.0.0.1:5060\r\nReplaces: x1=y2@10.0.0.1:5060;to-tag="
                                "lr\r\nX-Call-ID: x1=y2@10.0.0.1:5060\r\nTo: "
                                "<sip:c@h>;tag=lr\r\nIn-Reply-To: x1=y2@10.0.0.1:5060"
                                "\r\n\r\n";
  g_autofree char *text = NULL;
  SipHeaderRow row;
  SipMsg msg;

  (void) state;
  assert_true(masked(MESSAGE, (SipMaskOptions){0}, &text));
  assert_int_equal(sip_msg_parse(slice_from_string(text), false, &msg), SIP_OK);
  assert_int_not_equal(strncmp(msg.call_id.data, "x1", 2), 0);
  assert_true(sip_msg_find(&msg, SIP_HEADER_REPLACES, &row));
  assert_true(slice_starts_with(row.value, msg.call_id));
  assert_true(slice_eq(slice_from(row.value, row.value.len - msg.to_tag.len), msg.to_tag));
  assert_true(sip_msg_find(&msg, SIP_HEADER_IN_REPLY_TO, &row));
  assert_true(slice_eq(row.value, msg.call_id));
  assert_true(sip_msg_find(&msg, SIP_HEADER_OTHER, &row));
  assert_true(slice_eq(row.value, msg.call_id));
}

static void test_no_message(void **state)
{
  g_autofree char *text = NULL;

  (void) state;
  assert_false(masked("GET / HTTP/1.1\r\n\r\n", (SipMaskOptions){0}, &text));
}

/* Cut anywhere, it is as long, and what there was to be seen of names is gone. */
static void test_cut_anywhere(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 1; len < strlen(CASES[i].message); len++) {
      g_autofree char *cut = g_strndup(CASES[i].message, len), *text = NULL;
      SipMsg before, after;
      if (!masked(cut, (SipMaskOptions){0}, &text))
        continue;
      assert_int_equal(strlen(text), len);
      assert_int_not_equal(sip_msg_parse(slice_from_string(cut), false, &before), SIP_BAD);
      assert_int_not_equal(sip_msg_parse(slice_from_string(text), false, &after), SIP_BAD);
      assert_int_equal(before.header_len, after.header_len);
      assert_int_equal(before.status, after.status);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),           cmocka_unit_test(test_user_agents),
    cmocka_unit_test(test_same_everywhere), cmocka_unit_test(test_no_message),
    cmocka_unit_test(test_cut_anywhere),
  };

  return cmocka_run_group_tests_name("sip_mask", tests, NULL, NULL);
}
