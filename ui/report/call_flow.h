/*
 * CallFlow: a call as columns and rungs: what a ladder is built of, and what `flow` gives as JSON.
 */
#pragma once

#include "ui/report/report.h"

typedef struct {
  const Message *message;
  uint32_t from, to; /* columns */
  Slice label;       /* "INVITE (SDP)", "180 Ringing"; as on the wire, not safe */
} Rung;

typedef struct {
  Slice *columns; /* texts of the endpoints, in order of appearance */
  size_t column_count;
  Rung *rungs; /* in the order of their frames */
  size_t rung_count;
} CallFlow;

/* Allocates in report->scratch; reads the responses again for their phrases. */
CallFlow call_flow_build(Report *report, const Call *call);
