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
  uint32_t *values; /* of the places; NULL: they have none */
  size_t mask, count;
  bool has_zero;
  uint32_t zero_value;
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

static void table_clear(Table *table)
{
  g_free(table->places);
  g_free(table->values);
}

void hash_set_free(HashSet *set)
{
  if (!set)
    return;
  table_clear(&set->now);
  table_clear(&set->before);
  g_free(set);
}

/* Where the number is, or could be put.  Numbers that follow one another are spread: a run of them
 * would make each search in it as long as the run (Knuth 6.4, Fibonacci hashing). */
static size_t find_place(const Table *table, uint64_t number)
{
  size_t at = (size_t) (number * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;

  while (table->places[at] != 0 && table->places[at] != number)
    at = (at + 1) & table->mask;
  return at;
}

static void grow(Table *table)
{
  Table old = *table;

  table->mask = 2 * old.mask + 1;
  table->places = g_new0(uint64_t, table->mask + 1);
  if (old.values)
    table->values = g_new(uint32_t, table->mask + 1);
  for (size_t i = 0; i <= old.mask; i++) {
    if (old.places[i] == 0)
      continue;
    size_t at = find_place(table, old.places[i]);
    table->places[at] = old.places[i];
    if (old.values)
      table->values[at] = old.values[i];
  }
  table_clear(&old);
}

/* Where the value of the number belongs, which is there then. */
static uint32_t *add(Table *table, uint64_t number)
{
  if (number == 0) {
    table->has_zero = true;
    return &table->zero_value;
  }
  size_t at = find_place(table, number);
  if (table->places[at] == 0 && ++table->count > table->mask / 2) {
    grow(table);
    at = find_place(table, number);
  }
  table->places[at] = number;
  return table->values ? &table->values[at] : NULL;
}

static void begin_next(HashSet *set)
{
  if (set->recent == 0 || set->now.count < set->recent)
    return;
  table_clear(&set->before);
  set->before = set->now;
  table_init(&set->now);
}

void hash_set_add(HashSet *set, uint64_t number)
{
  (void) add(&set->now, number);
  begin_next(set);
}

void hash_set_put(HashSet *set, uint64_t number, uint32_t value)
{
  Table *table = &set->now;

  if (!table->values)
    table->values = g_new(uint32_t, table->mask + 1);
  *add(table, number) = value;
  begin_next(set);
}

static bool table_get(const Table *table, uint64_t number, uint32_t *ret_value)
{
  size_t at = number != 0 && table->places ? find_place(table, number) : 0;
  bool is_there = number == 0 ? table->has_zero : table->places && table->places[at] == number;

  if (is_there && ret_value)
    *ret_value = number == 0 ? table->zero_value : table->values[at];
  return is_there;
}

bool hash_set_has(const HashSet *set, uint64_t number)
{
  return table_get(&set->now, number, NULL) || table_get(&set->before, number, NULL);
}

bool hash_set_get(const HashSet *set, uint64_t number, uint32_t *ret_value)
{
  return table_get(&set->now, number, ret_value) || table_get(&set->before, number, ret_value);
}
