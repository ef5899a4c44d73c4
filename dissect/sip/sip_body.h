/*
 * The body of a message by its Content-Type (RFC 3261 7.4), and the parts of multipart bodies
 * (RFC 2046 5.1).  Pure; slices of what was given.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

/* Compares type and subtype of a Content-Type value, without case; blanks around "/" are fine. */
bool sip_media_type_is(Slice content_type, Slice type, Slice subtype);

/* The boundary of a multipart type, without quotes; empty for any other type. */
Slice sip_body_boundary(Slice content_type);

/*
 * Takes the bytes before the next delimiter line from *rest, and that line with the line end
 * before it.  The first call gives the preamble, then each gives a part: header rows, for a
 * SipHeaderIter whose `rest` it is, an empty line, and content.
 */
Slice sip_body_take_part(Slice *rest, Slice boundary);

/*
 * The session description: the body, or the first application/sdp part of a multipart body.
 * Absent when there is none or it is empty.
 */
Slice sip_msg_sdp(const SipMsg *msg);

bool sip_msg_has_sdp(const SipMsg *msg);
