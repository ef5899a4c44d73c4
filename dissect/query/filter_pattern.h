/*
 * FilterPattern: a regular expression of a display filter, and how many values it could not decide.
 *
 * Users' patterns may backtrack without end, so matching stops at a limit.  Such a value neither
 * matches nor does not match: it is counted, once however often it is asked about, and whoever
 * applies the filter has to report it.  Private to the display filter.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

/* Goes before a pattern (pcre2pattern(3)): milliseconds for a value, where it backtracks. */
#define FILTER_PATTERN_LIMIT "(*LIMIT_MATCH=1000000)"

typedef struct FilterPattern FilterPattern;

/* `text` without the limit; case is ignored, bytes need not be UTF-8.  NULL if it is invalid:
 * offsets in the message count from the limit. */
FilterPattern *filter_pattern_new(const char *text, GError **error);
void filter_pattern_free(FilterPattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FilterPattern, filter_pattern_free)

/* False, too, where the limit ended it. */
bool filter_pattern_matches(FilterPattern *pattern, Slice value);

/* Different values that were not decided. */
uint64_t filter_pattern_undecided(const FilterPattern *pattern);
