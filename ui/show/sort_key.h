/*
 * SortKey: the value of a field as something that is compared fast: its first octets as numbers,
 * and the rest of a text where they do not tell.
 *
 * The order is that of field_compare; absent facts come last whichever way it is sorted, and calls
 * that are equal in order of appearance.  Texts lie in the arena that was given.  Of long ones only
 * the start is kept: where that is equal, SORT_UNDECIDED says so.
 */
#pragma once

#include "dissect/query/field.h"

/* The start of a text in lower case. */
typedef struct {
  uint16_t len;
  bool is_cut;
  char octets[];
} SortText;

enum { SORT_TEXT_MAX = 128 };

typedef struct {
  uint64_t high, low;   /* compared first */
  const SortText *text; /* NULL: these say all */
  uint32_t number;      /* of the call */
  bool is_absent;
} SortKey;

typedef enum {
  SORT_BEFORE = -1,
  SORT_EQUAL = 0,
  SORT_AFTER = 1,
  SORT_UNDECIDED, /* both texts go on behind what is kept, which is equal */
} SortOrder;

/* `value`: NULL when the fact is absent. */
SortKey sort_key_new(Arena *texts, uint32_t number, const FieldValue *value);

/* By value alone, ascending; neither is absent. */
SortOrder sort_key_compare(const SortKey *a, const SortKey *b);

/* Moves its text to another arena. */
void sort_key_move(SortKey *key, Arena *texts);

/* Octets that it takes in the arena. */
size_t sort_key_octets(const SortKey *key);
