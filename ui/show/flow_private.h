/*
 * What the parts of FlowModel share: flow_model.c (what is asked), flow_read.c (messages become
 * rungs), flow_rows.c (rungs become rows).
 */
#pragma once

#include "ui/show/flow_model.h"

enum {
  FLOW_SLICE = 256,  /* messages or rungs between two looks at the clock */
  FLOW_HEADS = 8192, /* places for messages whose copies are awaited; a power of two */
};

typedef struct {
  uint32_t number;
  bool waiting;         /* in the queue */
  const Call *call;     /* valid as long as flow_model_sync says so */
  const Message *taken; /* the last of its messages that was read */
} FlowCall;

/* A message in its place. */
typedef struct {
  const Message *message;
  uint32_t copies : 31; /* of it, that can be folded */
  uint32_t is_copy : 1; /* it can be folded itself */
  uint16_t from, to;    /* endpoints of FlowColumns */
} FlowRung;

typedef struct {
  uint32_t rung;
  uint32_t silence; /* of FLOW_ROW_GAP: the rung that ended it */
  FlowRowKind kind;
} FlowRowPlace;

#define FLOW_RUNG_NONE UINT32_MAX

/* Rows as far as they are made. */
typedef struct {
  GArray *places; /* FlowRowPlace, of the rungs before `done` */
  size_t done;
  size_t folded, hidden; /* of those */
  uint32_t silence;      /* the longest behind the last row, by the rung that ended it, or NONE */
  int64_t least_delta_ns, most_delta_ns;
  uint8_t label_widths[FLOW_COLUMNS_MAX][FLOW_COLUMNS_MAX];
} FlowRows;

struct FlowModel {
  FlowSetup setup;
  FlowColumns *columns;
  GArray *calls;          /* FlowCall */
  GHashTable *numbers;    /* of the calls */
  GArray *queue;          /* uint32_t, of calls: a heap by the next message of each */
  GArray *rungs;          /* FlowRung, in order */
  FlowRows *made;         /* the newest */
  FlowRows *shown;        /* the same, or older ones while those are made anew */
  uint64_t seen_messages; /* of the trace, when calls were last asked for new ones */
  uint64_t seen_evicted;
  FlowExtent extent;
  const Message *heads[FLOW_HEADS];
  uint8_t *phrase_widths; /* by status */
};

static inline FlowRung *flow_rung_at(const FlowModel *model, size_t index)
{
  return &g_array_index(model->rungs, FlowRung, index);
}

static inline FlowRowPlace flow_row_place(const FlowRows *rows, size_t row)
{
  return g_array_index(rows->places, FlowRowPlace, row);
}

/* Without overflow: times of a broken capture can be centuries apart. */
static inline int64_t flow_delta_ns(const Message *from, const Message *to)
{
  int64_t delta_ns;

  if (__builtin_sub_overflow(to->time_ns, from->time_ns, &delta_ns))
    return to->time_ns < from->time_ns ? G_MININT64 : G_MAXINT64;
  return delta_ns;
}

/* The first rung that does not stand before the message. */
size_t flow_rung_find(const FlowModel *model, const Message *message);

/* The first row that is of that rung or one behind it. */
size_t flow_row_of_rung(const FlowRows *rows, size_t rung);

/* Calls that got messages since: puts them into the queue. */
void flow_read_ask(FlowModel *model);
/* Up to FLOW_SLICE messages; false when none is waiting. */
bool flow_read_some(FlowModel *model);
/* Forgets all messages. */
void flow_read_reset(FlowModel *model);

/* Rows of up to FLOW_SLICE rungs; false when all have theirs. */
bool flow_rows_make_some(FlowModel *model);
/* Takes back the rows from that rung on. */
void flow_rows_unmake(FlowModel *model, size_t rung);
/* All of them, and what was known of columns. */
void flow_rows_reset(FlowModel *model);
/* The same, but they are shown until there are others. */
void flow_rows_renew(FlowModel *model);
FlowRows *flow_rows_new(void);
void flow_rows_free(FlowRows *rows);
/* Before that rung; 0 for none. */
int64_t flow_silence_ns(const FlowModel *model, uint32_t rung);
/* A rung that is shown has got a wider label. */
void flow_rows_note_label(FlowModel *model, const FlowRung *rung);
