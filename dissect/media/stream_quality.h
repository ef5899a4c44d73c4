/*
 * StreamQuality: what a stream is and how it sounded: its counters, together with the session
 * description that announced it.
 */
#pragma once

#include "dissect/media/media_book.h"
#include "dissect/media/rtp_stream.h"

enum { QUALITY_BASIS_MAX = 160 };

typedef struct {
  bool is_announced;
  MediaKind kind;      /* of an announced one; MEDIA_OTHER: not known */
  const char *codec;   /* of the payload type with the most packets; NULL: not known */
  const char *fmtp;    /* "" without */
  uint32_t clock_rate; /* 0: not known */
  bool is_srtp;
  bool has_jitter;
  double jitter_ms, max_jitter_ms;
  double loss_percent;
  bool has_mos;
  double mos, rating; /* E-model; MOS from 1 to 4.5, in hundredths */
  /* What the MOS rests on: scale, codec, delay; or why there is none. */
  char basis[QUALITY_BASIS_MAX];
} StreamQuality;

/* `owner`: NULL when no description announced it.  `opposite`: the stream back, or NULL. */
void stream_quality_measure(const RtpStream *stream, const MediaOwner *owner,
                            const RtpStream *opposite, StreamQuality *ret_quality);

/* The stream as the book is asked for it. */
MediaFlow stream_flow(const RtpStream *stream);

/* The row of a payload type in the description of who gets the stream, or of who sends it where
 * that is all that is known; NULL: it is not in there. */
const MediaPayload *stream_agreed_payload(const MediaOwner *owner, uint8_t payload_type);
