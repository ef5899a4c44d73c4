/*
 * SipStart: a start-line (RFC 3261 7.1, 7.2), for sip_msg.c and the framer of streams.
 *
 * Read leniently: what is wrong with it is in `flaws`.  Slices of the line.
 */
#pragma once

#include "capture/slice.h"

enum {
  SIP_START_SPACES = 1 << 0,       /* not one SP between the parts, or blanks at the end */
  SIP_START_CUT = 1 << 1,          /* the line ends before the version does */
  SIP_START_VERSION_CASE = 1 << 2, /* sip/2.0 */
  SIP_START_VERSION = 1 << 3,      /* not 2.0 */
  SIP_START_STATUS = 1 << 4,       /* not three digits, or not 100 to 699 */
  SIP_START_NO_REASON_SP = 1 << 5, /* no SP between status and line end */
};

typedef struct {
  bool is_request;
  Slice method;    /* of a request */
  Slice uri;       /* trimmed, not checked */
  unsigned status; /* of a response: SIP_STATUS_UNREADABLE where SIP_START_STATUS is set */
  Slice reason;
  unsigned flaws; /* SIP_START_... */
} SipStart;

/*
 * Reads a line without its line end.  `cut`: it had none.  False when it is not a start-line;
 * *ret_start is undefined then (a copy at the end would cost 30 ns per message).
 */
bool sip_start_parse(Slice line, bool cut, SipStart *ret_start);

/* Number of fillers at the start: CR, LF, NUL, SP, HTAB. */
size_t sip_start_fillers(Slice bytes);
