/*
 * Check: an assertion about the calls of the input, of `rung check`.
 */
#pragma once

#include "dissect/query/display_filter.h"

typedef struct {
  const char *option;     /* "--none" */
  const char *text;       /* of the option, as it was given */
  const char *expression; /* in it */
  DisplayFilter *filter;  /* owned */
  uint64_t least, most;   /* so many calls must match; */
  bool wants_all;         /* or all of them */
} Check;

/* Of an element of a GArray. */
void check_clear(void *check);
