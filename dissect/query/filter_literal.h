/*
 * What users write for numbers, durations, times and addresses.  Each gives the first and the last
 * value that is meant: all octets of the text must be read, else it is false and nothing is
 * given.  Private to the display filter.
 */
#pragma once

#include "dissect/query/filter_value.h"

/* 486, -1, or 4xx for 400..499. */
bool filter_literal_integer(Slice text, int64_t *ret_low, int64_t *ret_high);

/* 3s, 250ms, 1.5s, 2min, 1h30min; a bare number is seconds. */
bool filter_literal_duration(Slice text, int64_t *ret_low, int64_t *ret_high);

/*
 * RFC 3339, with a space for the T too: 2026-01-02T03:04:05.25Z; what is left out at its end means
 * all of that day, minute or second.  Local without Z or offset.
 */
bool filter_literal_time(Slice text, int64_t *ret_low, int64_t *ret_high);

/* 10.0.0.1, 10.0.0.1:5060, 10.0.0.0/8, 2001:db8::1, [2001:db8::1]:5060, 2001:db8::/32 */
bool filter_literal_addresses(Slice text, FilterAddresses *ret_addresses);
