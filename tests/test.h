/* What every unit test includes: cmocka, and input in a heap block of its exact size, so that
 * AddressSanitizer sees any read past its end. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

#include "capture/slice.h"

/* A copy of `len` bytes in a block of that size; freed with g_free. */
static inline char *exact_copy(const void *data, size_t len)
{
  char *copy = g_malloc(len > 0 ? len : 1);

  if (len > 0)
    memcpy(copy, data, len);
  return copy;
}

/* The same as a slice. */
static inline Slice exact_slice(Slice s)
{
  return slice_of(exact_copy(s.data, s.len), s.len);
}

#define assert_slice(actual, expected)                                                             \
  do {                                                                                             \
    Slice actual_ = (actual);                                                                      \
    g_autofree char *text_ = g_strndup(actual_.data ? actual_.data : "", actual_.len);             \
    assert_string_equal(text_, (expected));                                                        \
  } while (0)
