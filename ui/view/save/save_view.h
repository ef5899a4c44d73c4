/*
 * Save view: the dialog that writes packets, ladders, messages and tables to files.
 */
#pragma once

#include "ui/view/host.h"

/* What it was opened for: these calls, or that message; both may be missing. */
typedef struct {
  const uint32_t *calls; /* copied */
  size_t call_count;
  const Message *message;
} SaveOf;

View *save_view_new(Host *host, const SaveOf *of);
