#include "capture/frame.h"

#include <glib.h>

enum { FRAMES_FIRST = 512, BYTES_STEP = 128 * 1024 };

void frame_batch_clear(FrameBatch *batch)
{
  g_free(batch->frames);
  g_free(batch->bytes);
  *batch = (FrameBatch){0};
}

Frame *frame_batch_add(FrameBatch *batch)
{
  if (batch->count == batch->room) {
    batch->room = MAX(batch->room * 2, (size_t) FRAMES_FIRST);
    batch->frames = g_renew(Frame, batch->frames, batch->room);
  }
  return &batch->frames[batch->count++];
}

void frame_batch_reserve(FrameBatch *batch, size_t size)
{
  g_assert(batch->count == 0 && size <= SIZE_MAX / 2);
  if (size <= batch->bytes_room)
    return;
  batch->bytes_room = (size / BYTES_STEP + 1) * BYTES_STEP;
  batch->bytes = g_realloc(batch->bytes, batch->bytes_room);
}
