/*
 * CallFlow: a call as columns and rungs: what a ladder is built of, and what `flow` gives as JSON.
 *
 * It is built, and then put, some rungs at a time: a call may have a million of them.
 */
#pragma once

#include "ui/report/report.h"

typedef struct FlowText FlowText;

typedef struct {
  const Message *message;
  uint32_t from, to; /* columns */
  Slice label;       /* "INVITE (SDP)", "180 Ringing"; as on the wire, not safe */
} Rung;

struct CallFlow {
  size_t rung_count;
  Rung *rungs; /* in the order of their frames */
  size_t column_count;
  Slice *columns; /* texts of the endpoints, in order of appearance; when all rungs are built */

  size_t put;     /* rungs, by who puts them one after the other */
  FlowText *text; /* of who puts a ladder; or NULL */

  /* Its own. */
  const Message *next; /* to be collected */
  bool unsorted;
  size_t collected, built;
};

/*
 * The flow of the call that is put (report->flow), which is built some further; NULL while more of
 * that is to do.  Responses are read again for their phrases; messages that the call gets later are
 * none of it.  All of it is in report->scratch.
 */
CallFlow *call_flow_built(Report *report, const Call *call);
