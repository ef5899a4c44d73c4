/*
 * FileFormat: the capture formats that are read, a row each.  The first bytes tell them apart; what
 * a reader knows of its file is a state of its own.
 */
#pragma once

#include "capture/walk.h"

typedef struct {
  const char *name;
  bool (*detect)(Slice head);
  void *(*open)(void); /* the state of a file that is at its beginning */
  void (*walk)(void *state, Walk *walk);
  void (*close)(void *state);
} FileFormat;

/* As many first bytes as are needed to tell the formats apart. */
enum { FILE_FORMAT_HEAD_LEN = 12 };

/* NULL: none of them.  `head` may be shorter, when the file is. */
const FileFormat *file_format_of(Slice head);

/* What is known but not read, with what to do about it; NULL when it is not known either. */
const char *file_format_unread(Slice head);

/* For messages: the formats that are read. */
#define FILE_FORMAT_NAMES "pcap, pcapng, snoop, NetMon"
