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
  MediaKind kind;    /* of an announced one; MEDIA_OTHER: not known */
  const char *codec; /* of the payload type with the most packets; NULL: not known */
  bool is_mixed;     /* and that type became another codec meanwhile: this one was so for longest */
  const char *fmtp;  /* "" without */
  uint32_t clock_rate; /* 0: not known, or not always the same */
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

/* How long a digit of the stream lasted; false if its clock rate is not known.  `owner`: of the
 * stream, or NULL. */
bool stream_digit_duration(const RtpStream *stream, const MediaOwner *owner, const RtpDigit *digit,
                           int64_t *ret_ns);

/* The stream as a query for MediaBook. */
MediaFlow stream_flow(const RtpStream *stream);

/* The row of a payload type in the receiver's description, else in the sender's, as it was first
 * agreed on; NULL if it is in none. */
const MediaPayload *stream_agreed_payload(const MediaOwner *owner, uint8_t payload_type);

/* The same as it was in force at that time, or before. */
const MediaPayload *stream_payload_at(const MediaOwner *owner, uint8_t payload_type,
                                      int64_t time_ns);
