#include "ui/show/delays.h"

#include <glib.h>

enum { STEP_BITS = 7, NS_PER_US = 1000 };

G_STATIC_ASSERT(DELAYS_STEPS == 1 << STEP_BITS);

static unsigned bucket_of(uint64_t us)
{
  if (us < DELAYS_STEPS)
    return (unsigned) us;
  unsigned exponent = 63 - (unsigned) __builtin_clzll(us);
  unsigned step = (unsigned) (us >> (exponent - STEP_BITS)) & (DELAYS_STEPS - 1);
  return (exponent - STEP_BITS + 1) * DELAYS_STEPS + step;
}

/* The greatest that falls into it. */
static int64_t bucket_end_ns(unsigned bucket)
{
  if (bucket < DELAYS_STEPS)
    return (int64_t) (bucket + 1) * NS_PER_US - 1;
  unsigned exponent = bucket / DELAYS_STEPS - 1;
  uint64_t step = DELAYS_STEPS + bucket % DELAYS_STEPS + 1;
  if (step > (uint64_t) (INT64_MAX / NS_PER_US) >> exponent)
    return INT64_MAX;
  return (int64_t) (step << exponent) * NS_PER_US - 1;
}

void delays_add(Delays *delays, int64_t ns)
{
  int64_t known = MAX(ns, 0);

  delays->count++;
  delays->max_ns = MAX(delays->max_ns, known);
  delays->buckets[bucket_of((uint64_t) known / NS_PER_US)]++;
}

int64_t delays_quantile(const Delays *delays, double share)
{
  uint64_t wanted = (uint64_t) (share * (double) delays->count), seen = 0;

  if (delays->count == 0)
    return -1;
  wanted = MIN(wanted, delays->count - 1);
  for (unsigned i = 0; i < DELAYS_BUCKETS; i++) {
    seen += delays->buckets[i];
    if (seen > wanted)
      return MIN(bucket_end_ns(i), delays->max_ns);
  }
  return delays->max_ns;
}
