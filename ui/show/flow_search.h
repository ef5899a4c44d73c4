/*
 * FlowSearch: searches the messages shown by a FlowModel for a text, or for the next one of a
 * transaction; from one message on, in either direction.
 *
 * A search for a text wraps around once.  The model may grow meanwhile.
 */
#pragma once

#include "ui/show/flow_model.h"
#include "ui/show/job.h"

/* Results are valid once the job is done. */
typedef struct {
  Job job;
  bool of_text;         /* else of a transaction */
  const Message *found; /* or NULL */
  bool wrapped;         /* the end of the rows was passed */
  size_t unreadable;    /* messages that could not be read */
} FlowSearch;

typedef struct {
  FlowModel *model;
  const StoreSet *stores;
  Slice text;                        /* copied; ASCII case does not matter; if empty: */
  const Transaction *of_transaction; /* finds any message of it, and does not wrap */
  const Message *after;              /* start after this message (before it if backward); or NULL */
  bool backward;
} FlowSearchSetup;

FlowSearch *flow_search_new(const FlowSearchSetup *setup);
