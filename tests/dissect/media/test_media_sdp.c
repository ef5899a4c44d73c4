/* MediaSdp: the places that session descriptions name, and the limits of what is read of one. */
#include "tests/test.h"

#include "dissect/media/media_sdp.h"

#define SDP_HEAD "v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\n"

static MediaSdp *read_sdp(const char *text, MediaPayloadTable *payloads)
{
  Slice bytes = exact_slice(slice_from_string(text));
  MediaSdp *sdp = media_sdp_new(bytes, 1, payloads);

  g_free((void *) (uintptr_t) bytes.data);
  return sdp;
}

static bool has_place(const MediaSdp *sdp, const char *address, uint16_t port)
{
  Endpoint wanted;

  assert_true(endpoint_parse(slice_from_string(address), port, &wanted));
  for (size_t i = 0; i < sdp->place_count; i++)
    if (endpoint_eq(&sdp->places[i].endpoint, &wanted))
      return true;
  for (size_t i = 0; i < sdp->line_count; i++)
    if (endpoint_eq(&sdp->lines[i].rtcp, &wanted) && media_place_is_somewhere(&wanted))
      return true;
  return false;
}

static void test_places(void **state)
{
  static const struct {
    const char *sdp, *address;
    uint16_t port;
    bool is_there;
  } CASES[] = {
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.1", 4000, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.1", 4001, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.1", 4002, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", "10.0.0.9", 4000, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.2\r\n", "10.0.0.2",
     4000, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.2\r\n", "10.0.0.1",
     4000, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 1 RTP/AVP 0\r\nm=video 4002/2 RTP/AVP 31\r\n",
     "10.0.0.1", 4005, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:53020\r\n", "10.0.0.1", 53020,
     true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:53020\r\n", "10.0.0.1", 4001,
     false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\na=rtcp:53 IN IP4 10.0.0.3\r\n",
     "10.0.0.3", 53, true},
    {SDP_HEAD "c=IN IP6 2001:db8::1\r\nm=audio 4000 RTP/AVP 0\r\n", "2001:db8::1", 4000, true},
    {SDP_HEAD "c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n", "0.0.0.0", 4000, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n", "10.0.0.1", 0, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 65535/9 RTP/AVP 0\r\n", "10.0.0.1", 0, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/SAVPF 0\r\n"
              "a=candidate:1 1 UDP 2130706431 192.0.2.5 8998 typ host\r\n",
     "192.0.2.5", 8998, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/SAVPF 0\r\n"
              "a=candidate:1 1 TCP 2130706431 192.0.2.5 8998 typ host\r\n",
     "192.0.2.5", 8998, false},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/SAVPF 0\r\n"
              "a=candidate:1 1 TCP 2130706431 192.0.2.5 8998 typ host tcptype passive\r\n",
     "192.0.2.5", 8998, true},
    {SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 9 RTP/SAVPF 0\r\n"
              "a=candidate:1 1 TCP 2130706431 192.0.2.5 9 typ host tcptype active\r\n",
     "192.0.2.5", 9, false},
  };
  MediaPayloadTable *payloads = media_payload_table_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(MediaSdp) sdp = read_sdp(CASES[i].sdp, payloads);
    if (has_place(sdp, CASES[i].address, CASES[i].port) != CASES[i].is_there)
      fail_msg("%s: %s:%u", CASES[i].sdp, CASES[i].address, CASES[i].port);
  }
  media_payload_table_free(payloads);
}

/* RFC 4145: who opens the connection has no port to claim. */
static void test_setup(void **state)
{
  static const struct {
    const char *sdp;
    bool is_tcp, opens, holds;
  } CASES[] = {
    {"m=audio 4000 TCP/RTP/AVP 0\r\na=setup:holdconn\r\n", true, false, true},
    {"a=setup:holdconn\r\nm=audio 4000 TCP/RTP/AVP 0\r\n", true, false, true},
    {"a=setup:holdconn\r\nm=audio 4000 TCP/RTP/AVP 0\r\na=setup:active\r\n", true, true},
    {"m=audio 4000 RTP/AVP 0\r\na=setup:active\r\n", false, false},
    {"m=audio 4000 TCP/RTP/AVP 0\r\n", true, false},
    {"m=audio 4000 TCP/RTP/AVP 0\r\na=setup:passive\r\n", true, false},
    {"m=audio 4000 TCP/RTP/AVP 0\r\na=setup:actpass\r\n", true, false},
    {"m=audio 9 TCP/RTP/AVP 0\r\na=setup:active\r\n", true, true},
    {"m=audio 4000 TCP/RTP/AVP 0\r\na=setup:ACTIVE \r\n", true, true},
    {"a=setup:active\r\nm=audio 4000 TCP/RTP/AVP 0\r\n", true, true},
    {"a=setup:active\r\nm=audio 4000 TCP/RTP/AVP 0\r\na=setup:passive\r\n", true, false},
    {"m=application 4000 TCP/BFCP *\r\n", false, false},
  };
  MediaPayloadTable *payloads = media_payload_table_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = g_strconcat(SDP_HEAD "c=IN IP4 10.0.0.1\r\n", CASES[i].sdp, NULL);
    g_autoptr(MediaSdp) sdp = read_sdp(text, payloads);
    assert_int_equal(sdp->lines[0].is_tcp, CASES[i].is_tcp);
    assert_int_equal(sdp->lines[0].opens, CASES[i].opens);
    assert_int_equal(sdp->lines[0].holds, CASES[i].holds);
    assert_int_equal(sdp->place_count, CASES[i].opens ? 0 : 1);
    if (!CASES[i].opens)
      assert_int_equal(sdp->places[0].is_tcp, CASES[i].is_tcp);
  }
  media_payload_table_free(payloads);
}

/* Of one description so many lines, places and sources are read; the rest is counted. */
static void test_limits(void **state)
{
  static const struct {
    const char *begin, *line; /* with a number: 10000 and on, in steps of 2 */
    unsigned lines, places;   /* that fit, and that they have */
  } LIMITS[] = {
    {"", "m=audio %u RTP/AVP 0\r\n", MEDIA_LINES_MAX, MEDIA_LINES_MAX},
    {"m=audio 9 RTP/SAVPF 0\r\na=rtcp-mux\r\n", "a=candidate:1 1 UDP 1 10.0.0.1 %u typ host\r\n",
     MEDIA_PLACES_MAX, MEDIA_PLACES_MAX},
  };
  MediaPayloadTable *payloads = media_payload_table_new();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LIMITS); i++) {
    g_autoptr(GString) text = g_string_new(SDP_HEAD "c=IN IP4 10.0.0.1\r\n");
    g_auto(GStrv) around = g_strsplit(LIMITS[i].line, "%u", 2);
    g_string_append(text, LIMITS[i].begin);
    for (unsigned n = 0; n <= LIMITS[i].lines; n++)
      g_string_append_printf(text, "%s%u%s", around[0], 10000 + 2 * n, around[1]);
    g_autoptr(MediaSdp) sdp = read_sdp(text->str, payloads);
    assert_int_equal(sdp->place_count, LIMITS[i].places);
    assert_true(sdp->skipped > 0);
    assert_true(has_place(sdp, "10.0.0.1", (uint16_t) (10000 + 2 * (LIMITS[i].lines - 2))));
    assert_false(has_place(sdp, "10.0.0.1", (uint16_t) (10000 + 2 * LIMITS[i].lines)));
  }
  g_autoptr(MediaSdp) many =
    read_sdp(SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 4000/99 RTP/AVP 0\r\n", payloads);
  assert_true(has_place(many, "10.0.0.1", 4031));
  assert_false(has_place(many, "10.0.0.1", 4032));
  media_payload_table_free(payloads);
}

/* No number is cut to its last 16 bits. */
static void test_ports(void **state)
{
  MediaPayloadTable *payloads = media_payload_table_new();
  g_autoptr(MediaSdp) sdp =
    read_sdp(SDP_HEAD "c=IN IP4 10.0.0.1\r\nm=audio 65535 RTP/AVP 0\r\na=rtcp:65536\r\n"
                      "a=candidate:1 1 UDP 1 10.0.0.1 65537 typ host\r\n",
             payloads);

  (void) state;
  assert_int_equal(sdp->place_count, 1);
  assert_true(has_place(sdp, "10.0.0.1", 65535));
  media_payload_table_free(payloads);
}

/* Names and parameters of payload types; lists that are equal are shared. */
static void test_payloads(void **state)
{
  static const char TEXT[] = "v=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 96 8 97 200 x\r\n"
                             "a=rtpmap:96 AMR-WB/16000\r\na=fmtp:96 mode-set=2\r\n";
  MediaPayloadTable *payloads = media_payload_table_new();
  g_autoptr(MediaSdp) one = read_sdp(TEXT, payloads), other = read_sdp(TEXT, payloads);
  g_autoptr(MediaSdp) differs = read_sdp("v=0\r\nm=audio 4000 RTP/AVP 96 8 97\r\n", payloads);
  const MediaLine *line = &one->lines[0];

  (void) state;
  assert_int_equal(line->payloads->count, 3);
  assert_string_equal(media_line_payload(line, 96)->name, "AMR-WB");
  assert_string_equal(media_line_payload(line, 96)->fmtp, "mode-set=2");
  assert_int_equal(media_line_payload(line, 96)->clock_rate, 16000);
  assert_string_equal(media_line_payload(line, 8)->name, "PCMA");
  assert_string_equal(media_line_payload(line, 97)->name, "");
  assert_null(media_line_payload(line, 0));
  assert_ptr_equal(line->payloads, other->lines[0].payloads);
  assert_ptr_not_equal(line->payloads, differs->lines[0].payloads);
  assert_null(read_sdp("not a description", payloads));
  media_payload_table_free(payloads);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_places), cmocka_unit_test(test_setup),    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_ports),  cmocka_unit_test(test_payloads),
  };

  return cmocka_run_group_tests_name("media_sdp", tests, NULL, NULL);
}
