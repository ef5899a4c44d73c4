/*
 * FirstHop: the hop of a call that is nearest to its caller, and the messages on it.
 */
#pragma once

#include "dissect/diagnose/call_path.h"

/* The branch of the request that decided the outcome; else of the last request of the method that
 * began the call.  NULL: none was captured. */
const Branch *first_hop_find(const Call *call, const CallSummary *summary, const CallPath *path);

/* Its two ends; ports count only where both are on one host. */
typedef struct {
  const Trace *trace;
  uint32_t from, to; /* trace_endpoint */
} FirstHop;

/* 1: sent from `from` to `to`; -1: the other way; 0: not on this hop. */
int first_hop_direction(const FirstHop *hop, const Message *message);
