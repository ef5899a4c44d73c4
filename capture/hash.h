/*
 * Hash: bytes to 64 or 128 bits by xxHash, with a seed that is random for each table, so that input
 * cannot choose what collides; and sets of such hashes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
  uint64_t low, high;
} Hash128;

/* A new random seed. */
uint64_t hash_seed_new(void);

/* `bytes` may be NULL when `len` is 0. */
uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed);
Hash128 hash_bytes_128(const void *bytes, size_t len, uint64_t seed);

/* --- sets of 64-bit hashes --- */

typedef struct HashSet HashSet;

/* Hashes are spread well already. */
HashSet *hash_set_new(void);
void hash_set_free(HashSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HashSet, hash_set_free)

void hash_set_add(HashSet *set, uint64_t hash);
bool hash_set_has(const HashSet *set, uint64_t hash);
