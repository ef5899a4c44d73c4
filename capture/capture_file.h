/*
 * CaptureFile: one opened capture file or pipe, of any format that is read (file_format.h),
 * plain or compressed, or a text with messages, which is read as a capture of them (text_trace.h).
 *
 * It reads large pieces straight into the batch; frames point into them.  What cannot be read
 * again is appended to a spool as it comes, byte by byte the (decompressed) capture.
 */
#pragma once

#include <glib.h>
#include <stdatomic.h>

#include "capture/source.h"
#include "capture/zip_file.h"

typedef struct CaptureFile CaptureFile;

typedef struct {
  const char *name;        /* for messages; "-" is standard input */
  const char *path;        /* of the file; NULL: its name */
  const ZipMember *member; /* of that archive; NULL: the file itself */
  StoreSet *stores;
  bool spool;              /* what cannot be read again; else its frames are of STORE_NONE */
  bool follow;             /* waits at the end until a file grows, or a pipe has a new writer */
  size_t piece;            /* bytes to read at a time */
  uint64_t end;            /* of what is read out of a store; 0: all that is there */
  const atomic_bool *stop; /* set when reading should end soon */
} CaptureFileOptions;

/* Waits for the first bytes, which show what it is. */
G_GNUC_WARN_UNUSED_RESULT CaptureFile *capture_file_open(CaptureFileOptions options,
                                                         GError **error);

/* A capture from its beginning out of a store, as far as it can be read there by now; what was
 * dropped of it is passed over.  The name is for messages. */
G_GNUC_WARN_UNUSED_RESULT CaptureFile *capture_file_open_stored(CaptureFileOptions options,
                                                                unsigned store, GError **error);
void capture_file_free(CaptureFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureFile, capture_file_free)

/* The next frames; without number and verdict of the filter, and with the number of the interface
 * within the file as their input. */
SourceStatus capture_file_read(CaptureFile *file, FrameBatch *batch);

/* For messages and display. */
const char *capture_file_name(const CaptureFile *file);

/* After SOURCE_END: a line about what was wrong, or NULL. */
const char *capture_file_fault(const CaptureFile *file);

/* After SOURCE_END: a line about what is right but lacks something, or NULL; freed with g_free. */
char *capture_file_note(const CaptureFile *file);

/* A line about why frames from some place on cannot be read again, or NULL. */
const char *capture_file_spool_fault(const CaptureFile *file);

/* Where its bytes can be read again. */
unsigned capture_file_store(const CaptureFile *file);

/* Bytes read from the file, as they lie there, and how many it has; 0 when not known. */
uint64_t capture_file_done(const CaptureFile *file);
uint64_t capture_file_total(const CaptureFile *file);
