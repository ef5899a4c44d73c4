/*
 * The period of keep-alives (GB/T 28181-2022 9.6), by the times between those that came.  Pure.
 */
#pragma once

#include <glib.h>

enum { GB_PERIOD_MISSED_MAX = 3 }; /* keep-alives, after which a device is offline */

/* The median of the gaps, which are sorted by it; 0 of fewer than two. */
int64_t gb_period_of(int64_t *gaps, size_t count);

/* How many keep-alives were due in a time without any, each half a period before it counts; 0
 * without a period. */
int64_t gb_period_missed(int64_t gap_ns, int64_t period_ns);
