#include "capture/arena.h"

#include <glib.h>
#include <stdalign.h>

enum { CHUNK_MAX = 64 * 1024, ALIGN = alignof(uint64_t) };

struct ArenaChunk {
  ArenaChunk *next;
  size_t size; /* of data */
  size_t at;   /* first free byte of data */
  alignas(uint64_t) char data[];
};

void arena_init(Arena *arena, size_t first)
{
  *arena = (Arena){.first = first};
}

static ArenaChunk *chunk_new(Arena *arena, size_t size)
{
  ArenaChunk *chunk = g_malloc(sizeof *chunk + size);

  *chunk = (ArenaChunk){.next = arena->chunks, .size = size};
  arena->chunks = chunk;
  arena->used += sizeof *chunk + size;
  return chunk;
}

static void chunks_free(Arena *arena, ArenaChunk *chunk)
{
  while (chunk) {
    ArenaChunk *next = chunk->next;
    arena->used -= sizeof *chunk + chunk->size;
    g_free(chunk);
    chunk = next;
  }
}

void arena_clear(Arena *arena)
{
  chunks_free(arena, arena->chunks);
  arena->chunks = NULL;
}

void arena_reset(Arena *arena)
{
  if (!arena->chunks)
    return;
#ifdef ARENA_STRICT
  arena_clear(arena);
#else
  chunks_free(arena, arena->chunks->next);
  arena->chunks->next = NULL;
  arena->chunks->at = 0;
#endif
}

static ArenaChunk *chunk_with_room(Arena *arena, size_t size)
{
#ifdef ARENA_STRICT
  return chunk_new(arena, size);
#else
  ArenaChunk *chunk = arena->chunks;

  if (chunk && size <= chunk->size - chunk->at)
    return chunk;
  size_t next = CLAMP(arena->used / 2, arena->first, (size_t) CHUNK_MAX);
  return chunk_new(arena, MAX(size, next));
#endif
}

void *arena_alloc(Arena *arena, size_t size)
{
  g_assert(size <= SIZE_MAX / 2);
#ifndef ARENA_STRICT
  size = (size + ALIGN - 1) & ~(size_t) (ALIGN - 1);
#endif
  ArenaChunk *chunk = chunk_with_room(arena, size);
  void *block = chunk->data + chunk->at;

  chunk->at += size;
  return block;
}

void *arena_alloc0(Arena *arena, size_t size)
{
  return memset(arena_alloc(arena, size), 0, size);
}

Slice arena_dup(Arena *arena, Slice s)
{
  if (!s.data)
    return s;
  return slice_of(arena_copy(arena, s.data, s.len), s.len);
}

void *arena_copy(Arena *arena, const void *items, size_t size)
{
  void *copy = arena_alloc(arena, size);

  if (size > 0)
    memcpy(copy, items, size);
  return copy;
}
