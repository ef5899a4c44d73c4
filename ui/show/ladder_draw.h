/*
 * Drawing of a ladder: the glyph of each cell, for text and screen; and whole lines as text.
 */
#pragma once

#include "ui/show/ladder.h"

typedef enum {
  LADDER_BLANK,
  LADDER_LIFELINE,
  LADDER_PAUSE, /* a lifeline during a pause */
  LADDER_LINE,
  LADDER_DASH,
  LADDER_CROSSING,
  LADDER_DOUBLE, /* a line of a stream */
  LADDER_DOUBLE_CROSSING,
  LADDER_HEAD_LEFT,
  LADDER_HEAD_RIGHT,
  LADDER_LOOP_LEFT,  /* corner of a loop on the left of its lifeline */
  LADDER_LOOP_RIGHT, /* on the right */
  LADDER_GLYPH_COUNT,
} LadderGlyph;

const char *ladder_glyph_text(LadderGlyph glyph, TextCharset charset);

/* The glyph at `x`, which is outside of the label.  LADDER_BLANK looks the same in any style. */
LadderGlyph ladder_cell(const LadderRow *row, unsigned x, bool lifeline, Style *ret_style);

/* End of the last cell that is not blank. */
unsigned ladder_row_end(const Ladder *ladder, const LadderRow *row);

/* Is there a lifeline at `x`?  *column starts at 0 and is advanced; `x` must not decrease between
 * calls. */
bool ladder_lifeline_at(const Ladder *ladder, unsigned x, size_t *column);

/* The part of a column's name on that line, or NULL. */
const LadderName *ladder_name_on_line(const LadderColumn *column, unsigned line);

/* Appends line `line` (from 0) of the column names, with a newline. */
void ladder_text_names(GString *to, const Ladder *ladder, unsigned line, const Look *look);

/* Appends a line between rows: a text in place of number and time, interrupted lifelines. */
void ladder_text_pause(GString *to, const Ladder *ladder, Slice text, const Look *look);

/* Appends a row with a newline: number, time, lifelines, arrow and label. */
void ladder_text_row(GString *to, const Ladder *ladder, size_t row, const Look *look);
