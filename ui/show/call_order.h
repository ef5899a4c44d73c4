/*
 * CallOrder: calls sorted by a field, in slices, while more come and facts change.
 *
 * What is new or has changed is gathered and taken in by rounds: its keys are made, sorted, and
 * merged with what is sorted already, whose order is good until the round is over.  The cost of a
 * round is that of its sorting and of one walk over all.  Borrows trace and stores.
 */
#pragma once

#include "dissect/query/field.h"

typedef struct CallOrder CallOrder;

/* By order of appearance when `ref` is NULL; its name is copied. */
CallOrder *call_order_new(const Trace *trace, const StoreSet *stores, const FieldRef *ref);
void call_order_free(CallOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallOrder, call_order_free)

/* The other way round; shown once it is sorted. */
void call_order_set_descending(CallOrder *order, bool descending);

/* Is there a round that is not over? */
bool call_order_is_busy(const CallOrder *order);
/* Is it being turned round, or about to?  Then it gives no calls, or not in the order that was. */
bool call_order_is_turning(const CallOrder *order);

/* Begins a round with all calls up to number `last`, and those whose facts changed (uint32_t, each
 * but once; NULL: none). */
void call_order_begin(CallOrder *order, uint32_t last, const GArray *changed);

/* The newest number that the last round took. */
uint32_t call_order_last(const CallOrder *order);

/* A slice of the round; true while it is not over. */
bool call_order_step(CallOrder *order, int64_t until_us);
double call_order_progress(const CallOrder *order);

/* What the last round gave. */
size_t call_order_count(const CallOrder *order);
uint32_t call_order_at(const CallOrder *order, size_t index);

bool call_order_is_unreadable(const CallOrder *order);
