#include "dissect/query/display_filter.h"

#include "dissect/query/filter_bulk.h"

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
  FilterScope scope = {context, context->message ? context : NULL, &parts, true, NULL};

  return filter_eval(node, &scope) == FILTER_YES;
}

struct FilterWalk {
  const DisplayFilter *filter;
  FilterParts parts;
  FilterTurns turns;
  const Message *asked[FILTER_PARTS_MAX];
};

FilterWalk *filter_walk_new(const DisplayFilter *filter)
{
  FilterWalk *walk = g_new0(FilterWalk, 1);

  walk->filter = filter;
  walk->turns.asked = walk->asked;
  return walk;
}

void filter_walk_free(FilterWalk *walk)
{
  g_free(walk);
}

static void forget_part(FilterWalk *walk, const FilterNode *node)
{
  uint64_t bit = UINT64_C(1) << node->part;

  walk->parts.known &= ~bit;
  walk->parts.holds &= ~bit;
}

/* What later messages cannot change stays: facts of a message never change, those of calls do. */
static void forget_changeable(FilterWalk *walk, const FilterNode *node)
{
  bool loops = node->kind == FILTER_ANY || node->kind == FILTER_ALL;
  bool lasts = loops && !node->first->has_call;

  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    forget_changeable(walk, operand);
  if (lasts && filter_parts_know(&walk->parts, node) &&
      filter_parts_hold(&walk->parts, node) == (node->kind == FILTER_ANY))
    return;
  if (loops || node->kind == FILTER_OF_CALL)
    forget_part(walk, node);
  if (loops && !lasts)
    walk->asked[node->part] = NULL;
}

bool filter_walk_step(FilterWalk *walk, FieldContext *context, const FilterStop *stop,
                      bool *ret_matches)
{
  const FilterNode *node = walk->filter->plan.calls;
  FilterScope scope = {context, NULL, &walk->parts, true, &walk->turns};

  walk->turns.stop = stop->stop;
  walk->turns.data = stop->data;
  walk->turns.stopped = false;
  FilterAnswer answer = filter_eval(node, &scope);
  if (answer == FILTER_OPEN)
    return false;
  *ret_matches = answer == FILTER_YES;
  forget_changeable(walk, node);
  return true;
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
