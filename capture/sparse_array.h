/*
 * SparseArray: pointers by index, which are added in order and taken out in any.  A page without
 * pointers takes no memory, so that one can go on for weeks.
 */
#pragma once

#include <glib.h>

typedef struct SparseArray SparseArray;

SparseArray *sparse_array_new(void);
void sparse_array_free(SparseArray *array);

/* How many were added, which is the index of the next. */
size_t sparse_array_len(const SparseArray *array);
void sparse_array_add(SparseArray *array, void *item);

/* NULL if it was taken out. */
void *sparse_array_get(const SparseArray *array, size_t index);
void sparse_array_take_out(SparseArray *array, size_t index);
