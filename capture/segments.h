/*
 * Segments: which parts of a spool are held, and which were dropped.
 *
 * What a capture writes in weeks does not fit a disk.  So a spool is looked at in segments of
 * 64 KiB: what nobody holds may be dropped, the oldest first, and leaves a hole; all offsets stay
 * what they are.  Where a record begins is marked, so that reading can go on after a hole.
 *
 * One thread appends to the spool and marks its records.  All else is for the thread that drops,
 * which looks at no more than what it was told is written.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { SEGMENT_BYTES = 64 * 1024 };

typedef struct Segments Segments;

/* A segment is no longer needed; `offset` is its beginning. */
typedef void (*SegmentDrop)(void *data, uint64_t offset);

/* The first segment is never dropped: it has what the records refer to. */
Segments *segments_new(SegmentDrop drop, void *data);
void segments_free(Segments *segments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Segments, segments_free)

/* A record begins at `offset`; the numbers of records rise.  The last mark can be taken back, until
 * segments_publish lets the other thread see them all. */
void segments_mark(Segments *segments, uint64_t offset, uint64_t number);
void segments_unmark(Segments *segments, uint64_t offset);
void segments_publish(Segments *segments);

/* Where the segment begins in which that record does; false if it was dropped, or never there. */
bool segments_find(const Segments *segments, uint64_t number, uint64_t *ret_offset);

/* Each segment that has one of these bytes is held once more, or once less.  What was dropped
 * cannot be held. */
void segments_hold(Segments *segments, uint64_t offset, uint64_t len);
void segments_release(Segments *segments, uint64_t offset, uint64_t len);

/* Looks at the oldest segment that it has not looked at: drops it, unless it is held; then it is
 * dropped as soon as it is not.  False when that segment does not end before `end`. */
bool segments_drop_oldest(Segments *segments, uint64_t end);

/* The first byte from `offset` on that was dropped; `end` if none was. */
uint64_t segments_gap(const Segments *segments, uint64_t offset, uint64_t end);

/* Where reading goes on: `offset` itself, or after a hole the next record; at most `end`. */
uint64_t segments_resume(const Segments *segments, uint64_t offset, uint64_t end);
