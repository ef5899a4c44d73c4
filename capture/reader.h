/*
 * Reader: a bounds-checked cursor over binary bytes.
 *
 * A read past the end sets `failed`, which stays set, and gives 0; so a decoder reads
 * straight down and asks once at its end.  Numbers are big-endian unless the name says
 * otherwise (network byte order, RFC 1700).
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  const uint8_t *at;
  const uint8_t *end;
  bool failed;
} Reader;

static inline Reader reader_of(const void *data, size_t len)
{
  const uint8_t *bytes = data;

  return (Reader){bytes, bytes ? bytes + len : bytes, false};
}

static inline size_t reader_left(const Reader *r)
{
  return (size_t) (r->end - r->at);
}

/* The next `len` bytes, or NULL and `failed`. */
static inline const uint8_t *reader_take(Reader *r, size_t len)
{
  if (r->failed || len > reader_left(r)) {
    r->failed = true;
    return NULL;
  }
  const uint8_t *at = r->at;
  r->at += len;
  return at;
}

static inline bool reader_skip(Reader *r, size_t len)
{
  return reader_take(r, len) != NULL;
}

static inline uint8_t reader_u8(Reader *r)
{
  const uint8_t *p = reader_take(r, 1);

  return p ? p[0] : 0;
}

static inline uint16_t reader_u16(Reader *r)
{
  const uint8_t *p = reader_take(r, 2);

  if (!p)
    return 0;
  return (uint16_t) (p[0] << 8 | p[1]);
}

static inline uint32_t reader_u32(Reader *r)
{
  const uint8_t *p = reader_take(r, 4);

  return p ? (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3] : 0;
}

static inline uint16_t reader_u16le(Reader *r)
{
  const uint8_t *p = reader_take(r, 2);

  if (!p)
    return 0;
  return (uint16_t) (p[1] << 8 | p[0]);
}

static inline uint32_t reader_u32le(Reader *r)
{
  const uint8_t *p = reader_take(r, 4);

  return p ? (uint32_t) p[3] << 24 | (uint32_t) p[2] << 16 | (uint32_t) p[1] << 8 | p[0] : 0;
}

/* In the byte order that a file says it has. */
static inline uint16_t reader_u16_as(Reader *r, bool big_endian)
{
  return big_endian ? reader_u16(r) : reader_u16le(r);
}

static inline uint32_t reader_u32_as(Reader *r, bool big_endian)
{
  return big_endian ? reader_u32(r) : reader_u32le(r);
}

/* The next `len` bytes as a slice, absent when there are fewer. */
static inline Slice reader_slice(Reader *r, size_t len)
{
  const uint8_t *p = reader_take(r, len);

  return p ? slice_of((const char *) p, len) : SLICE_NONE;
}

/*
 * The next `len` bytes as a reader of their own, for a header of fixed size: one check of the
 * length, and the compiler drops those of its fields.  False, and `failed`, when there are fewer.
 */
static inline bool reader_part(Reader *r, size_t len, Reader *ret_part)
{
  const uint8_t *p = reader_take(r, len);

  if (p)
    *ret_part = (Reader){p, p + len, false};
  return p != NULL;
}

/* All that is left. */
static inline Slice reader_rest(Reader *r)
{
  return reader_slice(r, r->failed ? 0 : reader_left(r));
}

/* The next byte without taking it; 0 at the end. */
static inline uint8_t reader_peek(const Reader *r)
{
  return !r->failed && r->at < r->end ? *r->at : 0;
}
