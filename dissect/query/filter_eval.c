#include "dissect/query/filter_eval.h"

/* So many messages between two questions whether to stop, and at least in a turn. */
enum { TURN_MESSAGES = 32 };

void filter_parts_set(FilterParts *parts, const FilterNode *node, bool holds)
{
  parts->known |= UINT64_C(1) << node->part;
  if (holds)
    parts->holds |= UINT64_C(1) << node->part;
}

static bool matches(const GRegex *regex, Slice text)
{
  /* Gives up at the pattern's limit: then it does not match. */
  return g_regex_match_full(regex, text.data ? text.data : "", (gssize) text.len, 0, 0, NULL, NULL);
}

static bool is_one_of(const FilterTest *test, const FieldValue *value)
{
  for (size_t i = 0; i < test->value_count; i++)
    if (filter_value_holds(&test->values[i], test->op, value))
      return true;
  return false;
}

static bool value_holds(const FilterTest *test, const FieldValue *value)
{
  if (test->op == FILTER_CONTAINS)
    return text_search_finds(test->search, value->text);
  if (test->op == FILTER_MATCHES)
    return matches(test->regex, value->text);
  if (test->op == FILTER_EXISTS)
    return test->ref.field->type != FIELD_BOOLEAN || value->truth;
  return is_one_of(test, value);
}

/* Of many values one is enough; what is absent never is. */
static bool test_holds(const FilterTest *test, FieldContext *context)
{
  FieldValue value;
  bool holds = false;

  for (size_t i = 0; !holds && field_get_at(context, &test->ref, i, &value); i++)
    holds = value_holds(test, &value);
  return holds != test->negated;
}

static FilterAnswer eval_test(const FilterNode *node, const FilterScope *scope)
{
  if (node->needs_octets && !scope->reads)
    return FILTER_OPEN;
  return test_holds(node->test, scope->message ? scope->message : scope->call) ? FILTER_YES
                                                                               : FILTER_NO;
}

/* AND is over with the first NO, OR with the first YES. */
static FilterAnswer eval_joined(const FilterNode *node, FilterScope *scope)
{
  FilterAnswer deciding = node->kind == FILTER_AND ? FILTER_NO : FILTER_YES;
  FilterAnswer answer = node->kind == FILTER_AND ? FILTER_YES : FILTER_NO;

  for (const FilterNode *operand = node->first; operand; operand = operand->next) {
    FilterAnswer one = filter_eval(operand, scope);

    if (one == deciding)
      return deciding;
    if (one == FILTER_OPEN)
      answer = FILTER_OPEN;
  }
  return answer;
}

static FilterAnswer eval_not(const FilterNode *node, FilterScope *scope)
{
  FilterAnswer answer = filter_eval(node->first, scope);

  if (answer == FILTER_OPEN)
    return FILTER_OPEN;
  return answer == FILTER_YES ? FILTER_NO : FILTER_YES;
}

static bool turn_is_over(FilterTurns *turns, unsigned asked)
{
  if (turns && !turns->stopped && asked > 0 && asked % TURN_MESSAGES == 0)
    turns->stopped = turns->stop(turns->data);
  return turns && turns->stopped;
}

static const Message *first_to_ask(const FilterNode *loop, const FilterScope *scope)
{
  const Message *asked = scope->turns ? scope->turns->asked[loop->part] : NULL;

  return asked ? asked->next : scope->call->call->first;
}

static FilterAnswer eval_message(const FilterNode *node, FilterScope *scope, const Message *message)
{
  arena_reset(scope->message->scratch);
  field_look_at_message(scope->message, message);
  FilterAnswer answer = filter_eval(node, scope);
  scope->call->unreadable |= scope->message->unreadable;
  return answer;
}

/* Goes over the messages, from where it stopped. */
static FilterAnswer eval_messages(const FilterNode *node, FilterScope *scope)
{
  FilterAnswer deciding = filter_deciding(node);
  FilterAnswer answer = node->kind == FILTER_ANY ? FILTER_NO : FILTER_YES;
  unsigned asked = 0;

  for (const Message *m = first_to_ask(node, scope); m && answer != deciding; m = m->next) {
    if (turn_is_over(scope->turns, asked++))
      return FILTER_OPEN;
    FilterAnswer one = eval_message(node->first, scope, m);
    if (one == deciding || one == FILTER_OPEN)
      answer = one;
    if (scope->turns)
      scope->turns->asked[node->part] = m;
  }
  return answer;
}

static FilterAnswer eval_loop(const FilterNode *node, FilterScope *scope)
{
  Arena scratch;

  arena_init(&scratch, 4096);
  FieldContext context = field_context(scope->call->trace, scope->call->stores, &scratch);
  FilterScope inner = {scope->call, &context, scope->parts, scope->reads, scope->turns};
  FilterAnswer answer = eval_messages(node, &inner);
  arena_clear(&scratch);
  return answer;
}

static FilterAnswer eval_of_call(const FilterNode *node, FilterScope *scope)
{
  FilterScope outer = {scope->call, NULL, scope->parts, scope->reads, scope->turns};

  return filter_eval(node->first, &outer);
}

static FilterAnswer eval_part(const FilterNode *node, FilterScope *scope)
{
  if (filter_parts_know(scope->parts, node))
    return filter_parts_hold(scope->parts, node) ? FILTER_YES : FILTER_NO;
  FilterAnswer answer =
    node->kind == FILTER_OF_CALL ? eval_of_call(node, scope) : eval_loop(node, scope);
  if (answer != FILTER_OPEN)
    filter_parts_set(scope->parts, node, answer == FILTER_YES);
  return answer;
}

FilterAnswer filter_eval(const FilterNode *node, FilterScope *scope)
{
  switch (node->kind) {
  case FILTER_TEST:
    return eval_test(node, scope);
  case FILTER_AND:
  case FILTER_OR:
    return eval_joined(node, scope);
  case FILTER_NOT:
    return eval_not(node, scope);
  case FILTER_ANY:
  case FILTER_ALL:
  case FILTER_OF_CALL:
    return eval_part(node, scope);
  }
  g_assert_not_reached();
}
