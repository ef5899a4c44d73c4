#include "tests/test.h"

#include "dissect/sip/sip_addr.h"

#include "dissect/sip/sip_check.h"

#define ANSWER                                                                                     \
  "Via: SIP/2.0/UDP h;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"               \
  "Call-ID: x@y\r\nCSeq: 7 OPTIONS\r\n"
#define CORE ANSWER "Max-Forwards: 70\r\n"

static const char INVITE[] =
  "INVITE sip:bob@biloxi.com SIP/2.0\r\n"
  "Via: SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c,\r\n"
  " SIP/2.0/UDP pc33.atlanta.com:5062;branch=z9hG4bK776asdhds;received=192.0.2.1\r\n"
  "v: SIP/2.0/TCP third\r\n"
  "Max-Forwards: 69\r\n"
  "To: Bob <sip:bob@biloxi.com>\r\n"
  "From: \"Alice, A.\" <sip:alice@atlanta.com;x>;tag=1928301774\r\n"
  "Call-ID:\r\n a84b4c76e66710@pc33\r\n"
  "CSeq: 314159\r\n  INVITE\r\n"
  "Contact: <sip:alice@pc33.atlanta.com>\r\n"
  "X-Unknown : 1\r\n"
  "Content-Type: application/sdp\r\n"
  "Content-Length: 5\r\n"
  "\r\n"
  "v=0\r\n";

static const char RESPONSE[] = "SIP/2.0 183 Session Progress\r\n" CORE "Content-Length: 0\r\n\r\n";

static void check_invite(const SipMsg *msg)
{
  assert_true(msg->complete && msg->is_request);
  assert_int_equal(msg->anomaly_count, 0);
  assert_int_equal(msg->method, SIP_METHOD_INVITE);
  assert_int_equal(msg->status, 0);
  assert_slice(msg->uri, "sip:bob@biloxi.com");
  assert_slice(msg->via_transport, "UDP");
  assert_slice(msg->via_sent_by, "bigbox3.site3.atlanta.com");
  assert_slice(msg->via_branch, "z9hG4bK77ef4c");
  assert_int_equal(msg->via_count, 3);
  assert_slice(sip_addr_parse(msg->to).uri, "sip:bob@biloxi.com");
  assert_null(msg->to_tag.data);
  assert_slice(msg->from, "\"Alice, A.\" <sip:alice@atlanta.com;x>;tag=1928301774");
  assert_slice(sip_addr_parse(msg->from).uri, "sip:alice@atlanta.com;x");
  assert_slice(msg->from_tag, "1928301774");
  assert_slice(msg->call_id, "a84b4c76e66710@pc33");
  assert_int_equal(msg->cseq, 314159);
  assert_int_equal(msg->cseq_method, SIP_METHOD_INVITE);
  assert_slice(msg->contact, "<sip:alice@pc33.atlanta.com>");
  assert_slice(msg->content_type, "application/sdp");
  assert_true(msg->has_content_length);
  assert_slice(msg->body, "v=0\r\n");
  assert_int_equal(msg->extra, 0);
}

static void test_request(void **state)
{
  Slice octets = exact_slice(slice_from_string(INVITE));
  SipMsg msg;

  (void) state;
  assert_true(sip_msg_is_likely(octets));
  assert_int_equal(sip_msg_parse(octets, false, &msg), SIP_OK);
  check_invite(&msg);
  assert_int_equal(sip_msg_parse(octets, true, &msg), SIP_OK);
  check_invite(&msg);
  g_free((void *) (uintptr_t) octets.data);
}

static void test_response(void **state)
{
  SipMsg msg;

  (void) state;
  assert_int_equal(sip_msg_parse(slice_from_string(RESPONSE), false, &msg), SIP_OK);
  assert_true(msg.complete && !msg.is_request);
  assert_int_equal(msg.method, SIP_METHOD_NONE);
  assert_int_equal(msg.status, 183);
  assert_slice(msg.reason, "Session Progress");
  assert_int_equal(msg.cseq_method, SIP_METHOD_OPTIONS);
}

/* Either nothing or whole: half a Call-ID is worse than none. */
static void assert_whole_or_none(Slice part, const char *whole)
{
  if (part.len > 0)
    assert_slice(part, whole);
}

static void test_cut_at_every_length(void **state)
{
  size_t full = sizeof INVITE - 1, header = full - 5;

  (void) state;
  for (size_t len = 0; len < full; len++) {
    Slice octets = slice_of(exact_copy(INVITE, len), len);
    SipMsg msg;
    SipCheck check;
    SipResult result = sip_msg_parse(octets, false, &msg);
    assert_int_equal(sip_msg_is_likely(octets), result != SIP_BAD);
    if (result != SIP_BAD) {
      assert_int_equal(result, SIP_OK);
      assert_false(msg.complete);
      assert_int_equal(msg.worst, SIP_SEVERITY_ERROR);
      assert_whole_or_none(msg.call_id, "a84b4c76e66710@pc33");
      assert_whole_or_none(msg.from_tag, "1928301774");
      assert_whole_or_none(msg.via_branch, "z9hG4bK77ef4c");
      sip_check(&msg, &check);
      assert_int_equal(sip_msg_parse(octets, true, &msg), len < header ? SIP_MORE : SIP_OK);
    } else {
      assert_true(len < strlen("INVITE sip:"));
    }
    g_free((void *) (uintptr_t) octets.data);
  }
}

static const struct {
  const char *octets;
  bool likely;
} FIRST_LINES[] = {
  {"OPTIONS sip:a SIP/2.0\r\n\r\n", true},
  {"REGISTER sip:1.1.1.1:5060 SIP/2.0\r\nExpires: 3600\r\n\r\n", true},
  {"\r\n\r\n\t REGISTER sip:h SIP/2.0\r\n", true},
  {"INVITE1 sip:a SIP/2.0\r\n\r\n", true},
  {"invite sip:a sip/2.0\n\n", true},
  {"OPTIONS sip:a SIP/7.0\r\n\r\n", true},
  {"OPTIONS sip:a SIP/2.0  \r\n\r\n", true},
  {"INVITE  sip:user@example.com  SIP/2.0\r\n\r\n", true},
  {"INVITE sip:user@example.com; lr SIP/2.0\r\n\r\n", true},
  {"INVITE sip:a SIP/2.0", true},
  {"INVITE sip:a@very.long.na", true},
  {"INVITE sip:", true},
  {"SIP/2.0 200 OK\r\nVia: x\r\n", true},
  {"SIP/2.0  200 OK\r\nv : x", true},
  {"SIP/2.0 200\r\nVia", true},
  {"SIP/2.0 4294967301 better not\r\nVia: x\r\n", true},
  {"", false},
  {"\r\n\r\n", false},
  {"jaK", false},
  {"INVITE sip", false},
  {"HELLO sip:a", false},
  {"SIP/2.0 200 OK\r\n", false},
  {"SIP/2.0 200 OK\r\n\r\n", false},
  {"SIP/2.0 200 ok\r\nHTTP/1.1 200 ok\r\n", false},
  {"SIP/2.0 OK\r\nVia: x\r\n", false},
  {"SIP/2.0200 OK\r\nVia: x\r\n", false},
  {"SIPSIPSIPSIPSIPSIP", false},
  {"GET / HTTP/1.1\r\nHost: x\r\n", false},
  {"HTTP/1.1 200 OK\r\nVia: x\r\n", false},
  {"DESCRIBE rtsp://h RTSP/1.0\r\n", false},
  {"AUEP 1200 *@x MGCP 1.0\r\n", false},
  {"MSRP d93kswow SEND\r\n", false},
  {"INVITE SIP/2.0\r\n", false},
  {"INVITE sip:a\r\nVia: SIP/2.0/UDP x\r\n", false},
  {"(x sip:a SIP/2.0\r\n", false},
  {"R \r SIP/2.0\r\n", false},
  {"R \t SIP/2.0\r\n", false},
  {"R x SIP/2.0", true},
  {"\x80INVITE sip:a SIP/2.0\r\n", false},
  {"\x16\x03\x01 SIP/2.0\r\n", false},
};

static void test_likely(void **state)
{
  SipMsg msg;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FIRST_LINES); i++) {
    Slice octets = exact_slice(slice_from_string(FIRST_LINES[i].octets));
    if (sip_msg_is_likely(octets) != FIRST_LINES[i].likely)
      fail_msg("%s", FIRST_LINES[i].octets);
    if (FIRST_LINES[i].likely)
      assert_int_not_equal(sip_msg_parse(octets, false, &msg), SIP_BAD);
    g_free((void *) (uintptr_t) octets.data);
  }
}

/* Fillers are passed over, but not without end. */
static void test_fillers(void **state)
{
  static const char FILLED[] = "\0\0\r\n \tOPTIONS sip:a SIP/2.0\r\n" CORE "\r\n";
  g_autofree char *many = g_strnfill(100, '\n');
  SipMsg msg;

  (void) state;
  assert_true(sip_msg_is_likely(slice_of(FILLED, sizeof FILLED - 1)));
  assert_int_equal(sip_msg_parse(slice_of(FILLED, sizeof FILLED - 1), false, &msg), SIP_OK);
  assert_slice(msg.start_line, "OPTIONS sip:a SIP/2.0");
  assert_ptr_equal(msg.raw.data, msg.start_line.data);
  assert_int_equal(msg.anomalies[0].id, SIP_ANOMALY_FILLER);
  assert_false(sip_msg_is_likely(slice_of(many, 100)));
}

/* Requests and responses with one thing wrong; the id must be found, and nothing worse. */
static const struct {
  const char *octets;
  bool on_stream;
  SipAnomalyId id;
} WRONG[] = {
  {"OPTIONS  sip:a SIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_START_LINE_SPACES},
  {"OPTIONS sip:a\tSIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_START_LINE_SPACES},
  {"OPTIONS sip:a SIP/2.0 \r\n" CORE "\r\n", false, SIP_ANOMALY_START_LINE_SPACES},
  {"OPTIONS sip:a SIP/2.0\r\n x\r\n" CORE "\r\n", false, SIP_ANOMALY_START_LINE_FOLDED},
  {"OPTIONS sip:a sip/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_VERSION_CASE},
  {"OPTIONS sip:a SIP/02.0\r\n" CORE "\r\n", false, SIP_ANOMALY_VERSION_OTHER},
  {"OPTIONS <sip:a> SIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_URI_BRACKETS},
  {"OPTIONS sip:a b SIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_URI_SPACES},
  {"OPTIONS sip:a?b=c SIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_URI_HEADERS},
  {"OPTIONS sip:{a}@b SIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_URI_CHARS},
  {"OPTIONS bob@client SIP/2.0\r\n" CORE "\r\n", false, SIP_ANOMALY_URI_SCHEME},
  {"OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP fe80:0::1;branch=z9hG4bKb\r\n" CORE "\r\n", false,
   SIP_ANOMALY_VIA_SYNTAX},
  {"OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0;branch=z9hG4bKb\r\n" CORE "\r\n", false,
   SIP_ANOMALY_VIA_SYNTAX},
  {"SIP/2.0 700 x\r\n" CORE "\r\n", false, SIP_ANOMALY_STATUS_RANGE},
  {"SIP/2.0 0200 x\r\n" CORE "\r\n", false, SIP_ANOMALY_STATUS_RANGE},
  {"SIP/2.0 100\r\n" CORE "\r\n", false, SIP_ANOMALY_REASON_SPACE},
  {"SIP/2.0 200 OK\r\n" CORE "\r\n", false, SIP_ANOMALY_NO_TO_TAG},
  {"OPTIONS sip:a SIP/2.0\n" CORE "X: y\n\r\n", false, SIP_ANOMALY_LF_ONLY},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE, false, SIP_ANOMALY_NO_EMPTY_LINE},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "nothing\r\n\r\n", false, SIP_ANOMALY_NO_COLON},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "t: x\r\n\r\n", false, SIP_ANOMALY_HEADER_TWICE},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "l: 0\r\nL: 0\r\n\r\n", false, SIP_ANOMALY_TWO_CONTENT_LENGTHS},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "l: -1\r\n\r\n", false, SIP_ANOMALY_CONTENT_LENGTH},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "l: 99999999999999999999\r\n\r\n", false,
   SIP_ANOMALY_CONTENT_LENGTH},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "\r\n", true, SIP_ANOMALY_NO_CONTENT_LENGTH},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "l: 1\r\n\r\n", false, SIP_ANOMALY_BODY_CUT},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "l: 0\r\n\r\nx", false, SIP_ANOMALY_EXTRA_OCTETS},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "\r\nx", false, SIP_ANOMALY_NO_CONTENT_TYPE},
};

/* What only the check of the whole message says. */
static const struct {
  const char *octets;
  SipAnomalyId id;
  bool is_there;
} CHECKED[] = {
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Warning: 399 a \"b\"\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_HEADER_IGNORED, true},
  {"SIP/2.0 200 OK\r\n" ANSWER "Warning: 399 a \"b\"\r\nl: 0\r\n\r\n", SIP_ANOMALY_HEADER_IGNORED,
   false},
  {"SIP/2.0 200 OK\r\n" ANSWER "Subject: x\r\nl: 0\r\n\r\n", SIP_ANOMALY_HEADER_IGNORED, true},
  {"SIP/2.0 200 OK\r\n" ANSWER "Organization: x\r\nl: 0\r\n\r\n", SIP_ANOMALY_HEADER_IGNORED,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Subject: x\r\nSubject: y\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_HEADER_TWICE, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Authorization: Digest realm=\"b\" nonce=c\r\n\r\n",
   SIP_ANOMALY_CREDENTIALS_COMMA, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Authorization: Digest realm=\"b\", nonce=c\r\n\r\n",
   SIP_ANOMALY_CREDENTIALS_COMMA, false},
  {"NOTIFY sip:a SIP/2.0\r\n" CORE "SIP-ETag: x\r\nl: 0\r\n\r\n", SIP_ANOMALY_HEADER_IGNORED,
   false},
  {"INVITE sip:a SIP/2.0\r\n" CORE "SIP-ETag: x\r\nl: 0\r\n\r\n", SIP_ANOMALY_HEADER_IGNORED, true},
  {"SIP/2.0 100 x\r\n" ANSWER "l: 0\r\n\r\n", SIP_ANOMALY_NO_TO_TAG, false},
  {"SIP/2.0 101 x\r\n" ANSWER "l: 0\r\n\r\n", SIP_ANOMALY_NO_TO_TAG, true},
  {"SIP/2.0 099 x\r\n" ANSWER "l: 0\r\n\r\n", SIP_ANOMALY_STATUS_RANGE, true},
  {"SIP/2.0 100 x\r\n" ANSWER "l: 0\r\n\r\n", SIP_ANOMALY_STATUS_RANGE, false},
  {"SIP/2.0 699 x\r\n" ANSWER "l: 0\r\n\r\n", SIP_ANOMALY_STATUS_RANGE, false},
  {"OPTIONS sip:a SIP/2.0\r\nCSeq: 2147483647 OPTIONS\r\n\r\n", SIP_ANOMALY_CSEQ_LARGE, false},
  {"OPTIONS sip:a SIP/2.0\r\nCSeq: 2147483648 OPTIONS\r\n\r\n", SIP_ANOMALY_CSEQ_LARGE, true},
  {"REGISTER sip:a SIP/2.0\r\n" CORE "Contact: *\r\nExpires: 0\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_CONTACT_STAR, false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: *\r\nExpires: 0\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_CONTACT_STAR, true},
  {"REGISTER sip:a SIP/2.0\r\n" CORE "Contact: *, <sip:a@h>\r\nExpires: 0\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_CONTACT_STAR, true},
  {"REGISTER sip:a SIP/2.0\r\n" CORE "Contact: *\r\nExpires: 1\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_CONTACT_STAR, true},
  {"REGISTER sip:a SIP/2.0\r\n" CORE "Contact: *\r\nl: 0\r\n\r\n", SIP_ANOMALY_CONTACT_STAR, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <sip:a@h>;expires\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_DELTA_SECONDS, false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <sip:a@h>;expires=x\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_DELTA_SECONDS, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Expires: 5 ;x\r\nl: 0\r\n\r\n", SIP_ANOMALY_DELTA_SECONDS,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Expires: 5 (five)\r\nl: 0\r\n\r\n", SIP_ANOMALY_DELTA_SECONDS,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Expires: 5\r\nl: 0\r\n\r\n", SIP_ANOMALY_DELTA_SECONDS, false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Expires: 5 x\r\nl: 0\r\n\r\n", SIP_ANOMALY_DELTA_SECONDS,
   true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <sips:a@h;x=1;x=2>\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_PARAM_TWICE, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <tel:1;x=1;x=2>\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_PARAM_TWICE, false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <sip:a@h>;\r\nl: 0\r\n\r\n", SIP_ANOMALY_EMPTY_PARAM,
   true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <sip:a@h>;x\r\nl: 0\r\n\r\n", SIP_ANOMALY_EMPTY_PARAM,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Contact: <sip:a@h>\r\nl: 0\r\n\r\n", SIP_ANOMALY_EMPTY_PARAM,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Refer-To: sip:a,b@h\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_ADDR_BRACKETS, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Refer-To: sip:a@h?b=c\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_ADDR_BRACKETS, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Refer-To: sip:a@h\r\nl: 0\r\n\r\n", SIP_ANOMALY_ADDR_BRACKETS,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Route: , <sip:a@h;lr>\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_ROUTE_BRACKETS, false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Route: sip:a@h;lr\r\nl: 0\r\n\r\n", SIP_ANOMALY_ROUTE_BRACKETS,
   true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Warning: , 399 a \"b\"\r\nl: 0\r\n\r\n", SIP_ANOMALY_WARN_CODE,
   false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Warning: 39 a \"b\"\r\nl: 0\r\n\r\n", SIP_ANOMALY_WARN_CODE,
   true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Authorization: Digest a=1, a=2\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_PARAM_TWICE, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "Authorization: Digest a, a\r\nl: 0\r\n\r\n",
   SIP_ANOMALY_PARAM_TWICE, false},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "X: a\rb\r\nl: 0\r\n\r\n", SIP_ANOMALY_BARE_CR, true},
  {"OPTIONS sip:a SIP/2.0\r\n" CORE "X: a\r\nl: 0\r\n\r\n", SIP_ANOMALY_BARE_CR, false},
  {"OPTIONS sip:@ SIP/2.0\r\n" CORE "l: 0\r\n\r\n", SIP_ANOMALY_URI_SYNTAX, true},
  {"OPTIONS sips:@ SIP/2.0\r\n" CORE "l: 0\r\n\r\n", SIP_ANOMALY_URI_SYNTAX, true},
  {"OPTIONS tel:@ SIP/2.0\r\n" CORE "l: 0\r\n\r\n", SIP_ANOMALY_URI_SYNTAX, false},
  {"OPTIONS sips:a@h SIP/2.0\r\n" CORE "l: 0\r\n\r\n", SIP_ANOMALY_SIPS_INSECURE, true},
  {"OPTIONS sip:a@h SIP/2.0\r\n" CORE "l: 0\r\n\r\n", SIP_ANOMALY_SIPS_INSECURE, false},
  {"OPTIONS sips:a@h SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKa\r\n\r\n",
   SIP_ANOMALY_SIPS_INSECURE, false},
  {"OPTIONS sips:a@h SIP/2.0\r\nVia: SIP/2.0/TLS-SCTP h;branch=z9hG4bKa\r\n\r\n",
   SIP_ANOMALY_SIPS_INSECURE, false},
  {"OPTIONS sips:a@h SIP/2.0\r\nVia: SIP/2.0/WSS h;branch=z9hG4bKa\r\n\r\n",
   SIP_ANOMALY_SIPS_INSECURE, false},
  {"OPTIONS sips:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKa\r\n\r\n",
   SIP_ANOMALY_SIPS_INSECURE, true},
  {"OPTIONS sips:a@h SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n", SIP_ANOMALY_SIPS_INSECURE, false},
};

static bool check_finds(const char *octets, SipAnomalyId id)
{
  SipMsg msg;
  SipCheck check;

  assert_int_equal(sip_msg_parse(slice_from_string(octets), false, &msg), SIP_OK);
  sip_check(&msg, &check);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++)
    if (check.items[i].id == id)
      return true;
  return false;
}

/* Values in all forms, with and without errors: header rows of a request. */
static const struct {
  const char *rows;
  bool error;
} ROWS_WITH_ERRORS[] = {
  {"X: y\r\n", false},
  {"X(y): z\r\n", true},
  {"X y: z\r\n", true},
  {": z\r\n", true},
  {"Allow:\r\n", false},
  {"Allow: INVITE, ACK,BYE ,OPTIONS\r\n", false},
  {"Allow: INVITE,\r\n", true},
  {"Allow: ,INVITE\r\n", true},
  {"Allow: INVITE, , ACK\r\n", true},
  {"Allow: INVITE, ACK, ,BYE\r\n", true},
  {"Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, ,INFO\r\n", true},
  {"Allow: INVITE, ACK, BYE, CANCEL,\t,INFO, MESSAGE\r\n", true},
  {"Allow: INVITE, ACK, BYE, CANCEL,\r\n , INFO, MESSAGE\r\n", true},
  {"Allow: INVITE,,INFO, MESSAGE, PRACK, UPDATE\r\n", true},
  {"Allow: INVITE, ACK, BYE, CANCEL, OPTIONS,, INFO\r\n", true},
  {"Allow: INVITE, ACK, BYE,, CANCEL, OPTIONS, INFO\r\n", true},
  {"Accept: a/b;x=\",,\"\r\n", false},
  {"Via: SIP/2.0/UDP h;branch=z9hG4bK1;received=10.0.0.1;rport=1\r\n", false},
  {"Via: SIP/2.0/UDP h;branch=z9hG4bK1 x\r\n", true},
  {"Via: SIP/2.0/UDP h;branch=z9hG4bK1;branch=z9hG4bK1\r\n", true},
  {"Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport;rport=1\r\n", true},
  {"Via: SIP/2.0/UDP h;x;y;X\r\n", true},
  {"Via: SIP/2.0/UDP h;branch=z9hG4bK1;\r\n", true},
  {"Via: SIP/2.0/UDP h;;branch=z9hG4bK1\r\n", true},
  {"Via: SIP/2.0/UDP h;branch=z9hG4bK1,, SIP/2.0/UDP i\r\n", true},
  {"Via: SIP/2.0/UDP h, SIP/2.0/UDP [::1]:5060;branch=x\r\n", false},
  {"Via: SIP/2.0/UDP h, SIP/2.0/UDP ::1\r\n", true},
  {"Via: SIP/2.0/UDP h, SIP/2.0\r\n", true},
  {"Contact: <sip:a@h:5060;transport=tcp;ob>;expires=60\r\n", false},
  {"Contact: \"A, <B>\" <sip:a:secret@h?x=y>, Bob <sips:b@[::1]:5061>\r\n", false},
  {"m: <tel:+49;phone-context=x>\r\n", false},
  {"m: sip:a@h;q=1\r\n", false},
  {"m: <sip:a@h:70000>\r\n", true},
  {"m: <sip:a@h:>\r\n", true},
  {"m: <sip:a@h x>\r\n", true},
  {"m: <sip:a@>\r\n", true},
  {"m: <sip:[::1>\r\n", true},
  {"m: <sip:a;b=c@h!>\r\n", true},
  {"m: <sip:a@h;b=c@d!>\r\n", false},
  {"m: <sip:a@h;lr;LR>\r\n", true},
  {"m: <sip:a@h;lr >\r\n", true},
  {"m: < sip:a@h>\r\n", true},
  {"m: <sip:a@h;>\r\n", true},
  {"m: <sip:a@h;x=1 2>\r\n", true},
  {"m: <sip:a@h> x\r\n", true},
  {"m: <sip:a@h>;q=1;q=1\r\n", true},
  {"m: <sip:a@h>;expires=60 0\r\n", true},
  {"m: <>\r\n", true},
  {"m: <sip:a@h\r\n", true},
  {"m: \"A <sip:a@h>\r\n", true},
  {"m: \"A\" B <sip:a@h>\r\n", true},
  {"m: A (B) <sip:a@h>\r\n", true},
  {"m: <sip:a@h>,\r\n", true},
  {"m: *\r\n", true},
  {"Record-Route: <sip:a;lr>,<sip:b;lr>\r\nRecord-Route: <sip:c;lr=on>\r\n", false},
  {"Record-Route: <sip:a;lr>,sip:b;lr\r\n", true},
  {"Route: sip:a;lr\r\n", true},
  {"Expires: 1\r\nExpires: 1\r\n", true},
  {"Expires: many\r\n", false},
  {"Session-Expires: 90;refresher=uac\r\n", false},
  {"x: 90;refresher=uac uas\r\n", true},
  {"Event: refer;id=1\r\n", false},
  {"o: refer;id=1 2\r\n", true},
  {"Content-Type: a/b;boundary=\"c d\"\r\n", false},
  {"c: a/b;boundary=c d\r\n", true},
  {"RAck: 1 2 INVITE\r\n", false},
  {"RAck: 1 INVITE\r\n", true},
  {"Authorization: Digest username=\"a\", realm=\"b c\"\r\n", false},
  {"Authorization: Digest username=\"a\", realm=b c\r\n", false},
  {"Authorization: Digest username=\"a\", Digest username=\"b\"\r\n", true},
  {"Authorization: Digest realm=\"a, b\\\", c\", nc=1\r\n", false},
  {"Authorization: Digest nc=1,realm=\"a\",NC=2\r\n", true},
  {"Authorization: Digest realm=\"a\\\", nc=1, realm=b\r\n", true},
  {"Authorization: Digest\r\n", false},
};

/* The question that is asked of every message has the answer of the whole check. */
static void test_has_error(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(ROWS_WITH_ERRORS); i++) {
    const char *rows = ROWS_WITH_ERRORS[i].rows;
    g_autofree char *text = g_strconcat("OPTIONS sip:a SIP/2.0\r\n" CORE, rows, "\r\n", NULL);
    SipMsg msg;
    SipCheck check;
    assert_int_equal(sip_msg_parse(slice_from_string(text), false, &msg), SIP_OK);
    sip_check(&msg, &check);
    if ((check.worst == SIP_SEVERITY_ERROR) != ROWS_WITH_ERRORS[i].error)
      fail_msg("sip_check: %s", rows);
    if (sip_has_error(&msg) != ROWS_WITH_ERRORS[i].error)
      fail_msg("sip_has_error: %s", rows);
  }
}

/* Messages of the usual form need no check. */
/* Read again it is the same, but not judged. */
static void test_usual_is_plain(void **state)
{
  const Slice octets = SLICE("OPTIONS sip:a@h:5060;user=phone SIP/2.0\r\n" CORE
                             "Contact: <sip:a@[::1]:5060>;expires=60\r\n"
                             "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO\r\n"
                             "Authorization: Digest username=\"a\", nc=00000001,\r\n uri=\"x\"\r\n"
                             "RAck: 1 2 INVITE\r\n"
                             "User-Agent: x, y\r\nContent-Length: 0\r\n\r\n");
  SipMsg msg, again;

  (void) state;
  assert_int_equal(sip_msg_parse(octets, false, &msg), SIP_OK);
  assert_true(msg.plain);
  assert_int_equal(sip_msg_parse_again(octets, false, &again), SIP_OK);
  assert_false(again.plain);
  again.plain = true;
  assert_memory_equal(&msg, &again, offsetof(SipMsg, anomalies));
  assert_false(sip_has_error(&again));
}

static void test_checked(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CHECKED); i++)
    if (check_finds(CHECKED[i].octets, CHECKED[i].id) != CHECKED[i].is_there)
      fail_msg("%s: %s", sip_anomaly_info(CHECKED[i].id)->id, CHECKED[i].octets);
}

/* RFC 3261 18.1.1: a request of more than 1300 bytes goes over TCP; a response as its request. */
static void test_large_datagram(void **state)
{
  static const char TEXT[] = "OPTIONS sip:a SIP/2.0\r\n" CORE "l: 0\r\nSubject: %s\r\n\r\n";
  const size_t without = strlen(TEXT) - strlen("%s");

  (void) state;
  for (size_t len = 1299; len <= 1301; len++) {
    g_autofree char *subject = g_strnfill(len - without, 's');
    g_autofree char *text = g_strdup_printf(TEXT, subject);
    assert_int_equal(strlen(text), len);
    assert_int_equal(check_finds(text, SIP_ANOMALY_LARGE_DATAGRAM), len > 1300);
  }
  g_autofree char *subject = g_strnfill(1300, 's');
  g_autofree char *response =
    g_strdup_printf("SIP/2.0 200 OK\r\n" CORE "Subject: %s\r\n\r\n", subject);
  g_autofree char *on_tcp =
    g_strdup_printf("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nSubject: %s\r\n\r\n", subject);
  assert_false(check_finds(response, SIP_ANOMALY_LARGE_DATAGRAM));
  assert_false(check_finds(on_tcp, SIP_ANOMALY_LARGE_DATAGRAM));
}

/* Of one value 32 parameters are looked for again. */
static void test_params_are_bounded(void **state)
{
  enum { PARAMS_MAX = 32 };

  (void) state;
  for (unsigned count = PARAMS_MAX; count <= PARAMS_MAX + 1; count++) {
    g_autoptr(GString) text = g_string_new("OPTIONS sip:a SIP/2.0\r\n" CORE "m: <sip:a>");
    for (unsigned i = 1; i <= count; i++)
      g_string_append_printf(text, ";p%u", i);
    g_string_append_printf(text, ";p%u\r\n\r\n", count);
    assert_int_equal(check_finds(text->str, SIP_ANOMALY_PARAM_TWICE), count == PARAMS_MAX);
  }
}

static bool has_anomaly(const SipMsg *msg, SipAnomalyId id)
{
  for (unsigned i = 0; i < MIN(msg->anomaly_count, SIP_ANOMALIES_MAX); i++)
    if (msg->anomalies[i].id == id)
      return true;
  return false;
}

static void test_anomalies(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
    Slice octets = exact_slice(slice_from_string(WRONG[i].octets));
    SipMsg msg;
    assert_int_equal(sip_msg_parse(octets, WRONG[i].on_stream, &msg), SIP_OK);
    if (!has_anomaly(&msg, WRONG[i].id))
      fail_msg("no %s: %s", sip_anomaly_info(WRONG[i].id)->id, WRONG[i].octets);
    assert_true(msg.worst >= sip_anomaly_info(WRONG[i].id)->severity);
    assert_slice(msg.call_id, "x@y");
    assert_int_equal(msg.cseq, 7);
    assert_slice(msg.from_tag, "1");
    assert_slice(msg.via_branch, WRONG[i].id == SIP_ANOMALY_VIA_SYNTAX ? "z9hG4bKb" : "z9hG4bKa");
    assert_true(msg.is_request ? msg.status == 0
                               : msg.status == SIP_STATUS_UNREADABLE ||
                                   (msg.status >= 100 && msg.status <= 699));
    g_free((void *) (uintptr_t) octets.data);
  }
}

/* Rows of one field each; the first counts. */
static void test_first_row_counts(void **state)
{
  SipMsg msg;

  (void) state;
  sip_msg_parse(SLICE("OPTIONS sip:a SIP/2.0\r\n" CORE
                      "Call-ID: other\r\nCSeq: 8 OPTIONS\r\nl: 1\r\nl: 3\r\nm: <sip:1>\r\n"
                      "m: <sip:2>\r\n\r\nabcde"),
                false, &msg);
  assert_slice(msg.call_id, "x@y");
  assert_int_equal(msg.cseq, 7);
  assert_slice(msg.body, "a");
  assert_int_equal(msg.extra, 4);
  assert_slice(msg.contact, "<sip:1>");
  assert_int_equal(msg.anomalies[0].id, SIP_ANOMALY_HEADER_TWICE);
  assert_memory_equal(msg.raw.data + msg.anomalies[0].offset, "Call-ID: other", 14);
}

/* More anomalies than are kept are counted. */
static void test_many_anomalies(void **state)
{
  GString *text = g_string_new("OPTIONS sip:a SIP/2.0\r\n" CORE);
  SipMsg msg;
  SipCheck check;

  (void) state;
  for (unsigned i = 0; i < 100; i++)
    g_string_append(text, "To: again\r\nFlow-Timer: x\r\n");
  g_string_append(text, "\r\n");
  assert_int_equal(sip_msg_parse(slice_of(text->str, text->len), false, &msg), SIP_OK);
  assert_int_equal(msg.anomaly_count, 100);
  sip_check(&msg, &check);
  assert_true(check.count > SIP_CHECK_MAX);
  assert_int_equal(check.items[SIP_ANOMALIES_MAX].id, SIP_ANOMALY_URI_SYNTAX);
  g_string_free(text, TRUE);
}

static void test_rows(void **state)
{
  static const char *const ROWS[][2] = {
    {"Via", "SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c,\r\n "
            "SIP/2.0/UDP pc33.atlanta.com:5062;branch=z9hG4bK776asdhds;received=192.0.2.1"},
    {"v", "SIP/2.0/TCP third"},
    {"Max-Forwards", "69"},
  };
  SipHeaderRow row;
  SipMsg msg;
  size_t octets = 0, count = 0;

  (void) state;
  sip_msg_parse(slice_from_string(INVITE), false, &msg);
  for (SipHeaderIter iter = sip_header_iter(&msg); sip_header_next(&iter, &row); count++) {
    octets += row.row.len;
    if (count >= G_N_ELEMENTS(ROWS))
      continue;
    assert_slice(row.name, ROWS[count][0]);
    assert_slice(row.value, ROWS[count][1]);
  }
  assert_int_equal(count, 11);
  assert_int_equal(msg.start_line.len + 2 + octets + 2, msg.header_len);
  assert_true(sip_msg_find(&msg, SIP_HEADER_VIA, &row));
  assert_slice(row.name, "Via");
  assert_false(sip_msg_find(&msg, SIP_HEADER_ROUTE, &row));
  assert_false(sip_msg_find(&msg, SIP_HEADER_FLOW_TIMER, &row));
}

/* The rows of one header field are those that an iterator over all rows gives. */
static void assert_rows_of_each(const SipMsg *msg)
{
  for (SipHeader header = 0; header < SIP_HEADER_COUNT; header++) {
    SipHeaderIter some = sip_header_iter_of(msg, &header, 1), all = sip_header_iter(msg);
    SipHeaderRow expected, row;

    while (sip_header_next(&all, &expected))
      if (expected.header == header) {
        assert_true(sip_header_next(&some, &row));
        assert_ptr_equal(row.row.data, expected.row.data);
        assert_true(slice_eq(row.value, expected.value));
      }
    assert_false(sip_header_next(&some, &row));
    assert_false(sip_header_next(&some, &row));
  }
}

/* Rows that have no place in SipMsg, too: those beyond SIP_PLACES_MAX, or beyond 64 KiB. */
static void test_rows_of_a_header(void **state)
{
  g_autoptr(GString) text = g_string_new("OPTIONS sip:x SIP/2.0\r\n" CORE);
  g_autofree char *filling = g_strnfill(UINT16_MAX, 'x');
  SipMsg msg;

  (void) state;
  for (size_t len = 0; len < sizeof INVITE; len++)
    if (sip_msg_parse(slice_of(INVITE, len), false, &msg) != SIP_BAD)
      assert_rows_of_each(&msg);
  g_string_append_printf(text, "X-Long: %s\r\nRoute: <sip:0;lr>\r\n", filling);
  sip_msg_parse(slice_of(text->str, text->len), false, &msg);
  assert_rows_of_each(&msg);
  g_string_assign(text, "OPTIONS sip:x SIP/2.0\r\n" CORE);
  for (unsigned i = 0; i < 2 * SIP_PLACES_MAX; i++) {
    g_string_append_printf(text, "Route: <sip:%u;lr>\r\nsubject: %u\r\n folded\r\n", i, i);
    sip_msg_parse(slice_of(text->str, text->len), false, &msg);
    assert_rows_of_each(&msg);
  }
}

/* RFC 3261 7.3.1: a fold means one SP; every SP in a value may be a fold. */
static void test_folding_changes_nothing(void **state)
{
  GString *folded = g_string_new(NULL);
  SipMsg plain, msg;
  SipCheck check;

  (void) state;
  sip_msg_parse(slice_from_string(INVITE), false, &plain);
  g_string_append_len(folded, INVITE, (gssize) plain.start_line.len);
  for (const char *c = INVITE + plain.start_line.len; *c; c++)
    g_string_append_printf(folded, *c == ' ' && c[-1] != '\n' ? "\r\n\t%c" : "%c", *c);
  assert_int_equal(sip_msg_parse(slice_of(folded->str, folded->len), false, &msg), SIP_OK);
  assert_int_equal(msg.anomaly_count, 0);
  assert_slice(msg.from_tag, "1928301774");
  assert_slice(sip_addr_parse(msg.from).uri, "sip:alice@atlanta.com;x");
  assert_slice(msg.via_branch, "z9hG4bK77ef4c");
  assert_slice(msg.call_id, "a84b4c76e66710@pc33");
  assert_int_equal(msg.cseq, 314159);
  assert_int_equal(msg.via_count, 3);
  assert_slice(msg.body, "v=0\r\n");
  sip_check(&msg, &check);
  assert_int_equal(check.count, 0);
  g_string_free(folded, TRUE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_request),
    cmocka_unit_test(test_response),
    cmocka_unit_test(test_cut_at_every_length),
    cmocka_unit_test(test_likely),
    cmocka_unit_test(test_fillers),
    cmocka_unit_test(test_anomalies),
    cmocka_unit_test(test_has_error),
    cmocka_unit_test(test_usual_is_plain),
    cmocka_unit_test(test_checked),
    cmocka_unit_test(test_large_datagram),
    cmocka_unit_test(test_params_are_bounded),
    cmocka_unit_test(test_first_row_counts),
    cmocka_unit_test(test_many_anomalies),
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_rows_of_a_header),
    cmocka_unit_test(test_folding_changes_nothing),
  };

  return cmocka_run_group_tests_name("sip_msg", tests, NULL, NULL);
}
