/*
 * RtpFrame: how RTP and RTCP packets lie in a stream of bytes, and whether a stream is one of them.
 * Pure functions over bytes.
 *
 * Two framings: the length of each packet before it (RFC 4571), or "$", a channel and the length,
 * with messages of RTSP between the packets (RFC 2326 10.12).  A connection for media may also have
 * STUN and DTLS in such frames (RFC 7983 7), and null packets.
 */
#pragma once

#include "dissect/net/rtp.h"

typedef enum {
  RTP_FRAMING_NONE,
  RTP_FRAMING_LENGTH,
  RTP_FRAMING_INTERLEAVED,
} RtpFraming;

enum {
  RTP_FRAME_HEADER = 16,                /* bytes, at most, that show what a frame is */
  RTP_GUESS_MAX = 2 * (4 + 65535) + 16, /* bytes in which a stream must show what it is */
};

typedef enum {
  RTP_FRAME_NO,    /* this is no such frame */
  RTP_FRAME_MORE,  /* its first bytes are not all here */
  RTP_FRAME_MEDIA, /* RTP: `ssrc` and `seq` are set */
  RTP_FRAME_OTHER, /* RTCP, STUN, DTLS, or a null packet */
} RtpFrameKind;

typedef struct {
  size_t prefix; /* bytes before the packet */
  size_t length; /* with the prefix; 0: not known yet */
  uint32_t ssrc;
  uint16_t seq;
} RtpFrame;

/* The frame that begins here; *ret_frame is set in any case. */
RtpFrameKind rtp_frame_read(Slice bytes, RtpFraming framing, RtpFrame *ret_frame);

typedef enum {
  RTP_GUESS_NO,
  RTP_GUESS_MORE, /* it may be; at most RTP_GUESS_MAX bytes are asked for */
  RTP_GUESS_YES,
} RtpGuess;

/* Is a stream that begins with these bytes RTP: three packets of one SSRC whose sequence numbers
 * rise, in frames that follow one another? */
RtpGuess rtp_guess(Slice bytes, RtpFraming *ret_framing);

/* Are these frames, one after the other?  The last may be cut, but not the only one; one is RTP. */
bool rtp_frames_fit(Slice bytes, RtpFraming framing);

/* Is the first line, which must be whole, one of RTSP/1 or RTSP/2 (RFC 2326 6, 7; RFC 7826)? */
bool rtsp_begins(Slice bytes);
