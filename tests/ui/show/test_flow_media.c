/* What the rung of an RTP stream says. */
#include "tests/test.h"

#include "ui/show/flow_media.h"

typedef struct {
  const char *name;
  RtpStream stream;
  StreamQuality quality;
  const char *label, *brief;
} Case;

/* Ten thousand expected, minus those that did not come. */
#define STREAM(received) .stream = {.packets = (received), .first_seq = 1, .highest_seq = 10000}

static const Case CASES[] = {
  {"all known",
   STREAM(10000),
   {.codec = "PCMU", .has_jitter = true, .jitter_ms = 1.26, .has_mos = true, .mos = 4.41},
   "RTP PCMU 10000 packets, no loss, jitter 1.3 ms, MOS 4.41",
   "RTP PCMU, no loss, MOS 4.41"},
  {"nothing known", STREAM(10000), {0}, "RTP 10000 packets, no loss", "RTP, no loss"},
  {"one in 10000",
   STREAM(9999),
   {.codec = "PCMA", .loss_percent = 0.01},
   "RTP PCMA 9999 packets, <0.1 % lost",
   "RTP PCMA, <0.1 % lost"},
  {"a hundredth",
   STREAM(9900),
   {.codec = "PCMA", .is_srtp = true, .loss_percent = 1},
   "SRTP PCMA 9900 packets, 1.0 % lost",
   "SRTP PCMA, 1.0 % lost"},
};

static void assert_label(const CallStream *stream, uint32_t digit, bool brief, const char *expected)
{
  const FlowStream rung = {.digit = digit};
  g_autoptr(GString) text = g_string_new(NULL);

  flow_stream_append_label(text, &rung, stream, brief);
  assert_string_equal(text->str, expected);
}

static void test_labels(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const CallStream stream = {.stream = &CASES[i].stream, .quality = CASES[i].quality};

    assert_label(&stream, 0, false, CASES[i].label);
    assert_label(&stream, 0, true, CASES[i].brief);
  }
}

/* A stream of PCMU with two digits that were kept; freed with g_free. */
static RtpStream *stream_with_digits(void)
{
  static const RtpDigit DIGITS[] = {
    {.duration = 1280, .payload_type = 101, .digit = '5'},
    {.duration = 12000, .payload_type = 101, .digit = '#'},
  };
  RtpStream *stream = g_malloc0(sizeof *stream + sizeof DIGITS);

  *stream = (RtpStream){.packets = 5, .payloads = {{.packets = 5}}, .digit_room = 2};
  memcpy(stream + 1, DIGITS, sizeof DIGITS);
  stream->digit_count = 2;
  return stream;
}

/* Each is a rung of its own; the last one says how many were not kept. */
static void test_digits(void **state)
{
  g_autofree RtpStream *record = stream_with_digits();
  const CallStream stream = {.stream = record, .quality = {.codec = "PCMU"}};

  (void) state;
  assert_label(&stream, 1, false, "DTMF 5, 160 ms");
  assert_label(&stream, 1, true, "DTMF 5, 160 ms");
  assert_label(&stream, 2, false, "DTMF #, 1.5 s");
  record->digit_count = 12;
  assert_label(&stream, 1, false, "DTMF 5, 160 ms");
  assert_label(&stream, 2, false, "DTMF #, 1.5 s, then 10 more");
  record->payloads[0].type = 96; /* of an unknown clock rate */
  assert_label(&stream, 1, false, "DTMF 5");
  record->digit_count = 0; /* they were none */
  assert_label(&stream, 1, false, "DTMF");
}

/* Of a stream that was discarded. */
static void test_discarded(void **state)
{
  (void) state;
  assert_label(NULL, 0, false, "RTP");
  assert_label(NULL, 3, false, "DTMF");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_labels),
    cmocka_unit_test(test_digits),
    cmocka_unit_test(test_discarded),
  };

  return cmocka_run_group_tests_name("flow_media", tests, NULL, NULL);
}
