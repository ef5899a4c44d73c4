/*
 * Playback control of GB/T 28181-2022 annex B: MANSRTSP, a few lines of RTSP (RFC 2326) in the body
 * of INFO: PLAY with Scale and Range, PAUSE, TEARDOWN, and the status line that answers.  Pure.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

enum { GB_PLAY_TEXT_MAX = 96 };

typedef struct {
  Slice method;      /* PLAY; absent: it is a response */
  uint32_t status;   /* of a response */
  Slice cseq, scale; /* absent: no such line */
  Slice range;       /* the part after "npt=" or "clock=", to the end */
  bool is_npt;       /* it counts from the beginning of the recording */
} GbPlay;

/* False if its first line is neither a request nor a status line of RTSP. */
bool gb_play_read(Slice body, GbPlay *ret_play);

/* The same of the content of a message with that type. */
bool sip_msg_gb_play(const SipMsg *msg, GbPlay *ret_play);

/* "pause", "play at 2x", "seek to 00:10:00, play at 0.5x", "RTSP 200".  What cannot be read of a
 * line is said.  Returns `text`. */
const char *gb_play_format(const GbPlay *play, char text[GB_PLAY_TEXT_MAX]);
