#include "capture/pool.h"

#include <glib.h>

enum { CHUNK = 64 * 1024 };

void pool_init(Pool *pool, size_t size)
{
  g_assert(size >= sizeof(void *));
  *pool = (Pool){.size = size};
  arena_init(&pool->arena, CHUNK);
}

void pool_clear(Pool *pool)
{
  arena_clear(&pool->arena);
  pool->freed = NULL;
}

#ifdef ARENA_STRICT

void *pool_take(Pool *pool)
{
  return g_malloc0(pool->size);
}

void pool_give_back(Pool *pool, void *record)
{
  (void) pool;
  g_free(record);
}

#else

void *pool_take(Pool *pool)
{
  void *record = pool->freed;

  if (!record)
    return arena_alloc0(&pool->arena, pool->size);
  memcpy(&pool->freed, record, sizeof pool->freed);
  return memset(record, 0, pool->size);
}

void pool_give_back(Pool *pool, void *record)
{
  memcpy(record, &pool->freed, sizeof pool->freed);
  pool->freed = record;
}

#endif
