/*
 * FlowMedia: the RTP streams of the calls of a ladder, as rungs between its messages: one for each
 * stream, where it begins, and one for each of its RFC 4733 digits.
 *
 * Each end of a stream is drawn in the column of the node whose session description named it, or
 * else of a node of the call on the same host; else it has a column of its own.  Streams are held
 * by number: their records are replaced whenever the trace is fed.
 */
#pragma once

#include "dissect/trace/call_audio.h"
#include "ui/show/flow_rungs.h"

/* Of one ladder; those beyond are left out. */
enum { FLOW_STREAMS_MAX = 4096 };

#define FLOW_MEDIA_ALONE UINT32_MAX

typedef struct {
  uint32_t stream, call; /* numbers */
  uint32_t digit;        /* from 1; 0: the stream itself */
  int64_t time_ns;       /* of its first packet */
  Endpoint ends[2];      /* source, destination */
  uint32_t nodes[2];     /* Message.src of their nodes, or FLOW_MEDIA_ALONE */
} FlowStream;

/* How many streams and digits the calls have; a change says that flow_streams_find finds others. */
size_t flow_streams_count(const Trace *trace, const FlowRungs *rungs);

/* FlowStream, by time; one that belongs to several of the calls is there once. */
GArray *flow_streams_find(const Trace *trace, const FlowRungs *rungs);

/* Finds the streams of rungs; {0} at first.  Its list is that of one call, and no longer valid once
 * the trace is fed. */
typedef struct {
  GArray *list; /* CallStream; or NULL */
  uint32_t call;
} FlowStreamLookup;

/* The stream of a rung as it is now; NULL if it was discarded. */
const CallStream *flow_stream_look_up(FlowStreamLookup *lookup, const Trace *trace,
                                      const FlowStream *rung);
void flow_stream_lookup_clear(FlowStreamLookup *lookup);

/* "RTP PCMU 500 packets, 1.0 % lost, jitter 1.3 ms, MOS 4.10"; `brief`: "RTP PCMU, 1.0 % lost, MOS
 * 4.10"; of GB/T 28181 "RTP PS y=0100000001 500 packets, no loss"; of a digit: "DTMF 5, 160 ms".
 * `stream`: the one of the rung, or NULL if it was discarded. */
void flow_stream_append_label(GString *to, const FlowStream *rung, const CallStream *stream,
                              bool brief);

/* Its label is estimated to be so wide, so that streams do not widen a ladder. */
enum { FLOW_STREAM_LABEL = 18 };
