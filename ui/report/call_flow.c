#include "ui/report/call_flow.h"

#include <stdlib.h>

#include "ui/show/flow_rung.h"

enum { CHUNK = 128 };

static int compare_rungs(const void *a, const void *b)
{
  return flow_rung_compare(((const Rung *) a)->message, ((const Rung *) b)->message);
}

static Slice label_of(Report *report, const Message *message)
{
  GString *text = report->text;
  Slice phrase = message_is_request(message) ? SLICE_NONE : report_reason(report, message);
  size_t start = text->len;

  flow_rung_append_label(text, report->trace, message, phrase);
  Slice label = arena_dup(&report->scratch, slice_of(text->str + start, text->len - start));
  g_string_truncate(text, start);
  return label;
}

static CallFlow *flow_new(Report *report, const Call *call)
{
  CallFlow *flow = arena_new(&report->scratch, CallFlow);

  flow->rung_count = call->messages;
  flow->rungs = arena_alloc(&report->scratch, flow->rung_count * sizeof(Rung));
  flow->next = call->first;
  endpoint_set_reset(&report->endpoints);
  return flow;
}

static void collect_some(CallFlow *flow)
{
  for (unsigned i = 0; i < CHUNK && flow->collected < flow->rung_count; i++) {
    const Message *message = flow->next;
    flow->rungs[flow->collected++] = (Rung){.message = message};
    flow->next = message->next;
    flow->unsorted = flow->unsorted || (flow->next && message->frame > flow->next->frame);
  }
  if (flow->collected == flow->rung_count && flow->unsorted)
    qsort(flow->rungs, flow->rung_count, sizeof *flow->rungs, compare_rungs);
}

static void build_some(Report *report, CallFlow *flow)
{
  EndpointSet *set = &report->endpoints;

  for (unsigned i = 0; i < CHUNK && flow->built < flow->rung_count; i++) {
    Rung *rung = &flow->rungs[flow->built++];

    rung->from = endpoint_set_add(set, rung->message->src);
    rung->to = endpoint_set_add(set, rung->message->dst);
    rung->label = label_of(report, rung->message);
  }
  if (flow->built < flow->rung_count)
    return;
  flow->columns = endpoint_set_texts(set, &report->scratch);
  flow->column_count = endpoint_set_count(set);
}

CallFlow *call_flow_built(Report *report, const Call *call)
{
  if (!report->flow)
    report->flow = flow_new(report, call);
  CallFlow *flow = report->flow;
  if (flow->collected < flow->rung_count)
    collect_some(flow);
  else if (flow->built < flow->rung_count)
    build_some(report, flow);
  return flow->built < flow->rung_count ? NULL : flow;
}
