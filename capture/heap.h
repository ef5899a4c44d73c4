/*
 * Heap: where malloc takes its memory from, in large steps and in huge pages.  A model is made of
 * millions of blocks that stay: asked for in pages of 4 KiB, they cost a fault each time, and a
 * walk through the page tables at nearly every look-up later.
 *
 * With other C libraries than glibc it is left as it is.
 */
#pragma once

#include <stddef.h>

typedef struct {
  char *start; /* where it was set up */
  char *end;   /* up to there huge pages were asked for; NULL: nothing was set up yet */
} Heap;

/* Asks for huge pages where the heap has grown since the last call.  For the main thread, whose
 * blocks are many: others have heaps of their own.  All zero before the first call. */
void heap_advise(Heap *heap);

/* The same for one block of many MiB that is going to be used up; before anything is written. */
void heap_advise_block(void *block, size_t len);
