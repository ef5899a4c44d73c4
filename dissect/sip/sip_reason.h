/* Why a message was sent: its Reason (RFC 3326), or the cause in an ISUP body. */
#pragma once

#include "dissect/sip/sip_msg.h"

typedef struct {
  Slice protocol; /* "Q.850", "SIP" */
  uint32_t cause;
  Slice text; /* in its quotes, or absent */
  bool is_of_isup;
} SipReason;

/* The first Reason with a cause, or else that of ISUP; false if there is none. */
bool sip_msg_reason(const SipMsg *msg, SipReason *ret_reason);

bool sip_reason_is_q850(const SipReason *reason);

/* Is it a fault, and not how calls usually end? */
bool sip_reason_is_error(const SipReason *reason);
