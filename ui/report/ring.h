/*
 * Ring: the files that a long capture is written to, one after another, of which the oldest are
 * deleted.
 *
 * "trace.pcapng" gives trace_00001_20261129104500.pcapng and so on, as dumpcap(1) names them, with
 * local times.  Files that an earlier run left count, too: their numbers are continued, and they
 * are deleted in turn.  A ring by day has them in folders that are named as 2026-11-29, beside the
 * path; they are deleted when they are empty.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Ring Ring;

/* How much of such a path is before its endings: "trace" of "trace.pcapng.gz". */
size_t ring_stem_len(const char *path);

/* `files_max`: 0: none is deleted.  With `is_single` there is one file, of that very name, until
 * ring_next begins it anew because it is no longer there. */
typedef struct {
  const char *path; /* must outlive the ring */
  uint32_t files_max;
  bool is_single;
  bool by_day;      /* in a folder of each day; not single */
  bool may_replace; /* of a single one: it may exist */
} RingOptions;

Ring *ring_new(RingOptions options);

/* Closes the file, which stays. */
void ring_free(Ring *ring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ring, ring_free)

/*
 * Begins the next file and deletes what is too old.  On failure the file so far goes on.
 * *ret_fault, unless it is NULL: a line on what could not be deleted, which is no failure.
 */
G_GNUC_WARN_UNUSED_RESULT bool ring_next(Ring *ring, char **ret_fault, GError **error);

/* Of a ring by day: does the file that is written belong to another day than this one? */
bool ring_day_is_over(const Ring *ring);

/* Is the single file gone, or another one in its place? */
bool ring_was_moved(const Ring *ring);

int ring_fd(const Ring *ring);

/* Of the file that is written; valid until ring_next. */
const char *ring_name(const Ring *ring);
