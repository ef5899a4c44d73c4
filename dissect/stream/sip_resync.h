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
  SIP_RESYNC_MORE, /* the first line would do, the next one is not here yet */
  SIP_RESYNC_YES,
} SipResync;

/*
 * Judges octets that begin with a whole line.  `lenient`: the place itself is likely (the first
 * octets, or those behind a hole), so any start-line will do.
 */
SipResync sip_resync_check(Slice octets, bool lenient);

/* Does the line begin with the end of a registered method, as behind a hole ("NVITE sip:...")? */
bool sip_resync_is_tail(Slice line);

/*
 * A body need not end with its line, so a message may begin in the middle of one.  Where in the
 * line an exact start-line with a registered method begins; 0 when none does behind its start.
 */
size_t sip_resync_find(Slice line);
