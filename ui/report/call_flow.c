#include "ui/report/call_flow.h"

#include <stdlib.h>

#include "ui/view/flow_rung.h"

static int compare_rungs(const void *a, const void *b)
{
  return flow_rung_compare(((const Rung *) a)->message, ((const Rung *) b)->message);
}

static Slice label_of(Report *report, const Message *message)
{
  GString *text = report->text;
  Slice phrase = message_is_request(message) ? SLICE_NONE : report_reason(report, message);

  g_string_truncate(text, 0);
  flow_rung_append_label(text, report->trace, message, phrase);
  Slice label = arena_dup(&report->scratch, slice_of(text->str, text->len));
  g_string_truncate(text, 0);
  return label;
}

static void collect_rungs(const Call *call, CallFlow *flow)
{
  bool sorted = true;

  for (const Message *message = call->first; message; message = message->next) {
    flow->rungs[flow->rung_count++].message = message;
    sorted = sorted && (!message->next || message->frame <= message->next->frame);
  }
  if (!sorted)
    qsort(flow->rungs, flow->rung_count, sizeof *flow->rungs, compare_rungs);
}

CallFlow call_flow_build(Report *report, const Call *call)
{
  EndpointSet *set = &report->endpoints;
  CallFlow flow = {.rungs = arena_alloc0(&report->scratch, call->messages * sizeof(Rung))};

  collect_rungs(call, &flow);
  endpoint_set_reset(set);
  for (size_t i = 0; i < flow.rung_count; i++) {
    Rung *rung = &flow.rungs[i];

    rung->from = endpoint_set_add(set, rung->message->src);
    rung->to = endpoint_set_add(set, rung->message->dst);
    rung->label = label_of(report, rung->message);
  }
  flow.columns = endpoint_set_texts(set, &report->scratch);
  flow.column_count = endpoint_set_count(set);
  return flow;
}
