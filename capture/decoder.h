/*
 * Decoder: decompresses gzip (RFC 1952, also several members one after the other) and zstd
 * (RFC 8878, also several frames).  Bytes in, bytes out; it reads nothing itself.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef struct Decoder Decoder;

/* What one step works on; both ends move on as octets are taken and given. */
typedef struct {
  const uint8_t *in;
  size_t in_len;
  uint8_t *out;
  size_t out_room;
} DecoderStep;

/* For data that begin like this; NULL when they are not compressed. */
Decoder *decoder_new(Slice head);
void decoder_free(Decoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Decoder, decoder_free)

/* "gzip", ... */
const char *decoder_name(const Decoder *decoder);

/* As much as input and room allow.  Fails on damaged data; what came before is in the output. */
G_GNUC_WARN_UNUSED_RESULT bool decoder_step(Decoder *decoder, DecoderStep *step, GError **error);

/* May the data end here, between two members or frames? */
bool decoder_is_between(const Decoder *decoder);
