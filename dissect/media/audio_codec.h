/*
 * AudioCodec: from the payload of an RTP packet to samples of sound.
 *
 * A codec is a row of a table: its name in a=rtpmap, the library that decodes it, and a const
 * record with the functions, which is absent where rung was built without that library.  Sound is
 * linear, 16 bits, mono: several channels become their mean.  What a payload says of its length is
 * checked before a library sees it.
 *
 * Events (RFC 4733) and comfort noise (RFC 3389) have no row: they are silence.
 */
#pragma once

#include "dissect/media/media_sdp.h"

enum {
  AUDIO_SAMPLES_MAX =
    48000,               /* of one packet: 1 s at 48 kHz; a payload that holds more is malformed */
  AUDIO_RATE_MIN = 4000, /* samples a second; a=rtpmap may name any 32-bit number */
  AUDIO_RATE_MAX = 192000,
};

typedef struct {
  /* `format`: name, clock rate, channels and fmtp count.  NULL: this variant is not supported.
   * Called by audio_decoder_new. */
  void *(*new)(const MediaPayload *format);
  /* Packets come in the order of their sequence numbers.  How many samples there are, also when
   * they are silence (SID frames); 0 when the payload is malformed. */
  size_t (*decode)(void *state, Slice payload, int16_t *ret_samples);
  void (*free)(void *state);
} AudioDecoder;

typedef struct {
  const char *name;            /* of a=rtpmap */
  const char *library;         /* "spandsp"; "": none is needed */
  uint32_t sample_rate;        /* of the sound; 0: the clock rate */
  const AudioDecoder *decoder; /* NULL: built without the library */
} AudioCodec;

/* By name, in any case; NULL when there is no decoder for it in any build. */
const AudioCodec *audio_codec_find(const char *name);

size_t audio_codec_count(void);
const AudioCodec *audio_codec_at(size_t index);

/* The state of a decoder, which its record frees; NULL when rung was built without the library, or
 * when the variant or the sample rate is not supported. */
void *audio_decoder_new(const AudioCodec *codec, const MediaPayload *format);

/* Loads what decoders would load when they are needed; before confine_process. */
void audio_codec_prepare(void);

/* Samples a second of what is decoded. */
uint32_t audio_sample_rate(const AudioCodec *codec, const MediaPayload *format);

/* Those of a library are absent where rung was built without it. */
extern const AudioDecoder MULAW_DECODER, ALAW_DECODER, L16_DECODER; /* audio_g711.c */
extern const AudioDecoder G722_DECODER, G726_DECODER, GSM_DECODER;  /* audio_spandsp.c */
extern const AudioDecoder OPUS_DECODER;                             /* audio_opus.c */
extern const AudioDecoder G729_DECODER;                             /* audio_bcg729.c */
extern const AudioDecoder AMR_DECODER;                              /* audio_amrnb.c */
extern const AudioDecoder AMR_WB_DECODER;                           /* audio_amrwb.c */
