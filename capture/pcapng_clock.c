#include "capture/pcapng_clock.h"

#include <glib.h>

#include "capture/frame.h"

static const uint64_t SECOND_NS = 1000000000;

void pcapng_clock_set_resolution(PcapngClock *clock, uint8_t tsresol)
{
  clock->binary = tsresol & 0x80;
  clock->exponent = tsresol & 0x7f;
}

/* Seconds and the nanoseconds of the second they leave. */
typedef struct {
  uint64_t seconds, ns;
} Split;

static Split split_decimal(unsigned exponent, uint64_t ticks)
{
  static const uint64_t POWER[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u,
  };

  if (exponent <= 9)
    return (Split){ticks / POWER[exponent], ticks % POWER[exponent] * POWER[9 - exponent]};
  if (exponent <= 19)
    return (Split){ticks / POWER[exponent], ticks % POWER[exponent] / POWER[exponent - 9]};
  /* 64 bits of such ticks are less than a second. */
  return (Split){0, exponent <= 28 ? ticks / POWER[exponent - 9] : 0};
}

static Split split_binary(unsigned exponent, uint64_t ticks)
{
  uint64_t seconds = exponent < 64 ? ticks >> exponent : 0;
  uint64_t part = exponent < 64 ? ticks - (seconds << exponent) : ticks;

  /* 34 bits of fraction are finer than a nanosecond, and times 10^9 they fit 64. */
  if (exponent > 34) {
    part = exponent - 34 < 64 ? part >> (exponent - 34) : 0;
    exponent = 34;
  }
  return (Split){seconds, part * SECOND_NS >> exponent};
}

int64_t pcapng_clock_to_ns(const PcapngClock *clock, uint64_t ticks)
{
  Split split =
    clock->binary ? split_binary(clock->exponent, ticks) : split_decimal(clock->exponent, ticks);
  int64_t seconds, ns;

  if (__builtin_add_overflow(split.seconds, clock->offset_s, &seconds))
    return FRAME_TIME_MAX;
  if (__builtin_mul_overflow(seconds, (int64_t) SECOND_NS, &ns) ||
      __builtin_add_overflow(ns, (int64_t) split.ns, &ns))
    return seconds < 0 ? 0 : FRAME_TIME_MAX;
  return CLAMP(ns, 0, FRAME_TIME_MAX);
}
