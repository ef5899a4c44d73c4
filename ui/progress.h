/*
 * Progress: a bar on stderr while a file is read, when that takes longer than half a
 * second; erased at the end, so that nothing of it stays.
 */
#pragma once

#include "capture/source.h"

typedef struct {
  bool enabled;
  bool drawn;
  bool ascii;
  int64_t started_us, drawn_us; /* monotonic */
} Progress;

/* `enabled`: stderr is a terminal, and nobody asked for quiet. */
Progress progress_new(bool enabled, bool ascii);

/* Draws it anew when it is time to. */
void progress_update(Progress *progress, SourceProgress done, uint64_t messages);

void progress_erase(Progress *progress);
