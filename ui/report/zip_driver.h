/* ZipDriver: what ZipOut is made of, with an archive as libarchive has it: the module "archive". */
#pragma once

#include "ui/report/zip_out.h"

typedef struct {
  /* NULL: it failed for want of memory.  What follows fails with false, and `fault` then says why,
   * in a text that is valid until the next call; NULL: it does not know. */
  void *(*new)(int fd);
  void (*free)(void *archive);
  const char *(*fault)(void *archive);
  bool (*begin)(void *archive, const char *member, int64_t time_s, int64_t size);
  bool (*put)(void *archive, const void *bytes, size_t len);
  bool (*finish)(void *archive);
} ZipDriver;
