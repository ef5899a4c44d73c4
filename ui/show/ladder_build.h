/*
 * What ladder.c and ladder_gaps.c share while a ladder is built: how wide the gaps between its
 * lifelines are, and how the names of its columns are laid out above them.
 */
#pragma once

#include "ui/show/ladder.h"

/* What an arrow takes beside its label: "- label ->" where there is room, " label >" on a part of
 * it, else "label>"; and what the loop of a message to itself takes. */
enum { ARROW_ROOMY = 5, ARROW_PART = 3, ARROW_BARE = 1, LOOP = 5 };

typedef enum {
  NAMES_ONE_LINE,  /* 10.0.0.1:5060 */
  NAMES_TWO_LINES, /* the port below the address */
  NAMES_STAGGERED, /* every other column's lower, so that each has twice the room */
} NameLayout;

typedef struct {
  bool even;       /* all gaps are the same */
  bool long_marks; /* "(retransmission)" rather than "(R)" */
  NameLayout names;
} LadderLayout;

/* What a build works on. */
typedef struct {
  Arena *arena;
  const LadderInput *input;
  const LadderOptions *options;
  Ladder ladder;
  Slice *long_labels, *short_labels;
  Slice *names;   /* of the columns that are drawn */
  unsigned *gaps; /* column_count - 1 of them */
} LadderBuild;

/* Chooses the layout, and sets the gaps. */
const LadderLayout *ladder_choose_layout(LadderBuild *build);

/* Of the first lifeline: behind the numbers and times, and with room for half its name. */
unsigned ladder_first_x(const LadderBuild *build, NameLayout names);

/* The column an endpoint is drawn in. */
uint32_t ladder_column_of(const LadderBuild *build, uint32_t endpoint);

/* Where the port of a name begins: at the last colon, but not inside of a bare address. */
size_t ladder_port_start(Slice name);
