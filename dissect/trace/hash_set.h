/*
 * HashSet: a set of 64-bit hashes whose size is known before it is filled: it never grows, so each
 * addition takes the same time.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct HashSet HashSet;

/* Room for `most` hashes, which are spread well already. */
HashSet *hash_set_new(size_t most);
void hash_set_free(HashSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HashSet, hash_set_free)

void hash_set_add(HashSet *set, uint64_t hash);
bool hash_set_has(const HashSet *set, uint64_t hash);
