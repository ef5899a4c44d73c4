/*
 * Picture: a Ladder (ui/show/ladder.h) as elements of SVG 1.1, for `flow -T svg` and `-T html`.
 *
 * A cell of the ladder is PICTURE_CELL pixels wide, whatever font there is: each text says how long
 * it is.  Colours are classes of ladder.css, named as styles are.  All text is escaped.
 */
#pragma once

#include "dissect/diagnose/finding.h"
#include "ui/show/ladder.h"

enum {
  PICTURE_CELL = 8,
  PICTURE_ROW = 20,
  PICTURE_MARGIN = 16, /* on the left, for marks of findings */
};

unsigned picture_width(const Ladder *ladder);

/* Of the names of its columns. */
unsigned picture_names_height(const Ladder *ladder);
void picture_append_names(GString *to, const Ladder *ladder);

/* What is beside an arrow. */
typedef struct {
  uint32_t message; /* number, which is its id; 0: none */
  bool is_copy;     /* may be folded */
  bool has_finding; /* proves one, of that severity: */
  FindingSeverity severity;
  const char *finding; /* its text */
} PictureMark;

/* A row whose top is at `y`. */
void picture_append_row(GString *to, const Ladder *ladder, size_t row, unsigned y,
                        const PictureMark *mark);

/* A row with a text in place of number and time, and interrupted lifelines; or, if `line` has data,
 * with that beside it. */
void picture_append_pause(GString *to, const Ladder *ladder, unsigned y, Slice text);
void picture_append_note(GString *to, const Ladder *ladder, unsigned y, Slice time, Slice line);
