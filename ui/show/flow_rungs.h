/*
 * FlowRungs: the messages of one or more calls, in the order of their frames: what every ladder is
 * made of, on the screen and in reports.
 *
 * Messages are taken one by one, each call's in the order of its list, and the trace may grow
 * meanwhile.  A message that was completed late comes out of order: flow_rungs_place moves it for
 * those who show rungs at once, flow_rungs_sort sorts all of them for those who do not.
 *
 * Calls are held by number.  Messages are borrowed from the trace: after the trace was fed,
 * flow_rungs_sync must drop those of evicted calls before any of them is used.
 */
#pragma once

#include "dissect/trace/trace.h"

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
size_t flow_rungs_call_count(const FlowRungs *rungs);
uint32_t flow_rungs_call_at(const FlowRungs *rungs, size_t index);

/* Drops evicted calls; true if there were any, and then all rungs are gone, to be taken again. */
bool flow_rungs_sync(FlowRungs *rungs);

/* Appends the next message; NULL if there is none yet. */
FlowRung *flow_rungs_take(FlowRungs *rungs);
/* Moves the newest rung to its place among the others, and returns the place. */
size_t flow_rungs_place(FlowRungs *rungs);
/* Sorts all rungs. */
void flow_rungs_sort(FlowRungs *rungs);

size_t flow_rungs_count(const FlowRungs *rungs);
FlowRung *flow_rungs_at(const FlowRungs *rungs, size_t index);
/* Number of messages of all calls, taken or not. */
uint64_t flow_rungs_expected(const FlowRungs *rungs);

/* Index of the first rung that is not before the message; rungs must be in order. */
size_t flow_rungs_find(const FlowRungs *rungs, const Message *message);
