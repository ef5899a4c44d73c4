/*
 * PcapngFile: the block format (draft-ietf-opsawg-pcapng): sections of either byte order, each
 * with interfaces that differ in link type, snap length and clock; packets in enhanced, simple
 * and obsolete packet blocks.  Other blocks are passed over.
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

/* Do these octets begin such a file? */
bool pcapng_file_detect(Slice head);

/* Frame.input is the number of the interface within its section. */
void pcapng_file_walk(PcapngFile *file, Walk *walk);
