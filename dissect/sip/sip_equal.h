/*
 * Do two messages say the same in a header field (RFC 3261 7.3.1)?
 *
 * Long or compact name, any rows and folds: what counts are the values in their order, each
 * compared as its grammar wants: URIs as URIs (19.1.4), tokens in any case, quoted strings and
 * free text exactly, parameters in any order.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

/* Also true when neither message has it.  Not for SIP_HEADER_OTHER. */
bool sip_header_equal(const SipMsg *a, const SipMsg *b, SipHeader header);

/* Two single values of that header field. */
bool sip_value_equal(SipHeader header, Slice a, Slice b);
