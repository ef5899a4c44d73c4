/*
 * What a rung says: the label and marks of a message, and its session description in a few words.
 *
 * FlowTexts reads messages from the store when they are first shown, and keeps the texts of the
 * latest ones.  Texts are as on the wire, not safe, but of limited length.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/format.h"

/* "INVITE", "180 Ringing": as on the wire, not safe.  `phrase`: the reason phrase of a response. */
void flow_label_append_name(GString *to, const Trace *trace, const Message *message, Slice phrase);

/* The same, followed by " (SDP)" if the message has a session description. */
void flow_label_append(GString *to, const Trace *trace, const Message *message, Slice phrase);

/* LADDER_RETRANSMISSION ... */
unsigned flow_label_marks(const Message *message);

/* Sets date and digits of the clock for a ladder of that width: no date if it is the same for
 * all. */
void flow_fit_clock(Clock *clock, int64_t start_ns, int64_t end_ns, unsigned width);

/* Of a session description; appends nothing if it is not one. */
void flow_label_append_sdp(GString *to, Slice sdp);      /* "sendonly PCMU PCMA" */
void flow_label_append_sdp_line(GString *to, Slice sdp); /* see FlowText */

typedef struct {
  Slice phrase;    /* of a response; the registered one if it cannot be read */
  Slice sdp_short; /* "sendonly PCMU PCMA"; empty without a session description */
  size_t hold_len; /* of it: "sendonly", or 0 */
  Slice sdp_line;  /* "audio sendonly 192.0.2.1:4000 PCMU PCMA, video refused" */
} FlowText;

typedef struct FlowTexts FlowTexts;

FlowTexts *flow_texts_new(const StoreSet *stores);
void flow_texts_free(FlowTexts *texts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowTexts, flow_texts_free)

/* Valid until the next call. */
FlowText flow_texts_of(FlowTexts *texts, const Message *message);

/* Forgets all texts: messages may be gone, and others in their places. */
void flow_texts_reset(FlowTexts *texts);

/* Could all requested messages be read? */
bool flow_texts_readable(const FlowTexts *texts);
