/*
 * The start-line (RFC 3261 7.1, 7.2), for sip_msg.c: read leniently, with what was wrong.
 */
#pragma once

#include "capture/slice.h"

enum {
  SIP_START_SPACES = 1 << 0,       /* not one SP between the parts, or blanks at the end */
  SIP_START_CUT = 1 << 1,          /* the octets end before the version does */
  SIP_START_VERSION_CASE = 1 << 2, /* sip/2.0 */
  SIP_START_VERSION = 1 << 3,      /* not 2.0 */
  SIP_START_STATUS = 1 << 4,       /* not three digits, or not 100 to 699 */
  SIP_START_NO_REASON_SP = 1 << 5, /* nothing stands between status and line end */
};

typedef struct {
  bool is_request;
  Slice method;    /* of a request */
  Slice uri;       /* trimmed, may be anything */
  unsigned status; /* of a response: SIP_STATUS_UNREADABLE where SIP_START_STATUS is set */
  Slice reason;
  unsigned flaws; /* SIP_START_... */
} SipStart;

/*
 * Reads a line without its line end.  `cut`: it had none.  False when it is no start-line; then
 * *ret_start means nothing (a copy at the end would cost every message 30 ns).
 */
bool sip_start_parse(Slice line, bool cut, SipStart *ret_start);

/* Octets of fillers at the start: CR, LF, NUL, SP, HTAB. */
size_t sip_start_fillers(Slice octets);
