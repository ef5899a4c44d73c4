/*
 * CompareLines: a CallComparison as lines of text or of a screen: the name of what differs, and
 * beside it the values of both calls.
 *
 * As wide as the page; texts are safe and in the arena.
 */
#pragma once

#include "ui/show/call_compare.h"
#include "ui/show/style.h"

typedef struct {
  Slice text;
  Style style;
  size_t row; /* of the comparison; or COMPARE_NO_ROW */
} CompareLine;

typedef struct {
  Arena *arena;
  const CallComparison *comparison;
  const char *const *captures; /* names of the two captures; NULL: it is one */
  TextCharset charset;
  Clock clock;
  unsigned width;
} CompareLinesInput;

/* CompareLine. */
GArray *compare_lines_new(const CompareLinesInput *input);
