/*
 * FilterNode: the tree of a display filter, as it was parsed and as it is asked.
 *
 * All lies in the filter's arena, but regular expressions, which the filter keeps.  What a node
 * says of the tree below it is gathered as operands are added.  Private to the display filter.
 */
#pragma once

#include "dissect/query/filter_value.h"
#include "dissect/query/text_search.h"

/* Deeper nesting is refused, so that recursion over a tree has an end. */
enum { FILTER_DEPTH_MAX = 64 };

typedef struct {
  FieldRef ref;
  FilterOperator op; /* not UNEQUAL or IN: these are EQUAL to one of the values, or negated */
  bool negated;      /* != not in, not contains, not matches */
  FilterValue *values;
  size_t value_count;
  const TextSearch *search; /* CONTAINS */
  GRegex *regex;            /* MATCHES */
} FilterTest;

typedef enum {
  FILTER_AND,
  FILTER_OR,
  FILTER_NOT,
  FILTER_TEST,
  FILTER_ANY,     /* any(...): asked of the call's messages */
  FILTER_ALL,     /* all(...) */
  FILTER_OF_CALL, /* asked of the message's call; made by the plan */
} FilterKind;

typedef struct FilterNode FilterNode;
struct FilterNode {
  FilterKind kind;
  FilterNode *first, *last; /* operands; one of NOT, ANY, ALL and OF_CALL */
  FilterNode *next;         /* operand of the same node */
  const FilterTest *test;   /* TEST */
  unsigned part;            /* ANY, ALL, OF_CALL: its bit in FilterParts */

  /* Of all below. */
  bool needs_octets;
  bool has_loop; /* ANY or ALL: goes over messages */

  /* Of all below that is outside of any() and all(). */
  bool has_call, has_message, has_either; /* facts of that scope; has_call of any() and all() too */
  bool has_not;
  bool narrows; /* cannot hold by `!=` alone */
  bool names;   /* has a fact of messages that is not negated */
  bool picks;   /* both: so it picks messages out, and calls by them */
};

FilterNode *filter_node_new(Arena *arena, FilterKind kind);
FilterNode *filter_node_new_test(Arena *arena, const FilterTest *test);

/* Adds an operand; AND in AND and OR in OR become one. */
void filter_node_add(FilterNode *node, FilterNode *operand);
