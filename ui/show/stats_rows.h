/*
 * Stats rows: what the statistics view shows, as sections of rows: a name, a count, and its share
 * of the section for a bar; or a delay in quantiles.  Pure; all of it is in the arena.
 */
#pragma once

#include "ui/show/style.h"
#include "ui/show/tally.h"

typedef enum {
  STATS_HEADING, /* of a section, after an empty line */
  STATS_FACT,    /* a name and a text */
  STATS_COUNT,   /* a name, a number, a share */
  STATS_DELAY,   /* a name and four texts */
} StatsRowKind;

enum { STATS_VALUES = 4 };

typedef struct {
  StatsRowKind kind;
  Slice name; /* safe */
  Slice values[STATS_VALUES];
  double share; /* of STATS_COUNT, from 0 to 1; -1: there is no whole */
  double bar;   /* the same of the section's greatest */
  Style style;
} StatsRow;

typedef struct {
  Arena *arena;
  const Trace *trace;
  const TallyCounts *counts;
  bool is_whole; /* of the whole input: its packets are of interest, too */
  bool utc;
  TextCharset charset;
} StatsInput;

/* An array of StatsRow. */
GArray *stats_rows_new(const StatsInput *input);
