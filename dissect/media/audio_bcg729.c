/* AudioDecoder: G.729 with annexes A and B (RFC 3551 4.5.6) by bcg729. */
#include <bcg729/decoder.h>
#include <glib.h>

#include "dissect/media/audio_codec.h"

enum { FRAME = 10, SID_FRAME = 2, FRAME_SAMPLES = 80 };

static void *g729_new(const MediaPayload *format)
{
  return format->channels > 1 ? NULL : initBcg729DecoderChannel();
}

static void decode_frame(void *state, Slice frame, int16_t *ret_samples)
{
  bool is_sid = frame.len == SID_FRAME;

  bcg729Decoder(state, (const uint8_t *) frame.data, (uint8_t) frame.len, 0, is_sid, 0,
                ret_samples);
  if (is_sid) /* the decoder must know it, but its noise is silence here */
    memset(ret_samples, 0, FRAME_SAMPLES * sizeof *ret_samples);
}

/* Frames of speech; the last one may be of comfort noise (annex B). */
static size_t g729_payload_decode(void *state, Slice payload, int16_t *ret_samples)
{
  size_t rest = payload.len % FRAME;
  size_t frames = payload.len / FRAME + (rest > 0 ? 1 : 0);

  if ((rest != 0 && rest != SID_FRAME) || frames > AUDIO_SAMPLES_MAX / FRAME_SAMPLES)
    return 0;
  for (size_t i = 0; i < frames; i++)
    decode_frame(state, slice_head(slice_from(payload, i * FRAME), FRAME),
                 ret_samples + i * FRAME_SAMPLES);
  return frames * FRAME_SAMPLES;
}

static void g729_state_free(void *state)
{
  closeBcg729DecoderChannel(state);
}

const AudioDecoder G729_DECODER = {g729_new, g729_payload_decode, g729_state_free};
