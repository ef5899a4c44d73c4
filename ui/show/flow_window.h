/*
 * FlowWindow: the layout of the rows of a FlowModel that are on the screen; and FlowSearch, which
 * finds one of its rows.
 *
 * Lifelines have the same places in every window of a model at the same width: their gaps depend on
 * the whole call.  All memory of a window is in its arena.
 */
#pragma once

#include "dissect/diagnose/role.h"
#include "ui/show/flow_model.h"
#include "ui/show/flow_rungs.h"
#include "ui/show/job.h"
#include "ui/show/ladder.h"

typedef struct {
  size_t top, count; /* rows */
  unsigned width;
  TextCharset charset;
  const Aliases *aliases; /* or NULL */
  const RoleList *roles;  /* of the endpoints, to be shown; or NULL */
  const Message *current; /* related messages are highlighted; or NULL */
} FlowWindowOptions;

typedef struct {
  FlowRowKind kind;
  const Message *message; /* NULL for a stream or note */
  const LadderRow *rung;  /* of a message or stream */
  Slice text;             /* of other rows; safe */
  Slice time;             /* of FLOW_ROW_NOTE; empty where times are deltas */
  unsigned x;             /* of the text of FLOW_ROW_SDP and FLOW_ROW_NOTE */
  bool lit;               /* related to the current message */
} FlowLine;

typedef struct {
  Ladder ladder;
  FlowLine *lines; /* at most `count` */
  size_t line_count;
  uint8_t *slots; /* of the ladder's columns */
} FlowWindow;

FlowWindow flow_window_build(Arena *arena, FlowModel *model, FlowTexts *texts,
                             const FlowWindowOptions *options);

/* Do both belong to the same transaction, dialog or call, whatever the model colors by? */
bool flow_window_is_related(const FlowModel *model, const Message *a, const Message *b);

/*
 * Searches the messages shown by a FlowModel for a text, or for the next one of a
 * transaction; from one message on, in either direction.
 *
 * A search for a text wraps around once.  The model may grow meanwhile.
 */

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
