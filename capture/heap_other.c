/* Without glibc. */
#include "capture/heap.h"

void heap_advise(Heap *heap)
{
  (void) heap;
}
