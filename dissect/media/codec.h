/*
 * Codec: what is known of the audio codecs of RTP: clock and sample rates, packet times, and their
 * impairment factors for the E-model (codec.def).
 */
#pragma once

#include "capture/slice.h"
#include "dissect/media/emodel.h"

typedef struct {
  const char *name;     /* of a=rtpmap */
  uint32_t clock_rate;  /* of RTP timestamps; 0: as a=rtpmap says */
  uint32_t sample_rate; /* of the sound; 0: as the clock */
  uint32_t ptime_ms;    /* unless a=ptime says another */
  uint32_t frame_us;    /* the shortest packet; 0: one sample */
  const char *fmtp;     /* parameters that the row is for; "": any */
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
