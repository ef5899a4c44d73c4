#include "dissect/trace/hash_set.h"

/* Open addressing; 0 is a free place, so the hash 0 is kept separately. */
struct HashSet {
  uint64_t *places;
  size_t mask, room;
  bool has_zero;
};

HashSet *hash_set_new(size_t most)
{
  HashSet *set = g_new0(HashSet, 1);
  size_t size = 16;

  while (size / 2 < most)
    size *= 2;
  set->places = g_new0(uint64_t, size);
  set->mask = size - 1;
  set->room = most;
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
static uint64_t *find(const HashSet *set, uint64_t hash)
{
  size_t at = hash & set->mask;

  while (set->places[at] != 0 && set->places[at] != hash)
    at = (at + 1) & set->mask;
  return &set->places[at];
}

void hash_set_add(HashSet *set, uint64_t hash)
{
  if (hash == 0) {
    set->has_zero = true;
    return;
  }
  uint64_t *place = find(set, hash);
  if (*place == hash)
    return;
  g_assert(set->room > 0);
  set->room--;
  *place = hash;
}

bool hash_set_has(const HashSet *set, uint64_t hash)
{
  return hash == 0 ? set->has_zero : *find(set, hash) == hash;
}
