/* Frames as text, a line each, to be compared with what is expected:
 *   NUMBER SECONDS.NANOSECONDS LINK_TYPE LEN/WIRE_LEN DATA   (data are text) */
#pragma once

#include "capture/frame.h"
#include "tests/test.h"

static inline void frame_to_text(const Frame *frame, GString *text)
{
  int64_t seconds = frame->time_ns / 1000000000;

  g_string_append_printf(text, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT ".%09d %u %u/%u %.*s\n",
                         frame->number, seconds, (int) (frame->time_ns - seconds * 1000000000),
                         frame->link_type, frame->len, frame->wire_len, (int) frame->len,
                         (const char *) frame->data);
}
