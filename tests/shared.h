/* Files beside the checkout (RUNG_SHARED); without them the tests that need one are skipped. */
#pragma once

#include "tests/test.h"

/* RUNG_SHARED; skips the test without it.  skip() jumps out and frees nothing, so a test that
 * allocates asks for this first. */
static inline const char *shared_root(void)
{
  const char *root = g_getenv("RUNG_SHARED");

  if (!root)
    skip();
  return root;
}

/* The path; freed with g_free.  Skips the test without RUNG_SHARED. */
static inline char *shared_path(const char *name)
{
  return g_build_filename(shared_root(), name, NULL);
}

/* All bytes of a file in a block of that size; data is freed with g_free. */
static inline Slice shared_octets(const char *name)
{
  g_autofree char *path = shared_path(name);
  g_autofree char *text = NULL;
  gsize len = 0;

  if (!g_file_get_contents(path, &text, &len, NULL))
    fail_msg("cannot read %s", path);
  return slice_of(exact_copy(text, len), len);
}

/* The lines of a text file; freed with g_strfreev. */
static inline char **shared_rows(const char *name)
{
  Slice octets = shared_octets(name);
  g_autofree char *text = slice_dup(octets);

  g_free((void *) (uintptr_t) octets.data);
  return g_strsplit(g_strchomp(text), "\n", -1);
}
