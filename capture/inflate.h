/*
 * Inflater: decompresses bytes that came over the network (RFC 1950, 1951, 1952).
 *
 * The bytes are hostile: a few of them can become a thousand times as many, so the caller says how
 * many bytes may come out.  It wraps zlib; an inflater needs some 7 kB, and 2^window_bits bytes
 * once its data do not end in one call.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef enum {
  INFLATE_RAW, /* RFC 1951 alone */
  INFLATE_ZLIB,
  INFLATE_GZIP,
} InflateForm;

typedef enum {
  INFLATE_ENDED,   /* the data's own end was reached */
  INFLATE_PAUSED,  /* all that was given was read: more may follow */
  INFLATE_FULL,    /* more would come out than may */
  INFLATE_DAMAGED, /* not compressed data, or damaged: it cannot go on */
} InflateResult;

enum {
  INFLATE_WINDOW_BITS_MAX = 15,
  INFLATER_SIZE_MAX = 40 * 1024, /* with its window */
};

typedef struct Inflater Inflater;

/* `window_bits`: 8 to 15; data that refer back farther are damaged. */
Inflater *inflater_new(InflateForm form, unsigned window_bits);
void inflater_free(Inflater *inflater);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inflater, inflater_free)

/* Makes it as new. */
void inflater_reset(Inflater *inflater);

/*
 * Appends to `out` what comes out of *in, until it has `max` bytes; *in then begins with what was
 * not read.  After any result but PAUSED it has to be reset before it is used again.
 */
InflateResult inflater_feed(Inflater *inflater, Slice *in, GByteArray *out, size_t max);
