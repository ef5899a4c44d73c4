/*
 * A display filter asked of a whole trace.  First everything is asked that needs no octets;
 * the messages whose answer is still open are sorted by where they lie and read once, in that
 * order; then what is left can be told.  Private to the display filter.
 */
#pragma once

#include "dissect/query/filter_eval.h"
#include "dissect/query/filter_plan.h"

typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  bool (*stop)(void *data); /* or NULL */
  void *data;
} FilterBulk;

/* As display_filter_calls and display_filter_messages. */
uint64_t *filter_bulk_calls(const FilterBulk *bulk, const FilterPlan *plan);
GPtrArray *filter_bulk_messages(const FilterBulk *bulk, const FilterPlan *plan);
