/*
 * Delays: how long something took, many times, in memory that does not grow with their number.
 *
 * Buckets of microseconds: DELAYS_STEPS of them in each power of two, which is allocated when it is
 * first used.  So quantiles are at most a hundredth too large.
 */
#pragma once

#include <stdint.h>

#include <glib.h>

enum { DELAYS_STEPS = 128, DELAYS_OCTAVES = 58 };

/* All zero when empty. */
typedef struct {
  uint64_t count;
  int64_t sum_s, sum_ns; /* together, as a database sums centuries of calls; sum_ns is below 1 s */
  int64_t max_ns;
  uint32_t *octaves[DELAYS_OCTAVES]; /* DELAYS_STEPS each, or NULL */
} Delays;

void delays_clear(Delays *delays);

void delays_add(Delays *delays, int64_t ns);

/* Several of one bucket: `most_ns` is the longest of them, `sum_s` and `sum_ns` their sum. */
void delays_add_many(Delays *delays, uint64_t count, int64_t most_ns, int64_t sum_s,
                     int64_t sum_ns);
void delays_merge(Delays *into, const Delays *from);

/* The delay that this share (0..1) of all did not exceed; -1 if there are none, as below. */
int64_t delays_quantile(const Delays *delays, double share);
int64_t delays_mean(const Delays *delays);

double delays_sum_s(const Delays *delays);

/* How many were at most so long; exact to a hundredth of `ns`. */
uint64_t delays_below(const Delays *delays, int64_t ns);
