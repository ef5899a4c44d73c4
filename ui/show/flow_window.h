/*
 * FlowWindow: the layout of the rows of a FlowModel that are on the screen.
 *
 * Lifelines have the same places in every window of a model at the same width: their gaps depend on
 * the whole call.  All memory of a window is in its arena.
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
  const Message *current; /* related messages are highlighted; or NULL */
} FlowWindowOptions;

typedef struct {
  FlowRowKind kind;
  const Message *message;
  const LadderRow *rung; /* of a message */
  Slice text;            /* of other rows; safe */
  unsigned x;            /* of the text of FLOW_ROW_SDP */
  bool lit;              /* related to the current message */
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
