/*
 * FlowExtend: looks for the calls that belong to some others, in slices: legs of one conversation
 * across back-to-back user agents.
 *
 * What two calls say of each other themselves is a fact: one names the other's Call-ID (X-Call-ID,
 * X-CID), or both have a Session-ID (RFC 7989).  Equal users in From and To of an INVITE that came
 * while the other call was there are a hint.  Only first messages are read.
 */
#pragma once

#include "dissect/trace/trace.h"

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

/* Numbers of calls (uint32_t) that belong to the others, and of those that may. */
const GArray *flow_extend_facts(const FlowExtend *extend);
const GArray *flow_extend_hints(const FlowExtend *extend);
