#include "ui/report/call_flow.h"

#include <stdlib.h>

/* A message that was completed late stands where its frame is. */
static int compare_rungs(const void *a, const void *b)
{
  const Message *left = ((const Rung *) a)->message, *right = ((const Rung *) b)->message;

  if (left->frame != right->frame)
    return left->frame < right->frame ? -1 : 1;
  return left->number < right->number ? -1 : left->number > right->number;
}

static Slice label_of(Report *report, const Message *message)
{
  GString *text = report->text;
  bool is_request = message_is_request(message);
  Slice name =
    is_request ? trace_method_name(report->trace, message->method) : report_reason(report, message);

  g_string_truncate(text, 0);
  if (!is_request)
    status_append(text, message->status);
  if (!is_request && name.len > 0)
    g_string_append_c(text, ' ');
  if (name.len > 0)
    g_string_append_len(text, name.data, (gssize) name.len);
  if (message->flags & MESSAGE_HAS_SDP)
    g_string_append(text, " (SDP)");
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
