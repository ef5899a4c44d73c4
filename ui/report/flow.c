/* `flow`: a ladder of each call, or its columns and rungs as JSON. */
#include "ui/report/call_flow.h"
#include "ui/report/reports.h"
#include "ui/view/ladder_text.h"

static void put_rung_json(Json *json, const Rung *rung)
{
  json_begin_object(json);
  json_key(json, "message");
  json_value(json, value_number(rung->message->number));
  json_key(json, "from");
  json_value(json, value_number(rung->from));
  json_key(json, "to");
  json_value(json, value_number(rung->to));
  json_key(json, "label");
  json_value(json, value_text(rung->label));
  json_key(json, "time");
  json_value(json, value_time(rung->message->time_ns));
  json_end_object(json);
}

static void put_call_json(Report *report, const Call *call)
{
  Json *json = &report->json;
  CallFlow flow = call_flow_build(report, call);

  json_begin_object(json);
  json_key(json, "call");
  json_value(json, value_number(call->number));
  json_key(json, "columns");
  json_value(json, value_list(flow.columns, flow.column_count));
  json_key(json, "rungs");
  json_begin_array(json);
  for (size_t i = 0; i < flow.rung_count; i++)
    put_rung_json(json, &flow.rungs[i]);
  json_end_array(json);
  json_end_object(json);
  json_end_line(json);
}

static Slice safe_in_scratch(Report *report, Slice s)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, s, report->look.charset);
  return arena_dup(&report->scratch, slice_of(safe->str, safe->len));
}

static unsigned marks_of(const Message *message)
{
  return (message->flags & MESSAGE_RETRANSMISSION ? LADDER_RETRANSMISSION : 0U) |
         (message->flags & MESSAGE_DUPLICATE ? LADDER_DUPLICATE : 0U) |
         (message->flags & MESSAGE_INCOMPLETE ? LADDER_INCOMPLETE : 0U);
}

static LadderInput ladder_input(Report *report, const CallFlow *flow)
{
  LadderMessage *messages = arena_alloc(&report->scratch, flow->rung_count * sizeof *messages);

  for (size_t i = 0; i < flow->rung_count; i++) {
    const Rung *rung = &flow->rungs[i];

    messages[i] = (LadderMessage){
      .from = rung->from,
      .to = rung->to,
      .number = rung->message->number,
      .time_ns = rung->message->time_ns,
      .label = safe_in_scratch(report, rung->label),
      .style = style_of_status(rung->message->status),
      .marks = marks_of(rung->message),
    };
  }
  return (LadderInput){flow->columns, flow->column_count, messages, flow->rung_count};
}

/* "ring 120 ms" */
static void append_interval(GString *text, const char *name, int64_t ns)
{
  char duration[TIME_TEXT_MAX];

  if (ns >= 0)
    g_string_append_printf(text, ", %s %s", name, duration_format(ns, duration));
}

static void append_count(GString *text, uint64_t count, const char *what)
{
  g_string_append_printf(text, "%" G_GUINT64_FORMAT " %s%s", count, what, count == 1 ? "" : "s");
}

/* "answered (200 OK), completed" */
static void append_outcome(Report *report, const CallSummary *summary)
{
  const char *outcome = outcome_name(summary->outcome);
  const char *state = call_state_name(summary->state, summary->outcome);
  bool has_state = state && strcmp(state, outcome) != 0;

  report_append_styled(report, slice_from_string(outcome), style_of_status(summary->status));
  if (summary->decided_by) {
    Slice reason = report_reason(report, summary->decided_by);

    g_string_append_printf(report->text, reason.len > 0 ? " (%u " : " (%u", summary->status);
    text_append_safe(report->text, reason, report->look.charset);
    g_string_append_c(report->text, ')');
  }
  if (has_state)
    g_string_append_printf(report->text, ", %s", state);
}

static void append_title(Report *report, const Call *call)
{
  GString *text = report->text;

  style_begin(text, STYLE_HEADING, &report->look);
  g_string_append_printf(text, "Call %u  ", call->number);
  text_append_safe(text, call->call_id.data ? call->call_id : SLICE("(no Call-ID)"),
                   report->look.charset);
  style_end(text, STYLE_HEADING, &report->look);
  g_string_append_c(text, '\n');
}

/* "INVITE sip:alice@example.com -> sip:bob@example.com" */
static void append_parties(Report *report, const Call *call)
{
  bool begun = call->method != SIP_METHOD_NONE;
  TextCharset charset = report->look.charset;
  GString *text = report->text;

  text_append_safe(
    text, begun ? trace_method_name(report->trace, call->method) : SLICE("responses"), charset);
  g_string_append_c(text, ' ');
  text_append_safe(text, call->from.data ? call->from : SLICE("?"), charset);
  g_string_append(text, " -> ");
  text_append_safe(text, call->to.data ? call->to : SLICE("?"), charset);
  g_string_append_c(text, '\n');
}

static void append_times(Report *report, const Call *call, const CallSummary *summary)
{
  Clock clock = clock_new(TIME_ABSOLUTE, report->options->utc);
  char start[TIME_TEXT_MAX];

  g_string_append_printf(report->text, ", started %s", clock_format(&clock, call->start_ns, start));
  append_interval(report->text, "ring", summary->ring_ns);
  append_interval(report->text, "setup", summary->setup_ns);
  append_interval(report->text, "duration", summary->duration_ns);
  g_string_append_c(report->text, '\n');
}

/* Who called whom, and what became of it, on four lines. */
static void put_heading(Report *report, const Call *call, const CallFlow *flow)
{
  CallSummary summary = call_summarize(call, trace_now(report->trace));

  append_title(report, call);
  append_parties(report, call);
  append_outcome(report, &summary);
  append_times(report, call, &summary);
  append_count(report->text, call->messages, "message");
  g_string_append(report->text, ", ");
  append_count(report->text, call->retransmissions, "retransmission");
  g_string_append(report->text, ", ");
  append_count(report->text, flow->column_count, "endpoint");
  g_string_append(report->text, "\n\n");
  report_put_line(report);
}

/* Times without their date, where all are of the same day. */
static void prepare_clock(Report *report, const Call *call)
{
  Clock *clock = &report->clock;
  bool one_day = clock_day(clock, call->start_ns) == clock_day(clock, call->end_ns);

  clock_restart(clock, call->start_ns);
  clock->date = !one_day;
  clock->digits = report->look.width >= 100 ? 6 : 3;
}

static void put_call_text(Report *report, const Call *call)
{
  CallFlow flow = call_flow_build(report, call);
  LadderInput input = ladder_input(report, &flow);
  LadderOptions options = {report->look.width, report->look.charset, &report->clock};

  put_heading(report, call, &flow);
  prepare_clock(report, call);
  Ladder ladder = ladder_build(&report->scratch, &input, &options);
  for (unsigned line = 0; line < ladder.name_lines; line++)
    ladder_text_names(report->text, &ladder, line, &report->look);
  for (size_t row = 0; row < ladder.row_count; row++) {
    ladder_text_row(report->text, &ladder, row, &report->look);
    report_put_line(report);
  }
}

static void put_calls(Report *report, void (*put)(Report *, const Call *))
{
  bool first = true;

  for (size_t i = 0; i < trace_call_count(report->trace); i++) {
    const Call *call = report_call_at(report, i);

    if (!call)
      continue;
    if (out_is_over(report->out))
      return;
    if (!first && report->ops->format == FORMAT_TEXT)
      out_char(report->out, '\n');
    put(report, call);
    arena_reset(&report->scratch);
    first = false;
  }
}

void flow_end_text(Report *report)
{
  put_calls(report, put_call_text);
}

void flow_end_json(Report *report)
{
  put_calls(report, put_call_json);
}
