/*
 * Pool: records of one size that come and go one by one, with no room lost between them.
 *
 * What was given back is given out again first; the system gets it back with the pool.  Not for
 * more than one thread at a time.  With ARENA_STRICT each record is a malloc of its own.
 */
#pragma once

#include "capture/arena.h"

typedef struct {
  Arena arena;
  size_t size; /* of a record: at least that of a pointer */
  void *freed; /* the newest that was given back; in each lies where the next one is */
} Pool;

void pool_init(Pool *pool, size_t size);

/* All records must have been given back. */
void pool_clear(Pool *pool);

/* All zero. */
void *pool_take(Pool *pool);
void pool_give_back(Pool *pool, void *record);
