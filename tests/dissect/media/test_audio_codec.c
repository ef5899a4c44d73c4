/*
 * AudioDecoder: a tone goes through the encoder of the same library, where there is one, and must
 * come out with its frequency and level; payloads of every length must be refused or decoded, and
 * never read past their end.
 */
#include "tests/test.h"

#include <math.h>

#ifdef WITH_SPANDSP
#include <spandsp/telephony.h>

#include <spandsp/g722.h>
#include <spandsp/g726.h>
#include <spandsp/gsm0610.h>
#endif
#ifdef WITH_OPUS
#include <opus.h>
#endif
#ifdef WITH_BCG729
#include <bcg729/encoder.h>
#endif
#ifdef WITH_AMRNB
#include <opencore-amrnb/interf_enc.h>
#endif

#include "dissect/media/audio_amr.h"
#include "dissect/media/audio_codec.h"

enum { TONE_HZ = 700, AMPLITUDE = 8000 };

static int16_t tone_at(size_t sample, uint32_t rate)
{
  return (int16_t) lround(AMPLITUDE * sin(2 * G_PI * TONE_HZ * (double) sample / rate));
}

/* Samples of the tone from its sample `first` on. */
static void fill_tone(int16_t *samples, size_t count, size_t first, uint32_t rate)
{
  for (size_t at = 0; at < count; at++)
    samples[at] = tone_at(first + at, rate);
}

/* The share of the energy that is of the frequency (Goertzel), and what amplitude it has. */
static double share_of(const int16_t *samples, size_t count, double hz, double *ret_amplitude)
{
  double re = 0, im = 0, energy = 0;

  for (size_t i = 0; i < count; i++) {
    re += samples[i] * cos(2 * G_PI * hz * (double) i);
    im += samples[i] * sin(2 * G_PI * hz * (double) i);
    energy += (double) samples[i] * samples[i];
  }
  *ret_amplitude = 2 * sqrt(re * re + im * im) / (double) count;
  return energy > 0 ? *ret_amplitude * *ret_amplitude * (double) count / 2 / energy : 0;
}

typedef struct {
  const AudioCodec *codec;
  MediaPayload format;
  void *state;
  GArray *samples; /* int16_t */
} Decoding;

static void begin(Decoding *d, const MediaPayload *format)
{
  *d = (Decoding){.codec = audio_codec_find(format->name), .format = *format};
  assert_non_null(d->codec);
  assert_non_null(d->codec->decoder);
  d->state = audio_decoder_new(d->codec, format);
  assert_non_null(d->state);
  d->samples = g_array_new(false, false, sizeof(int16_t));
}

static size_t decode(Decoding *d, const void *bytes, size_t len)
{
  g_autofree char *copy = exact_copy(bytes, len);
  g_autofree int16_t *samples = g_new(int16_t, AUDIO_SAMPLES_MAX);
  size_t count = d->codec->decoder->decode(d->state, slice_of(copy, len), samples);

  assert_true(count <= AUDIO_SAMPLES_MAX);
  g_array_append_vals(d->samples, samples, (guint) count);
  return count;
}

static void end(Decoding *d)
{
  d->codec->decoder->free(d->state);
  g_array_unref(d->samples);
}

/* Ends it; the first fifth of what was decoded is left out, as codecs need time to adapt. */
static void assert_tone(Decoding *d, size_t expected_count, double least_share)
{
  uint32_t rate = audio_sample_rate(d->codec, &d->format);
  size_t skipped = d->samples->len / 5;
  const int16_t *samples = &g_array_index(d->samples, int16_t, 0);
  double amplitude;

  assert_int_equal(d->samples->len, expected_count);
  double share =
    share_of(samples + skipped, expected_count - skipped, (double) TONE_HZ / rate, &amplitude);
  if (share < least_share || fabs(amplitude - AMPLITUDE) > AMPLITUDE * 0.25)
    fail_msg("%s: %.3f of the energy is the tone, amplitude %.0f", d->codec->name, share,
             amplitude);
  end(d);
}

/* ITU-T G.711 tables 1 and 2: ends and middle of the scale, scaled to 16 bits. */
static void test_g711_values(void **state)
{
  static const struct {
    const char *name;
    uint8_t code;
    int16_t value;
  } CASES[] = {
    {"PCMU", 0xff, 0},     {"PCMU", 0x7f, 0},      {"PCMU", 0x80, 32124}, {"PCMU", 0x00, -32124},
    {"PCMU", 0xfe, 8},     {"PCMU", 0xef, 132},    {"PCMA", 0xd5, 8},     {"PCMA", 0x55, -8},
    {"PCMA", 0xaa, 32256}, {"PCMA", 0x2a, -32256}, {"PCMA", 0xd4, 24},    {"PCMA", 0xc5, 264},
    {"PCMA", 0xf5, 528},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Decoding d;
    begin(&d, &(MediaPayload){.name = CASES[i].name, .clock_rate = 8000, .fmtp = ""});
    assert_int_equal(decode(&d, &CASES[i].code, 1), 1);
    assert_int_equal(g_array_index(d.samples, int16_t, 0), CASES[i].value);
    end(&d);
  }
}

/* Channels become their mean; an odd byte at the end is no sample. */
static void test_l16(void **state)
{
  static const uint8_t BYTES[] = {0x10, 0x00, 0x20, 0x00, 0xff, 0xfe, 0xff, 0xfc, 0x01};
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "l16", .clock_rate = 44100, .channels = 2, .fmtp = ""});
  assert_int_equal(decode(&d, BYTES, sizeof BYTES), 2);
  assert_int_equal(g_array_index(d.samples, int16_t, 0), 0x1800);
  assert_int_equal(g_array_index(d.samples, int16_t, 1), -3);
  assert_int_equal(audio_sample_rate(d.codec, &d.format), 44100);
  end(&d);
}

static void test_l16_tone(void **state)
{
  enum { RATE = 11025, COUNT = 220, PACKETS = 25 };
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "L16", .clock_rate = RATE, .channels = 1, .fmtp = ""});
  for (size_t i = 0; i < PACKETS; i++) {
    int16_t samples[COUNT];
    uint8_t bytes[2 * COUNT];
    fill_tone(samples, COUNT, i * COUNT, RATE);
    for (size_t at = 0; at < COUNT; at++) {
      bytes[2 * at] = (uint8_t) ((uint16_t) samples[at] >> 8);
      bytes[2 * at + 1] = (uint8_t) samples[at];
    }
    assert_int_equal(decode(&d, bytes, sizeof bytes), COUNT);
  }
  assert_tone(&d, (size_t) COUNT * PACKETS, 0.99);
}

/* RFC 4867 4.3.5.1 and 4.4.5.1: one frame of 5.9 kbit/s, and what is not whole. */
static void test_amr_payload(void **state)
{
  const AmrFormat efficient = {false, false}, aligned = {false, true};
  uint8_t bytes[40];
  AmrFrame frames[AMR_FRAMES_MAX];
  AmrFormat format;

  (void) state;
  memset(bytes, 0xff, sizeof bytes);
  bytes[0] = 0xf1; /* CMR 15; no other frame follows; type 2, good; then 118 bits */
  bytes[1] = 0x7f; /* 0 0010 1 */
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, 16), &efficient, frames), 1);
  assert_int_equal(frames[0].kind, AMR_SPEECH);
  assert_int_equal(frames[0].bytes[0], 2 << 3 | 1 << 2);
  assert_int_equal(frames[0].bytes[1], 0xff);
  assert_int_equal(frames[0].bytes[15], 0xfc);
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, 15), &efficient, frames), 0);
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, 17), &efficient, frames), 0);
  bytes[0] = 0xf0;
  bytes[1] = 1 << 7 | 8 << 3 | 1 << 2; /* comfort noise, then nothing */
  bytes[2] = 15 << 3 | 1 << 2;
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, 8), &aligned, frames), 2);
  assert_int_equal(frames[0].kind, AMR_NOISE);
  assert_int_equal(frames[1].kind, AMR_NO_DATA);
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, 7), &aligned, frames), 0);
  bytes[1] = 9 << 3; /* reserved */
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, 8), &aligned, frames), 0);
  memset(bytes, 0xfc, sizeof bytes); /* a list of frames without end */
  assert_int_equal(amr_payload_read(slice_of((char *) bytes, sizeof bytes), &aligned, frames), 0);

  MediaPayload payload = {.name = "AMR", .clock_rate = 8000, .fmtp = "mode-set=2; octet-align=1"};
  assert_true(amr_format_read(&payload, false, &format));
  assert_true(format.octet_align);
  payload.fmtp = "octet-align=1;interleaving=4";
  assert_false(amr_format_read(&payload, false, &format));
  payload.fmtp = "octet-align=1;crc=1";
  assert_false(amr_format_read(&payload, false, &format));
}

#ifdef WITH_SPANDSP

static void test_g722(void **state)
{
  enum { RATE = 16000, COUNT = 320, PACKETS = 25 };
  g722_encode_state_t *encoder = g722_encode_init(NULL, 64000, 0);
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "G722", .clock_rate = 8000, .fmtp = ""});
  for (size_t i = 0; i < PACKETS; i++) {
    int16_t samples[COUNT];
    uint8_t bytes[COUNT];
    fill_tone(samples, COUNT, i * COUNT, RATE);
    int len = g722_encode(encoder, bytes, samples, COUNT);
    assert_int_equal(decode(&d, bytes, (size_t) len), COUNT);
  }
  g722_encode_free(encoder);
  assert_tone(&d, COUNT * PACKETS, 0.95);
}

/* Both packings of all bit rates: what is packed the other way is no tone. */
static void test_g726(void **state)
{
  enum { RATE = 8000, COUNT = 160, PACKETS = 25 };
  static const struct {
    const char *name;
    int bit_rate, packing;
  } CASES[] = {
    {"G726-16", 16000, G726_PACKING_RIGHT},     {"G726-24", 24000, G726_PACKING_RIGHT},
    {"G726-32", 32000, G726_PACKING_RIGHT},     {"G726-40", 40000, G726_PACKING_RIGHT},
    {"AAL2-G726-16", 16000, G726_PACKING_LEFT}, {"AAL2-G726-24", 24000, G726_PACKING_LEFT},
    {"AAL2-G726-32", 32000, G726_PACKING_LEFT}, {"AAL2-G726-40", 40000, G726_PACKING_LEFT},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g726_state_t *encoder =
      g726_init(NULL, CASES[i].bit_rate, G726_ENCODING_LINEAR, CASES[i].packing);
    Decoding d;
    begin(&d, &(MediaPayload){.name = CASES[i].name, .clock_rate = 8000, .fmtp = ""});
    for (size_t packet = 0; packet < PACKETS; packet++) {
      int16_t samples[COUNT];
      uint8_t bytes[COUNT];
      fill_tone(samples, COUNT, packet * COUNT, RATE);
      int len = g726_encode(encoder, bytes, samples, COUNT);
      assert_int_equal(decode(&d, bytes, (size_t) len), COUNT);
    }
    g726_free(encoder);
    assert_tone(&d, COUNT * PACKETS, CASES[i].bit_rate == 16000 ? 0.85 : 0.95);
  }
}

static void test_gsm(void **state)
{
  enum { RATE = 8000, COUNT = 160, PACKETS = 25, FRAME = 33 };
  gsm0610_state_t *encoder = gsm0610_init(NULL, GSM0610_PACKING_VOIP);
  uint8_t bytes[FRAME];
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "GSM", .clock_rate = 8000, .fmtp = ""});
  for (size_t i = 0; i < PACKETS; i++) {
    int16_t samples[COUNT];
    fill_tone(samples, COUNT, i * COUNT, RATE);
    assert_int_equal(gsm0610_encode(encoder, bytes, samples, COUNT), FRAME);
    assert_int_equal(decode(&d, bytes, FRAME), COUNT);
  }
  assert_int_equal(decode(&d, bytes, FRAME - 1), 0);
  bytes[0] ^= 0x10;
  assert_int_equal(decode(&d, bytes, FRAME), 0);
  gsm0610_free(encoder);
  assert_tone(&d, COUNT * PACKETS, 0.8);
}

#endif
#ifdef WITH_OPUS

/* Stereo in one packet, mono in another: it comes out as mono of the same level. */
static void test_opus(void **state)
{
  enum { RATE = 48000, COUNT = 960, PACKETS = 25, CHANNELS = 2 };
  int error;
  OpusEncoder *encoder = opus_encoder_create(RATE, CHANNELS, OPUS_APPLICATION_AUDIO, &error);
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "opus", .clock_rate = RATE, .channels = 2, .fmtp = ""});
  for (size_t i = 0; i < PACKETS; i++) {
    int16_t samples[COUNT * CHANNELS];
    uint8_t bytes[1500];
    for (size_t at = 0; at < COUNT; at++)
      samples[at * CHANNELS] = samples[at * CHANNELS + 1] = tone_at(i * COUNT + at, RATE);
    int len = opus_encode(encoder, samples, COUNT, bytes, sizeof bytes);
    assert_int_equal(decode(&d, bytes, (size_t) len), COUNT);
  }
  opus_encoder_destroy(encoder);
  assert_tone(&d, COUNT * PACKETS, 0.95);
}

#endif
#ifdef WITH_BCG729

/* Two frames a packet; then a frame of comfort noise, which is silence. */
static void test_g729(void **state)
{
  enum { RATE = 8000, COUNT = 80, PACKETS = 25, FRAME = 10 };
  bcg729EncoderChannelContextStruct *encoder = initBcg729EncoderChannel(0);
  static const uint8_t NOISE[2] = {0x3c, 0x12};
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "G729", .clock_rate = RATE, .fmtp = "annexb=no"});
  for (size_t i = 0; i < PACKETS; i++) {
    uint8_t bytes[2 * FRAME];
    for (size_t frame = 0; frame < 2; frame++) {
      int16_t samples[COUNT];
      uint8_t len;
      fill_tone(samples, COUNT, (2 * i + frame) * COUNT, RATE);
      bcg729Encoder(encoder, samples, bytes + frame * FRAME, &len);
      assert_int_equal(len, FRAME);
    }
    assert_int_equal(decode(&d, bytes, sizeof bytes), 2 * COUNT);
    assert_int_equal(decode(&d, bytes, sizeof bytes - 1), 0);
  }
  closeBcg729EncoderChannel(encoder);
  assert_int_equal(decode(&d, NOISE, sizeof NOISE), COUNT);
  for (guint i = d.samples->len - COUNT; i < d.samples->len; i++)
    assert_int_equal(g_array_index(d.samples, int16_t, i), 0);
  g_array_set_size(d.samples, d.samples->len - COUNT);
  assert_tone(&d, (size_t) 2 * COUNT * PACKETS, 0.8);
}

#endif
#ifdef WITH_AMRNB

/* The encoder writes frames as in a file, which after a byte for the mode request is the
 * octet-aligned payload of one frame. */
static void test_amr(void **state)
{
  enum { RATE = 8000, COUNT = 160, PACKETS = 50 };
  void *encoder = Encoder_Interface_init(0);
  Decoding d;

  (void) state;
  begin(&d, &(MediaPayload){.name = "AMR", .clock_rate = RATE, .fmtp = "octet-align=1"});
  for (size_t i = 0; i < PACKETS; i++) {
    int16_t samples[COUNT];
    uint8_t bytes[64] = {0xf0};
    fill_tone(samples, COUNT, i * COUNT, RATE);
    int len = Encoder_Interface_Encode(encoder, MR122, samples, bytes + 1, 0);
    assert_int_equal(decode(&d, bytes, (size_t) len + 1), COUNT);
  }
  Encoder_Interface_exit(encoder);
  assert_tone(&d, COUNT * PACKETS, 0.8);
}

#endif

/* Payloads of noise at every length: bounded, and with AddressSanitizer never read past the end.
 * Those of AMR name each type of frame, so that some are whole; AMR-WB has no encoder here. */
static void test_noise(void **state)
{
  enum { LENGTHS = 80, TYPES = 10 };
  uint8_t bytes[LENGTHS];

  (void) state;
  for (size_t i = 0; i < audio_codec_count(); i++) {
    const AudioCodec *codec = audio_codec_at(i);
    bool is_amr = g_str_has_prefix(codec->name, "AMR");
    size_t decoded = 0;
    Decoding d;
    if (!codec->decoder)
      continue;
    begin(&d, &(MediaPayload){
                .name = codec->name, .clock_rate = 8000, .channels = 1, .fmtp = "octet-align=1"});
    for (size_t len = 0; len < (size_t) LENGTHS * TYPES; len++) {
      for (size_t at = 0; at < LENGTHS; at++)
        bytes[at] = (uint8_t) ((at + len + 1) * 2654435761U >> 13);
      if (is_amr)
        bytes[1] = (uint8_t) (len / LENGTHS << 3 | 1 << 2);
      decoded += decode(&d, bytes, len % LENGTHS);
    }
    if (strcmp(codec->name, "GSM") != 0) /* noise has no signature */
      assert_true(decoded > 0);
    end(&d);
  }
}

/* More than AUDIO_SAMPLES_MAX samples in a payload are refused, that many are not. */
static void test_bound(void **state)
{
  static const struct {
    const char *name;
    size_t most; /* bytes */
  } CASES[] = {
    {"PCMU", AUDIO_SAMPLES_MAX},        {"L16", (size_t) 2 * AUDIO_SAMPLES_MAX},
    {"G722", AUDIO_SAMPLES_MAX / 2},    {"G726-16", AUDIO_SAMPLES_MAX / 4},
    {"G726-32", AUDIO_SAMPLES_MAX / 2}, {"G729", AUDIO_SAMPLES_MAX / 80 * 10},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    size_t most = CASES[i].most;
    g_autofree char *bytes = g_malloc0(most + 10);
    Decoding d;
    if (!audio_codec_find(CASES[i].name)->decoder)
      continue;
    begin(&d, &(MediaPayload){.name = CASES[i].name, .clock_rate = 8000, .fmtp = ""});
    assert_int_equal(decode(&d, bytes, most), AUDIO_SAMPLES_MAX);
    assert_int_equal(decode(&d, bytes, most + 10), 0);
    end(&d);
  }
}

/* A sample rate that no sound has would ask for gigabytes. */
static void test_rates(void **state)
{
  static const struct {
    const char *name;
    uint32_t clock_rate;
    bool is_decoded;
  } CASES[] = {
    {"L16", AUDIO_RATE_MIN, true},      {"L16", AUDIO_RATE_MAX, true},
    {"L16", AUDIO_RATE_MIN - 1, false}, {"L16", AUDIO_RATE_MAX + 1, false},
    {"PCMU", 4000000000, false},        {"PCMA", 1, false},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const AudioCodec *codec = audio_codec_find(CASES[i].name);
    const MediaPayload format = {
      .name = CASES[i].name, .clock_rate = CASES[i].clock_rate, .fmtp = ""};
    void *decoder = audio_decoder_new(codec, &format);
    assert_int_equal(decoder != NULL, CASES[i].is_decoded);
    if (decoder)
      codec->decoder->free(decoder);
  }
}

/* What is not sound has no row, and every row has a decoder or a library that lacks. */
static void test_table(void **state)
{
  (void) state;
  assert_null(audio_codec_find("telephone-event"));
  assert_null(audio_codec_find("CN"));
  assert_null(audio_codec_find(""));
  for (size_t i = 0; i < audio_codec_count(); i++) {
    const AudioCodec *codec = audio_codec_at(i);
    assert_ptr_equal(audio_codec_find(codec->name), codec);
    assert_true(codec->decoder || codec->library[0] != '\0');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_g711_values), cmocka_unit_test(test_l16),
    cmocka_unit_test(test_l16_tone),    cmocka_unit_test(test_amr_payload),
    cmocka_unit_test(test_noise),       cmocka_unit_test(test_bound),
    cmocka_unit_test(test_rates),       cmocka_unit_test(test_table),
#ifdef WITH_SPANDSP
    cmocka_unit_test(test_g722),        cmocka_unit_test(test_g726),
    cmocka_unit_test(test_gsm),
#endif
#ifdef WITH_OPUS
    cmocka_unit_test(test_opus),
#endif
#ifdef WITH_BCG729
    cmocka_unit_test(test_g729),
#endif
#ifdef WITH_AMRNB
    cmocka_unit_test(test_amr),
#endif
  };

  return cmocka_run_group_tests_name("audio_codec", tests, NULL, NULL);
}
