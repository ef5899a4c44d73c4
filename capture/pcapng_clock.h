/*
 * PcapngClock: what the time stamps of a pcapng interface count (draft-ietf-opsawg-pcapng 4.2,
 * if_tsresol and if_tsoffset): parts of a second that are powers of ten or of two.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  bool binary;      /* a tick is 2^-exponent s, else 10^-exponent s */
  uint8_t exponent; /* 0 to 127 */
  int64_t offset_s; /* to be added */
} PcapngClock;

#define PCAPNG_CLOCK_DEFAULT ((PcapngClock){.exponent = 6})

/* From the octet of if_tsresol. */
void pcapng_clock_set_resolution(PcapngClock *clock, uint8_t tsresol);

/* Nanoseconds since 1970; what lies outside of 0..FRAME_TIME_MAX becomes the nearer end. */
int64_t pcapng_clock_to_ns(const PcapngClock *clock, uint64_t ticks);
