#include "ui/report/call_flow.h"

#include "capture/error.h"
#include "capture/language.h"
#include "dissect/diagnose/call_path.h"
#include "dissect/sip/sip_body.h"
#include "ui/show/flow_rungs.h"
#include "ui/show/path_text.h"

enum { CHUNK = 128 }; /* rungs in one step */

static void add_call(Report *report, CallFlow *flow, const Call *call)
{
  if (!flow_rungs_add_call(flow->rungs, call->number)) {
    if (!report->error)
      g_set_error(&report->error, APP_ERROR, APP_ERROR_IO,
                  _("only the first %d calls are in the ladder"), FLOW_CALLS_MAX);
    return;
  }
  bool first = flow->call_count == 0;
  flow->calls[flow->call_count++] = call;
  flow->message_count += call->messages;
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
  flow->alone = g_array_new(FALSE, FALSE, sizeof(Endpoint));
  if (!format->by_port)
    flow->nodes = flow_nodes_new(report->trace, report->stores);
  if (!report->setup.merge)
    add_call(report, flow, call);
  for (size_t i = 0; report->setup.merge && i < report_call_count(report); i++) {
    const Call *one = report_call_at(report, i);
    if (one)
      add_call(report, flow, one);
  }
  endpoint_set_reset(&report->endpoints);
  return flow;
}

void call_flow_free(CallFlow *flow)
{
  if (!flow)
    return;
  flow_rungs_free(flow->rungs);
  flow_nodes_free(flow->nodes);
  g_clear_pointer(&flow->streams, g_array_unref);
  g_array_unref(flow->alone);
  g_free(flow);
}

static void take_some(CallFlow *flow)
{
  for (unsigned i = 0; i < CHUNK && flow->taken < flow->message_count; i++) {
    FlowRung *rung = flow_rungs_take(flow->rungs);

    g_assert(rung);
    if (flow->nodes)
      flow_nodes_note(flow->nodes, rung->message);
    flow->taken++;
  }
  if (flow->taken == flow->message_count)
    flow_rungs_settle(flow->rungs);
}

/* --- streams --- */

static FlowStream *stream_at(const CallFlow *flow, size_t index)
{
  return &g_array_index(flow->streams, FlowStream, index);
}

/* Those that are shown, and the order of all rungs. */
static void order_rungs(Report *report, CallFlow *flow, const FlowFormat *format)
{
  bool wanted = format->streams && trace_media(report->trace) != NULL;
  size_t messages = 0, streams = 0;

  flow->streams = wanted ? flow_streams_find(report->trace, flow->rungs)
                         : g_array_new(FALSE, FALSE, sizeof(FlowStream));
  flow->rung_count = flow->message_count + flow->streams->len;
  flow->messages = arena_alloc(&report->scratch, flow->rung_count * sizeof(uint32_t));
  flow->labels = arena_alloc(&report->scratch, flow->rung_count * sizeof(Slice));
  flow->briefs = arena_alloc(&report->scratch, flow->streams->len * sizeof(Slice));
  for (size_t i = 0; i < flow->rung_count; i++) {
    bool is_stream =
      messages == flow->message_count ||
      (streams < flow->streams->len &&
       stream_at(flow, streams)->time_ns <= flow_rungs_at(flow->rungs, messages)->message->time_ns);

    flow->messages[i] = (uint32_t) messages;
    messages += !is_stream;
    streams += is_stream;
  }
}

/* The stream of a rung; NULL if it is that of a message. */
static FlowStream *stream_of(const CallFlow *flow, size_t rung)
{
  bool is_last = rung + 1 == flow->rung_count;
  size_t after = is_last ? flow->message_count : flow->messages[rung + 1];

  return after == flow->messages[rung] ? stream_at(flow, rung - after) : NULL;
}

static void label_stream(Report *report, CallFlow *flow, size_t rung, FlowStreamLookup *lookup)
{
  const FlowStream *stream = stream_of(flow, rung);
  const CallStream *found = flow_stream_look_up(lookup, report->trace, stream);
  g_autoptr(GString) label = g_string_new(NULL), brief = g_string_new(NULL);

  flow_stream_append_label(label, stream, found, false);
  flow_stream_append_label(brief, stream, found, true);
  flow->labels[rung] = arena_dup(&report->scratch, slice_of(label->str, label->len));
  flow->briefs[rung - flow->messages[rung]] =
    arena_dup(&report->scratch, slice_of(brief->str, brief->len));
}

/* --- columns --- */

/* The column of an endpoint. */
static uint32_t column_of(Report *report, const CallFlow *flow, uint32_t endpoint)
{
  return endpoint_set_add(&report->endpoints,
                          flow->nodes ? flow_nodes_first(flow->nodes, endpoint) : endpoint);
}

/* Its index among those that have columns of their own. */
static uint32_t alone_of(const CallFlow *flow, const Endpoint *end)
{
  uint32_t index = 0;

  while (index < flow->alone->len &&
         !endpoint_eq(&g_array_index(flow->alone, Endpoint, index), end))
    index++;
  if (index == flow->alone->len)
    g_array_append_vals(flow->alone, end, 1);
  return index;
}

static uint32_t column_of_end(Report *report, const CallFlow *flow, const FlowStream *stream,
                              unsigned end)
{
  if (stream->nodes[end] != FLOW_MEDIA_ALONE)
    return column_of(report, flow, stream->nodes[end]);
  return (uint32_t) endpoint_set_count(&report->endpoints) + alone_of(flow, &stream->ends[end]);
}

static void name_columns(Report *report, CallFlow *flow)
{
  const EndpointSet *set = &report->endpoints;
  size_t nodes = endpoint_set_count(set);
  char text[ENDPOINT_TEXT_MAX];

  flow->column_count = nodes + flow->alone->len;
  flow->columns = arena_alloc(&report->scratch, flow->column_count * sizeof(Slice));
  for (size_t i = 0; i < nodes; i++) {
    uint32_t id = g_array_index(set->ids, uint32_t, i);
    flow->columns[i] =
      endpoint_set_text(&report->endpoints, flow->nodes ? flow_nodes_name(flow->nodes, id) : id);
  }
  for (guint i = 0; i < flow->alone->len; i++) {
    const Endpoint *end = &g_array_index(flow->alone, Endpoint, i);
    flow->columns[nodes + i] =
      arena_dup(&report->scratch, slice_from_string(endpoint_format(end, text)));
  }
}

/* Of a column with several endpoints the role that goes before the others. */
static void put_roles(Report *report, CallFlow *flow, const RoleList *roles)
{
  RoleKind *kinds = arena_alloc(&report->scratch, flow->column_count * sizeof *kinds);

  flow->roles = arena_alloc(&report->scratch, flow->column_count * sizeof(Slice));
  for (size_t i = 0; i < flow->column_count; i++)
    kinds[i] = ROLE_COUNT;
  for (size_t i = 0; i < roles->count; i++) {
    uint32_t column = column_of(report, flow, roles->items[i].endpoint);
    kinds[column] = MIN(kinds[column], roles->items[i].kind);
  }
  for (size_t i = 0; i < flow->column_count; i++)
    flow->roles[i] = slice_from_string(role_label(kinds[i]) ? _(role_label(kinds[i])) : NULL);
}

/* Where they say more than the arrows. */
static void find_roles(Report *report, CallFlow *flow)
{
  CallPath path;
  RoleList roles;
  Arena arena;

  if (flow->call_count != 1 || flow->column_count < 2)
    return;
  arena_init(&arena, 64 * 1024);
  call_path_find(report->trace, flow->call, report->stores, &arena, &path);
  roles_of(&path.forwarding, &arena, &roles);
  if (path_roles_tell(&roles))
    put_roles(report, flow, &roles);
  call_path_clear(&path);
  arena_clear(&arena);
}

/* --- labels --- */

/* Of a message that is read again; in scratch. */
static Slice phrase_of(Report *report, const Message *message)
{
  g_autoptr(GString) phrase = g_string_new(NULL);
  SipMsg sip;

  if (!message_is_request(message))
    return report_reason(report, message);
  if (message->method != SIP_METHOD_INFO || !report_load(report, message, &sip))
    return SLICE_NONE;
  flow_label_append_phrase(phrase, &sip);
  return arena_dup(&report->scratch, slice_of(phrase->str, phrase->len));
}

/* Responses and INFO are read again for their phrases, session descriptions for their codecs. */
static void append_label(Report *report, const Message *message, bool codecs)
{
  bool has_sdp = message->flags & MESSAGE_HAS_SDP;
  GString *text = report->text;
  Slice phrase = phrase_of(report, message);
  SipMsg sip;

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

static void label_message(Report *report, CallFlow *flow, size_t rung, bool codecs)
{
  const Message *message = flow_rungs_at(flow->rungs, flow->messages[rung])->message;
  GString *text = report->text;
  size_t start = text->len;

  column_of(report, flow, message->src);
  column_of(report, flow, message->dst);
  append_label(report, message, codecs);
  flow->labels[rung] = arena_dup(&report->scratch, slice_of(text->str + start, text->len - start));
  g_string_truncate(text, start);
}

static void label_some(Report *report, CallFlow *flow, const FlowFormat *format)
{
  FlowStreamLookup lookup = {0};

  for (unsigned i = 0; i < CHUNK && flow->labelled < flow->rung_count; i++) {
    size_t rung = flow->labelled++;
    const FlowStream *stream = stream_of(flow, rung);

    if (!stream) {
      label_message(report, flow, rung, format->codecs);
      continue;
    }
    label_stream(report, flow, rung, &lookup);
    column_of_end(report, flow, stream, 0);
    column_of_end(report, flow, stream, 1);
  }
  flow_stream_lookup_clear(&lookup);
}

bool call_flow_step(Report *report, const Call *call, const FlowFormat *format)
{
  if (!report->flow)
    report->flow = flow_new(report, call, format);
  CallFlow *flow = report->flow;

  if (flow->taken < flow->message_count) {
    take_some(flow);
    return true;
  }
  if (!flow->streams)
    order_rungs(report, flow, format);
  size_t count = flow->rung_count;
  if (flow->labelled < count) {
    label_some(report, flow, format);
    if (flow->labelled < count)
      return true;
    name_columns(report, flow);
    if (format->roles)
      find_roles(report, flow);
    format->begin(report, flow);
  } else if (format->measure && flow->measured < count) {
    for (unsigned i = 0; i < CHUNK && flow->measured < count; i++)
      format->measure(report, flow, flow->measured++);
  } else {
    size_t some = MIN(count - flow->put, (size_t) CHUNK);

    format->put(report, flow, flow->put, some);
    flow->put += some;
    if (flow->put == count && format->end)
      format->end(report, flow);
  }
  return flow->put < count;
}

CallFlowRung call_flow_rung(Report *report, const CallFlow *flow, size_t index)
{
  size_t messages = flow->messages[index];
  const FlowStream *stream = stream_of(flow, index);

  if (stream)
    return (CallFlowRung){
      .stream = stream,
      .time_ns = stream->time_ns,
      .from = column_of_end(report, flow, stream, 0),
      .to = column_of_end(report, flow, stream, 1),
      .label = flow->labels[index],
      .brief = flow->briefs[index - messages],
    };
  const Message *message = flow_rungs_at(flow->rungs, messages)->message;
  return (CallFlowRung){
    .message = message,
    .time_ns = message->time_ns,
    .from = column_of(report, flow, message->src),
    .to = column_of(report, flow, message->dst),
    .label = flow->labels[index],
  };
}
