/*
 * CallNoise: what differs in every call, and is ignored when two calls are compared: Call-ID, tags
 * and branches, dates, ports, nonces, names of streams.
 *
 * The *plain* form of a text is the text without that; it is compared, and never shown.  Pure; the
 * result is in the arena, or a slice of the text; the cost is bounded for any text.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_names.h"

/* Is this header field ignored? */
bool call_noise_is_header(SipHeader header);

/* The plain value of a header field.  In Contact and unknown header fields words that look like ids
 * are ignored, too. */
Slice call_noise_plain_value(Arena *arena, SipHeader header, Slice value);

/* The plain line of a session description; absent: the line is ignored. */
Slice call_noise_plain_sdp(Arena *arena, Slice line);
