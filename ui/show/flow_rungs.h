/*
 * FlowRungs: the messages of one or more calls, in the order of their frames: what every ladder is
 * made of, on the screen and in reports; and what a rung says.
 *
 * Messages are taken one by one, each call's in the order of its list, and the trace may grow
 * meanwhile.  A message that was completed late comes out of order: it is set aside until
 * flow_rungs_settle moves all of those to their places, which costs as much as the rungs behind.
 *
 * Calls are held by number.  Messages are borrowed from the trace: after the trace was fed,
 * flow_rungs_sync must drop those of evicted calls before any of them is used.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/format.h"

/* Maximum number of calls. */
enum { FLOW_CALLS_MAX = 10000 };

typedef struct {
  const Message *message;
  uint32_t copies : 31; /* number of later copies that can be folded into it */
  uint32_t is_copy : 1; /* it can be folded itself */
  uint16_t from, to;    /* endpoints of FlowColumns; all but `message` is set by FlowModel */
} FlowRung;

typedef struct FlowRungs FlowRungs;

FlowRungs *flow_rungs_new(const Trace *trace);
void flow_rungs_free(FlowRungs *rungs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowRungs, flow_rungs_free)

/* Adds a call by its number; false if there is no such call, or if there are too many. */
bool flow_rungs_add_call(FlowRungs *rungs, uint32_t number);
bool flow_rungs_has_call(const FlowRungs *rungs, uint32_t number);
size_t flow_rungs_call_count(const FlowRungs *rungs);
uint32_t flow_rungs_call_at(const FlowRungs *rungs, size_t index);
/* The numbers of all (uint32_t); freed with g_array_unref. */
GArray *flow_rungs_call_numbers(const FlowRungs *rungs);

/* Drops evicted calls; true if there were any, and then all rungs are gone, to be taken again. */
bool flow_rungs_sync(FlowRungs *rungs);

/* Appends the next message, or sets it aside if it is late; NULL if there is none yet. */
FlowRung *flow_rungs_take(FlowRungs *rungs);
/* How many were set aside, and where the first of them belongs: the number of rungs if there is
 * none. */
size_t flow_rungs_late_count(const FlowRungs *rungs);
size_t flow_rungs_late_place(const FlowRungs *rungs);
void flow_rungs_settle(FlowRungs *rungs);

/* Those in order; without what was set aside. */
size_t flow_rungs_count(const FlowRungs *rungs);
FlowRung *flow_rungs_at(const FlowRungs *rungs, size_t index);
/* Number of messages of all calls, taken or not. */
uint64_t flow_rungs_expected(const FlowRungs *rungs);

/* Index of the first rung that is not before the message. */
size_t flow_rungs_find(const FlowRungs *rungs, const Message *message);
/* The message of that number, or NULL if it was not taken. */
const Message *flow_rungs_message(const FlowRungs *rungs, uint32_t number);

/*
 * The label and marks of a message, and its session description in a few words.  FlowTexts reads
 * messages from the store when they are first shown, and keeps the texts of the latest ones.  Texts
 * are as on the wire, not safe, but of limited length.
 */

/* What follows the name: the reason phrase of a response; of an INFO its digit ("DTMF 5"), or what
 * it asks of a playback ("seek to 00:10:00"). */
void flow_label_append_phrase(GString *to, const SipMsg *msg);

/* "INVITE", "180 Ringing", "INFO DTMF 5": as on the wire, not safe. */
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
  Slice phrase;    /* see flow_label_append_phrase; the registered one if it cannot be read */
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
