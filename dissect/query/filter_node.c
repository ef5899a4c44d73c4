#include "dissect/query/filter_node.h"

FilterNode *filter_node_new(Arena *arena, FilterKind kind)
{
  FilterNode *node = arena_new(arena, FilterNode);

  node->kind = kind;
  node->narrows = kind == FILTER_OR; /* until an operand does not */
  return node;
}

FilterNode *filter_node_new_test(Arena *arena, const FilterTest *test)
{
  FilterNode *node = filter_node_new(arena, FILTER_TEST);
  const Field *field = test->ref.field;

  node->test = test;
  node->needs_octets = field->needs_octets;
  node->has_call = field->scope == FIELD_OF_CALL;
  node->has_message = field->scope == FIELD_OF_MESSAGE;
  node->has_either = field->scope == FIELD_OF_EITHER;
  node->narrows = !test->negated;
  node->names = node->has_message && !test->negated;
  node->picks = node->names;
  return node;
}

/* What is below any() and all() is not asked of what the filter is asked of. */
static void close_scope(FilterNode *node)
{
  node->has_loop = true;
  node->has_call = true;
  node->has_message = node->has_either = node->has_not = false;
}

static void gather(FilterNode *node, const FilterNode *operand)
{
  bool is_or = node->kind == FILTER_OR;

  node->needs_octets |= operand->needs_octets;
  node->has_loop |= operand->has_loop;
  node->has_call |= operand->has_call;
  node->has_message |= operand->has_message;
  node->has_either |= operand->has_either;
  node->has_not |= operand->has_not || node->kind == FILTER_NOT;
  node->names |= operand->names;
  node->narrows = is_or ? node->narrows && operand->narrows : node->narrows || operand->narrows;
  node->picks = is_or ? node->narrows && node->names : node->picks || operand->picks;
  if (node->kind == FILTER_ANY || node->kind == FILTER_ALL)
    close_scope(node);
}

void filter_node_add(FilterNode *node, FilterNode *operand)
{
  bool same = operand->kind == node->kind && (node->kind == FILTER_AND || node->kind == FILTER_OR);
  FilterNode *first = same ? operand->first : operand;
  FilterNode *last = same ? operand->last : operand;

  gather(node, operand);
  if (node->last)
    node->last->next = first;
  else
    node->first = first;
  node->last = last;
}
