/*
 * For tests of writers: an Out whose octets are collected in memory.
 */
#pragma once

#include <unistd.h>

#include "tests/test.h"
#include "ui/report/out.h"

/* What was written, as a string freed with g_free; ends the stream.  Not more than OUT_ROOM. */
static inline char *out_take_text(Out *out)
{
  char *text = g_strndup(out->buffer, out->used);

  out_clear(out);
  return text;
}
