/* AudioDecoder: Opus (RFC 7587) by libopus, mixed down to mono. */
#include <glib.h>
#include <opus.h>

#include "dissect/media/audio_codec.h"

enum { SAMPLE_RATE = 48000, SAMPLES_MAX = 5760 }; /* 120 ms, RFC 6716 2.1.4 */
G_STATIC_ASSERT((int) SAMPLES_MAX <= (int) AUDIO_SAMPLES_MAX);

static void *opus_new(const MediaPayload *format)
{
  int error;

  (void) format;
  return opus_decoder_create(SAMPLE_RATE, 1, &error);
}

static size_t opus_payload_decode(void *state, Slice payload, int16_t *ret_samples)
{
  if (payload.len == 0) /* which would ask for concealment */
    return 0;
  int count = opus_decode(state, (const unsigned char *) payload.data, (opus_int32) payload.len,
                          ret_samples, SAMPLES_MAX, 0);
  return count > 0 ? (size_t) count : 0;
}

static void opus_state_free(void *state)
{
  opus_decoder_destroy(state);
}

const AudioDecoder OPUS_DECODER = {opus_new, opus_payload_decode, opus_state_free};
