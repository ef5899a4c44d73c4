/* AudioReader: reads no more of a capture than it needs; the same samples in steps of any size. */
#include "tests/sample_trace.h"
#include "tests/source_read.h"
#include "ui/report/audio_reader.h"

enum { FILE_HEADER = 24, RECORD_HEADER = 16, LATER = 20 * 1000, ROOM = 1000 };

static uint32_t u32_at(const GByteArray *bytes, guint at)
{
  uint32_t value;

  memcpy(&value, bytes->data + at, sizeof value);
  return GUINT32_FROM_LE(value);
}

/* The sample, and its last packet again and again, a minute later. */
static GByteArray *make_capture(const char *name)
{
  g_autofree char *path = g_build_filename(g_getenv("RUNG_SAMPLES"), name, NULL);
  GByteArray *bytes = g_byte_array_new();
  g_autofree char *sample = NULL;
  guint last = FILE_HEADER;
  size_t len;

  assert_true(g_file_get_contents(path, &sample, &len, NULL));
  g_byte_array_append(bytes, (const uint8_t *) sample, (guint) len);
  for (guint at = last; at < bytes->len; at += RECORD_HEADER + u32_at(bytes, at + 8))
    last = at;
  g_autofree uint8_t *record = g_memdup2(bytes->data + last, bytes->len - last);
  uint32_t seconds = GUINT32_TO_LE(u32_at(bytes, last) + 60);
  memcpy(record, &seconds, sizeof seconds);
  len -= last;
  for (unsigned i = 0; i < LATER; i++)
    g_byte_array_append(bytes, record, (guint) len);
  return bytes;
}

/* How many steps of one batch it takes; the samples of one stream at *ret_samples. */
static unsigned hear_all(const Run *run, size_t room, GArray *ret_samples)
{
  const PacketSaveInput input = {run->trace, run->source, run->stores, run->seed, &run->limits};
  g_autoptr(AudioReader) reader = audio_reader_new(&input, NULL, trace_stream_at(run->trace, 0));
  g_autoptr(GError) error = NULL;
  int16_t frames[ROOM];
  unsigned steps = 1;
  size_t count;

  for (bool more = true; more; steps++) {
    more = audio_reader_step(reader, 0);
    while ((count = audio_reader_take(reader, room, frames)) > 0)
      g_array_append_vals(ret_samples, frames, (guint) count);
  }
  assert_true(audio_reader_finish(reader, &error));
  return steps;
}

static void test_stops_after_the_last_packet(void **state)
{
  g_auto(Folder) folder = folder_new();
  g_autoptr(GByteArray) capture = make_capture("media-loss.pcap");
  g_autofree char *path =
    folder_add(&folder, "x.pcap", slice_of((const char *) capture->data, capture->len));
  const char *const files[] = {path, NULL};
  const SourceOptions options = {.files = files};
  g_autoptr(GArray) samples = g_array_new(false, false, sizeof(int16_t));
  g_autoptr(GArray) again = g_array_new(false, false, sizeof(int16_t));
  Run run;

  (void) state;
  assert_true(run_open(&run, &options, &LIMITS_DEFAULT, NULL));
  sample_trace_fill(&run);
  assert_true(hear_all(&run, ROOM, samples) < 20); /* of 80 and more */
  assert_true(hear_all(&run, 1, again) < 20);
  assert_int_equal(samples->len, 51200); /* 6.4 s */
  assert_int_equal(again->len, samples->len);
  assert_memory_equal(again->data, samples->data, samples->len * sizeof(int16_t));
  run_close(&run, false);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_stops_after_the_last_packet),
  };

  return cmocka_run_group_tests_name("audio_reader", tests, NULL, NULL);
}
