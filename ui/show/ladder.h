/*
 * Ladder: the layout of a call flow: a column an endpoint, a rung a message.
 *
 * Pure: texts and times in, positions out.  Everything is measured in terminal columns from
 * the left edge; who draws it (text, terminal) only fills in the glyphs.  The input's texts are
 * safe (ui/show/text.h) and must outlive the ladder; what the ladder adds is in its arena.
 *
 * When the width is too small, labels lose their long marks first, then are cut; lifelines
 * never come closer than LADDER_GAP_MIN, the ladder rather grows wider than asked for.
 *
 * A screen shows a window on a long call: `messages` are those in the window, `spans` tell how
 * wide labels are anywhere in it, so that nothing moves when another window is built.
 */
#pragma once

#include "capture/arena.h"
#include "ui/show/format.h"
#include "ui/show/style.h"

enum {
  LADDER_GAP_MIN = 12,   /* between two lifelines */
  LADDER_GAP_DENSE = 10, /* the same in a dense ladder */
  LADDER_GAP_WIDE = 32,  /* no wider than this for the sake of width alone */
  LADDER_GAP_WIDE_DENSE = 40,
  LADDER_LABEL_MAX = 48, /* longer labels do not widen a ladder */
  LADDER_NAME_LINES = 6, /* most lines the names of the columns can take */
  /* Columns beyond it share the last one: a ladder's size must not grow with the square of a
   * call whose every message comes from somebody else. */
  LADDER_COLUMNS_MAX = 64,
};

enum {
  LADDER_RETRANSMISSION = 1 << 0,
  LADDER_DUPLICATE = 1 << 1,
  LADDER_INCOMPLETE = 1 << 2,
};

typedef struct {
  uint32_t from, to; /* columns */
  uint32_t number;   /* of the message */
  int64_t time_ns;
  Slice label;
  Slice short_label; /* in place of it where that is too long; absent: its start */
  Style style;
  unsigned marks; /* LADDER_RETRANSMISSION ... */
  unsigned times; /* sent so often, copies that have no rung of their own included; 0 is 1 */
} LadderMessage;

/* How wide labels between two columns are, marks included. */
typedef struct {
  uint32_t from, to;
  unsigned label_width;
  unsigned long_width; /* with long marks; 0: no wider */
} LadderSpan;

typedef struct {
  const Slice *names; /* of the columns: "10.0.0.1:5060" */
  size_t name_count;
  const LadderMessage *messages;
  size_t message_count;
  const LadderSpan *spans; /* set the gaps; NULL: the messages do */
  size_t span_count;
} LadderInput;

typedef struct {
  unsigned width;
  TextCharset charset;
  Clock *clock;
  bool dense; /* for a screen: short marks, and names on as few lines as they take */
  unsigned number_width, time_width; /* least ones */
} LadderOptions;

/* A piece of a column's name, on one of the lines above the lifelines. */
typedef struct {
  Slice text; /* clipped to `width` when drawn */
  unsigned x, width;
} LadderName;

typedef struct {
  unsigned x;                  /* of the lifeline */
  unsigned name_top, name_end; /* lines its name is on */
  LadderName name[LADDER_NAME_LINES];
} LadderColumn;

typedef struct {
  Slice number, time;
  unsigned left, right; /* lifelines the arrow runs between; the same for a message to itself */
  bool to_right;
  bool dashed;                   /* sent before: a retransmission or a duplicate */
  Slice label;                   /* with marks */
  unsigned label_x, label_width; /* clipped to that width when drawn */
  Style style;
} LadderRow;

typedef struct {
  LadderColumn *columns;
  size_t column_count;
  LadderRow *rows;
  size_t row_count;
  unsigned number_width, time_width; /* of the two fields on the left, right-aligned */
  unsigned name_lines;
  unsigned width; /* what it takes in all */
  bool cramped;   /* there is less room than its labels want */
} Ladder;

/* How wide its label is with its marks. */
unsigned ladder_label_width(const LadderMessage *message, bool long_marks);

/* `arena` holds all of the ladder. */
Ladder ladder_build(Arena *arena, const LadderInput *input, const LadderOptions *options);
