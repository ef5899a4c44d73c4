/*
 * ByteBuffer: bytes to which many short ones are appended, each without a call.  All zero it is
 * empty; cleared with byte_buffer_clear, or handed on with its `data`.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "capture/slice.h"

typedef struct {
  uint8_t *data; /* g_free */
  size_t len, room;
} ByteBuffer;

static inline Slice byte_buffer_slice(const ByteBuffer *buffer)
{
  return slice_of((const char *) buffer->data, buffer->len);
}

static inline void byte_buffer_append(ByteBuffer *to, const void *bytes, size_t len)
{
  enum { ROOM_FIRST = 4096 };

  if (G_UNLIKELY(to->room - to->len < len)) {
    to->room = MAX(to->room + len, MAX(to->room * 2, (size_t) ROOM_FIRST));
    to->data = g_realloc(to->data, to->room);
  }
  if (len > 0)
    memcpy(to->data + to->len, bytes, len);
  to->len += len;
}

static inline void byte_buffer_clear(ByteBuffer *buffer)
{
  g_free(buffer->data);
  *buffer = (ByteBuffer){0};
}
