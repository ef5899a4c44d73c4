/*
 * FirstHop: the hop of a call that is nearest to its caller, and the messages on it.
 */
#pragma once

#include "dissect/diagnose/call_path.h"

/* The branch of the try that the outcome is of; or else of the last request of the method that
 * began the call.  NULL: none was captured. */
const Branch *first_hop_find(const Call *call, const CallSummary *summary, const CallPath *path);

/* The two ends; of one host they are told by their ports. */
typedef struct {
  const Trace *trace;
  uint32_t from, to; /* trace_endpoint */
} FirstHop;

/* Which way along the hop: 1, -1, or 0 for another one. */
int first_hop_direction(const FirstHop *hop, const Message *message);
