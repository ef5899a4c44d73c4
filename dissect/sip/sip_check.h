/*
 * SipCheck: everything that is wrong with one message, for when it is looked at (show, lint).
 *
 * sip_msg_parse reports what it notices while it reads; sip_check also reads the values of all
 * other header fields (RFC 3261 20, 25.1), which takes some microseconds.  Pure; linear in the
 * size of the message.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

enum { SIP_CHECK_MAX = 64 };

typedef struct {
  unsigned count;    /* all of them; only the first SIP_CHECK_MAX are kept */
  SipSeverity worst; /* NOTE when there are none */
  SipAnomaly items[SIP_CHECK_MAX];
} SipCheck;

/* First what sip_msg_parse kept of this message, then the new ones, in the order of the text. */
void sip_check(const SipMsg *msg, SipCheck *ret_check);

/* How many bytes of the message an anomaly is about: the word at its offset, 0 at the end. */
size_t sip_anomaly_len(const SipMsg *msg, const SipAnomaly *anomaly);

/* Does sip_check report an error?  Faster: it is asked of every message. */
bool sip_has_error(const SipMsg *msg);
