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

static void assert_label(const CallStream *stream, bool brief, const char *expected)
{
  g_autoptr(GString) text = g_string_new(NULL);

  flow_stream_append_label(text, stream, brief);
  assert_string_equal(text->str, expected);
}

static void test_labels(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const CallStream stream = {.stream = &CASES[i].stream, .quality = CASES[i].quality};

    assert_label(&stream, false, CASES[i].label);
    assert_label(&stream, true, CASES[i].brief);
  }
}

/* The first eight are shown, and how many more there were, also those that were not kept. */
static void test_digits(void **state)
{
  RtpStream record = {.packets = 5, .first_seq = 1, .highest_seq = 5};
  const CallStream stream = {.stream = &record, .quality = {.codec = "PCMU"}};

  (void) state;
  memcpy(record.digits, "123456789*0#ABCD1234", RTP_DIGITS);
  record.digit_count = 3;
  assert_label(&stream, true, "RTP PCMU DTMF 123, no loss");
  record.digit_count = 8;
  assert_label(&stream, true, "RTP PCMU DTMF 12345678, no loss");
  record.digit_count = 9;
  assert_label(&stream, true, "RTP PCMU DTMF 12345678+1, no loss");
  record.digit_count = 1000;
  assert_label(&stream, true, "RTP PCMU DTMF 12345678+992, no loss");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_labels),
    cmocka_unit_test(test_digits),
  };

  return cmocka_run_group_tests_name("flow_media", tests, NULL, NULL);
}
