/*
 * Decoder: the compressions in which captures come, a row each: gzip and zstd, and bzip2, xz and
 * lz4 where rung was built with their libraries.
 *
 * A decoder works in steps, from what was read into what there is room for, so its memory does not
 * depend on its input.  Several members, streams or frames in a row are one file.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

/* What one step works on; both ends move on as bytes are taken and given. */
typedef struct {
  const uint8_t *in;
  size_t in_len;
  uint8_t *out;
  size_t out_room;
} DecoderStep;

typedef struct {
  const char *name;
  bool (*detect)(Slice head);
  void *(*open)(void);
  /* *between: nothing of a member was read, or all of it, so that the file may end here.  It begins
   * as false.  Taking and giving nothing is no error. */
  bool (*step)(void *state, DecoderStep *step, bool *between, GError **error);
  void (*close)(void *state);
} DecoderKind;

/* As many first bytes as are needed to tell the kinds apart. */
enum { DECODER_HEAD_LEN = 4 };

/* NULL when the bytes are not compressed, or as no row says. */
const DecoderKind *decoder_kind_of(Slice head);

/* For messages and the version: "gzip, zstd, ..."; freed with g_free. */
char *decoder_names(void);

/* Fails with "NAME: WHY"; gives false. */
bool decoder_fail(const DecoderKind *kind, const char *why, GError **error);

extern const DecoderKind DECODER_BZIP2, DECODER_XZ, DECODER_LZ4;

/* Deflate without a header (RFC 1951), as members of zip archives have it; no bytes show it. */
extern const DecoderKind DECODER_DEFLATE;
