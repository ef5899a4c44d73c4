/* StreamQuality: what a stream is called, and whether it is rated, by its session description. */
#include "tests/test.h"

#include "dissect/media/stream_quality.h"

/* Measures a stream of 100 packets of type 96, described by the lines. */
static void measure(const char *lines, StreamQuality *ret_quality)
{
  g_autoptr(GString) text = g_string_new("v=0\r\nc=IN IP4 192.0.2.1\r\n");
  g_string_append(text, lines);
  MediaPayloadTable *payloads = media_payload_table_new();
  MediaSdp *sdp = media_sdp_new(slice_of(text->str, text->len), 1, payloads);
  RtpStream stream = {.packets = 100, .first_seq = 1, .highest_seq = 100};

  stream.payloads[0] = (RtpPayload){.type = 96, .kind = RTP_MEDIA, .packets = 100};
  assert_non_null(sdp);
  stream_quality_measure(&stream, &(MediaOwner){.call = 1, .line = &sdp->lines[0]}, NULL,
                         ret_quality);
  /* before the description goes, whose text a name may be */
  ret_quality->codec = g_strdup(ret_quality->codec);
  media_sdp_free(sdp);
  media_payload_table_free(payloads);
}

static void test_names(void **state)
{
  static const struct {
    const char *lines, *codec;
    bool has_mos, is_srtp;
  } CASES[] = {
    {"m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000\r\n", "PCMU", true, false},
    {"m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 pcmu/8000\r\n", "PCMU", true, false},
    {"m=audio 4000 RTP/SAVP 96\r\na=rtpmap:96 OPUS/48000/2\r\n", "opus", false, true},
    {"m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 Own-Codec/8000\r\n", "Own-Codec", false, false},
    {"m=audio 4000 RTP/AVP 96\r\n", NULL, false, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    StreamQuality quality;
    measure(CASES[i].lines, &quality);
    if (g_strcmp0(quality.codec, CASES[i].codec) != 0)
      fail_msg("%s: codec %s", CASES[i].lines, quality.codec);
    assert_true(quality.is_announced && quality.kind == MEDIA_AUDIO);
    assert_int_equal(quality.has_mos, CASES[i].has_mos);
    assert_int_equal(quality.is_srtp, CASES[i].is_srtp);
    assert_true(quality.loss_percent == 0);
    g_free((gpointer) (uintptr_t) quality.codec);
  }
}

/* A payload type that becomes another codec after so many of 100 seconds. */
static void test_mixed(void **state)
{
  static const struct {
    MediaPayload first, second;
    int64_t until;
    const char *codec;
    bool is_mixed;
    uint32_t clock_rate;
    const char *basis;
  } CASES[] = {
    {{96, 8000, 1, "PCMU", ""}, {96, 8000, 1, "pcmu", ""}, 50, "PCMU", false, 8000, "narrowband"},
    {{96, 8000, 1, "PCMU", ""}, {96, 8000, 1, "PCMA", ""}, 51, "PCMU", true, 8000, "a new offer"},
    {{96, 8000, 1, "PCMU", ""}, {96, 8000, 1, "PCMA", ""}, 49, "PCMA", true, 8000, "a new offer"},
    {{96, 8000, 1, "PCMU", ""}, {96, 48000, 2, "opus", ""}, 51, "PCMU", true, 0, "a new offer"},
    {{97, 8000, 1, "PCMU", ""}, {96, 8000, 1, "PCMA", ""}, 51, "PCMA", false, 8000, "narrowband"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const MediaPayloads first = {1, &CASES[i].first}, second = {1, &CASES[i].second};
    const MediaLine lines[] = {{.payloads = &first}, {.payloads = &second}};
    const MediaOwner owner = {
      .call = 1,
      .line = &lines[0],
      .term_count = 1,
      .terms = {{.from_ns = CASES[i].until, .line = &lines[1]}},
    };
    RtpStream stream = {.packets = 100, .first_seq = 1, .highest_seq = 100, .last_ns = 100};
    StreamQuality quality;

    stream.payloads[0] = (RtpPayload){.type = 96, .kind = RTP_MEDIA, .packets = 100};
    stream.has_unknown_rate = true;
    stream.jitter_packets = 99;
    stream_quality_measure(&stream, &owner, NULL, &quality);
    assert_string_equal(quality.codec, CASES[i].codec);
    assert_int_equal(quality.is_mixed, CASES[i].is_mixed);
    assert_int_equal(quality.clock_rate, CASES[i].clock_rate);
    assert_int_equal(quality.has_jitter, CASES[i].clock_rate != 0);
    assert_int_equal(quality.has_mos, !CASES[i].is_mixed);
    assert_true(g_str_has_prefix(quality.basis, CASES[i].basis));
  }
}

/* Once a clock rate was another one, it is not known, even if the first comes back. */
static void test_rates_that_come_back(void **state)
{
  static const MediaPayload FIRST = {96, 8000, 1, "PCMU", ""}, SECOND = {96, 48000, 2, "opus", ""};
  const MediaPayloads first = {1, &FIRST}, second = {1, &SECOND};
  const MediaLine lines[] = {{.payloads = &first}, {.payloads = &second}};
  const MediaOwner owner = {
    .call = 1,
    .line = &lines[0],
    .term_count = 2,
    .terms = {{.from_ns = 60, .line = &lines[1]}, {.from_ns = 70, .line = &lines[0]}},
  };
  RtpStream stream = {.packets = 100, .first_seq = 1, .highest_seq = 100, .last_ns = 100};
  StreamQuality quality;

  (void) state;
  stream.payloads[0] = (RtpPayload){.type = 96, .kind = RTP_MEDIA, .packets = 100};
  stream_quality_measure(&stream, &owner, NULL, &quality);
  assert_string_equal(quality.codec, "PCMU");
  assert_true(quality.is_mixed);
  assert_int_equal(quality.clock_rate, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_mixed),
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_rates_that_come_back),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
