/* `flow`: a ladder of each call, or its columns and rungs as JSON. */
#include "ui/report/call_flow.h"
#include "ui/report/reports.h"
#include "ui/view/flow_rung.h"
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
      .marks = flow_rung_marks(rung->message),
    };
  }
  return (LadderInput){flow->columns, flow->column_count, messages, flow->rung_count};
}

static void put_call_text(Report *report, const Call *call)
{
  CallFlow flow = call_flow_build(report, call);
  LadderInput input = ladder_input(report, &flow);
  LadderOptions options = {report->look.width, report->look.charset, &report->clock};

  flow_put_heading(report, call, flow.column_count);
  clock_restart(&report->clock, call->start_ns);
  flow_rung_fit_clock(&report->clock, call->start_ns, call->end_ns, report->look.width);
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
