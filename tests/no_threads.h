/* As if the system allowed no more threads: none gets a stack larger than all addresses. */
#pragma once

#include <pthread.h>

#include "tests/test.h"

#ifdef __GLIBC__
static inline void allow_stacks_of(size_t size)
{
  pthread_attr_t attributes;

  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstacksize(&attributes, size), 0);
  assert_int_equal(pthread_setattr_default_np(&attributes), 0);
  pthread_attr_destroy(&attributes);
}
#endif

static inline void with_no_threads(void (*test)(void))
{
#ifdef __GLIBC__
  enum { USUAL = 8 * 1024 * 1024 };

  allow_stacks_of(SIZE_MAX / 2 & ~(size_t) 0xffff);
  test();
  allow_stacks_of(USUAL);
#else
  (void) test;
  skip();
#endif
}
