/*
 * CallNoise: what differs in every call, and so is no difference between two of them: Call-ID, tags
 * and branches, dates, ports, nonces, names of streams.
 *
 * A *plain* text is what is left of one without that: it is compared, and never shown.  Pure;
 * in the arena, or a slice of the text; the cost is bounded for any text.
 */
#pragma once

#include "capture/arena.h"
#include "dissect/sip/sip_names.h"

/* Is nothing of that header field compared? */
bool call_noise_is_header(SipHeader header);

/* What is compared of a value of it.  Of one that is not known, words that look like ids are left
 * out, too. */
Slice call_noise_plain_value(Arena *arena, SipHeader header, Slice value);

/* What is compared of a line of a session description; absent: nothing. */
Slice call_noise_plain_sdp(Arena *arena, Slice line);
