#include "ui/show/delays.h"

#define SECOND_NS INT64_C(1000000000)

enum { STEP_BITS = 7, NS_PER_US = 1000 };

G_STATIC_ASSERT(DELAYS_STEPS == 1 << STEP_BITS);

typedef struct {
  unsigned octave, step;
} Bucket;

/* Microseconds below DELAYS_STEPS have a bucket each. */
static Bucket bucket_of(int64_t ns)
{
  uint64_t us = (uint64_t) ns / NS_PER_US;

  if (us < DELAYS_STEPS)
    return (Bucket){0, (unsigned) us};
  unsigned exponent = 63 - (unsigned) __builtin_clzll(us);
  unsigned step = (unsigned) (us >> (exponent - STEP_BITS)) & (DELAYS_STEPS - 1);
  return (Bucket){exponent - STEP_BITS + 1, step};
}

/* The greatest delay of a bucket. */
static int64_t bucket_end_ns(unsigned octave, unsigned bucket)
{
  if (octave == 0)
    return (int64_t) (bucket + 1) * NS_PER_US - 1;
  uint64_t step = DELAYS_STEPS + bucket + 1;
  if (step > (uint64_t) (INT64_MAX / NS_PER_US) >> (octave - 1))
    return INT64_MAX;
  return (int64_t) (step << (octave - 1)) * NS_PER_US - 1;
}

void delays_clear(Delays *delays)
{
  for (unsigned i = 0; i < DELAYS_OCTAVES; i++)
    g_free(delays->octaves[i]);
  *delays = (Delays){0};
}

static uint32_t *octave_of(Delays *delays, unsigned octave)
{
  if (!delays->octaves[octave])
    delays->octaves[octave] = g_new0(uint32_t, DELAYS_STEPS);
  return delays->octaves[octave];
}

static void add_sum(Delays *delays, int64_t s, int64_t ns)
{
  int64_t rest_ns = delays->sum_ns + ns % SECOND_NS;

  if (__builtin_add_overflow(delays->sum_s, s, &delays->sum_s) ||
      __builtin_add_overflow(delays->sum_s, ns / SECOND_NS + rest_ns / SECOND_NS, &delays->sum_s))
    delays->sum_s = INT64_MAX;
  delays->sum_ns = rest_ns % SECOND_NS;
}

void delays_add_many(Delays *delays, uint64_t count, int64_t most_ns, int64_t sum_s, int64_t sum_ns)
{
  int64_t most = MAX(most_ns, 0);
  Bucket bucket = bucket_of(most);
  uint32_t *of_bucket = &octave_of(delays, bucket.octave)[bucket.step];

  delays->count += count;
  add_sum(delays, MAX(sum_s, 0), MAX(sum_ns, 0));
  delays->max_ns = MAX(delays->max_ns, most);
  *of_bucket += (uint32_t) MIN(count, (uint64_t) (UINT32_MAX - *of_bucket));
}

void delays_add(Delays *delays, int64_t ns)
{
  delays_add_many(delays, 1, ns, 0, ns);
}

void delays_merge(Delays *into, const Delays *from)
{
  into->count += from->count;
  add_sum(into, from->sum_s, from->sum_ns);
  into->max_ns = MAX(into->max_ns, from->max_ns);
  for (unsigned octave = 0; octave < DELAYS_OCTAVES; octave++)
    for (unsigned i = 0; from->octaves[octave] && i < DELAYS_STEPS; i++)
      octave_of(into, octave)[i] += from->octaves[octave][i];
}

int64_t delays_quantile(const Delays *delays, double share)
{
  uint64_t wanted = (uint64_t) (share * (double) delays->count), seen = 0;

  if (delays->count == 0)
    return -1;
  wanted = MIN(wanted, delays->count - 1);
  for (unsigned octave = 0; octave < DELAYS_OCTAVES; octave++)
    for (unsigned i = 0; delays->octaves[octave] && i < DELAYS_STEPS; i++) {
      seen += delays->octaves[octave][i];
      if (seen > wanted)
        return MIN(bucket_end_ns(octave, i), delays->max_ns);
    }
  return delays->max_ns;
}

int64_t delays_mean(const Delays *delays)
{
  if (delays->count == 0)
    return -1;
  int64_t count = (int64_t) MIN(delays->count, (uint64_t) INT64_MAX);
  double rest_ns = (double) (delays->sum_s % count) * SECOND_NS + (double) delays->sum_ns;
  int64_t seconds = MIN(delays->sum_s / count, INT64_MAX / SECOND_NS - 1);
  return seconds * SECOND_NS + (int64_t) (rest_ns / (double) count);
}

double delays_sum_s(const Delays *delays)
{
  return (double) delays->sum_s + (double) delays->sum_ns / SECOND_NS;
}

uint64_t delays_below(const Delays *delays, int64_t ns)
{
  Bucket last = bucket_of(MAX(ns, 0));
  uint64_t count = 0;

  for (unsigned octave = 0; octave <= last.octave; octave++)
    for (unsigned i = 0; delays->octaves[octave] && i < DELAYS_STEPS; i++)
      if (octave < last.octave || i <= last.step)
        count += delays->octaves[octave][i];
  return count;
}
