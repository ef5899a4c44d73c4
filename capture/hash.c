/* xxHash copies words of constant size: checked copies are calls, and cost a tenth of all. */
#undef _FORTIFY_SOURCE
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

/* --- sets of numbers --- */

/* Open addressing; 0 is a free place, so the number 0 is kept separately. */
typedef struct {
  uint64_t *places;
  size_t mask, count;
  bool has_zero;
} Table;

struct HashSet {
  Table now;
  Table before;  /* of a set of recent numbers: the full table before `now`; may have no places */
  size_t recent; /* numbers of a full table; 0: no limit */
};

enum { PLACES_FIRST = 16 };

static void table_init(Table *table)
{
  *table = (Table){.places = g_new0(uint64_t, PLACES_FIRST), .mask = PLACES_FIRST - 1};
}

HashSet *hash_set_new(void)
{
  return hash_set_new_recent(0);
}

HashSet *hash_set_new_recent(size_t count)
{
  HashSet *set = g_new0(HashSet, 1);

  table_init(&set->now);
  set->recent = count;
  return set;
}

void hash_set_free(HashSet *set)
{
  if (!set)
    return;
  g_free(set->now.places);
  g_free(set->before.places);
  g_free(set);
}

/* Where the number is, or could be put.  Numbers that follow one another are spread: a run of them
 * would make each search in it as long as the run (Knuth 6.4, Fibonacci hashing). */
static uint64_t *find_place(const Table *table, uint64_t number)
{
  size_t at = (size_t) (number * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;

  while (table->places[at] != 0 && table->places[at] != number)
    at = (at + 1) & table->mask;
  return &table->places[at];
}

static void grow(Table *table)
{
  Table old = *table;

  table->mask = 2 * old.mask + 1;
  table->places = g_new0(uint64_t, table->mask + 1);
  for (size_t i = 0; i <= old.mask; i++)
    if (old.places[i] != 0)
      *find_place(table, old.places[i]) = old.places[i];
  g_free(old.places);
}

void hash_set_add(HashSet *set, uint64_t number)
{
  Table *table = &set->now;

  if (number == 0) {
    table->has_zero = true;
    return;
  }
  uint64_t *place = find_place(table, number);
  if (*place == number)
    return;
  *place = number;
  if (++table->count > table->mask / 2)
    grow(table);
  if (table->count != set->recent)
    return;
  g_free(set->before.places);
  set->before = *table;
  table_init(table);
}

static bool table_has(const Table *table, uint64_t number)
{
  if (!table->places)
    return false;
  return number == 0 ? table->has_zero : *find_place(table, number) == number;
}

bool hash_set_has(const HashSet *set, uint64_t number)
{
  return table_has(&set->now, number) || table_has(&set->before, number);
}
