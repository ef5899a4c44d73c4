/*
 * FlowTexts: what has to be read of a message before it is shown: the phrase of a response, the
 * session description in short.
 *
 * Messages are read from the store when they are first shown; what was made of the newest of them
 * is kept.  Texts are as on the wire, not safe, but bounded.
 */
#pragma once

#include "dissect/trace/trace.h"

typedef struct {
  Slice phrase;    /* of a response; the registered one where it cannot be read */
  Slice sdp_short; /* "PCMU PCMA sendonly"; empty when there is no session description */
  Slice sdp_line;  /* "audio 192.0.2.1:4000 PCMU PCMA sendonly, video refused" */
} FlowText;

typedef struct FlowTexts FlowTexts;

FlowTexts *flow_texts_new(const StoreSet *stores);
void flow_texts_free(FlowTexts *texts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowTexts, flow_texts_free)

/* Until the next call. */
FlowText flow_texts_of(FlowTexts *texts, const Message *message);

/* Forgets all: messages may be gone, and others in their places. */
void flow_texts_reset(FlowTexts *texts);

/* Could all be read that was asked for? */
bool flow_texts_readable(const FlowTexts *texts);

/* Of a session description; both append nothing when it is none. */
void flow_text_append_sdp_short(GString *to, Slice octets);
void flow_text_append_sdp_line(GString *to, Slice octets);
