#include "dissect/net/rtp.h"

#include "tests/test.h"

static void test_classify(void **state)
{
  static const struct {
    const char *what;
    uint8_t bytes[16];
    size_t len;
    RtpClass class;
  } CASES[] = {
    {"RTP", {0x80, 0}, 12, RTP_IS_DATA},
    {"RTP with a marker", {0x80, 0x80 | 111}, 12, RTP_IS_DATA},
    {"too short", {0x80, 0}, 11, RTP_IS_OTHER},
    {"sender report", {0x81, 200}, 12, RTP_IS_CONTROL},
    {"lowest type of RTCP", {0x80, 192}, 12, RTP_IS_CONTROL},
    {"highest type of RTCP", {0x80, 223}, 8, RTP_IS_CONTROL},
    {"RTCP too short", {0x80, 200}, 7, RTP_IS_OTHER},
    {"above it: RTP", {0x80, 224}, 12, RTP_IS_DATA},
    {"below it: RTP", {0x80, 191}, 12, RTP_IS_DATA},
    {"type 64 without marker", {0x80, 64}, 12, RTP_IS_OTHER},
    {"type 95 without marker", {0x80, 95}, 12, RTP_IS_OTHER},
    {"STUN", {0x00, 0x01}, 16, RTP_IS_OTHER},
    {"ZRTP", {0x10, 0x00}, 16, RTP_IS_OTHER},
    {"DTLS", {0x16, 0xfe}, 16, RTP_IS_OTHER},
    {"TURN channel", {0x40, 0x00}, 16, RTP_IS_OTHER},
    {"QUIC, long header", {0xc0, 0x00}, 16, RTP_IS_OTHER},
    {"RTP of version 1", {0x40, 0x00}, 16, RTP_IS_OTHER},
    {"SIP", {'I', 'N', 'V', 'I'}, 16, RTP_IS_OTHER},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice datagram = exact_slice(slice_of((const char *) CASES[i].bytes, CASES[i].len));
    if (rtp_classify(datagram) != CASES[i].class)
      fail_msg("%s", CASES[i].what);
    g_free((char *) (uintptr_t) datagram.data);
  }
}

/* Two sources, an extension of one word, 3 bytes of padding. */
static const uint8_t WHOLE[] = {
  0xb2, 0xe5, 0x12, 0x34, 1,    2, 3, 4,    0xde, 0xad, 0xbe, 0xef, 0,   0,   0, 1, 0,
  0,    0,    2,    0xbe, 0xde, 0, 1, 0x10, 0xff, 0x00, 0x00, 'a',  'b', 'c', 0, 0, 3,
};

static void test_header(void **state)
{
  RtpPacket rtp;

  (void) state;
  assert_true(rtp_parse(slice_of((const char *) WHOLE, sizeof WHOLE), false, &rtp));
  assert_int_equal(rtp.payload_type, 101);
  assert_true(rtp.marker);
  assert_int_equal(rtp.seq, 0x1234);
  assert_int_equal(rtp.timestamp, 0x01020304);
  assert_int_equal(rtp.ssrc, 0xdeadbeef);
  assert_int_equal(rtp.csrc_count, 2);
  assert_true(rtp.has_extension && rtp.has_padding && !rtp.is_padding_wrong);
  assert_slice(rtp.payload, "abc");
}

/* Cut at every length: nothing is read beyond, and headers that are cut are none. */
static void test_cut(void **state)
{
  enum { HEADERS = 28 };
  RtpPacket rtp;

  (void) state;
  for (size_t len = 0; len <= sizeof WHOLE; len++) {
    g_autofree char *copy = exact_copy(WHOLE, len);
    assert_int_equal(rtp_parse(slice_of(copy, len), true, &rtp), len >= HEADERS);
    if (len >= HEADERS)
      assert_int_equal(rtp.payload.len, len - HEADERS); /* padding is not looked at */
  }
}

static void test_padding(void **state)
{
  static const struct {
    uint8_t last;
    bool is_wrong;
    size_t payload;
  } CASES[] = {{1, false, 7}, {8, false, 0}, {9, true, 8}, {0, true, 8}, {255, true, 8}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    uint8_t bytes[RTP_HEADER + 8] = {0xa0};
    RtpPacket rtp;

    bytes[sizeof bytes - 1] = CASES[i].last;
    assert_true(rtp_parse(slice_of((const char *) bytes, sizeof bytes), false, &rtp));
    assert_int_equal(rtp.is_padding_wrong, CASES[i].is_wrong);
    assert_int_equal(rtp.payload.len, CASES[i].payload);
  }
}

/* A sender report with a report block, a description, a BYE with two sources. */
static const uint8_t COMPOUND[] = {
  0x81, 200,  0,    12,   0,    0,    0,    0x11,                  /* SR of 0x11 */
  0xaa, 0xbb, 0xcc, 0xdd, 0x80, 0,    0,    0,                     /* NTP */
  0,    0,    0,    1,    0,    0,    0,    2,    0, 0, 0,   3,    /* timestamp, packets, bytes */
  0,    0,    0,    0x22, 0x40, 0xff, 0xff, 0xfe,                  /* block: 25 %, -2 lost */
  0,    1,    0,    9,    0,    0,    0,    80,                    /* highest, jitter */
  1,    2,    3,    4,    0,    1,    0,    0,                     /* LSR, DLSR 1 s */
  0x81, 202,  0,    2,    0,    0,    0,    0x11, 1, 1, 'x', 0,    /* SDES */
  0x82, 203,  0,    2,    0,    0,    0,    0x11, 0, 0, 0,   0x33, /* BYE */
};

static void test_compound(void **state)
{
  Slice rest = slice_of((const char *) COMPOUND, sizeof COMPOUND);
  RtcpPacket rtcp;
  RtcpReport report;
  uint32_t word;

  (void) state;
  assert_true(rtcp_is_whole(rest));
  assert_true(rtcp_next(&rest, &rtcp));
  assert_int_equal(rtcp.type, RTCP_SENDER_REPORT);
  assert_true(rtcp_sender(&rtcp, &word) && word == 0x11);
  assert_true(rtcp_sent_time(&rtcp, &word) && word == 0xccdd8000);
  assert_true(rtcp_report_at(&rtcp, 0, &report));
  assert_int_equal(report.ssrc, 0x22);
  assert_int_equal(report.fraction, 0x40);
  assert_int_equal(report.lost, -2);
  assert_int_equal(report.highest_seq, 65545);
  assert_int_equal(report.jitter, 80);
  assert_int_equal(report.last_report, 0x01020304);
  assert_int_equal(report.since_last_report, 65536);
  assert_false(rtcp_report_at(&rtcp, 1, &report));
  assert_false(rtcp_bye_at(&rtcp, 0, &word));
  assert_true(rtcp_next(&rest, &rtcp));
  assert_int_equal(rtcp.type, RTCP_DESCRIPTION);
  assert_false(rtcp_sender(&rtcp, &word));
  assert_true(rtcp_next(&rest, &rtcp));
  assert_true(rtcp_bye_at(&rtcp, 0, &word) && word == 0x11);
  assert_true(rtcp_bye_at(&rtcp, 1, &word) && word == 0x33);
  assert_false(rtcp_bye_at(&rtcp, 2, &word));
  assert_false(rtcp_next(&rest, &rtcp));
}

/* RFC 5761 4: types 192 to 223.  Padding is at most all that there is (RFC 3550 6.4.1). */
static void test_whole_limits(void **state)
{
  static const struct {
    uint8_t bytes[8];
    size_t len;
    bool is_whole;
  } CASES[] = {
    {{0x80, 191}, 4, false},
    {{0x80, 192}, 4, true},
    {{0x80, 223}, 4, true},
    {{0x80, 224}, 4, false},
    {{0xa0, 201, 0, 1, 0, 0, 0, 4}, 8, true},
    {{0xa0, 201, 0, 1, 0, 0, 0, 5}, 8, false},
    {{0xa0, 201, 0, 1, 0, 0, 0, 0}, 8, false},
    {{0xa0, 201}, 4, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice datagram = exact_slice(slice_of((const char *) CASES[i].bytes, CASES[i].len));
    assert_int_equal(rtcp_is_whole(datagram), CASES[i].is_whole);
    g_free((char *) (uintptr_t) datagram.data);
  }
}

/* RFC 3550 6.4.1: the number of lost packets has 24 bits and a sign. */
static void test_lost_limits(void **state)
{
  static const struct {
    uint8_t first;
    uint8_t others;
    int32_t lost;
  } CASES[] = {{0x7f, 0xff, 8388607}, {0x80, 0, -8388608}, {0, 0, 0}, {0xff, 0xff, -1}};
  enum { LOST = 33 };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *octets = exact_copy(COMPOUND, sizeof COMPOUND);
    Slice rest = slice_of(octets, sizeof COMPOUND);
    RtcpPacket rtcp;
    RtcpReport report;
    octets[LOST] = (char) CASES[i].first;
    octets[LOST + 1] = octets[LOST + 2] = (char) CASES[i].others;
    assert_true(rtcp_next(&rest, &rtcp) && rtcp_report_at(&rtcp, 0, &report));
    assert_int_equal(report.lost, CASES[i].lost);
  }
}

/* What comes behind the blocks and sources that a packet says it has is something else. */
static void test_counts_count(void **state)
{
  static const uint8_t RECEIVED[32] = {0x80, 201, 0, 7};
  static const uint8_t GONE[12] = {0x81, 203, 0, 2};
  Slice received = slice_of((const char *) RECEIVED, sizeof RECEIVED);
  Slice gone = slice_of((const char *) GONE, sizeof GONE);
  RtcpPacket rtcp;
  RtcpReport report;
  uint32_t ssrc;

  (void) state;
  assert_true(rtcp_next(&received, &rtcp));
  assert_false(rtcp_report_at(&rtcp, 0, &report));
  assert_true(rtcp_next(&gone, &rtcp));
  assert_true(rtcp_bye_at(&rtcp, 0, &ssrc));
  assert_false(rtcp_bye_at(&rtcp, 1, &ssrc));
}

/* Whole only where a packet ends; reports that are cut are none. */
static void test_compound_cut(void **state)
{
  (void) state;
  for (size_t len = 0; len <= sizeof COMPOUND; len++) {
    g_autofree char *copy = exact_copy(COMPOUND, len);
    Slice rest = slice_of(copy, len);
    bool ends = len == 0 || len == 52 || len == 64 || len == sizeof COMPOUND;
    RtcpPacket rtcp;
    RtcpReport report;
    uint32_t word;

    assert_int_equal(rtcp_is_whole(rest), ends);
    while (rtcp_next(&rest, &rtcp)) {
      (void) rtcp_report_at(&rtcp, 0, &report);
      (void) rtcp_bye_at(&rtcp, 1, &word);
    }
  }
}

/* A count that claims more blocks than there are. */
static void test_report_count_too_high(void **state)
{
  RtcpPacket rtcp = {
    .type = RTCP_RECEIVER_REPORT, .count = 31, .body = slice_of((const char *) COMPOUND + 4, 28)};
  RtcpReport report;

  (void) state;
  assert_true(rtcp_report_at(&rtcp, 0, &report));
  assert_false(rtcp_report_at(&rtcp, 1, &report));
}

static void test_voip_metrics(void **state)
{
  static const uint8_t BLOCKS[] = {
    4, 0,  0,  2,   0,  0,  0, 0,    0,  0,  0,  0, /* another block: receiver reference time */
    7, 0,  0,  8,   0,  0,  0, 0x22, 12, 3,  40, 1,  0, 200, 1, 0, 0, 80, 0, 60, 0, 0,
    0, 16, 88, 127, 41, 40, 0, 0,    0,  50, 0,  60, 0, 70,  7, 0, 0, 1,  0, 0,  0, 0x22, /* cut */
  };
  Slice blocks = slice_of((const char *) BLOCKS, sizeof BLOCKS);
  RtcpVoipMetrics metrics;
  uint32_t ssrc;

  (void) state;
  assert_true(rtcp_voip_metrics_next(&blocks, &ssrc, &metrics));
  assert_int_equal(ssrc, 0x22);
  assert_int_equal(metrics.loss, 12);
  assert_int_equal(metrics.discard, 3);
  assert_int_equal(metrics.burst_ms, 200);
  assert_int_equal(metrics.gap_ms, 256);
  assert_int_equal(metrics.round_trip_ms, 80);
  assert_int_equal(metrics.end_system_ms, 60);
  assert_int_equal(metrics.r_factor, 88);
  assert_int_equal(metrics.external_r_factor, 127);
  assert_int_equal(metrics.mos_lq, 41);
  assert_int_equal(metrics.mos_cq, 40);
  assert_int_equal(metrics.jitter_buffer_ms, 50);
  assert_false(rtcp_voip_metrics_next(&blocks, &ssrc, &metrics));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_classify),     cmocka_unit_test(test_header),
    cmocka_unit_test(test_cut),          cmocka_unit_test(test_padding),
    cmocka_unit_test(test_whole_limits), cmocka_unit_test(test_lost_limits),
    cmocka_unit_test(test_counts_count), cmocka_unit_test(test_compound),
    cmocka_unit_test(test_compound_cut), cmocka_unit_test(test_report_count_too_high),
    cmocka_unit_test(test_voip_metrics),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
