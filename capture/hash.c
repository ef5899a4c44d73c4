#include "capture/hash.h"

#include <glib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash_seed_new(void)
{
  return (uint64_t) g_random_int() << 32 | g_random_int();
}

uint64_t hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
  return XXH3_64bits_withSeed(bytes ? bytes : "", len, seed);
}

Hash128 hash_bytes_128(const void *bytes, size_t len, uint64_t seed)
{
  XXH128_hash_t hash = XXH3_128bits_withSeed(bytes ? bytes : "", len, seed);

  return (Hash128){hash.low64, hash.high64};
}

/* --- sets of hashes --- */

/* Open addressing; 0 is a free place, so the hash 0 is kept separately. */
struct HashSet {
  uint64_t *places;
  size_t mask, count;
  bool has_zero;
};

enum { PLACES_FIRST = 16 };

HashSet *hash_set_new(void)
{
  HashSet *set = g_new0(HashSet, 1);

  set->places = g_new0(uint64_t, PLACES_FIRST);
  set->mask = PLACES_FIRST - 1;
  return set;
}

void hash_set_free(HashSet *set)
{
  if (!set)
    return;
  g_free(set->places);
  g_free(set);
}

/* Where the hash is, or could be put. */
static uint64_t *hash_place(const HashSet *set, uint64_t hash)
{
  size_t at = hash & set->mask;

  while (set->places[at] != 0 && set->places[at] != hash)
    at = (at + 1) & set->mask;
  return &set->places[at];
}

static void grow(HashSet *set)
{
  HashSet old = *set;

  set->mask = 2 * old.mask + 1;
  set->places = g_new0(uint64_t, set->mask + 1);
  for (size_t i = 0; i <= old.mask; i++)
    if (old.places[i] != 0)
      *hash_place(set, old.places[i]) = old.places[i];
  g_free(old.places);
}

void hash_set_add(HashSet *set, uint64_t hash)
{
  if (hash == 0) {
    set->has_zero = true;
    return;
  }
  uint64_t *place = hash_place(set, hash);
  if (*place == hash)
    return;
  *place = hash;
  if (++set->count > set->mask / 2)
    grow(set);
}

bool hash_set_has(const HashSet *set, uint64_t hash)
{
  return hash == 0 ? set->has_zero : *hash_place(set, hash) == hash;
}
