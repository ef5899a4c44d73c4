/*
 * CallPath: the way of a call's messages: what was read of them, and the tree of its requests.
 */
#pragma once

#include "dissect/diagnose/forwarding.h"

typedef struct {
  CallReading reading;
  Forwarding forwarding;
} CallPath;

/* `stores` may be NULL: the path is empty then.  Everything is in the arena but a table, which
 * call_path_clear frees. */
void call_path_find(const Trace *trace, const Call *call, const StoreSet *stores, Arena *arena,
                    CallPath *ret_path);
/* The same, read as call_reading_begin does. */
void call_path_begin(const Trace *trace, const Call *call, const StoreSet *stores, Arena *arena,
                     CallPath *ret_path);
void call_path_clear(CallPath *path);
