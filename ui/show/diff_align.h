/*
 * The alignment that message_diff.c is made of: pairs the items of two sequences, in order, so that
 * similar ones are side by side; and the words that differ in two texts.
 *
 * Equal items at both ends are paired first; between them the best alignment is found by dynamic
 * programming, in windows.  The cost is linear in the number of items, and limited by a budget that
 * several alignments can share; when it is used up, the rest is paired one by one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "ui/show/message_diff.h"

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

/*
 * Sets the changes of both sides, in the arena: the words that the other text does not have in
 * that order.  Comparisons are taken from *budget; when it is used up, or a text has too many
 * words, everything between the common start and end is one change.
 */
void diff_mark_words(Arena *arena, uint64_t *budget, DiffSide *left, DiffSide *right);
