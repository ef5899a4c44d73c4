/*
 * SnoopFile: the capture format of Solaris' snoop(1M), version 2 (RFC 1761): a file header, then
 * records of a header, the packet and padding, all big-endian, with times in microseconds.
 */
#pragma once

#include "capture/walk.h"

/* Zeroed before the first walk, which begins with the file header. */
typedef struct {
  bool header_read;
  uint16_t link_type; /* LINKTYPE_ */
} SnoopFile;

/* Do these bytes begin such a file? */
bool snoop_file_detect(Slice head);

void snoop_file_walk(SnoopFile *file, Walk *walk);
