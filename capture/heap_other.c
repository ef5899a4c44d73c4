/* Without glibc. */
#include "capture/heap.h"

void heap_advise(Heap *heap)
{
  (void) heap;
}

void heap_advise_block(void *block, size_t len)
{
  (void) block;
  (void) len;
}
