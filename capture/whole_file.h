/*
 * WholeFile: a small file that the user names, such as one of passwords, as one text.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef struct {
  char *text; /* not NUL-terminated; freed with g_free */
  size_t len;
  bool others_can_read; /* users besides its owner */
} WholeFile;

/* Fails with "NAME: WHY" for what is no regular file or larger than `most`. */
G_GNUC_WARN_UNUSED_RESULT bool whole_file_read(const char *name, size_t most, WholeFile *ret_file,
                                               GError **error);
