/*
 * Hash: bytes to 64 or 128 bits by xxHash, with a seed that is random for each table, so that input
 * cannot choose what collides.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t low, high;
} Hash128;

/* A new random seed. */
uint64_t hash_seed_new(void);

/* `bytes` may be NULL when `len` is 0. */
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed);
Hash128 hash_bytes_128(const void *bytes, size_t len, uint64_t seed);
