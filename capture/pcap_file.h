/*
 * PcapFile: the classic capture format (draft-ietf-opsawg-pcap): a file header, then records
 * of a fixed header and the packet.  Both byte orders, microseconds and nanoseconds, and the
 * "modified" formats, whose record headers are longer: Kuznetsov's patch, Nokia, Red Hat, SuSE.
 * Another file header may follow in the place of a record, where files were put together: a pipe
 * that one capture after another is written to.
 */
#pragma once

#include "capture/walk.h"

/* Zeroed before the first walk, which begins with the file header. */
typedef struct {
  bool header_read;
  bool big_endian;
  bool lengths_may_be_swapped; /* versions before 2.4 */
  uint8_t extra_len;           /* bytes in the record header after the usual 16, */
  const uint8_t *other_extras; /* and how many they may be instead */
  uint16_t link_type;          /* LINKTYPE_ */
  int64_t tick_ns;
} PcapFile;

/* Do these bytes begin such a file? */
bool pcap_file_detect(Slice head);

void pcap_file_walk(PcapFile *file, Walk *walk);
