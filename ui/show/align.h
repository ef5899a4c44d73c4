/*
 * Align: which items of two sequences belong together, in order, so that what is alike stands
 * side by side.
 *
 * The best alignment by dynamic programming, in windows, behind what is equal at both ends: its
 * cost is linear in the number of items, and ends with a budget that several alignments can share;
 * what is left then goes together one by one.
 */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

enum {
  ALIGN_ALIKE = 1, /* scores: not equal, but better together than with another */
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
  /* 0: they do not belong together. */
  unsigned (*score)(const void *data, uint32_t left, uint32_t right);
  const void *data;
  uint32_t window; /* at most ALIGN_WINDOW_MAX */
  uint32_t cost;   /* of a score, taken from the budget */
  uint64_t *budget;
} AlignInput;

/* Appends AlignPairs: each item once, both sides in their order. */
void align_items(const AlignInput *input, GArray *pairs);
