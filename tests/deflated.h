/* Compressed bytes for tests of what reads them. */
#pragma once

#include <zlib.h>

#include "tests/test.h"

/* zlib.h's window bits: 31 gzip, 15 zlib, -15 to -9 raw.  Appends to `to`. */
static inline void append_deflated(GByteArray *to, int window_bits, Slice bytes)
{
  z_stream zlib = {0};
  int result = deflateInit2(&zlib, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);

  assert_int_equal(result, Z_OK);
  uLong most = deflateBound(&zlib, bytes.len) + 32;
  g_autofree Bytef *out = g_malloc(most);
  zlib.next_in = (Bytef *) (uintptr_t) bytes.data;
  zlib.avail_in = (uInt) bytes.len;
  zlib.next_out = out;
  zlib.avail_out = (uInt) most;
  assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  g_byte_array_append(to, out, (guint) zlib.total_out);
  deflateEnd(&zlib);
}

static inline Slice slice_of_array(const GByteArray *array)
{
  return slice_of((const char *) array->data, array->len);
}
