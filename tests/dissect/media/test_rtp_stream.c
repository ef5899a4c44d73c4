#include "dissect/media/rtp_stream.h"

#include "tests/test.h"

/* Packets 1 to `highest` in the window, those in `lost` (0-terminated) did not come. */
static RtpStream stream_with(uint64_t highest, const uint64_t *lost)
{
  RtpStream stream = {.first_seq = 1, .highest_seq = highest, .packets = highest};

  memset(stream.track.came, 0xff, sizeof stream.track.came);
  for (; *lost; lost++) {
    stream.track.came[*lost % RTP_WINDOW / 64] &= ~(UINT64_C(1) << *lost % 64);
    stream.packets--;
  }
  return stream;
}

static void test_loss(void **state)
{
  static const struct {
    uint64_t highest, lost[8];
    uint32_t bursts;
    double percent;
  } CASES[] = {
    {10, {0}, 0, 0.0},
    {10, {5}, 1, 10.0},
    {10, {5, 6, 7}, 1, 30.0},
    {10, {5, 7}, 2, 20.0},
    {100, {2, 3, 64, 65, 66, 99}, 3, 6.0},
    {256, {64}, 1, 100.0 / 256},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    RtpStream stream = stream_with(CASES[i].highest, CASES[i].lost);
    assert_int_equal(rtp_stream_expected(&stream), CASES[i].highest);
    assert_int_equal(rtp_stream_bursts(&stream), CASES[i].bursts);
    assert_true(ABS(rtp_stream_loss_percent(&stream) - CASES[i].percent) < 1e-9);
    stream.packets += 3; /* copies take nothing from the loss */
    stream.duplicates = 3;
    assert_true(ABS(rtp_stream_loss_percent(&stream) - CASES[i].percent) < 1e-9);
  }
}

static void test_never_below_zero(void **state)
{
  RtpStream stream = {.first_seq = 1, .highest_seq = 10, .packets = 12};

  (void) state;
  assert_int_equal(rtp_stream_lost(&stream), 0);
}

static void test_burst_over_the_edge_of_the_window(void **state)
{
  RtpStream stream = stream_with(400, (const uint64_t[]){145, 146, 0});

  (void) state;
  assert_int_equal(rtp_stream_bursts(&stream), 1);
  stream.track.is_losing = true; /* 143 and 144, which have left it: 145 goes on */
  assert_int_equal(rtp_stream_bursts(&stream), 1);
  stream.bursts = 4;
  assert_int_equal(rtp_stream_bursts(&stream), 5);
}

static void test_payload(void **state)
{
  RtpStream stream = {.payloads = {{.packets = 3, .type = 0},
                                   {.packets = 900, .type = 13, .kind = RTP_COMFORT_NOISE},
                                   {.packets = 5, .type = 8},
                                   {.packets = 800, .type = 101, .kind = RTP_EVENTS}}};

  (void) state;
  assert_int_equal(rtp_stream_payload(&stream)->type, 8);
  assert_null(rtp_stream_payload(&(RtpStream){0}));
}

static void test_jitter_needs_a_rate(void **state)
{
  RtpStream stream = {.jitter_packets = 10, .jitter = {{.sum_ms = 20, .max_ms = 3}}};
  double mean, max;

  (void) state;
  assert_true(rtp_stream_jitter(&stream, 0, &mean, &max));
  assert_true(ABS(mean - 2) < 1e-9 && ABS(max - 3) < 1e-9);
  stream.has_unknown_rate = true;
  assert_false(rtp_stream_jitter(&stream, 0, &mean, &max));
  assert_false(rtp_stream_jitter(&stream, 12345, &mean, &max));
  assert_true(rtp_stream_jitter(&stream, 48000, &mean, &max));
  assert_true(ABS(mean) < 1e-9);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_loss),
    cmocka_unit_test(test_never_below_zero),
    cmocka_unit_test(test_burst_over_the_edge_of_the_window),
    cmocka_unit_test(test_payload),
    cmocka_unit_test(test_jitter_needs_a_rate),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
