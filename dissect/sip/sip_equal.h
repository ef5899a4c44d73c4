/*
 * Equality of URIs (RFC 3261 19.1.4) and of header fields (RFC 3261 7.3.1).
 *
 * Two messages have equal header fields whatever the spelling: long or compact names, any rows
 * and folds.  What counts are the values in their order, each compared by its grammar: URIs as
 * URIs, tokens without case, quoted strings and free text exactly, parameters in any order.
 * Pure; linear but for the parameters of one value, of which at most 64 are compared.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

/*
 * Do two URIs mean the same?  Other schemes than sip and sips are compared byte by byte, except
 * for the case of the scheme; so is text that is not a URI.
 */
bool sip_uri_equal(Slice a, Slice b);

/* Byte by byte, but %HH of an unreserved character is that character (RFC 3261 19.1.4). */
bool sip_escaped_equal(Slice a, Slice b, bool any_case);

/* Also true when neither message has the field.  Not for SIP_HEADER_OTHER. */
bool sip_header_equal(const SipMsg *a, const SipMsg *b, SipHeader header);

/* Two single values of that header field. */
bool sip_value_equal(SipHeader header, Slice a, Slice b);
