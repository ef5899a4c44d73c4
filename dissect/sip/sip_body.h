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

/* Levels of multipart bodies that are read: what is deeper stays text. */
enum { SIP_MULTIPART_DEPTH_MAX = 8 };

/*
 * The session description: the content, or the first application/sdp part of a multipart one, at
 * any depth.  Absent when there is none or it is empty, and where the content is encoded still.
 */
Slice sip_msg_sdp(const SipMsg *msg);

/*
 * The first part of that media type, at any depth, as sip_msg_sdp; *ret_type: its Content-Type.
 */
Slice sip_msg_part(const SipMsg *msg, Slice type, Slice subtype, Slice *ret_type);

/*
 * Has any message a session description?  Decodes the content if there may be one in it, and
 * forgets it.  As every message is asked, only the first 16 KiB are decoded.
 */
bool sip_msg_has_sdp(const SipMsg *msg);

/*
 * The first multipart body that does not contain its boundary, or has none (RFC 2046 5.1.1), in the
 * content; NULL where there is none, and where that cannot be said: it is not whole, or encoded.
 */
const char *sip_msg_no_boundary(const SipMsg *msg);
