/*
 * Where may a message begin in octets of which nothing is known?  For sip_frame.c.
 *
 * Bodies, logs and other protocols hold lines that resemble start-lines, so that more is
 * asked for here than of a message that is known to begin: an exact start-line
 * (RFC 3261 7.1, 7.2), and behind it a line that begins like a header field.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  SIP_RESYNC_NO,
  SIP_RESYNC_MORE, /* not to be told before there are more octets */
  SIP_RESYNC_YES,
} SipResync;

/*
 * Judges a line start.  `line_end` is behind the first line's LF, or 0 when that is not there.
 * `lenient`: the place itself is likely (the first octets, or those behind a hole), so any
 * start-line will do.
 */
SipResync sip_resync_check(Slice octets, size_t line_end, bool lenient);
