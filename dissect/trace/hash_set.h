/*
 * HashSet: a set of 64-bit hashes.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct HashSet HashSet;

/* Hashes are spread well already. */
HashSet *hash_set_new(void);
void hash_set_free(HashSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HashSet, hash_set_free)

void hash_set_add(HashSet *set, uint64_t hash);
bool hash_set_has(const HashSet *set, uint64_t hash);
