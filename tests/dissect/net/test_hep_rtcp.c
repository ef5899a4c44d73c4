/* Reports of RTCP as JSON, in the forms that programs send. */
#include "dissect/net/hep_rtcp.h"

#include "tests/dissect/segments.h"

#define RTPENGINE                                                                                  \
  "{ \"sender_information\":{\"ntp_timestamp_sec\":3968000000,\"ntp_timestamp_usec\":2147483648,"  \
  "\"octets\":16000,\"rtp_timestamp\":160, \"packets\":100},\"ssrc\":305419896,\"type\":200,"      \
  "\"report_count\":1,\"report_blocks\":[{\"source_ssrc\":2596069104,\"highest_seq_no\":70000,"    \
  "\"fraction_lost\":25,\"ia_jitter\":80,\"packets_lost\":16777215,\"lsr\":1,\"dlsr\":65536}],"    \
  "\"sdes_report_count\":1,\"sdes_information\": [ {\"sdes_chunk_ssrc\":305419896,\"type\":1,"     \
  "\"text\":\"a\\\"}]b\"}] }"
/* heplify has all objects, also those that are empty */
#define HEPLIFY                                                                                    \
  "{\"sender_information\":{\"ntp_timestamp_sec\":0,\"ntp_timestamp_usec\":0,\"rtp_timestamp\":0," \
  "\"packets\":0,\"octets\":0},\"ssrc\":7,\"type\":202,\"report_count\":1,\"report_blocks\":"      \
  "null,\"report_blocks_xr\":{\"type\":7,\"id\":9,\"fraction_lost\":300,\"round_trip_delay\":"     \
  "120,\"end_system_delay\":40},\"sdes_ssrc\":7}"
/* numbers as text, and with fractions; a negative loss */
#define QUOTED                                                                                     \
  "{\"type\":200,\"ssrc\":\"7\",\"report_blocks\":[{\"source_ssrc\":\"9\",\"ia_jitter\":12.75,"    \
  "\"packets_lost\":-2},{\"source_ssrc\":10}]}"

static HepRtcp parse(const char *text)
{
  Slice exact = exact_slice(slice_from_string(text));
  HepRtcp report;

  assert_true(hep_rtcp_is_json(exact));
  assert_true(hep_rtcp_parse(exact, &report));
  free_octets(exact);
  return report;
}

/* The first packet of what is appended, which has to be whole. */
static RtcpPacket first_packet(const HepRtcp *report, GByteArray *bytes, Slice *ret_rest)
{
  RtcpPacket packet;

  hep_rtcp_append(report, bytes);
  *ret_rest = slice_of((const char *) bytes->data, bytes->len);
  assert_true(rtcp_is_whole(*ret_rest));
  assert_true(rtcp_next(ret_rest, &packet));
  return packet;
}

static void test_sender_report(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  HepRtcp report = parse(RTPENGINE);
  RtcpReport block;
  uint32_t ssrc, middle;
  Slice rest;

  (void) state;
  RtcpPacket packet = first_packet(&report, bytes, &rest);
  assert_int_equal(packet.type, RTCP_SENDER_REPORT);
  assert_true(rtcp_sender(&packet, &ssrc) && ssrc == 305419896);
  assert_true(rtcp_sent_time(&packet, &middle));
  assert_int_equal(middle, (uint32_t) (3968000000U << 16 | 0x8000));
  assert_true(rtcp_report_at(&packet, 0, &block));
  assert_int_equal(block.ssrc, 2596069104U);
  assert_int_equal(block.fraction, 25);
  assert_int_equal(block.lost, -1);
  assert_int_equal(block.highest_seq, 70000);
  assert_int_equal(block.jitter, 80);
  assert_int_equal(block.last_report, 1);
  assert_int_equal(block.since_last_report, 65536);
  assert_false(rtcp_report_at(&packet, 1, &block));
  assert_int_equal(rest.len, 0);
}

static void test_extended_report(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  HepRtcp report = parse(HEPLIFY);
  RtcpVoipMetrics metrics;
  uint32_t ssrc;
  Slice rest;

  (void) state;
  RtcpPacket packet = first_packet(&report, bytes, &rest);
  assert_int_equal(packet.type, RTCP_RECEIVER_REPORT);
  assert_int_equal(packet.count, 0);
  assert_true(rtcp_next(&rest, &packet));
  assert_int_equal(packet.type, RTCP_EXTENDED_REPORT);
  Slice blocks = slice_from(packet.body, 4);
  assert_true(rtcp_voip_metrics_next(&blocks, &ssrc, &metrics));
  assert_int_equal(ssrc, 9);
  assert_int_equal(metrics.loss, 255); /* the largest that there is */
  assert_int_equal(metrics.round_trip_ms, 120);
  assert_int_equal(metrics.end_system_ms, 40);
  assert_int_equal(metrics.r_factor, 127);
  assert_int_equal(metrics.mos_cq, 127);
}

static void test_quoted_numbers(void **state)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  HepRtcp report = parse(QUOTED);
  RtcpReport block;
  Slice rest;

  (void) state;
  RtcpPacket packet = first_packet(&report, bytes, &rest);
  assert_int_equal(packet.type, RTCP_RECEIVER_REPORT);
  assert_true(rtcp_report_at(&packet, 0, &block));
  assert_int_equal(block.ssrc, 9);
  assert_int_equal(block.jitter, 12);
  assert_int_equal(block.lost, -2);
  assert_true(rtcp_report_at(&packet, 1, &block));
  assert_int_equal(block.ssrc, 10);
  assert_int_equal(block.jitter, 0);
}

/* No more blocks than RTCP can count. */
static void test_many_blocks(void **state)
{
  g_autoptr(GString) text = g_string_new("{\"ssrc\":1,\"report_blocks\":[");
  g_autoptr(GByteArray) bytes = g_byte_array_new();
  Slice rest;

  (void) state;
  for (unsigned i = 0; i < 40; i++)
    g_string_append_printf(text, "%s{\"source_ssrc\":%u}", i > 0 ? "," : "", i);
  g_string_append(text, "]}");
  HepRtcp report = parse(text->str);
  assert_int_equal(report.report_count, HEP_RTCP_REPORTS);
  assert_int_equal(first_packet(&report, bytes, &rest).count, HEP_RTCP_REPORTS);
}

static void test_damaged(void **state)
{
  static const char *const TEXTS[] = {
    "{",
    "{}",
    "{\"type\":200}",
    "{\"ssrc\":}",
    "{\"ssrc\":x}",
    "{\"ssrc\" 1}",
    "{\"ssrc\":1 \"a\":2}",
    "{\"ssrc\":1,\"report_blocks\":[{\"source_ssrc\":1}",
    "{\"ssrc\":1,\"a\":[[[[[[[[[[1]]]]]]]]]]}",
    "{\"ssrc\":1,\"a\\",
    "{\"ssrc\":1,,}",
  };
  HepRtcp report;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    Slice exact = exact_slice(slice_from_string(TEXTS[i]));
    print_message("  %s\n", TEXTS[i]);
    assert_false(hep_rtcp_parse(exact, &report));
    free_octets(exact);
  }
  assert_false(hep_rtcp_is_json(SLICE("\x80\xc8")));
  assert_false(hep_rtcp_is_json(SLICE_NONE));
}

/* None of its beginnings is taken for a report. */
static void test_cut(void **state)
{
  static const char *const TEXTS[] = {RTPENGINE, HEPLIFY, QUOTED};
  HepRtcp report;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
    for (size_t len = 0; len < strlen(TEXTS[i]); len++) {
      Slice exact = exact_slice(slice_of(TEXTS[i], len));
      assert_false(hep_rtcp_parse(exact, &report));
      free_octets(exact);
    }
}

/* From JSON to RTCP and back: nothing is lost; a datagram cut anywhere is no more than it was. */
static void test_back(void **state)
{
  static const char *const TEXTS[] = {RTPENGINE, HEPLIFY, QUOTED};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GString) text = g_string_new(NULL);
    HepRtcp report = parse(TEXTS[i]), read;
    hep_rtcp_append(&report, bytes);
    assert_true(hep_rtcp_read(slice_of((const char *) bytes->data, bytes->len), &read));
    hep_rtcp_append_json(&read, text);
    HepRtcp again = parse(text->str);
    assert_int_equal(again.ssrc, report.ssrc);
    assert_int_equal(again.has_sender_info, report.has_sender_info);
    assert_int_equal(again.ntp_fraction, report.ntp_fraction);
    assert_int_equal(again.octets, report.octets);
    assert_int_equal(again.report_count, report.report_count);
    for (unsigned n = 0; n < report.report_count; n++) {
      assert_int_equal(again.reports[n].ssrc, report.reports[n].ssrc);
      assert_int_equal(again.reports[n].lost & 0xffffff, report.reports[n].lost & 0xffffff);
      assert_int_equal(again.reports[n].jitter, report.reports[n].jitter);
      assert_int_equal(again.reports[n].since_last_report, report.reports[n].since_last_report);
    }
    assert_int_equal(again.has_voip, report.has_voip);
    assert_int_equal(again.voip.mos_cq, report.has_voip ? report.voip.mos_cq : again.voip.mos_cq);
    for (size_t len = 0; len < bytes->len; len++) {
      Slice exact = exact_slice(slice_of((const char *) bytes->data, len));
      (void) hep_rtcp_read(exact, &read);
      free_octets(exact);
    }
  }
  assert_false(hep_rtcp_read(SLICE("\x80\xcb\0\1\0\0\0\1"), &(HepRtcp){0})); /* BYE */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_sender_report),  cmocka_unit_test(test_extended_report),
    cmocka_unit_test(test_quoted_numbers), cmocka_unit_test(test_many_blocks),
    cmocka_unit_test(test_damaged),        cmocka_unit_test(test_cut),
    cmocka_unit_test(test_back),
  };

  return cmocka_run_group_tests_name("hep_rtcp", tests, NULL, NULL);
}
