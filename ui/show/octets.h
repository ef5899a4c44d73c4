/*
 * Octets: a range of a message's bytes, as offsets into SipMsg.raw.  Tree, text, hex dump and
 * comparison of a message refer to each other's parts by it.
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  uint32_t offset, len;
} Octets;

/* The range of `part`, a slice of `whole`. */
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

/* The common part; of length 0 when there is none. */
static inline Octets octets_common(Octets a, Octets b)
{
  size_t a_end = (size_t) a.offset + a.len, b_end = (size_t) b.offset + b.len;
  size_t start = a.offset > b.offset ? a.offset : b.offset;
  size_t end = a_end < b_end ? a_end : b_end;

  return (Octets){(uint32_t) start, end > start ? (uint32_t) (end - start) : 0};
}
