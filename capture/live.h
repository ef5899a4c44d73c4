/*
 * Live: frames from network interfaces, through libpcap.
 *
 * All of them share a spool, which is a pcapng file of what was captured, in the order in which
 * it was handed over; its interfaces have the numbers of the inputs.  A device that fails is a
 * fault; the others go on.
 */
#pragma once

#include <glib.h>

#include "capture/filter.h"
#include "capture/source.h"

typedef struct Live Live;

/* `filter` may be NULL; it stays the caller's. */
G_GNUC_WARN_UNUSED_RESULT Live *live_open(const char *const *interfaces, Filter *filter,
                                          StoreSet *stores, GError **error);
void live_free(Live *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Live, live_free)

/* What arrived, in order of time, or within the next 50 ms; without numbers.  Faults are added
 * as they happen. */
SourceStatus live_read(Live *live, FrameBatch *batch, GPtrArray *faults);

/* As far as kernel and interfaces have told; may be asked from any thread. */
uint64_t live_dropped(const Live *live);

/* The spool. */
unsigned live_store(const Live *live);

const char *live_name(const Live *live, unsigned input);
unsigned live_count(const Live *live);
