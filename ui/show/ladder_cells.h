/*
 * The cells of a row of a ladder: what stands where, whoever draws it.
 */
#pragma once

#include "ui/show/ladder.h"

typedef enum {
  LADDER_BLANK,
  LADDER_LIFELINE,
  LADDER_PAUSE, /* a lifeline while nothing happens */
  LADDER_LINE,
  LADDER_DASH,
  LADDER_CROSSING,
  LADDER_HEAD_LEFT,
  LADDER_HEAD_RIGHT,
  LADDER_LOOP_LEFT,  /* the corner of a loop left of its lifeline */
  LADDER_LOOP_RIGHT, /* right of it */
  LADDER_GLYPH_COUNT,
} LadderGlyph;

const char *ladder_glyph_text(LadderGlyph glyph, TextCharset charset);

/* What is at `x`, where the label is not.  A blank has no style. */
LadderGlyph ladder_cell(const LadderRow *row, unsigned x, bool lifeline, Style *ret_style);

/* Behind the last cell that is not blank. */
unsigned ladder_row_end(const Ladder *ladder, const LadderRow *row);

/* Is there a lifeline?  *column, from 0, goes on with `x`, which must not become less. */
bool ladder_lifeline_at(const Ladder *ladder, unsigned x, size_t *column);

/* The part of a column's name on that line; NULL when there is none. */
const LadderName *ladder_name_on_line(const LadderColumn *column, unsigned line);
