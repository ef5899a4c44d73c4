/*
 * What a body is (RFC 3261 7.4), as far as the message around it tells.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

/* Type and subtype of a Content-Type value, in any case and with blanks around "/". */
bool sip_media_type_is(Slice content_type, Slice type, Slice subtype);

/* The boundary of a multipart type, without quotes; empty when it is none. */
Slice sip_body_boundary(Slice content_type);

/*
 * The octets before the next delimiter line, without the line end that belongs to it; *rest goes
 * on behind that line.  First comes the preamble; then each part, its own header rows first
 * (RFC 2046 5.1), for a SipHeaderIter whose rest it is.
 */
Slice sip_body_take_part(Slice *rest, Slice boundary);

/*
 * The session description: the body, or the first application/sdp part of a multipart body
 * (RFC 2046 5.1).  Absent when there is none or it is empty.
 */
Slice sip_msg_sdp(const SipMsg *msg);

bool sip_msg_has_sdp(const SipMsg *msg);
