/* `flow` as JSON: columns and rungs of each call. */
#include "ui/report/call_flow.h"
#include "ui/report/call_notes.h"

/* With --merge all calls of the ladder, with --legs why they are there. */
static void put_calls(Report *report, const CallFlow *flow)
{
  Json *json = &report->json;

  if (report->setup.merge) {
    json_key(json, "calls");
    json_begin_array(json);
    for (size_t i = 0; i < flow->call_count; i++)
      json_value(json, value_number(flow->calls[i]->number));
    json_end_array(json);
  }
  if (!report->setup.legs)
    return;
  json_key(json, "legs");
  json_begin_array(json);
  for (size_t i = 0; i < flow->call_count; i++) {
    const Leg *leg = report_leg(report, flow->calls[i]);

    if (!leg)
      continue;
    json_begin_object(json);
    json_key(json, "call");
    json_value(json, value_number(leg->number));
    json_key(json, "of");
    json_value(json, value_number(leg->of));
    json_key(json, "why");
    json_value(json, value_string(leg_evidence_text(leg->strongest, leg->header,
                                                    conversations_headers(report->conversations))));
    json_end_object(json);
  }
  json_end_array(json);
}

static void begin_call(Report *report, CallFlow *flow)
{
  Json *json = &report->json;

  json_begin_object(json);
  json_key(json, "call");
  json_value(json, value_number(flow->call->number));
  put_calls(report, flow);
  json_key(json, "columns");
  json_value(json, value_list(flow->columns, flow->column_count));
  json_key(json, "rungs");
  json_begin_array(json);
}

static void put_rungs(Report *report, CallFlow *flow, size_t first, size_t count)
{
  Json *json = &report->json;

  for (size_t i = first; i < first + count; i++) {
    CallFlowRung rung = call_flow_rung(report, flow, i);

    json_begin_object(json);
    json_key(json, "message");
    json_value(json, value_number(rung.message->number));
    if (report->setup.merge) {
      json_key(json, "call");
      json_value(json, value_number(rung.message->transaction->call->number));
    }
    json_key(json, "from");
    json_value(json, value_number(rung.from));
    json_key(json, "to");
    json_value(json, value_number(rung.to));
    json_key(json, "label");
    json_value(json, value_text(rung.label));
    json_key(json, "time");
    json_value(json, value_time(rung.message->time_ns));
    json_end_object(json);
  }
}

static void end_call(Report *report, CallFlow *flow)
{
  json_end_array(&report->json);
  if (!report->setup.merge)
    call_notes_put_json(report, flow->call);
  json_end_object(&report->json);
  json_end_line(&report->json);
}

bool flow_json(Report *report, const Call *call)
{
  static const FlowFormat JSON = {
    .by_port = true, .begin = begin_call, .put = put_rungs, .end = end_call};

  return call_flow_step(report, call, &JSON);
}
