/*
 * A message as a rung of a ladder: its place, its label and its marks.  What the ladder in a
 * terminal and the one in text have in common.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/format.h"
#include "ui/show/text.h"

/* Where a message stands: at its frame, though it may have been completed late.  Negative when `a`
 * comes before `b`; 0 for the same message alone. */
int flow_rung_compare(const Message *a, const Message *b);

/* "INVITE", "180 Ringing": as on the wire, not safe.  `phrase`: what a response says. */
void flow_rung_append_name(GString *to, const Trace *trace, const Message *message, Slice phrase);

/* The same with " (SDP)" where the message has a session description. */
void flow_rung_append_label(GString *to, const Trace *trace, const Message *message, Slice phrase);

/* LADDER_RETRANSMISSION ... */
unsigned flow_rung_marks(const Message *message);

/* Times between those two: without their date where it is the same for all, and with as many
 * digits as the width allows. */
void flow_rung_fit_clock(Clock *clock, int64_t start_ns, int64_t end_ns, unsigned width);

/* The column an endpoint has: "10.0.0.1:5060". */
void flow_rung_append_endpoint(GString *to, const Endpoint *endpoint);
