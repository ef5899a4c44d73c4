/*
 * SipCheck: everything that is wrong with one message, for those who look at it (show, lint).
 *
 * sip_msg_parse says what it sees on its way; this reads the values of the other header fields
 * as well, which costs some microseconds.  Linear in the size of the message.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

enum { SIP_CHECK_MAX = 64 };

typedef struct {
  unsigned count;    /* those beyond SIP_CHECK_MAX are not kept, but counted */
  SipSeverity worst; /* NOTE when there are none */
  SipAnomaly items[SIP_CHECK_MAX];
} SipCheck;

/* What sip_msg_parse kept of this message comes first, then what is found now, as it stands. */
void sip_check(const SipMsg *msg, SipCheck *ret_check);
