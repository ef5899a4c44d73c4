/*
 * AudioTrack and AudioMix: where each sample of a stream lands.  Packets are of L16 at 8 kHz, 20 ms
 * each, and every sample of a packet has the packet's number as its value.
 */
#include "tests/test.h"

#include "dissect/media/audio_mix.h"

enum { RATE = 8000, COUNT = 160, TYPE = 96 };

#define MS(n) ((n) *INT64_C(1000) * 1000)
static const int64_t START_NS = INT64_C(1700000000) * 1000 * 1000 * 1000;

/* Sequence numbers and timestamps wrap in the middle. */
enum { FIRST_SEQ = 0xfffe };
static const uint32_t FIRST_TIMESTAMP = UINT32_MAX - 3 * COUNT;

typedef struct {
  AudioTrack *track;
  AudioMix *mix;
  AudioVoice *voice;
} Fixture;

/* The session description is gone when the first packet comes. */
static void begin(Fixture *f)
{
  char name[] = "L16";
  MediaPayload payload = {TYPE, RATE, 1, name, ""};
  MediaPayloads payloads = {1, &payload};
  MediaLine line = {.payloads = &payloads};

  f->track = audio_track_new(&(MediaOwner){.line = &line});
  memset(name, '?', strlen(name));
  payload = (MediaPayload){.type = TYPE, .name = name};
  line = (MediaLine){0};
  f->mix = audio_mix_new(1, RATE, START_NS);
  f->voice = audio_voice_new(f->mix, 0);
}

static void end(Fixture *f)
{
  audio_track_free(f->track);
  audio_voice_free(f->voice);
  audio_mix_free(f->mix);
}

static void put_pieces(Fixture *f)
{
  AudioPiece piece;

  while (audio_track_next(f->track, &piece))
    assert_true(audio_voice_put(f->voice, &piece));
}

typedef struct {
  unsigned number;       /* of the packet: its sequence number and timestamp */
  int64_t at_ms;         /* time of capture, after the start */
  uint32_t timestamp_ms; /* added to the timestamp */
  unsigned seq;          /* added to the sequence number */
  bool marker;
} Sent;

static void feed(Fixture *f, const Sent *sent)
{
  uint8_t bytes[2 * COUNT];
  RtpPacket packet = {
    .payload_type = TYPE,
    .marker = sent->marker,
    .seq = (uint16_t) (FIRST_SEQ + sent->number + sent->seq),
    .timestamp = FIRST_TIMESTAMP + sent->number * COUNT + sent->timestamp_ms * (RATE / 1000),
    .payload = {(const char *) bytes, sizeof bytes},
  };

  for (size_t i = 0; i < COUNT; i++) {
    bytes[2 * i] = 0;
    bytes[2 * i + 1] = (uint8_t) (sent->number + 1);
  }
  audio_track_feed(f->track, &packet, START_NS + MS(sent->at_ms), false);
  put_pieces(f);
}

/* The numbers (from 1; 0 is silence) of the packets that are heard, each 20 ms. */
static void assert_heard(Fixture *f, const char *expected)
{
  g_autoptr(GString) heard = g_string_new(NULL);
  int16_t frames[COUNT];

  audio_track_expire(f->track, INT64_MAX);
  put_pieces(f);
  while (audio_mix_take(f->mix, INT64_MAX, COUNT, frames) == COUNT) {
    for (size_t i = 1; i < COUNT; i++)
      assert_int_equal(frames[i], frames[0]);
    g_string_append_c(heard, frames[0] == 0 ? '.' : (char) ('a' + frames[0] - 1));
  }
  assert_string_equal(heard->str, expected);
  end(f);
}

static void feed_all(Fixture *f, const Sent *sent, size_t count)
{
  for (size_t i = 0; i < count; i++)
    feed(f, &sent[i]);
}

static void test_order(void **state)
{
  static const struct {
    const char *numbers, *heard;
    unsigned copies, late;
  } CASES[] = {
    {"abcdef", "abcdef", 0, 0}, {"acbdfe", "abcdef", 0, 0},  {"abbcac", "abc", 3, 0},
    {"abdf", "ab.d.f", 0, 0},   {"afedcb", "abcdef", 0, 0},  {"ba", "b", 0, 1},
    {"adbdc", "abcd", 1, 0},    {"abcdefa", "abcdef", 1, 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Fixture f;
    begin(&f);
    for (const char *c = CASES[i].numbers; *c; c++)
      feed(&f, &(Sent){.number = (unsigned) (*c - 'a'), .at_ms = 20 * (c - CASES[i].numbers)});
    audio_track_expire(f.track, INT64_MAX);
    put_pieces(&f);
    assert_int_equal(audio_track_counts(f.track)->copies, CASES[i].copies);
    assert_int_equal(audio_track_counts(f.track)->late, CASES[i].late);
    assert_heard(&f, CASES[i].heard);
  }
}

/* One that is lost is waited for, but not for ever. */
static void test_wait(void **state)
{
  static const Sent SENT[] = {{0, 0}, {2, 40}, {3, 1041}, {1, 1042}};
  Fixture f;

  (void) state;
  begin(&f);
  feed_all(&f, SENT, 2);
  assert_int_equal(audio_track_counts(f.track)->decoded, 1);
  audio_track_expire(f.track, START_NS + MS(1040));
  put_pieces(&f);
  assert_int_equal(audio_track_counts(f.track)->decoded, 1);
  feed_all(&f, SENT + 2, 2);
  assert_int_equal(audio_track_counts(f.track)->decoded, 3);
  assert_int_equal(audio_track_counts(f.track)->late, 1);
  assert_heard(&f, "a.cd");
}

/* The timestamp places, whatever the network does: jitter, a stall and the burst after it. */
static void test_jitter(void **state)
{
  static const Sent SENT[] = {{0, 0}, {1, 90}, {2, 91}, {3, 60}, {4, 900}, {5, 900}, {6, 900}};
  Fixture f;

  (void) state;
  begin(&f);
  feed_all(&f, SENT, G_N_ELEMENTS(SENT));
  assert_heard(&f, "abcdefg");
}

/* Silence where timestamps jump with the clock; a new anchor where they do not. */
static void test_jumps(void **state)
{
  static const Sent SILENCE[] = {{0, 0}, {1, 100, 80}, {2, 120, 80}};
  static const Sent BASE[] = {{0, 0}, {1, 20}, {2, 100, 700000}, {3, 120, 700000}};
  static const Sent SPURT[] = {{0, 0}, {1, 20}, {2, 200, 0, 0, true}, {3, 220}};
  static const Sent RESTART[] = {{0, 0}, {1, 20}, {2, 100, 900, 20000}, {3, 120, 900, 20000}};
  Fixture f;

  (void) state;
  begin(&f);
  feed_all(&f, SILENCE, G_N_ELEMENTS(SILENCE));
  assert_heard(&f, "a....bc");
  begin(&f);
  feed_all(&f, BASE, G_N_ELEMENTS(BASE));
  assert_heard(&f, "ab...cd");
  begin(&f);
  feed_all(&f, SPURT, G_N_ELEMENTS(SPURT));
  assert_heard(&f, "ab........cd");
  begin(&f);
  feed_all(&f, RESTART, G_N_ELEMENTS(RESTART));
  assert_heard(&f, "ab...cd");
}

/* A sender whose clock is 1 % slow: after a minute its sound still is where it was captured. */
static void test_drift(void **state)
{
  enum { PACKETS = 3000 };
  int16_t frames[COUNT];
  size_t place = 0, last = 0;
  Fixture f;

  (void) state;
  begin(&f);
  for (unsigned i = 0; i < PACKETS; i++) {
    size_t count;
    feed(&f, &(Sent){.number = i % 100,
                     .at_ms = i * 20 + i / 5,
                     .seq = i - i % 100,
                     .timestamp_ms = (i - i % 100) * 20});
    while ((count = audio_mix_take(f.mix, START_NS + MS(i * 20) - MS(4000), COUNT, frames)) > 0)
      place += count;
  }
  for (size_t count; (count = audio_mix_take(f.mix, INT64_MAX, COUNT, frames)) > 0; place += count)
    for (size_t i = 0; i < count; i++)
      last = frames[i] != 0 ? place + i : last;
  int64_t expected = (PACKETS - 1) * 20 + (PACKETS - 1) / 5;
  int64_t heard_ms = (int64_t) (last + 1) * 1000 / RATE - 20;
  assert_true(heard_ms > expected - 250 && heard_ms < expected + 250);
  assert_int_equal(audio_mix_outside(f.mix), 0);
  end(&f);
}

/* What is not decoded is counted: cut, malformed, of another type. */
static void test_counts(void **state)
{
  RtpPacket packet = {.payload_type = TYPE, .payload = SLICE("x")};
  Fixture f;

  (void) state;
  begin(&f);
  audio_track_feed(f.track, &packet, START_NS, false);
  put_pieces(&f);
  packet.seq++;
  audio_track_feed(f.track, &packet, START_NS, true);
  put_pieces(&f);
  packet.seq++;
  packet.payload_type = 77;
  audio_track_feed(f.track, &packet, START_NS, false);
  put_pieces(&f);
  packet.seq++;
  packet.payload_type = 13; /* comfort noise */
  audio_track_feed(f.track, &packet, START_NS, false);
  put_pieces(&f);
  const AudioCounts *counts = audio_track_counts(f.track);
  assert_int_equal(counts->malformed, 1);
  assert_int_equal(counts->cut, 1);
  assert_int_equal(counts->undecoded, 1);
  assert_int_equal(counts->decoded, 0);
  end(&f);
}

/* Samples beyond the window are counted, and written nowhere. */
static void test_window(void **state)
{
  static const int16_t SAMPLES[4] = {1, 2, 3, 4};
  AudioPiece piece = {START_NS, -2, RATE, 4, SAMPLES};
  int16_t frames[4];
  Fixture f;

  (void) state;
  begin(&f);
  assert_true(audio_voice_put(f.voice, &piece));
  assert_int_equal(audio_mix_outside(f.mix), 2);
  piece.offset = RATE * AUDIO_WINDOW_S - 3;
  assert_true(audio_voice_put(f.voice, &piece));
  assert_int_equal(audio_mix_outside(f.mix), 3);
  assert_int_equal(audio_mix_take(f.mix, START_NS + MS(1) / 4, 4, frames), 2);
  assert_int_equal(frames[0], 3);
  assert_int_equal(frames[1], 4);
  end(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_order),  cmocka_unit_test(test_wait),  cmocka_unit_test(test_jitter),
    cmocka_unit_test(test_jumps),  cmocka_unit_test(test_drift), cmocka_unit_test(test_counts),
    cmocka_unit_test(test_window),
  };

  return cmocka_run_group_tests_name("audio_track", tests, NULL, NULL);
}
