#include "ui/report/call_flow.h"

#include "capture/error.h"
#include "dissect/sip/sip_body.h"
#include "ui/report/subcommand.h"
#include "ui/show/flow_rungs.h"

enum { CHUNK = 128 }; /* rungs in one step */

static void add_call(Report *report, CallFlow *flow, const Call *call)
{
  if (!flow_rungs_add_call(flow->rungs, call->number)) {
    if (!report->error)
      g_set_error(&report->error, APP_ERROR, APP_ERROR_IO,
                  "only the first %d calls are in the ladder", FLOW_CALLS_MAX);
    return;
  }
  bool first = flow->call_count == 0;
  flow->calls[flow->call_count++] = call;
  flow->rung_count += call->messages;
  flow->start_ns = first ? call->start_ns : MIN(flow->start_ns, call->start_ns);
  flow->end_ns = first ? call->end_ns : MAX(flow->end_ns, call->end_ns);
}

static CallFlow *flow_new(Report *report, const Call *call, const FlowFormat *format)
{
  size_t most = report->setup.merge ? MIN(report_call_count(report), (size_t) FLOW_CALLS_MAX) : 1;
  CallFlow *flow = g_new0(CallFlow, 1);

  flow->call = call;
  flow->calls = arena_alloc(&report->scratch, most * sizeof *flow->calls);
  flow->rungs = flow_rungs_new(report->trace);
  if (!format->by_port)
    flow->nodes = flow_nodes_new(report->trace, report->stores);
  if (!report->setup.merge)
    add_call(report, flow, call);
  for (size_t i = 0; report->setup.merge && i < report_call_count(report); i++) {
    const Call *one = report_call_at(report, i);
    if (one)
      add_call(report, flow, one);
  }
  flow->labels = arena_alloc(&report->scratch, flow->rung_count * sizeof(Slice));
  endpoint_set_reset(&report->endpoints);
  return flow;
}

void call_flow_free(CallFlow *flow)
{
  if (!flow)
    return;
  flow_rungs_free(flow->rungs);
  flow_nodes_free(flow->nodes);
  g_free(flow);
}

static void take_some(CallFlow *flow)
{
  for (unsigned i = 0; i < CHUNK && flow->taken < flow->rung_count; i++) {
    FlowRung *rung = flow_rungs_take(flow->rungs);

    g_assert(rung);
    if (flow->nodes)
      flow_nodes_note(flow->nodes, rung->message);
    flow->taken++;
  }
  if (flow->taken == flow->rung_count)
    flow_rungs_settle(flow->rungs);
}

/* The column of an endpoint. */
static uint32_t column_of(Report *report, const CallFlow *flow, uint32_t endpoint)
{
  return endpoint_set_add(&report->endpoints,
                          flow->nodes ? flow_nodes_first(flow->nodes, endpoint) : endpoint);
}

static void name_columns(Report *report, CallFlow *flow)
{
  const EndpointSet *set = &report->endpoints;

  flow->column_count = endpoint_set_count(set);
  flow->columns = arena_alloc(&report->scratch, flow->column_count * sizeof(Slice));
  for (size_t i = 0; i < flow->column_count; i++) {
    uint32_t id = g_array_index(set->ids, uint32_t, i);
    flow->columns[i] =
      endpoint_set_text(&report->endpoints, flow->nodes ? flow_nodes_name(flow->nodes, id) : id);
  }
}

/* Responses are read again for their phrases, session descriptions for their codecs. */
static void append_label(Report *report, const Message *message, bool codecs)
{
  bool has_sdp = message->flags & MESSAGE_HAS_SDP;
  GString *text = report->text;
  Slice phrase = SLICE_NONE;
  SipMsg sip;

  if (!message_is_request(message))
    phrase = report_reason(report, message);
  if (!has_sdp || !codecs) {
    flow_label_append(text, report->trace, message, phrase);
    return;
  }
  flow_label_append_name(text, report->trace, message, phrase);
  g_string_append(text, " (");
  size_t start = text->len;
  if (report_load(report, message, &sip))
    flow_label_append_sdp(text, sip_msg_sdp(&sip));
  g_string_append(text, text->len == start ? "SDP)" : ")");
}

static void label_some(Report *report, CallFlow *flow, const FlowFormat *format)
{
  GString *text = report->text;

  for (unsigned i = 0; i < CHUNK && flow->labelled < flow->rung_count; i++) {
    const Message *message = flow_rungs_at(flow->rungs, flow->labelled)->message;
    size_t start = text->len;

    column_of(report, flow, message->src);
    column_of(report, flow, message->dst);
    append_label(report, message, format->codecs);
    flow->labels[flow->labelled++] =
      arena_dup(&report->scratch, slice_of(text->str + start, text->len - start));
    g_string_truncate(text, start);
  }
}

bool call_flow_step(Report *report, const Call *call, const FlowFormat *format)
{
  if (!report->flow)
    report->flow = flow_new(report, call, format);
  CallFlow *flow = report->flow;
  size_t count = flow->rung_count;

  if (flow->taken < count) {
    take_some(flow);
  } else if (flow->labelled < count) {
    label_some(report, flow, format);
    if (flow->labelled < count)
      return true;
    name_columns(report, flow);
    format->begin(report, flow);
  } else if (format->measure && flow->measured < count) {
    for (unsigned i = 0; i < CHUNK && flow->measured < count; i++)
      format->measure(report, flow, flow->measured++);
  } else {
    size_t some = MIN(flow->rung_count - flow->put, (size_t) CHUNK);

    format->put(report, flow, flow->put, some);
    flow->put += some;
    if (flow->put == flow->rung_count && format->end)
      format->end(report, flow);
  }
  return flow->put < count;
}

CallFlowRung call_flow_rung(Report *report, const CallFlow *flow, size_t index)
{
  const Message *message = flow_rungs_at(flow->rungs, index)->message;

  return (CallFlowRung){
    .message = message,
    .from = column_of(report, flow, message->src),
    .to = column_of(report, flow, message->dst),
    .label = flow->labels[index],
  };
}

const ReportOps FLOW_TEXT = {.call = flow_text};
const ReportOps FLOW_JSON = {.call = flow_json};

const Subcommand FLOW_SUBCOMMAND = {
  .name = "flow",
  .help = "a ladder of each call",
  .more =
    "Columns are endpoints, lines are messages, numbered as in `messages`. A host that connects "
    "from\n"
    "one port and listens on another is one column (in JSON one per port). Retransmissions are\n"
    "dashed and marked (R), packets captured twice (D), messages with missing bytes (!).",
  .takes = TAKES_PRINTING | TAKES_FILTER | TAKES_CALLS | TAKES_TIMES | TAKES_LEGS,
  .formats =
    (const ReportFormat[]){
      {"text", &FLOW_TEXT}, {"json", &FLOW_JSON}, {"mermaid", &FLOW_MERMAID}, {NULL, NULL}},
};
