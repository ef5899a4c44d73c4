/*
 * The answer of a display filter for one call or message.  Private to the display filter.
 *
 * Where octets may not be read the answer can stay open; what is still open decides which
 * messages are worth reading (filter_bulk.c).
 */
#pragma once

#include "dissect/query/filter_node.h"

typedef enum {
  FILTER_NO,
  FILTER_YES,
  FILTER_OPEN, /* depends on octets */
} FilterAnswer;

/* Answers about one call, by FilterNode.part. */
typedef struct {
  uint64_t known, holds;
} FilterParts;

/* Where loops over the messages of one call go on, so that its answer can be had in turns. */
typedef struct {
  const Message **asked;    /* by FilterNode.part: the last that was asked; NULL: none */
  bool (*stop)(void *data); /* asked from time to time; once true, what is not known stays open */
  void *data;
  bool stopped;
} FilterTurns;

typedef struct {
  FieldContext *call;    /* looks at the call, or at a message of it */
  FieldContext *message; /* looks at a message of it; NULL where the call is asked */
  FilterParts *parts;
  bool reads;         /* octets may be read */
  FilterTurns *turns; /* NULL: all in one go */
} FilterScope;

FilterAnswer filter_eval(const FilterNode *node, FilterScope *scope);

static inline bool filter_parts_know(const FilterParts *parts, const FilterNode *node)
{
  return (parts->known >> node->part & 1) != 0;
}

static inline bool filter_parts_hold(const FilterParts *parts, const FilterNode *node)
{
  return (parts->holds >> node->part & 1) != 0;
}

void filter_parts_set(FilterParts *parts, const FilterNode *node, bool holds);

/* The answer of one message that decides ANY or ALL. */
static inline FilterAnswer filter_deciding(const FilterNode *loop)
{
  return loop->kind == FILTER_ANY ? FILTER_YES : FILTER_NO;
}
