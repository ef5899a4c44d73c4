/*
 * SourceOps: what a Source does differently for each kind of input.  Private to source.c and to
 * the files that implement a kind: source_files.c (capture files, and a spool that is read again)
 * and source_live.c (interfaces).
 *
 * source.c keeps what all kinds share: the filter, the count of frames, faults, and the end.  A
 * new kind of input is one file with one row, and one line in source_open.
 */
#pragma once

#include <stdatomic.h>

#include "capture/filter.h"
#include "capture/key_log.h"
#include "capture/source.h"

typedef struct {
  bool is_live;

  /* Fills the batch, which is empty, with frames that are numbered (source->frames counts them)
   * and judged by the filter.  Not called again after SOURCE_END. */
  SourceStatus (*read)(Source *source, FrameBatch *batch);

  /* See source_keep; NULL: frames are kept as they are read. */
  bool (*keep)(Source *source, Frame *frame, GError **error);
  void (*forget)(Source *source);
  void (*flushed)(Source *source); /* or NULL; all that was kept can be read by now */

  /* Makes `again` read what `source` has read, from the stores; from any thread. */
  bool (*reopen)(const Source *source, Source *again, GError **error);

  /* The rest works on source->input; only `counts` may change while another thread asks. */
  const char *(*name)(const void *input, unsigned number);
  unsigned (*count)(const void *input);
  SourceCounts (*counts)(const void *input, unsigned number); /* NULL: nothing can be lost */
  void (*free)(void *input);
} SourceOps;

struct Source {
  const SourceOps *ops; /* NULL until opened */
  void *input;          /* owned; the ops know its type */
  StoreSet *stores;
  Filter *filter; /* or NULL */
  bool is_again;
  SourceKeeping keeping;
  bool keep_media;
  bool follows;
  bool recursive;              /* folders stand for the files in them */
  GPtrArray *key_logs;         /* KeyLog */
  unsigned derived;            /* store of source_keep_bytes; STORE_NONE: there is none, */
  GError *derived_error;       /* for this reason; or NULL */
  uint64_t kept;               /* frames that were spooled one by one */
  uint64_t frames, frames_max; /* read so far, and how many to read at most */
  _Atomic uint64_t flushed;    /* frames that can be read again */
  GPtrArray *faults, *notes;
  bool ended;
  uint64_t bytes_total;
  _Atomic uint64_t bytes_done;
  atomic_bool stop;
};

static inline bool source_is_stopped(const Source *source)
{
  return atomic_load_explicit(&source->stop, memory_order_relaxed);
}

/* Open `source`, which has its stores and filter. */
bool source_open_files(Source *source, const SourceOptions *options, GError **error);
bool source_open_live(Source *source, const SourceOptions *options, GError **error);

/* Makes `again` read a spool of what was captured live, up to `end`. */
bool source_reopen_spool(Source *again, unsigned store, uint64_t end, GError **error);
