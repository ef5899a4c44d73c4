/*
 * `flow` as a sequence diagram that Mermaid or PlantUML draws: one diagram, a note above each call,
 * responses dashed, retransmissions and second captures as notes.
 */
#include "capture/language.h"
#include "ui/report/call_flow.h"
#include "ui/show/flow_rungs.h"

typedef struct {
  const char *begin, *end;
  const char *special;                       /* characters that are escaped, */
  void (*escape)(GString *to, char special); /* so */
  const char *request, *response, *note;
  bool is_text_first; /* participant "text" as id */
} Syntax;

/* `;` ends a statement there, `#` begins an entity. */
static void escape_mermaid(GString *to, char special)
{
  g_string_append_printf(to, "#%d;", special);
}

/* Creole, tags, variables and functions. */
static void escape_plantuml(GString *to, char special)
{
  g_string_append_printf(to, "<U+%04X>", (unsigned) special);
}

static const Syntax MERMAID = {
  .begin = "sequenceDiagram\n",
  .end = "",
  .special = ";#<>",
  .escape = escape_mermaid,
  .request = "->>",
  .response = "-->>",
  .note = "Note over ",
};

static const Syntax PLANTUML = {
  .begin = "@startuml\n",
  .end = "@enduml\n",
  .special = ";#<>\"\\~*_/-[]|{}%$&!'`^=",
  .escape = escape_plantuml,
  .request = "->",
  .response = "-->",
  .note = "note over ",
  .is_text_first = true,
};

static const Syntax *syntax_of(const Report *report)
{
  return report->ops == &FLOW_PLANTUML ? &PLANTUML : &MERMAID;
}

/* Text of a message or a note. */
static void append_text(Report *report, Slice raw)
{
  const Syntax *syntax = syntax_of(report);
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, raw, report->look.charset);
  for (size_t i = 0; i < safe->len; i++)
    if (strchr(syntax->special, safe->str[i]))
      syntax->escape(report->text, safe->str[i]);
    else
      g_string_append_c(report->text, safe->str[i]);
}

/* Participants are declared once, before the first call. */
static bool measure_some(Report *report, const Call *call)
{
  enum { SOME = 1024 };
  const Message *message = report->measured ? report->measured->next : call->first;

  for (unsigned i = 0; message && i < SOME; i++, message = message->next) {
    endpoint_set_add(&report->endpoints, message->src);
    endpoint_set_add(&report->endpoints, message->dst);
    report->measured = message;
  }
  return message != NULL;
}

static void put_participants(Report *report)
{
  const Syntax *syntax = syntax_of(report);
  EndpointSet *set = &report->endpoints;

  g_string_append(report->text, syntax->begin);
  for (size_t i = 0; i < endpoint_set_count(set); i++) {
    uint32_t id = g_array_index(set->ids, uint32_t, i);

    if (!syntax->is_text_first)
      g_string_append_printf(report->text, "    participant e%u as ", id);
    else
      g_string_append(report->text, "    participant \"");
    append_text(report, endpoint_set_text(set, id));
    if (syntax->is_text_first)
      g_string_append_printf(report->text, "\" as e%u", id);
    g_string_append_c(report->text, '\n');
  }
  report_put_line(report);
}

/* "Note over e1,e3: Call 1: INVITE sip:alice@... to sip:bob@..., busy (486 Busy Here)" */
static void put_note(Report *report, const Call *call)
{
  CallSummary summary = call_summarize(call, trace_now(report->trace));
  const GArray *ids = report->endpoints.ids;
  GString *text = report->text;

  g_string_append_printf(text, _("    %se%u,e%u: Call %u: "), syntax_of(report)->note,
                         g_array_index(ids, uint32_t, 0),
                         g_array_index(ids, uint32_t, ids->len - 1), call->number);
  append_text(report, call->method != SIP_METHOD_NONE
                        ? trace_method_name(report->trace, call->method)
                        : SLICE("responses"));
  g_string_append_c(text, ' ');
  Slice from = report_call_text(report, call, CALL_TEXT_FROM);
  Slice to = report_call_text(report, call, CALL_TEXT_TO);
  append_text(report, from.data ? from : SLICE("?"));
  g_string_append(text, _(" to "));
  append_text(report, to.data ? to : SLICE("?"));
  g_string_append_printf(text, ", %s",
                         _(summary.is_unknown ? "unknown" : outcome_name(summary.outcome)));
  if (summary.decided_by) {
    g_string_append_printf(text, " (%u ", summary.status);
    append_text(report, report_reason(report, summary.decided_by));
    g_string_append_c(text, ')');
  }
  g_string_append_c(text, '\n');
  report_put_line(report);
}

static void begin_call(Report *report, CallFlow *flow)
{
  clock_restart(&report->clock, flow->start_ns);
  flow_fit_clock(&report->clock, flow->start_ns, flow->end_ns, report->look.width);
  for (size_t i = 0; i < flow->call_count; i++)
    put_note(report, flow->calls[i]);
}

/* "Note over e1,e3: 10:00:02.627 RTP PCMU 500 packets, no loss, from 192.0.2.1:4000 to ..." */
static void put_stream(Report *report, const CallFlowRung *rung)
{
  uint32_t first = g_array_index(report->endpoints.ids, uint32_t, 0), ends[2];
  const FlowStream *stream = rung->stream;
  char time[TIME_TEXT_MAX], text[ENDPOINT_TEXT_MAX];

  for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++)
    ends[i] = stream->nodes[i] == FLOW_MEDIA_ALONE ? first : stream->nodes[i];
  g_string_append_printf(report->text, "    %se%u,e%u: %s ", syntax_of(report)->note, ends[0],
                         ends[1], clock_format(&report->clock, rung->time_ns, time));
  append_text(report, rung->label);
  g_string_append(report->text, _(", from "));
  append_text(report, slice_from_string(endpoint_format(&stream->ends[0], text)));
  g_string_append(report->text, _(" to "));
  append_text(report, slice_from_string(endpoint_format(&stream->ends[1], text)));
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}

static void put_message(Report *report, const CallFlowRung *rung)
{
  const Message *message = rung->message;
  bool is_copy = message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE);
  const Syntax *syntax = syntax_of(report);
  const char *arrow = message_is_request(message) ? syntax->request : syntax->response;
  char time[TIME_TEXT_MAX];

  g_string_append_printf(report->text, "    %se%u%se%u: %s ", is_copy ? syntax->note : "",
                         message->src, is_copy ? "," : arrow, message->dst,
                         clock_format(&report->clock, message->time_ns, time));
  append_text(report, rung->label);
  if (is_copy)
    g_string_append(report->text, message->flags & MESSAGE_DUPLICATE ? _(" captured twice")
                                                                     : _(" retransmitted"));
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}

static void put_rungs(Report *report, CallFlow *flow, size_t first, size_t count)
{
  for (size_t i = first; i < first + count; i++) {
    CallFlowRung rung = call_flow_rung(report, flow, i);

    if (rung.stream)
      put_stream(report, &rung);
    else
      put_message(report, &rung);
  }
}

static bool flow_sequence(Report *report, const Call *call)
{
  static const FlowFormat SEQUENCE = {
    .by_port = true, .streams = true, .codecs = true, .begin = begin_call, .put = put_rungs};

  return call_flow_step(report, call, &SEQUENCE);
}

static void put_end(Report *report)
{
  g_string_append(report->text, syntax_of(report)->end);
  report_put_line(report);
}

const ReportOps FLOW_MERMAID = {
  .measure = measure_some, .heading = put_participants, .call = flow_sequence, .needs_media = true};

const ReportOps FLOW_PLANTUML = {.measure = measure_some,
                                 .heading = put_participants,
                                 .call = flow_sequence,
                                 .end = put_end,
                                 .needs_media = true};
