/*
 * FlowWindow: the rows of a FlowModel that a screen shows, laid out.
 *
 * Lifelines stand where they stand in every other window on the same model at that width: what is
 * wide enough follows from the whole call.  All that the window holds is in its arena.
 */
#pragma once

#include "ui/show/flow_model.h"
#include "ui/show/flow_label.h"
#include "ui/show/ladder.h"

typedef struct {
  size_t top, count; /* rows */
  unsigned width;
  TextCharset charset;
  const Aliases *aliases; /* or NULL */
  const Message *current; /* whose transaction is lit, or NULL */
} FlowWindowOptions;

typedef struct {
  FlowRowKind kind;
  const Message *message;
  const LadderRow *rung; /* of a message */
  Slice text;            /* of other rows; safe */
  unsigned x;            /* of the text of FLOW_ROW_SDP */
  bool lit;              /* belongs to the current message */
} FlowLine;

typedef struct {
  Ladder ladder;
  FlowLine *lines; /* those that are there, at most `count` */
  size_t line_count;
  uint8_t *slots; /* of the ladder's columns */
} FlowWindow;

FlowWindow flow_window_build(Arena *arena, FlowModel *model, FlowTexts *texts,
                             const FlowWindowOptions *options);

/* Do the two belong together, as the model colours: to one transaction, dialog or call? */
bool flow_window_is_related(const FlowModel *model, const Message *a, const Message *b);
