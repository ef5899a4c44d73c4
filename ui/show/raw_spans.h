/*
 * The colours of a message's octets, for message_raw.c: read word by word, not by the parsers, so
 * that what no parser understands is coloured as far as it can be.  Linear in the octets.
 */
#pragma once

#include "ui/show/message_raw.h"

/* GArray of RawSpan; freed with g_array_unref. */
GArray *raw_spans_build(const SipMsg *sip);
