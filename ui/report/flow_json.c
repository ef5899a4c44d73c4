/* `flow` as JSON: columns and rungs of each call, some rungs at a time. */
#include "ui/report/call_flow.h"
#include "ui/report/reports.h"

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

enum { CHUNK = 128 };

static void begin_json(Report *report, const Call *call, const CallFlow *flow)
{
  Json *json = &report->json;

  json_begin_object(json);
  json_key(json, "call");
  json_value(json, value_number(call->number));
  json_key(json, "columns");
  json_value(json, value_list(flow->columns, flow->column_count));
  json_key(json, "rungs");
  json_begin_array(json);
}

bool flow_json(Report *report, const Call *call)
{
  Json *json = &report->json;
  CallFlow *flow = call_flow_built(report, call);

  if (!flow)
    return true;
  if (flow->put == 0)
    begin_json(report, call, flow);
  for (unsigned i = 0; i < CHUNK && flow->put < flow->rung_count; i++)
    put_rung_json(json, &flow->rungs[flow->put++]);
  if (flow->put < flow->rung_count)
    return true;
  json_end_array(json);
  json_end_object(json);
  json_end_line(json);
  return false;
}
