/*
 * Out: a buffered stream of octets to a descriptor.
 *
 * Errors are sticky and asked for once, at the end.  A reader who went away (EPIPE) is no
 * error: what follows is thrown away, and out_is_over tells whoever would rather stop.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { OUT_ROOM = 64 * 1024 };

typedef struct {
  int fd;
  int error; /* errno of the first write that failed, 0 before */
  char *name;
  size_t used;
  char *buffer; /* OUT_ROOM octets */
} Out;

/* `name` is for messages; the descriptor stays the caller's. */
void out_init(Out *out, int fd, const char *name);
void out_clear(Out *out);

void out_write(Out *out, Slice octets);
void out_string(Out *out, const char *text);

static inline void out_char(Out *out, char c)
{
  if (out->used < OUT_ROOM)
    out->buffer[out->used++] = c;
  else
    out_write(out, slice_of(&c, 1));
}

void out_flush(Out *out);

/* Nothing written from now on will be seen by anybody. */
static inline bool out_is_over(const Out *out)
{
  return out->error != 0;
}

/* Flushes.  False when something could not be written, but not when the reader went away. */
G_GNUC_WARN_UNUSED_RESULT bool out_finish(Out *out, GError **error);
