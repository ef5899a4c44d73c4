/*
 * Source: where frames come from: capture files (pcap, pcapng, plain or compressed),
 * standard input, live interfaces, or several of them.
 *
 * Frames come in batches: of a file as much as one read gives, live what arrived within
 * 50 ms.  Several files are merged by time; frames are numbered over all inputs as they
 * are read.  One thread reads; others may ask for progress and drops, and tell it to stop.
 */
#pragma once

#include <glib.h>

#include "capture/frame.h"
#include "capture/store.h"

typedef struct Source Source;

typedef struct {
  const char *const *files;      /* NULL-terminated; "-" is standard input */
  const char *const *interfaces; /* NULL-terminated; used when there are no files */
  const char *filter;            /* BPF, or NULL */
} SourceOptions;

typedef struct {
  uint64_t bytes_done;  /* as they lie in the files, compressed or not */
  uint64_t bytes_total; /* 0 when not known (pipes, live) */
} SourceProgress;

typedef enum {
  SOURCE_FRAMES, /* the batch has frames */
  SOURCE_IDLE,   /* live or from a pipe, and nothing arrived for 50 ms */
  SOURCE_END,    /* no more frames will come */
} SourceStatus;

/*
 * Opens everything named.  Fails when a name cannot be opened, is no capture, or the filter
 * is wrong.  The stores of the inputs are added to `stores`, which must outlive the source.
 */
G_GNUC_WARN_UNUSED_RESULT Source *source_open(const SourceOptions *options, StoreSet *stores,
                                              GError **error);

/*
 * The same frames again, with the same numbers and references: those that were handed over before
 * the last source_flush, then it ends.  From any thread, at any time, however far the source is;
 * reads no file but by the stores.  It also gives SOURCE_IDLE, where the filter rejected all that
 * one read gave.  Both may be freed in any order.
 */
G_GNUC_WARN_UNUSED_RESULT Source *source_open_again(const Source *source, StoreSet *stores,
                                                    GError **error);
void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)

/* The next frames, in place of what the batch held.  Never fails: see source_faults. */
SourceStatus source_read(Source *source, FrameBatch *batch);

/* Flushes the stores: all that was handed over by now can be read again.  By the thread that
 * reads. */
G_GNUC_WARN_UNUSED_RESULT bool source_flush(Source *source, GError **error);

/* From any thread: how many frames source_open_again would give by now. */
uint64_t source_flushed_frames(const Source *source);

/* From any thread, or a signal handler: the next source_read gives SOURCE_END; of a live one,
 * once it gave what was captured by then. */
void source_stop(Source *source);

/* From any thread, like source_dropped. */
SourceProgress source_progress(const Source *source);

/* What went wrong while reading, a line each (truncated files, broken records, failing devices);
 * valid after SOURCE_END, owned by the source. */
const GPtrArray *source_faults(const Source *source);

/* Live: packets the kernel or the interface dropped; 0 for files. */
uint64_t source_dropped(const Source *source);
bool source_is_live(const Source *source);

/* The name of an input (Frame.input), for display. */
const char *source_input_name(const Source *source, unsigned input);
unsigned source_input_count(const Source *source);
