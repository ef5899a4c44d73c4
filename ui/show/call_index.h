/*
 * CallIndex: which calls the list shows, and in which order, while there come more.
 *
 * Rows are call numbers (Call.number).  Everything is worked out in slices (call_index_step), so
 * that a million calls, or one of a million messages, hold nobody up; what is shown is whole at
 * any time, if not the newest.  When a filter is set, rows fill from the top; what was shown before
 * stays until the first new rows are there.  When they are sorted, all are swapped at once as soon
 * as the new order is ready.  Calls that got messages are asked again and moved at most four times
 * a second.  Borrows trace and stores.
 */
#pragma once

#include "dissect/query/display_filter.h"
#include "ui/show/quick_choice.h"

typedef struct CallIndex CallIndex;

CallIndex *call_index_new(const Trace *trace, const StoreSet *stores);
void call_index_free(CallIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CallIndex, call_index_free)

/* The call got a message. */
void call_index_touch(CallIndex *index, const Call *call);

/* A slice; true while more is to do.  False also while it waits to gather some changes: to be
 * called again at least every 250 ms. */
bool call_index_step(CallIndex *index, int64_t until_us);

/* The longest that changes are gathered; 0: not at all.  For tests, which do not wait. */
void call_index_set_pace(CallIndex *index, int64_t pace_us);

/* Rows that are shown. */
size_t call_index_count(const CallIndex *index);
uint32_t call_index_at(const CallIndex *index, size_t row);
/* The row of a call; false when it is not shown. */
bool call_index_find(const CallIndex *index, uint32_t number, size_t *ret_row);
/* Counts up with every change of the rows. */
uint64_t call_index_version(const CallIndex *index);

/* Calls taken in; of these as many were cleared away. */
size_t call_index_total(const CallIndex *index);
size_t call_index_hidden(const CallIndex *index);

/* The display filter, owned from now on; NULL: none. */
void call_index_set_filter(CallIndex *index, DisplayFilter *filter);
const DisplayFilter *call_index_filter(const CallIndex *index);

void call_index_set_quick(CallIndex *index, QuickChoice quick);
QuickChoice call_index_quick(const CallIndex *index);

/* Sorts by a field (its name is copied), equal ones in order of appearance, absent facts last;
 * NULL: all in order of appearance, or the other way round. */
void call_index_sort(CallIndex *index, const FieldRef *ref, bool descending);

/* Takes all calls so far out of the list; or all that are not shown. */
void call_index_clear(CallIndex *index);
void call_index_clear_soft(CallIndex *index);
/* What was cleared is shown again. */
void call_index_unhide(CallIndex *index);

/* The rows stand still, but for changes of filter and order; and how many calls came since. */
void call_index_pause(CallIndex *index, bool paused);
bool call_index_is_paused(const CallIndex *index);
size_t call_index_waiting(const CallIndex *index);

typedef enum {
  CALL_INDEX_IDLE,
  CALL_INDEX_SORTING,
  CALL_INDEX_FILTERING,
} CallIndexWork;

/* What takes long now, and unless it is idle, how much of it is done, from 0 to 1. */
CallIndexWork call_index_work(const CallIndex *index, double *ret_done);

/* Octets could not be read: facts of them are absent. */
bool call_index_is_unreadable(const CallIndex *index);
