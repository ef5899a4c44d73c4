/*
 * DiffLayout: a MessageDiff as lines of a screen: side by side if there is room, else with the
 * differing lines one below the other.
 *
 * Pure.  Texts are safe and wrapped; changes are ranges of them.  All is in the arena.
 */
#pragma once

#include "ui/show/message_diff.h"
#include "ui/show/style.h"

enum { DIFF_LAYOUT_BESIDE_FROM = 100, DIFF_LEFT_SIDE = 0, DIFF_RIGHT_SIDE = 1, DIFF_SIDES = 2 };

/* One side of a row; it may take several lines. */
typedef struct {
  Slice text; /* safe: "Name: value" */
  size_t name_len;
  Octets *changes; /* of the text */
  size_t change_count;
} DiffText;

typedef struct {
  const DiffRow *row;       /* NULL: an empty line, before the body */
  DiffText *texts;          /* DIFF_SIDES of them */
  Octets parts[DIFF_SIDES]; /* ranges of the texts on this line */
  bool has[DIFF_SIDES];     /* which sides this line has */
  bool first;               /* of its row */
} DiffLine;

typedef struct {
  DiffLine *lines;
  size_t line_count;
  bool beside;
  unsigned gutter; /* columns of the marks: between the sides, or before the text */
  unsigned width;  /* columns of a side */
} DiffLayout;

typedef struct {
  unsigned width;
  TextCharset charset;
  bool only_differences;
} DiffLayoutOptions;

DiffLayout diff_layout_build(Arena *arena, const MessageDiff *diff,
                             const DiffLayoutOptions *options);

/* The mark of a row: ' ' same, '~' equal, '|' changed, '<' and '>' only on that side. */
char diff_row_mark(const DiffRow *row);
