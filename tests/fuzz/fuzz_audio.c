/*
 * Payloads of the audio codecs: the first byte chooses the codec and whether a=fmtp says
 * octet-align, the second how long each payload is; the rest is decoded, packet by
 * packet.
 */
#include <glib.h>

#include "dissect/media/audio_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode_all(const AudioDecoder *decoder, void *state, Slice payloads, size_t length)
{
  g_autofree int16_t *samples = g_new(int16_t, AUDIO_SAMPLES_MAX);

  while (payloads.len > 0) {
    /* A block of its exact size, so that a read past its end is seen. */
    Slice payload = slice_head(payloads, length);
    g_autofree char *copy = g_memdup2(payload.data, payload.len);
    g_assert(decoder->decode(state, slice_of(copy, payload.len), samples) <= AUDIO_SAMPLES_MAX);
    payloads = slice_from(payloads, length);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  const AudioCodec *codec = audio_codec_at(data[0] % audio_codec_count());
  const MediaPayload format = {
    .name = codec->name,
    .clock_rate = 8000,
    .channels = data[0] >> 6,
    .fmtp = data[0] & 0x20 ? "octet-align=1" : "",
  };
  void *state = audio_decoder_new(codec, &format);
  if (!state)
    return 0;
  decode_all(codec->decoder, state, slice_of((const char *) data + 2, size - 2), data[1] + 1U);
  codec->decoder->free(state);
  return 0;
}
