/*
 * PathsAhead: the paths of many calls, found by a thread of its own while the rules look at the
 * calls before.  To read messages again and to build their tree is about half of a diagnosis.
 *
 * The thread reads the trace without a lock: nothing may be added to it until this is freed.
 */
#pragma once

#include "dissect/diagnose/call_path.h"

typedef struct PathsAhead PathsAhead;

/* `calls`: const Call *, in the order in which they will be taken; becomes its own. */
PathsAhead *paths_ahead_new(const Trace *trace, const StoreSet *stores, GArray *calls);
void paths_ahead_free(PathsAhead *ahead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PathsAhead, paths_ahead_free)

/* Waits for the path of the call; NULL if that call is not the next.  Valid until the next one is
 * taken. */
const CallPath *paths_ahead_take(PathsAhead *ahead, const Call *call);
