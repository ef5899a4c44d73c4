/*
 * Backlog: output that a slow reader has not taken yet.  The writer does not wait for the reader:
 * packets that are not taken from the kernel meanwhile would be lost.
 *
 * A thread writes to the descriptor.  What it has not written yet is in a temporary file, which
 * disappears with the program.  backlog_put waits only where that file is at its limit, or cannot
 * be written.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "capture/slice.h"

typedef struct Backlog Backlog;

/* For a descriptor that stays the caller's.  The temporary file has at most `limit` bytes; 0: no
 * limit.  Fails if the temporary file cannot be created. */
Backlog *backlog_new(int fd, uint64_t limit, GError **error);

/* Discards what was not written, and waits for a write that has begun. */
void backlog_free(Backlog *backlog);

/* 0, or errno of a write that failed: then nothing more is written.  The first call starts the
 * thread, which inherits the signal mask. */
int backlog_put(Backlog *backlog, Slice bytes);

/* Waits until everything is written; 0 or errno as above. */
int backlog_drain(Backlog *backlog);
