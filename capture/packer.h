/*
 * Packer: compresses what is written, so that a file ends well whatever ends the program: each
 * piece is a whole gzip member (RFC 1952) or zstd frame (RFC 8878), and a file is several of them
 * in a row.
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

/* The name without that ending, in which it lies. */
Slice packing_strip(const char *name);

typedef struct Packer Packer;

Packer *packer_new(Packing packing);
void packer_free(Packer *packer);

/* Valid until the next piece. */
Slice packer_pack(Packer *packer, Slice piece);
