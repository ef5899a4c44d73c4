/*
 * Delays: how long something took, many times: count, greatest, and quantiles, which are no more
 * than a hundredth too large.  Its size is fixed, each addition takes the same time.
 */
#pragma once

#include <stdint.h>

/* Microseconds below DELAYS_STEPS have a bucket each, then each power of two has DELAYS_STEPS. */
enum { DELAYS_STEPS = 128, DELAYS_BUCKETS = 58 * DELAYS_STEPS };

/* Zero is an empty one. */
typedef struct {
  uint64_t count;
  int64_t max_ns;
  uint32_t buckets[DELAYS_BUCKETS];
} Delays;

void delays_add(Delays *delays, int64_t ns);

/* What that share (0..1) of all took at most; -1 when there are none. */
int64_t delays_quantile(const Delays *delays, double share);
