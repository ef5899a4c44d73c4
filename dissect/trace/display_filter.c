#include "dissect/trace/display_filter.h"

#include "dissect/trace/filter_bulk.h"

struct DisplayFilter {
  FilterPlan plan;
};

DisplayFilter *display_filter_new(const char *expression, GError **error)
{
  g_autofree DisplayFilter *filter = g_new0(DisplayFilter, 1);

  if (!filter_plan_init(&filter->plan, expression, error))
    return NULL;
  return g_steal_pointer(&filter);
}

void display_filter_free(DisplayFilter *filter)
{
  if (!filter)
    return;
  filter_plan_clear(&filter->plan);
  g_free(filter);
}

bool display_filter_match(const DisplayFilter *filter, FieldContext *context)
{
  const FilterNode *node = context->message ? filter->plan.messages : filter->plan.calls;
  FilterParts parts = {0};
  FilterScope scope = {context, context->message ? context : NULL, &parts, true};

  return filter_eval(node, &scope) == FILTER_YES;
}

bool display_filter_asks_calls(const DisplayFilter *filter)
{
  return filter->plan.messages->has_call;
}

uint64_t *display_filter_calls(const DisplayFilter *filter, const Trace *trace,
                               const StoreSet *stores, bool (*stop)(void *data), void *data)
{
  FilterBulk bulk = {.trace = trace, .stores = stores, .stop = stop, .data = data};

  return filter_bulk_calls(&bulk, &filter->plan);
}

GPtrArray *display_filter_messages(const DisplayFilter *filter, const Trace *trace,
                                   const StoreSet *stores, bool (*stop)(void *data), void *data)
{
  FilterBulk bulk = {.trace = trace, .stores = stores, .stop = stop, .data = data};

  return filter_bulk_messages(&bulk, &filter->plan);
}
