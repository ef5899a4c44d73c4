/*
 * Hash: bytes to 64 or 128 bits by xxHash, with a seed that is random for each table, so that input
 * cannot choose what collides; and sets of such hashes or other numbers.
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

/* --- sets of 64-bit numbers --- */

typedef struct HashSet HashSet;

/* Input must not choose the numbers: hashes with a seed, or numbers of frames. */
HashSet *hash_set_new(void);

/* Bounded: keeps the last `count` numbers that were added, and at most as many before them. */
HashSet *hash_set_new_recent(size_t count);
void hash_set_free(HashSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HashSet, hash_set_free)

void hash_set_add(HashSet *set, uint64_t number);
bool hash_set_has(const HashSet *set, uint64_t number);

/* The same with a value for the number, in a set in which all have one. */
void hash_set_put(HashSet *set, uint64_t number, uint32_t value);
bool hash_set_get(const HashSet *set, uint64_t number, uint32_t *ret_value);
