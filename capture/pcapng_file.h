/*
 * PcapngFile: the block format (draft-ietf-opsawg-pcapng): sections of either byte order, each
 * with interfaces that differ in link type, snap length and clock; packets in enhanced, simple
 * and obsolete packet blocks; secrets of TLS.  Other blocks are passed over.
 */
#pragma once

#include <glib.h>

#include "capture/walk.h"

typedef struct {
  bool big_endian;    /* of the section */
  GArray *interfaces; /* of the section, in order: Interface (pcapng_file.c) */
  int64_t last_ns;    /* time of the newest packet: simple packet blocks have none */
} PcapngFile;

void pcapng_file_init(PcapngFile *file);
void pcapng_file_clear(PcapngFile *file);

/* Do these bytes begin such a file? */
bool pcapng_file_detect(Slice head);

/* Frame.input is the number of the interface within its section. */
void pcapng_file_walk(PcapngFile *file, Walk *walk);

/*
 * PcapngClock: what the time stamps of an interface count (draft-ietf-opsawg-pcapng 4.2, if_tsresol
 * and if_tsoffset): parts of a second that are powers of ten or of two.
 */
typedef struct {
  bool binary;      /* a tick is 2^-exponent s, else 10^-exponent s */
  uint8_t exponent; /* 0 to 127 */
  int64_t offset_s; /* to be added */
} PcapngClock;

#define PCAPNG_CLOCK_DEFAULT ((PcapngClock){.exponent = 6})

/* From the byte of if_tsresol. */
void pcapng_clock_set_resolution(PcapngClock *clock, uint8_t tsresol);

/* Nanoseconds since 1970; what lies outside of 0..FRAME_TIME_MAX becomes the nearer end. */
int64_t pcapng_clock_to_ns(const PcapngClock *clock, uint64_t ticks);
