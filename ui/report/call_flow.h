/*
 * CallFlow: a call as columns and rungs, for the formats of `flow`.
 *
 * A format is one file with a FlowFormat, and one row of REPORTS.  A call may have a million
 * messages, so everything is done some rungs at a time.
 */
#pragma once

#include "ui/report/report.h"
#include "ui/show/flow_media.h"
#include "ui/show/flow_nodes.h"
#include "ui/show/flow_rungs.h"

struct CallFlow {
  const Call *call;   /* the first */
  const Call **calls; /* all: several if they are merged */
  size_t call_count;
  int64_t start_ns, end_ns; /* of all */
  FlowRungs *rungs;
  FlowNodes *nodes; /* NULL: a column is an endpoint */
  size_t message_count;
  GArray *streams;    /* FlowStream, by time; none if the format does not show them */
  GArray *alone;      /* Endpoint: ends of streams that have columns of their own, the last ones */
  size_t rung_count;  /* messages and streams */
  uint32_t *messages; /* by rung: how many messages are before it */
  Slice *labels;      /* by rung: "INVITE (PCMU PCMA)", "180 Ringing"; as on the wire, not safe */
  Slice *briefs;      /* by stream: shorter labels */
  Slice *columns;     /* names of nodes or endpoints, in order of appearance */
  Slice *roles;       /* by column, absent where it is not known; NULL: they are not shown */
  size_t column_count;
  void *state; /* of the format, in report->scratch */

  size_t taken, labelled, measured, put; /* rungs done */
};

typedef struct {
  const Message *message; /* or else: */
  const FlowStream *stream;
  int64_t time_ns;
  uint32_t from, to; /* columns */
  Slice label;
  Slice brief; /* of a stream */
} CallFlowRung;

typedef struct {
  bool by_port; /* a column is an endpoint, not a node */
  bool streams; /* RTP streams are rungs */
  bool roles;   /* of the endpoints of one call */
  bool codecs;  /* labels have codecs and directions, not "(SDP)" */
  void (*begin)(Report *report, CallFlow *flow);
  void (*measure)(Report *report, CallFlow *flow,
                  size_t rung); /* each, before any is put; or NULL */
  void (*put)(Report *report, CallFlow *flow, size_t first, size_t count);
  void (*end)(Report *report, CallFlow *flow); /* or NULL */
} FlowFormat;

/* A step of writing a call, or with setup.merge all: true while there is more to do.  Messages that
 * a call gets meanwhile are left out. */
bool call_flow_step(Report *report, const Call *call, const FlowFormat *format);
void call_flow_free(CallFlow *flow);

CallFlowRung call_flow_rung(Report *report, const CallFlow *flow, size_t index);

/* The call as a ladder; as JSON.  A step, as above. */
bool flow_text(Report *report, const Call *call);
bool flow_ladder(Report *report, const Call *call); /* without a heading */
bool flow_json(Report *report, const Call *call);

extern const ReportOps FLOW_MERMAID, FLOW_PLANTUML;
