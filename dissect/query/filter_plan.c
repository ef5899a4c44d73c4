#include "dissect/query/filter_plan.h"

typedef struct {
  Arena *arena;
  unsigned parts;
} Planner;

static FilterNode *plan_for_call(Planner *planner, const FilterNode *node);
static FilterNode *plan_for_message(Planner *planner, const FilterNode *node);

/* Operands of one node, the cheaper ones first, else in their order. */
typedef struct {
  FilterNode *first[4], *last[4];
  size_t count;
} Operands;

static void operands_add(Operands *operands, FilterNode *node)
{
  unsigned cost = (node->needs_octets ? 2U : 0U) + (node->has_loop ? 1U : 0U);

  if (operands->last[cost])
    operands->last[cost]->next = node;
  else
    operands->first[cost] = node;
  operands->last[cost] = node;
  operands->count++;
}

static FilterNode *operands_join(Planner *planner, FilterKind kind, const Operands *operands)
{
  FilterNode *joined = filter_node_new(planner->arena, kind);

  for (size_t cost = 0; cost < G_N_ELEMENTS(operands->first); cost++) {
    FilterNode *next = NULL;

    for (FilterNode *node = operands->first[cost]; node; node = next) {
      next = node->next;
      node->next = NULL;
      if (operands->count == 1)
        return node;
      filter_node_add(joined, node);
    }
  }
  return joined;
}

static FilterNode *new_part(Planner *planner, FilterKind kind, FilterNode *operand)
{
  FilterNode *node = filter_node_new(planner->arena, kind);

  filter_node_add(node, operand);
  node->part = planner->parts++;
  return node;
}

static FilterNode *new_not(Planner *planner, FilterNode *operand)
{
  FilterNode *node = filter_node_new(planner->arena, NODE_NOT);

  filter_node_add(node, operand);
  return node;
}

static FilterNode *copy_test(Planner *planner, const FilterNode *node)
{
  return filter_node_new_test(planner->arena, node->test);
}

static FilterNode *plan_test_for_call(Planner *planner, const FilterNode *node)
{
  FilterNode *copy = copy_test(planner, node);
  const Field *field = node->test->ref.field;

  if (!node->has_message) { /* the model may know what has to be read for a message */
    copy->needs_octets = node->test->rows || (field->needs_octets && !field->model_knows);
    return copy;
  }
  if (!node->test->negated)
    return new_part(planner, NODE_ANY, copy);
  /* `message.status != 486` by itself: the call has no message with it. */
  FilterTest *positive = arena_new(planner->arena, FilterTest);
  *positive = *node->test;
  positive->negated = false;
  copy = filter_node_new_test(planner->arena, positive);
  return new_not(planner, new_part(planner, NODE_ANY, copy));
}

/* Can it be tested on one message, unchanged? */
static bool is_of_message(const FilterNode *node)
{
  return !node->has_call && !node->has_not;
}

/*
 * The operands that are tested on one and the same message.  Joined by && these are all that can
 * be, if one of them picks messages out.  Joined by || it makes no difference except that messages
 * are visited once, so these are the ones that would be tested on a message alone, too.
 */
static bool is_in_group(const FilterNode *node, const FilterNode *operand)
{
  return is_of_message(operand) && (node->kind == NODE_AND || operand->picks);
}

static FilterNode *plan_joined_for_call(Planner *planner, const FilterNode *node)
{
  Operands of_call = {.count = 0}, of_message = {.count = 0};
  bool grouped = false;

  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    grouped = grouped || (is_in_group(node, operand) && operand->picks);
  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    if (grouped && is_in_group(node, operand))
      operands_add(&of_message, plan_for_message(planner, operand));
    else
      operands_add(&of_call, plan_for_call(planner, operand));
  if (grouped)
    operands_add(&of_call,
                 new_part(planner, NODE_ANY, operands_join(planner, node->kind, &of_message)));
  return operands_join(planner, node->kind, &of_call);
}

static FilterNode *plan_for_call(Planner *planner, const FilterNode *node)
{
  switch (node->kind) {
  case NODE_TEST:
    return plan_test_for_call(planner, node);
  case NODE_NOT:
    return new_not(planner, plan_for_call(planner, node->first));
  case NODE_ANY:
  case NODE_ALL:
    return new_part(planner, node->kind, plan_for_message(planner, node->first));
  case NODE_AND:
  case NODE_OR:
    return plan_joined_for_call(planner, node);
  case NODE_OF_CALL:
    break; /* parsers make none */
  }
  g_assert_not_reached();
}

static bool is_of_call(const FilterNode *node)
{
  return !node->has_message && !node->has_either;
}

static FilterNode *plan_joined_for_message(Planner *planner, const FilterNode *node)
{
  Operands all = {.count = 0}, of_call = {.count = 0};

  for (const FilterNode *operand = node->first; operand; operand = operand->next)
    if (is_of_call(operand))
      operands_add(&of_call, plan_for_call(planner, operand));
    else
      operands_add(&all, plan_for_message(planner, operand));
  if (of_call.count > 0)
    operands_add(&all,
                 new_part(planner, NODE_OF_CALL, operands_join(planner, node->kind, &of_call)));
  return operands_join(planner, node->kind, &all);
}

static FilterNode *plan_for_message(Planner *planner, const FilterNode *node)
{
  if (is_of_call(node))
    return new_part(planner, NODE_OF_CALL, plan_for_call(planner, node));
  if (node->kind == NODE_TEST)
    return copy_test(planner, node);
  if (node->kind == NODE_NOT)
    return new_not(planner, plan_for_message(planner, node->first));
  return plan_joined_for_message(planner, node);
}

static bool check_parts(const Planner *planner, const char *expression, GError **error)
{
  if (planner->parts <= FILTER_PARTS_MAX)
    return true;
  return filter_fail(error, slice_from_string(expression), 0,
                     "more than %d parts that test all messages of a call", FILTER_PARTS_MAX);
}

static bool make_trees(FilterPlan *plan, const FilterText *of, GError **error)
{
  Planner calls = {.arena = &plan->arena}, messages = {.arena = &plan->arena};
  const FilterNode *parsed = filter_parse(&plan->arena, plan->patterns, of, error);

  if (!parsed)
    return false;
  plan->calls = new_part(&calls, NODE_OF_CALL, plan_for_call(&calls, parsed));
  plan->messages = plan_for_message(&messages, parsed);
  plan->reads_rows = parsed->reads_rows;
  return check_parts(&calls, of->expression, error) &&
         check_parts(&messages, of->expression, error);
}

static void begin(FilterPlan *plan)
{
  *plan =
    (FilterPlan){.patterns = g_ptr_array_new_with_free_func((GDestroyNotify) filter_pattern_free),
                 .reading = g_string_new(NULL)};
  arena_init(&plan->arena, 1024);
}

bool filter_plan_init_for_streams(FilterPlan *plan, const char *expression, GError **error)
{
  begin(plan);
  const FilterText of = {.expression = expression, .reading = plan->reading, .for_streams = true};
  plan->streams = filter_parse(&plan->arena, plan->patterns, &of, error);
  if (plan->streams)
    return true;
  filter_plan_clear(plan);
  return false;
}

bool filter_plan_init(FilterPlan *plan, const char *expression, const FilterRows *rows,
                      GError **error)
{
  begin(plan);
  if (rows)
    plan->rows = *rows;
  const FilterText of = {
    .expression = expression, .rows = rows ? &plan->rows : NULL, .reading = plan->reading};
  if (make_trees(plan, &of, error))
    return true;
  filter_plan_clear(plan);
  return false;
}

void filter_plan_clear(FilterPlan *plan)
{
  g_clear_pointer(&plan->patterns, g_ptr_array_unref);
  if (plan->reading)
    g_string_free(g_steal_pointer(&plan->reading), TRUE);
  arena_clear(&plan->arena);
}
