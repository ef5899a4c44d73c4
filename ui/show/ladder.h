/*
 * Ladder: the layout of a call flow, with one column per endpoint and one row per message.
 *
 * Pure: texts and times in, positions out.  Positions are terminal columns from the left edge;
 * text and screen only add the glyphs (ui/show/ladder_draw.h).  The texts of the input must be safe
 * (ui/show/text.h) and outlive the ladder; what the ladder adds is in its arena.
 *
 * If the width is too small, labels first lose their long marks and are then cut.  Lifelines are
 * never closer than LADDER_GAP_MIN: the ladder becomes wider than requested instead.
 *
 * A screen shows a window of a long call: `messages` are those in the window, `spans` give the
 * width of all labels of the call, so that lifelines do not move between windows.
 */
#pragma once

#include "capture/arena.h"
#include "ui/show/format.h"
#include "ui/show/style.h"

enum {
  LADDER_GAP_MIN = 12,   /* between two lifelines */
  LADDER_GAP_DENSE = 10, /* the same in a dense ladder */
  LADDER_GAP_WIDE = 32,  /* spare width does not widen a gap beyond this */
  LADDER_GAP_WIDE_DENSE = 40,
  LADDER_COLUMNS_FEW = 3, /* so many may use all of the width */
  LADDER_LABEL_MAX = 48,  /* longer labels do not widen a ladder */
  LADDER_NAME_LINES = 6,  /* maximum height of the column names */
  /* Further endpoints share the last column: spans grow with the square of the columns, and a call
   * may have a different endpoint in every message. */
  LADDER_COLUMNS_MAX = 64,
};

enum {
  LADDER_RETRANSMISSION = 1 << 0,
  LADDER_DUPLICATE = 1 << 1,
  LADDER_INCOMPLETE = 1 << 2,
};

typedef struct {
  uint32_t from, to; /* columns */
  uint32_t number;   /* of the message; 0: none is shown */
  int64_t time_ns;
  Slice label;
  Slice short_label; /* used if the label is too long; absent: the label is cut */
  Style style;
  unsigned marks; /* LADDER_RETRANSMISSION ... */
  unsigned times; /* number of copies, including folded ones; 0 means 1 */
  bool is_media;  /* a stream rather than a message: a double line */
} LadderMessage;

/* Width of the widest label between two columns, including marks. */
typedef struct {
  uint32_t from, to;
  unsigned label_width;
  unsigned long_width;  /* with long marks; 0: no wider */
  unsigned media_width; /* of streams, whose labels only get room that is to spare */
} LadderSpan;

typedef struct {
  const Slice *names; /* of the columns: "10.0.0.1:5060" */
  size_t name_count;
  const LadderMessage *messages;
  size_t message_count;
  const LadderSpan *spans; /* determine the gaps; NULL: the messages do */
  size_t span_count;
  const Slice *roles; /* below the names, unless those are staggered; absent or NULL: none */
} LadderInput;

typedef struct {
  unsigned width;
  TextCharset charset;
  Clock *clock;
  bool dense; /* for a screen: short marks, and names on as few lines as possible */
  unsigned number_width, time_width; /* minimum widths */
} LadderOptions;

/* Part of a column's name, on one of the lines above the lifelines. */
typedef struct {
  Slice text; /* clipped to `width` when drawn */
  unsigned x, width;
} LadderName;

typedef struct {
  unsigned x;                  /* of the lifeline */
  unsigned name_top, name_end; /* lines of its name */
  LadderName name[LADDER_NAME_LINES];
} LadderColumn;

typedef struct {
  Slice number, time;
  unsigned left, right; /* lifelines at both ends; equal for a message to itself */
  bool to_right;
  bool dashed;                   /* retransmission or duplicate */
  bool doubled;                  /* a stream */
  Slice label;                   /* with marks */
  unsigned label_x, label_width; /* clipped to that width when drawn */
  Style style;
} LadderRow;

typedef struct {
  LadderColumn *columns;
  size_t column_count;
  LadderRow *rows;
  size_t row_count;
  unsigned number_width, time_width; /* of the fields on the left, right-aligned */
  unsigned name_lines;
  unsigned width; /* total */
  bool cramped;   /* too narrow for all labels */
} Ladder;

/* Width of the label including its marks. */
unsigned ladder_label_width(const LadderMessage *message, bool long_marks);

/* All memory of the ladder is in `arena`. */
Ladder ladder_build(Arena *arena, const LadderInput *input, const LadderOptions *options);
