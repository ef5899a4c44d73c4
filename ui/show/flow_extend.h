/*
 * FlowExtend: looks for the calls that belong to some others, in slices: legs of one conversation
 * across back-to-back user agents, transfers and those who were transferred.
 *
 * Of each call its first message and its REFERs are read (flow_kin.h).  Hints besides: an INVITE
 * with the users of the other; with one of them, when a host sends it that the other went to.
 * Only calls are looked at that were there while the others were, or a little before or behind.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/show/flow_kin.h"

/* So many calls at most are looked for, and found. */
enum { FLOW_EXTEND_MAX = 256 };

typedef struct FlowExtend FlowExtend;

typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  const uint32_t *calls; /* numbers; copied */
  size_t count;
} FlowExtendSetup;

FlowExtend *flow_extend_new(const FlowExtendSetup *setup);
void flow_extend_free(FlowExtend *extend);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowExtend, flow_extend_free)

/* A slice; true while more is to do. */
bool flow_extend_step(FlowExtend *extend, int64_t until_us);
double flow_extend_progress(const FlowExtend *extend);

/* FlowKin: calls that belong to the others, and those that may. */
const GArray *flow_extend_facts(const FlowExtend *extend);
const GArray *flow_extend_hints(const FlowExtend *extend);
