/*
 * Store: bytes that can be read again by ByteRef.
 *
 * A plain capture file is a store as it is.  Everything else is spooled: written to an
 * unlinked temporary file as it arrives.  A StoreSet numbers them.  One thread appends
 * (ingest), another may read what was flushed; the set itself is complete, or grows only
 * by store_set_add_*, under the set's own atomic count.
 *
 * A spool may be written for weeks: what nobody holds goes when the limit is near
 * (store_set_reclaim); its offsets stay what they are (capture/segments.h).
 */
#pragma once

#include <glib.h>

#include "capture/frame.h"

enum { STORE_MAX = 4096 };

typedef struct StoreSet StoreSet;

StoreSet *store_set_new(void);
void store_set_free(StoreSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreSet, store_set_free)

/* A seekable file that is read elsewhere too; the descriptor is duplicated. */
G_GNUC_WARN_UNUSED_RESULT bool store_set_add_file(StoreSet *set, int fd, const char *name,
                                                  unsigned *ret_store, GError **error);

/* An empty spool in the temporary directory (TMPDIR). */
G_GNUC_WARN_UNUSED_RESULT bool store_set_add_spool(StoreSet *set, unsigned *ret_store,
                                                   GError **error);

/* Appends to a spool; *ret_ref says where.  Buffered until store_set_flush. */
G_GNUC_WARN_UNUSED_RESULT bool store_append(StoreSet *set, unsigned store, Slice bytes,
                                            ByteRef *ret_ref, GError **error);

/* How much was appended to a spool; and takes off what was appended since `end`, unless it was read
 * or flushed meanwhile. */
uint64_t store_end(const StoreSet *set, unsigned store);
void store_rollback(StoreSet *set, unsigned store, uint64_t end);

/* Spools may not hold more than that, together; 0: no limit.  Appending fails at the limit. */
void store_set_limit(StoreSet *set, uint64_t bytes);

/* A record that can be read without those before it begins at the end of the spool; the numbers of
 * records rise.  Rolling back takes the last one back. */
void store_mark(StoreSet *set, unsigned store, uint64_t number);

/* For one thread, as all up to store_resume: bytes, and the record of that number in the spool
 * that has records, are held and released together.  All records up to `number` have what holds
 * them. */
void store_set_hold(StoreSet *set, ByteRef ref, size_t len, uint64_t number);
void store_set_release(StoreSet *set, ByteRef ref, size_t len, uint64_t number);
void store_set_note(StoreSet *set, uint64_t number);

/* When the limit is near, or the disk full: drops what is not held, the oldest first, until there
 * is room again.  False when that does not suffice: something must be released. */
bool store_set_reclaim(StoreSet *set);

/* The first byte from `offset` on that was dropped, or `end`; and where reading goes on: at
 * `offset`, or after a hole at the next record, at most at `end`. */
uint64_t store_gap(const StoreSet *set, unsigned store, uint64_t offset, uint64_t end);
uint64_t store_resume(const StoreSet *set, unsigned store, uint64_t offset, uint64_t end);

/* Makes all that was appended readable. */
G_GNUC_WARN_UNUSED_RESULT bool store_set_flush(StoreSet *set, GError **error);

/* How much can be read of a store by now; 0 when it is not known. */
uint64_t store_size(const StoreSet *set, unsigned store);

/* Bytes of temporary files. */
uint64_t store_set_bytes(const StoreSet *set);

/* A descriptor of its own for the bytes of a store; -1 and errno when there can be none. */
int store_open_again(const StoreSet *set, unsigned store);

/* Reads `len` bytes at `ref` into `buffer`. */
G_GNUC_WARN_UNUSED_RESULT bool store_read(const StoreSet *set, ByteRef ref, void *buffer,
                                          size_t len, GError **error);

/* The same stores, for one thread that reads near to what it has read: a block that is asked for
 * twice is read at once and kept, with some others.  Only for store_read; `set` must outlive it.
 * NULL: so is the view. */
StoreSet *store_set_view_new(const StoreSet *set);

/* A file in the temporary directory that is unlinked at once, so that it disappears with the
 * program, however that ends.  -1 when there can be none. */
G_GNUC_WARN_UNUSED_RESULT int temporary_file_open(GError **error);
