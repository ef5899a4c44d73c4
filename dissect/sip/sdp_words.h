/*
 * Words and numbers of SDP lines, for sdp.c and sdp_codec.c only.
 */
#pragma once

#include "capture/slice.h"

/* The word at the start, behind blanks; *s goes on behind it.  Absent when there is none. */
static inline Slice sdp_take_word(Slice *s)
{
  size_t len = 0;

  *s = slice_trim(*s);
  if (s->len == 0)
    return SLICE_NONE;
  while (len < s->len && s->data[len] != ' ' && s->data[len] != '\t')
    len++;
  Slice word = slice_head(*s, len);
  *s = slice_from(*s, len);
  return word;
}

static inline uint32_t sdp_number_or(Slice text, uint32_t otherwise)
{
  uint32_t number;

  return slice_to_u32(slice_trim(text), &number) ? number : otherwise;
}
