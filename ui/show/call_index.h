/*
 * CallIndex: the rows of the call list, filtered and sorted, while the trace grows.
 *
 * Rows are call numbers (Call.number).  All work is done in slices (call_index_step), so that a
 * million calls, or a call of a million messages, never block the screen; the rows shown are
 * consistent at any time, but may be out of date.  When a filter is set, rows fill from the top,
 * and the previous rows stay until the first new ones are ready.  When the order changes, all rows
 * are replaced at once.  Calls that got messages are checked again and moved at most four times a
 * second.  Borrows trace and stores.
 */
#pragma once

#include "ui/show/call_filter.h"

typedef struct CallIndex CallIndex;

CallIndex *call_index_new(const Trace *trace, const StoreSet *stores);
void call_index_free(CallIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallIndex, call_index_free)

/* For folding, and for fields of legs in filters and orders; they must outlive it.  Calls that a
 * round has changed are checked again. */
void call_index_share(CallIndex *index, Conversations *conversations);

/* One row for each conversation: of its legs that pass the filters, the first one in the order of
 * the rows.  The others are below it once it is unfolded. */
void call_index_fold(CallIndex *index, bool folds);
bool call_index_folds(const CallIndex *index);
void call_index_unfold(CallIndex *index, uint32_t number, bool unfolds);
/* Is that row one for several legs? */
bool call_index_is_folded(const CallIndex *index, uint32_t number);

/* The call got a message. */
void call_index_touch(CallIndex *index, const Call *call);

/* Works until then; true while there is more to do.  It is false also while changes are gathered:
 * call it again at least every 250 ms. */
bool call_index_step(CallIndex *index, int64_t until_us);

/* How long changes are gathered; 0: not at all, for tests. */
void call_index_set_pace(CallIndex *index, int64_t pace_us);

/* Rows that are shown. */
size_t call_index_count(const CallIndex *index);
uint32_t call_index_at(const CallIndex *index, size_t row);
/* The row of a call; false if it is not shown. */
bool call_index_find(const CallIndex *index, uint32_t number, size_t *ret_row);
/* Incremented with every change of the rows. */
uint64_t call_index_version(const CallIndex *index);

/* Number of calls, and how many of these were cleared. */
size_t call_index_total(const CallIndex *index);
size_t call_index_hidden(const CallIndex *index);

/* The display filter, owned from now on; NULL: none. */
void call_index_set_filter(CallIndex *index, DisplayFilter *filter);
const DisplayFilter *call_index_filter(const CallIndex *index);

void call_index_set_quick(CallIndex *index, QuickChoice quick);
QuickChoice call_index_quick(const CallIndex *index);

/* Sorts by a field (its name is copied), equal calls in order of appearance, missing values last;
 * NULL: by order of appearance. */
void call_index_sort(CallIndex *index, const FieldRef *ref, bool descending);

/* Clears the list; or removes the calls that do not pass the filters. */
void call_index_clear(CallIndex *index);
void call_index_clear_soft(CallIndex *index);
/* Shows cleared calls again. */
void call_index_unhide(CallIndex *index);

/* A paused list changes only with filter and order; call_index_waiting is the number of new
 * calls. */
void call_index_pause(CallIndex *index, bool paused);
bool call_index_is_paused(const CallIndex *index);
size_t call_index_waiting(const CallIndex *index);

typedef enum {
  CALL_INDEX_IDLE,
  CALL_INDEX_SORTING,
  CALL_INDEX_FILTERING,
} CallIndexWork;

/* A task that takes long, and unless it is idle, how much of it is done, from 0 to 1. */
CallIndexWork call_index_work(const CallIndex *index, double *ret_done);

/* Some messages could not be read: their fields are missing. */
bool call_index_is_unreadable(const CallIndex *index);
