/*
 * For tests of writers: an Out that collects its bytes in memory.
 */
#pragma once

#include <unistd.h>

#include "tests/test.h"
#include "ui/report/out.h"

/* What was written (at most OUT_ROOM), as a string freed with g_free; ends the stream. */
static inline char *out_take_text(Out *out)
{
  char *text = g_strndup(out->buffer, out->used);

  out_clear(out);
  return text;
}
