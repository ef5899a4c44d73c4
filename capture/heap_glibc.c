#include <glib.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/heap.h"

enum {
  /* By which it grows: address space, which is memory once it is used.  Where a step ends, a huge
   * page is missing: so each is as large as all before it. */
  STEP_MIN = 64 * 1024 * 1024,
  STEP_MAX = 1024 * 1024 * 1024,
  /* Tables are in it, too.  This is what glibc itself comes to when large blocks are freed; but it
   * learns nothing any more once one of these was set. */
  LARGEST = 32 * 1024 * 1024,
};

static void set_up(void)
{
  mallopt(M_MMAP_THRESHOLD, LARGEST);
  mallopt(M_TRIM_THRESHOLD, 2 * LARGEST);
}

void heap_advise(Heap *heap)
{
  char *end = sbrk(0);

  if (end == heap->end)
    return;
  if (!heap->end) {
    heap->start = end;
    set_up();
  } else if (end > heap->end) {
    (void) madvise(heap->end, (size_t) (end - heap->end), MADV_HUGEPAGE);
  }
  heap->end = end;
  mallopt(M_TOP_PAD, (int) CLAMP(end - heap->start, STEP_MIN, STEP_MAX));
}

void heap_advise_block(void *block, size_t len)
{
  const uintptr_t huge = 2 * 1024 * 1024;
  uintptr_t skipped = -(uintptr_t) block % huge; /* up to the first whole one */

  if (len >= skipped + huge)
    (void) madvise((char *) block + skipped, (len - skipped) / huge * huge, MADV_HUGEPAGE);
}
