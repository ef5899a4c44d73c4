/*
 * Merge: the frames of several captures in order of time.  Of all captures the frame whose time
 * is smallest comes next, at equal times that of the first one named; within a capture the
 * order is kept, also where its times jump back.
 */
#pragma once

#include "capture/capture_file.h"

typedef struct Merge Merge;

/* The files stay the caller's and must live longer. */
Merge *merge_new(CaptureFile *const *files, unsigned count);
void merge_free(Merge *merge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Merge, merge_free)

/* The next frame, with its input: SOURCE_FRAMES.  It is valid until merge_skip. */
SourceStatus merge_peek(Merge *merge, Frame **ret_frame);

/* Goes on behind it. */
void merge_skip(Merge *merge);
