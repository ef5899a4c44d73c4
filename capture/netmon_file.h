/*
 * NetmonFile: the capture formats 1 and 2 of Microsoft Network Monitor (the NetMon help, "Capture
 * File Format"): a file header, packets one after another, then tables, all little-endian.
 *
 * The table of the packets comes last, so that a pipe can be read too it is not needed: it says how
 * many packets there are, which is checked, and where they end.  Up to format 2.2 the header has
 * the beginning of the capture in local time without its zone, which is read as UTC.
 */
#pragma once

#include "capture/walk.h"

/* Zeroed before the first walk, which begins with the file header. */
typedef struct {
  bool header_read;
  uint8_t major, minor;
  uint16_t media;    /* of the file; from format 2.1 on each packet has its own */
  int64_t start_ns;  /* of the capture */
  uint64_t position; /* in the file, of what is walked next */
  uint64_t end;      /* of the packets */
  uint32_t left;     /* packets of the table that were not seen yet */
} NetmonFile;

/* Do these bytes begin such a file? */
bool netmon_file_detect(Slice head);

void netmon_file_walk(NetmonFile *file, Walk *walk);
