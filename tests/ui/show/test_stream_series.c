/* The course of a stream over time, read from the capture again. */
#include "tests/sample_trace.h"

#include "ui/show/stream_series.h"

static StreamSeries *read_series(const SampleTrace *sample, uint32_t number, uint32_t rate)
{
  StreamSeries *series = stream_series_new(sample->source, sample->stores,
                                           trace_stream_at(sample->trace, number - 1), rate, NULL);

  assert_non_null(series);
  while (job_step(&series->job, 0))
    assert_true(job_progress(&series->job) <= 1);
  return series;
}

/* Ten packets of 20 ms each way, all of the same size. */
static void test_counts(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");

  (void) state;
  for (uint32_t number = 1; number <= 2; number++) {
    const RtpStream *stream = trace_stream_at(sample.trace, number - 1);
    StreamSeries *series = read_series(&sample, number, 8000);
    const SeriesResult *result = &series->result;

    assert_int_equal(result->packets, 10);
    assert_true(result->has_jitter);
    assert_int_equal(result->slot_count, 1); /* 180 ms */
    assert_true(result->slot_ns > stream->last_ns - stream->first_ns);
    assert_int_equal(result->slots[0].packets, stream->packets);
    assert_int_equal(result->slots[0].bytes, stream->bytes);
    assert_int_equal(result->slots[0].lost, 0);
    assert_true(result->slots[0].jitter_ms < 0.001F);
    job_free(&series->job);
  }
}

/* Over all slots it is what the counters of the stream say, whatever carries it. */
static void test_sums(void **state)
{
  static const struct {
    const char *sample;
    size_t streams;
    uint64_t lost;
  } CASES[] = {
    {"media-loss.pcap", 2, 10},
    {"media-order.pcap", 3, 1}, /* late, copied and wrapped; the last one over IPv6 */
    {"media-silence.pcap", 2, 0},
    {"media-dtmf.pcap", 2, 5},
    {"media-tunnel.pcap", 2, 6}, /* the same packets, in a tunnel and outside */
  };

  (void) state;
  for (size_t c = 0; c < G_N_ELEMENTS(CASES); c++) {
    g_auto(SampleTrace) sample = sample_trace_read(CASES[c].sample);
    uint64_t all_lost = 0;

    assert_int_equal(trace_stream_count(sample.trace), CASES[c].streams);
    for (uint32_t number = 1; number <= trace_stream_count(sample.trace); number++) {
      const RtpStream *stream = trace_stream_at(sample.trace, number - 1);
      StreamSeries *series = read_series(&sample, number, 8000);
      const SeriesResult *result = &series->result;
      uint64_t lost = 0, bytes = 0;

      for (size_t i = 0; i < result->slot_count; i++) {
        lost += result->slots[i].lost;
        bytes += result->slots[i].bytes;
      }
      assert_int_equal(lost, rtp_stream_lost(stream));
      assert_int_equal(bytes, stream->bytes);
      assert_int_equal(result->packets, stream->packets);
      all_lost += lost;
      job_free(&series->job);
    }
    assert_int_equal(all_lost, CASES[c].lost);
  }
}

static void test_no_clock(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");
  StreamSeries *series = read_series(&sample, 1, 0);

  (void) state;
  assert_int_equal(series->result.packets, 10);
  assert_false(series->result.has_jitter);
  job_free(&series->job);
}

/* Stopped before its end. */
static void test_stopped(void **state)
{
  g_auto(SampleTrace) sample = sample_trace_read("basic.pcap");
  StreamSeries *series =
    stream_series_new(sample.source, sample.stores, trace_stream_at(sample.trace, 0), 8000, NULL);

  (void) state;
  job_free(&series->job);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_counts),
    cmocka_unit_test(test_sums),
    cmocka_unit_test(test_no_clock),
    cmocka_unit_test(test_stopped),
  };

  return cmocka_run_group_tests_name("stream_series", tests, NULL, NULL);
}
