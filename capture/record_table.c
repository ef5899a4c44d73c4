#include "capture/record_table.h"

/* Values of `hashes` that are no hash. */
enum { PLACE_FREE, PLACE_GONE, HASH_LEAST };

enum {
  PLACES_FIRST = 1024,
  /* How many old places are emptied with each addition: all of them before the new ones are full,
   * as at least a quarter as many additions come before. */
  MOVED_AT_ONCE = 8,
};

/* Open addressing. */
typedef struct {
  uint32_t *hashes; /* or PLACE_FREE, PLACE_GONE; apart, so that few records are touched */
  void **records;
  size_t size; /* a power of two, or 0 */
  size_t used; /* places that are not free */
} Places;

/* While it grows, records are in `now` or still in `old`, never in both. */
struct RecordTable {
  const RecordKey *key;
  Places now, old;
  size_t moved; /* places of `old` that are empty from its start on */
  size_t count;
};

static Places places_new(size_t size)
{
  return (Places){g_new0(uint32_t, size), g_new(void *, size), size, 0};
}

static void places_clear(Places *places)
{
  g_free(places->hashes);
  g_free(places->records);
  *places = (Places){.size = 0};
}

RecordTable *record_table_new(const RecordKey *key)
{
  RecordTable *table = g_new0(RecordTable, 1);

  table->key = key;
  table->now = places_new(PLACES_FIRST);
  return table;
}

void record_table_free(RecordTable *table)
{
  if (!table)
    return;
  places_clear(&table->now);
  places_clear(&table->old);
  g_free(table);
}

static uint32_t hash_of(const RecordTable *table, const void *record)
{
  uint32_t hash = table->key->hash(record);

  return hash < HASH_LEAST ? hash + HASH_LEAST : hash;
}

/* Where the record is; false when it is not there. */
static bool find(const RecordTable *table, const Places *places, const void *probe, uint32_t hash,
                 size_t *ret_place)
{
  size_t mask = places->size - 1;

  if (places->size == 0)
    return false;
  for (size_t i = hash & mask; places->hashes[i] != PLACE_FREE; i = (i + 1) & mask)
    if (places->hashes[i] == hash && table->key->equal(places->records[i], probe)) {
      *ret_place = i;
      return true;
    }
  return false;
}

/* There is none that is equal. */
static void add(Places *places, void *record, uint32_t hash)
{
  size_t mask = places->size - 1, i = hash & mask;

  while (places->hashes[i] >= HASH_LEAST)
    i = (i + 1) & mask;
  places->used += places->hashes[i] == PLACE_FREE;
  places->hashes[i] = hash;
  places->records[i] = record;
}

static void move_some(RecordTable *table)
{
  Places *old = &table->old;
  size_t end = MIN(table->moved + MOVED_AT_ONCE, old->size);

  for (; table->moved < end; table->moved++) {
    uint32_t *hash = &old->hashes[table->moved];
    if (*hash >= HASH_LEAST)
      add(&table->now, old->records[table->moved], *hash);
    if (*hash != PLACE_FREE)
      *hash = PLACE_GONE;
  }
  if (table->moved == old->size)
    places_clear(old);
}

/* Twice the room, or the same if half of it was used by removed records. */
static void grow_if_full(RecordTable *table)
{
  size_t size = table->now.size;

  if (table->now.used < size / 4 * 3)
    return;
  g_assert(table->old.size == 0);
  table->old = table->now;
  table->moved = 0;
  table->now = places_new(table->count < size / 2 ? size : 2 * size);
}

void record_table_expect(const RecordTable *table, const void *probe)
{
  const Places *places = &table->now;
  size_t place = hash_of(table, probe) & (places->size - 1);

  __builtin_prefetch(&places->hashes[place]);
  __builtin_prefetch(&places->records[place]);
}

void record_table_expect_record(const RecordTable *table, const void *probe)
{
  const Places *places = &table->now;
  uint32_t hash = hash_of(table, probe);
  size_t place = hash & (places->size - 1);

  if (places->hashes[place] == hash)
    __builtin_prefetch(places->records[place]);
}

void *record_table_find(const RecordTable *table, const void *probe)
{
  uint32_t hash = hash_of(table, probe);
  size_t place;

  if (find(table, &table->now, probe, hash, &place))
    return table->now.records[place];
  if (find(table, &table->old, probe, hash, &place))
    return table->old.records[place];
  return NULL;
}

void record_table_remove(RecordTable *table, const void *probe)
{
  uint32_t hash = hash_of(table, probe);
  Places *places = &table->now;
  size_t place;

  if (!find(table, places, probe, hash, &place)) {
    places = &table->old;
    if (!find(table, places, probe, hash, &place))
      return;
  }
  places->hashes[place] = PLACE_GONE;
  table->count--;
}

void record_table_put(RecordTable *table, void *record)
{
  uint32_t hash = hash_of(table, record);
  size_t place;

  move_some(table);
  if (find(table, &table->now, record, hash, &place)) {
    table->now.records[place] = record;
    return;
  }
  record_table_remove(table, record);
  add(&table->now, record, hash);
  table->count++;
  grow_if_full(table);
}

size_t record_table_count(const RecordTable *table)
{
  return table->count;
}
