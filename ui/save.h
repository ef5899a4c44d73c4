/*
 * Save: the packets of the chosen calls into a capture file.
 *
 * The file is opened before the input is read, so that what is wrong with it is told at once, and
 * written when all calls are known (see ui/report/packet_save.h).
 */
#pragma once

#include "ui/progress.h"
#include "ui/report/out_file.h"
#include "ui/report/packet_save.h"
#include "ui/report/report.h"

typedef struct {
  const char *name;
  int fd;      /* that is written to */
  OutFile out; /* of a regular file; else nothing is in it */
} SaveFile;

/* Refuses to write over a file, unless --force was given. */
G_GNUC_WARN_UNUSED_RESULT bool save_file_open(const Options *options, SaveFile *ret_file,
                                              GError **error);

/* Closes the file unwritten; nothing stays behind, and what was there is as it was. */
void save_file_discard(SaveFile *file);

/* All that was read, by whom, and what was chosen of it. */
typedef struct {
  const Options *options;
  PacketSaveInput packets;
  Report *report;
  Progress *progress;
} SaveInput;

/* Writes the packets and closes the file; discards it when that cannot be done or a signal came. */
G_GNUC_WARN_UNUSED_RESULT bool save_run(const SaveInput *input, SaveFile *file, GError **error);
