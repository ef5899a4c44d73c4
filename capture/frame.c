#include "capture/frame.h"

#include <glib.h>

enum { FRAMES_FIRST = 512, BYTES_STEP = 128 * 1024 };

void frame_batch_clear(FrameBatch *batch)
{
  secrets_clear(&batch->secrets);
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

/* The first row of a link type has its DLT_ on Linux. */
static const struct {
  uint16_t dlt, link_type;
} DIFFERENT[] = {
  {11, 100}, /* ATM_RFC1483 */
  {12, 101}, /* RAW */
  {14, 101}, /* RAW, on OpenBSD */
  {15, 102}, /* SLIP_BSDOS */
  {16, 103}, /* PPP_BSDOS */
  {19, 106}, /* ATM_CLIP */
  {18, 246}, /* PFSYNC */
};

uint16_t link_type_of_dlt(uint16_t dlt)
{
  for (size_t i = 0; i < G_N_ELEMENTS(DIFFERENT); i++) {
    if (DIFFERENT[i].dlt == dlt)
      return DIFFERENT[i].link_type;
  }
  return dlt;
}

int link_type_to_dlt(uint16_t link_type)
{
  for (size_t i = 0; i < G_N_ELEMENTS(DIFFERENT); i++) {
    if (DIFFERENT[i].link_type == link_type)
      return DIFFERENT[i].dlt;
  }
  return link_type;
}
