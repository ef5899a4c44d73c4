/*
 * FilterRows: the rows of a list of calls, on which a word means what one sees there.
 */
#pragma once

#include "dissect/trace/trace.h"

typedef struct {
  bool (*matches)(const void *test, Slice text);
  const void *test;
} FilterRowTest;

typedef struct {
  /* Gives the texts of the call's row to `matches` until one does; false if none does. */
  bool (*find)(void *data, const Call *call, const FilterRowTest *test);
  void *data;
} FilterRows;
