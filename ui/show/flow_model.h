/*
 * FlowModel: the rungs of one or more calls (FlowRungs) as rows of a ladder that can be scrolled.
 *
 * Pure: no canvas.  It grows: flow_model_step takes new messages of the trace in slices, and the
 * rows so far can be shown meanwhile.  Copies of a message may be folded into its first rung; a
 * silence is a row of its own, and so is an RTP stream where it begins.
 *
 * Messages are borrowed from the trace: after the trace was fed, call flow_model_sync first, which
 * drops the messages of evicted calls.  Row numbers are valid until the next step, sync or change
 * of options.
 */
#pragma once

#include "capture/store.h"
#include "ui/show/flow_columns.h"
#include "ui/show/flow_media.h"
#include "ui/show/flow_rungs.h"

/* How a ladder is shown; the enums are in the order of the words of the settings flow.* */
typedef enum {
  FLOW_SDP_OFF,
  FLOW_SDP_SHORT, /* codecs in the label */
  FLOW_SDP_LINES, /* a row below the message */
} FlowSdp;

typedef enum {
  FLOW_COLOR_MESSAGE, /* by method and status */
  FLOW_COLOR_CALL,
  FLOW_COLOR_TRANSACTION,
  FLOW_COLOR_DIALOG,
} FlowColor;

typedef struct {
  FlowSdp sdp;
  FlowColor color;
  TimeMode time;
  bool utc;
  bool fold;      /* fold copies into the original message */
  bool only_sdp;  /* only messages with a session description */
  bool media;     /* with the RTP streams of the calls */
  int64_t gap_ns; /* show a silence of at least so long as a row; 0: none */
} FlowOptions;

typedef enum {
  FLOW_ROW_MESSAGE,
  FLOW_ROW_GAP, /* before its message */
  FLOW_ROW_SDP, /* after it */
  FLOW_ROW_STREAM,
  FLOW_ROW_NOTE, /* a line of a log */
} FlowRowKind;

typedef struct {
  FlowRowKind kind;
  const Message *message;   /* NULL for FLOW_ROW_STREAM and FLOW_ROW_NOTE */
  const FlowStream *stream; /* of FLOW_ROW_STREAM */
  const Note *note;         /* of FLOW_ROW_NOTE */
  unsigned times;           /* number of copies folded into the row, itself included */
  int64_t gap_ns;           /* of FLOW_ROW_GAP */
  uint8_t from, to;         /* slots of its columns */
  int64_t time_ns;          /* of the message or stream */
  int64_t above_ns;         /* of the nearest message or stream above; TIME_NONE: there is none */
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

/* See FlowRungs. */
bool flow_model_add_call(FlowModel *model, uint32_t number);
bool flow_model_has_call(const FlowModel *model, uint32_t number);
size_t flow_model_call_count(const FlowModel *model);
uint32_t flow_model_call_at(const FlowModel *model, size_t index);
GArray *flow_model_call_numbers(const FlowModel *model);

const Trace *flow_model_trace(const FlowModel *model);

/* Drops evicted calls; true if there were any, and then everything is read again. */
bool flow_model_sync(FlowModel *model);

/* Works until then; true while there is more to do. */
bool flow_model_step(FlowModel *model, int64_t until_us);
double flow_model_progress(const FlowModel *model);

const FlowOptions *flow_model_options(const FlowModel *model);
/* The next steps make the rows again if needed. */
void flow_model_set_options(FlowModel *model, const FlowOptions *options);

/* After columns were hidden or merged, flow_model_columns_changed must be called. */
FlowColumns *flow_model_columns(FlowModel *model);
void flow_model_columns_changed(FlowModel *model);

size_t flow_model_row_count(const FlowModel *model);
FlowRow flow_model_row(const FlowModel *model, size_t row);

/* "192.0.2.100: the text" of FLOW_ROW_NOTE; not safe, in the arena. */
Slice flow_model_note_text(const FlowModel *model, const Note *note, Arena *arena);

/* The row of that message, or the nearest before it if it is folded or left out. */
size_t flow_model_find(const FlowModel *model, const Message *message);

/* The row of a stream, or of one of its digits (see FlowStream); false if it has none. */
bool flow_model_find_stream(const FlowModel *model, uint32_t stream, uint32_t digit,
                            size_t *ret_row);

/* The message of that number, or NULL if it was not read. */
const Message *flow_model_message(const FlowModel *model, uint32_t number);

/* Index of the message among all that were read. */
size_t flow_model_place(const FlowModel *model, const Message *message);

/* Messages read; of these folded; and left out by hidden columns or options; and rows of session
 * descriptions, streams and notes. */
typedef struct {
  size_t messages, folded, hidden, sdp_rows, stream_rows, note_rows;
} FlowCounts;

FlowCounts flow_model_counts(const FlowModel *model);

/* Times and numbers of all messages, so that every window has the same layout: earliest and latest
 * time, and the same of the deltas between adjacent rows. */
typedef struct {
  int64_t first_ns; /* of the first message: relative times start here */
  int64_t start_ns, end_ns;
  int64_t least_delta_ns, most_delta_ns;
  uint32_t last_number;
} FlowExtent;

FlowExtent flow_model_extent(const FlowModel *model);

/* Estimated width of the widest label between two columns (slots); 0: no labels. */
unsigned flow_model_label_width(const FlowModel *model, uint8_t from, uint8_t to);
