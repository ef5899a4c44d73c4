/*
 * CallOrder: calls sorted by a field, in slices, while calls are added and change.
 *
 * New and changed calls are gathered and added in rounds: their keys are made, sorted, and merged
 * with the calls that are sorted already, whose order is valid until the round is over.  A round
 * costs the sorting of its calls and one walk over all.  Borrows trace and stores.
 */
#pragma once

#include "dissect/query/field.h"

typedef struct CallOrder CallOrder;

/* By order of appearance if `ref` is NULL; its name is copied. */
CallOrder *call_order_new(const Trace *trace, const StoreSet *stores, const FieldRef *ref);
void call_order_free(CallOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallOrder, call_order_free)

/* See call_index_share; before the first round. */
void call_order_share(CallOrder *order, Conversations *conversations);

/* Takes effect once it is sorted. */
void call_order_set_descending(CallOrder *order, bool descending);

/* Is there an unfinished round? */
bool call_order_is_busy(const CallOrder *order);
/* Is its direction being changed, or about to?  Then there are no calls, or in the previous
 * order. */
bool call_order_is_turning(const CallOrder *order);

/* Begins a round with all calls up to number `last`, and those that changed (uint32_t, distinct;
 * NULL: none). */
void call_order_begin(CallOrder *order, uint32_t last, const GArray *changed);

/* The highest number in the last round. */
uint32_t call_order_last(const CallOrder *order);

/* Works until then; true while there is more to do in the round. */
bool call_order_step(CallOrder *order, int64_t until_us);
double call_order_progress(const CallOrder *order);

/* The order after the last round. */
size_t call_order_count(const CallOrder *order);
uint32_t call_order_at(const CallOrder *order, size_t index);

bool call_order_is_unreadable(const CallOrder *order);
