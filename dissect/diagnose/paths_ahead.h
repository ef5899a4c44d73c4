/*
 * PathsAhead: the paths of many calls (call_path_begin), found by a thread of its own while the
 * rules look at the calls before.  It reads the messages that are asked for in nearly all calls;
 * others are read by whoever asks for them, once the path was taken.
 *
 * The thread reads the trace without a lock: nothing may be added to it until this is freed.
 */
#pragma once

#include "dissect/diagnose/call_path.h"

typedef struct PathsAhead PathsAhead;

/* `calls`: const Call *, in the order in which they will be taken; becomes its own.  `stores`: of
 * the caller, for what it asks for; may be NULL. */
PathsAhead *paths_ahead_new(const Trace *trace, const StoreSet *stores, GArray *calls);
void paths_ahead_free(PathsAhead *ahead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PathsAhead, paths_ahead_free)

/* Waits for the path of the call; NULL if that call is not the next.  Valid until the next one is
 * taken. */
const CallPath *paths_ahead_take(PathsAhead *ahead, const Call *call);
