/*
 * Cache: what is needed next is fetched from memory while something else is done: all lines of a
 * record at once, not one after the other.
 */
#pragma once

#include <stddef.h>

/* A hint that changes nothing; NULL is none. */
static inline void cache_expect(const void *record, size_t size)
{
  enum { LINE = 64 };

  for (size_t at = 0; record && at < size; at += LINE)
    __builtin_prefetch((const char *) record + at);
}
