/* AudioDecoder: G.711 and L16 (RFC 3551 4.5.11, 4.5.14), one value a sample and channel. */
#include <glib.h>

#include "dissect/media/audio_codec.h"

enum { CHANNELS_MAX = 8 };

typedef int16_t ValueDecoder(const uint8_t *bytes);

typedef struct {
  ValueDecoder *value;
  size_t width; /* bytes of a value */
  size_t channels;
} Linear;

/* ITU-T G.711 table 2: sign, segment, interval; inverted; with a bias of 33 in units of 4. */
static int16_t mulaw_value(const uint8_t *bytes)
{
  enum { BIAS = 0x84 };
  uint8_t code = (uint8_t) ~*bytes;
  int magnitude = ((((code & 0xf) << 3) + BIAS) << (code >> 4 & 7)) - BIAS;

  return (int16_t) (code & 0x80 ? -magnitude : magnitude);
}

/* ITU-T G.711 table 1: sign, segment, interval; even bits inverted. */
static int16_t alaw_value(const uint8_t *bytes)
{
  uint8_t code = *bytes ^ 0x55;
  int segment = code >> 4 & 7;
  int magnitude = ((code & 0xf) << 4) + 8;

  if (segment > 0)
    magnitude = (magnitude + 0x100) << (segment - 1);
  return (int16_t) (code & 0x80 ? magnitude : -magnitude);
}

static int16_t l16_value(const uint8_t *bytes)
{
  return (int16_t) (bytes[0] << 8 | bytes[1]);
}

static void *linear_new(const MediaPayload *format, ValueDecoder *value, size_t width)
{
  if (format->channels > CHANNELS_MAX)
    return NULL;
  Linear *linear = g_new(Linear, 1);
  *linear = (Linear){value, width, MAX(format->channels, 1U)};
  return linear;
}

static void *mulaw_new(const MediaPayload *format)
{
  return linear_new(format, mulaw_value, 1);
}

static void *alaw_new(const MediaPayload *format)
{
  return linear_new(format, alaw_value, 1);
}

static void *l16_new(const MediaPayload *format)
{
  return linear_new(format, l16_value, 2);
}

/* A rest that makes no sample is left out. */
static size_t linear_decode(void *state, Slice payload, int16_t *ret_samples)
{
  const Linear *linear = state;
  const uint8_t *at = (const uint8_t *) payload.data;
  size_t count = payload.len / (linear->width * linear->channels);

  if (count > AUDIO_SAMPLES_MAX)
    return 0;
  for (size_t i = 0; i < count; i++) {
    int sum = 0;
    for (size_t channel = 0; channel < linear->channels; channel++, at += linear->width)
      sum += linear->value(at);
    ret_samples[i] = (int16_t) (sum / (int) linear->channels);
  }
  return count;
}

const AudioDecoder MULAW_DECODER = {mulaw_new, linear_decode, g_free};
const AudioDecoder ALAW_DECODER = {alaw_new, linear_decode, g_free};
const AudioDecoder L16_DECODER = {l16_new, linear_decode, g_free};
