/*
 * A digit in an INFO request: application/dtmf-relay ("Signal=5" and "Duration=160" on lines of
 * their own) and application/dtmf ("5").  No RFC defines them; gateways and phones send them.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

typedef struct {
  char digit;           /* "0123456789*#ABCD", '!' for a flash */
  uint32_t duration_ms; /* 0: not said */
} SipDigit;

/* The digit of the content, which must not be encoded still; false if it is none. */
bool sip_msg_digit(const SipMsg *msg, SipDigit *ret_digit);
