/*
 * Align: pairs the items of two sequences, in order, so that similar ones are side by side.
 *
 * Equal items at both ends are paired first; between them the best alignment is found by dynamic
 * programming, in windows.  The cost is linear in the number of items, and limited by a budget that
 * several alignments can share; when it is used up, the rest is paired one by one.
 */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

enum {
  ALIGN_ALIKE = 1, /* scores: not equal, but similar */
  ALIGN_EQUAL = 4,
  ALIGN_SAME = 8,
  ALIGN_WINDOW_MAX = 256,
};

#define ALIGN_NONE UINT32_MAX

typedef struct {
  uint32_t left, right; /* one of them may be ALIGN_NONE */
} AlignPair;

typedef struct {
  uint32_t left_count, right_count;
  /* 0: not a pair. */
  unsigned (*score)(const void *data, uint32_t left, uint32_t right);
  const void *data;
  uint32_t window; /* at most ALIGN_WINDOW_MAX */
  uint32_t cost;   /* of a score, taken from the budget */
  uint64_t *budget;
} AlignInput;

/* Appends AlignPairs: each item once, both sides in their order. */
void align_items(const AlignInput *input, GArray *pairs);
