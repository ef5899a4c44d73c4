/*
 * Octets: which of a message's octets something was made of, as offsets into SipMsg.raw; what the
 * tree, the text, the hex dump and the comparison of messages find each other by.
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  uint32_t offset, len;
} Octets;

/* Where `part`, a slice of `whole`, lies in it. */
static inline Octets octets_of(Slice whole, Slice part)
{
  return (Octets){(uint32_t) (part.data - whole.data), (uint32_t) part.len};
}

static inline bool octets_has(Octets octets, size_t offset)
{
  return offset >= octets.offset && offset - octets.offset < octets.len;
}

static inline Slice octets_slice(Slice whole, Octets octets)
{
  return slice_head(slice_from(whole, octets.offset), octets.len);
}

/* What both have; of length 0 when that is nothing. */
static inline Octets octets_common(Octets a, Octets b)
{
  size_t a_end = (size_t) a.offset + a.len, b_end = (size_t) b.offset + b.len;
  size_t start = a.offset > b.offset ? a.offset : b.offset;
  size_t end = a_end < b_end ? a_end : b_end;

  return (Octets){(uint32_t) start, end > start ? (uint32_t) (end - start) : 0};
}
