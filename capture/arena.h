/*
 * Arena: memory that is freed all at once (one call, one batch, one redraw).
 *
 * Allocation is a pointer increment; chunks grow by half of what is used, from `first` up
 * to 64 KiB, so that little is wasted on many small arenas.  Not for more than one thread at
 * a time.  With ARENA_STRICT defined at build time each allocation is a malloc of its own, so
 * that AddressSanitizer sees every overrun.
 */
#pragma once

#include "capture/slice.h"

typedef struct ArenaChunk ArenaChunk;

typedef struct {
  ArenaChunk *chunks; /* newest first */
  size_t first;       /* size of the first chunk */
  size_t used;        /* bytes of all chunks, for limits */
} Arena;

/* `first`: the size of the first chunk; what most users of this arena need in all. */
void arena_init(Arena *arena, size_t first);

/* Frees everything.  The arena can be used again, beginning with `first`. */
void arena_clear(Arena *arena);

/* Forgets everything but keeps the newest chunk, for scratch memory that is used again and
 * again. */
void arena_reset(Arena *arena);

/* Aligned for pointers and 64-bit numbers, not zeroed; never NULL. */
void *arena_alloc(Arena *arena, size_t size);
void *arena_alloc0(Arena *arena, size_t size);

/* A copy of the bytes; absent stays absent. */
Slice arena_dup(Arena *arena, Slice s);

/* The same of anything; `items` may be NULL when there are none. */
void *arena_copy(Arena *arena, const void *items, size_t size);

#define arena_new(arena, Type) ((Type *) arena_alloc0((arena), sizeof(Type)))
