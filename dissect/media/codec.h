/*
 * Codec: what the E-model needs of the audio codecs of RTP: packet times and impairment factors
 * (codec.def).  Decoders are in audio_codec.h.
 */
#pragma once

#include "capture/slice.h"
#include "dissect/media/emodel.h"

typedef struct {
  const char *name;  /* of a=rtpmap */
  uint32_t ptime_ms; /* unless a=ptime says another */
  const char *fmtp;  /* parameters that the row is for; "": any */
  EModelScale scale;
  double ie, bpl;     /* see EModelInput */
  const char *source; /* what the two are published for; "" if they are not */
} Codec;

/* By name, in any case, and by a=fmtp, which may be absent; NULL if it is not known. */
const Codec *codec_find(Slice name, Slice fmtp);

/* Formats that carry no speech of their own: telephone-event (RFC 4733), CN (RFC 3389), ... */
bool codec_is_event(Slice name);
bool codec_is_comfort_noise(Slice name);

/* The value of one parameter of a=fmtp ("mode-set=2; octet-align=1"); absent if it has none. */
Slice codec_parameter(Slice fmtp, Slice name);

size_t codec_count(void);
const Codec *codec_at(size_t index);
