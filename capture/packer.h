/*
 * Packer: compresses a file in pieces, each of which is a whole gzip member (RFC 1952) or zstd
 * frame (RFC 8878): a file whose last pieces are missing, because the program was killed, can be
 * read up to there.
 */
#pragma once

#include "capture/slice.h"

typedef enum {
  PACKING_NONE,
  PACKING_GZIP,
  PACKING_ZSTD,
} Packing;

/* By the ending of the name: .gz, .zst. */
Packing packing_of(const char *name);

/* The name without that ending; points into `name`. */
Slice packing_strip(const char *name);

typedef struct Packer Packer;

Packer *packer_new(Packing packing);
void packer_free(Packer *packer);

/* Returns the compressed piece, valid until the next one is compressed. */
Slice packer_pack(Packer *packer, Slice piece);
