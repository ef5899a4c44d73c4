/*
 * FlowModel: the messages of one call or of several as rows that a cursor walks.
 *
 * Pure: no canvas.  It grows: flow_model_step takes in what the trace has got since, by slices, and
 * what is there can be shown meanwhile.  Messages stand in the order of their frames; copies of a
 * message may be folded into its first rung, silences are rows of their own.
 *
 * Calls are held by number.  Messages are borrowed from the trace: before anything is asked of a
 * model behind a feeding of the trace, flow_model_sync drops those of calls that were evicted.
 * Row numbers are good until the next step, sync or change of options.
 */
#pragma once

#include "capture/store.h"
#include "ui/show/flow_columns.h"
#include "ui/show/flow_options.h"

/* More calls than that are not taken. */
enum { FLOW_CALLS_MAX = 10000 };

typedef enum {
  FLOW_ROW_MESSAGE,
  FLOW_ROW_GAP, /* before its message */
  FLOW_ROW_SDP, /* behind it */
} FlowRowKind;

typedef struct {
  FlowRowKind kind;
  const Message *message;
  unsigned times;         /* sent or captured so often, as far as copies are folded */
  int64_t gap_ns;         /* of FLOW_ROW_GAP */
  uint8_t from, to;       /* slots of its columns */
  const Message *earlier; /* of the row of a message before it, or NULL */
} FlowRow;

typedef struct FlowModel FlowModel;

typedef struct {
  const Trace *trace;
  const StoreSet *stores;
  FlowOptions options;
} FlowSetup;

FlowModel *flow_model_new(const FlowSetup *setup);
void flow_model_free(FlowModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FlowModel, flow_model_free)

/* Adds a call by its number; false when there is none, or when there are enough. */
bool flow_model_add_call(FlowModel *model, uint32_t number);
size_t flow_model_call_count(const FlowModel *model);
uint32_t flow_model_call_at(const FlowModel *model, size_t index);

const Trace *flow_model_trace(const FlowModel *model);

/* Drops calls that were evicted; true when there were any: all is read again. */
bool flow_model_sync(FlowModel *model);

/* A slice; true while more is to do. */
bool flow_model_step(FlowModel *model, int64_t until_us);
double flow_model_progress(const FlowModel *model);

const FlowOptions *flow_model_options(const FlowModel *model);
/* Rows are made anew, in the next steps, where that is needed. */
void flow_model_set_options(FlowModel *model, const FlowOptions *options);

/* The columns; who hides or merges some tells so. */
FlowColumns *flow_model_columns(FlowModel *model);
void flow_model_columns_changed(FlowModel *model);

size_t flow_model_row_count(const FlowModel *model);
FlowRow flow_model_row(const FlowModel *model, size_t row);

/* The row of that message, or the nearest before it where it is folded or left out. */
size_t flow_model_find(const FlowModel *model, const Message *message);

/* The message of that number, or NULL when it is none of those that were read. */
const Message *flow_model_message(const FlowModel *model, uint32_t number);

/* Where the message stands among all that were read, from 0. */
size_t flow_model_place(const FlowModel *model, const Message *message);

/* Messages that have been read, those that were folded, and those that hidden columns or the
 * options leave out. */
typedef struct {
  size_t messages, folded, hidden;
} FlowCounts;

FlowCounts flow_model_counts(const FlowModel *model);

/* What a screen needs to lay out any part of it in the same way: the least and the latest time, and
 * the same between rows that follow each other. */
typedef struct {
  int64_t first_ns; /* of the first message: what relative times count from */
  int64_t start_ns, end_ns;
  int64_t least_delta_ns, most_delta_ns;
  uint32_t last_number;
} FlowExtent;

FlowExtent flow_model_extent(const FlowModel *model);

/* How wide the labels between two columns, by slot, are known to be; 0: there are none. */
unsigned flow_model_label_width(const FlowModel *model, uint8_t from, uint8_t to);
