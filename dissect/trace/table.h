/*
 * Table: finds records by a hash that the caller has, one miss of the cache a look-up.
 *
 * The heart of correlation: GHashTable keeps hashes, keys and values in arrays of their own, and
 * cannot be told what will be asked next.  Here hash and record stand side by side, and
 * table_prefetch warms the place while other messages are filed.  Open addressing, at most
 * three quarters full; records are not owned.  Hashes must be seeded (nobody can choose them).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t hash;
  void *item; /* NULL: free */
} TableSlot;

typedef struct {
  TableSlot *slots;
  size_t mask; /* slots - 1, a power of two less one */
  size_t count;
} Table;

/* Is the record the one that is wanted?  Asked only of records with the same hash. */
typedef bool (*TableIs)(const void *item, const void *wanted);

void table_init(Table *table);
void table_clear(Table *table);

/* Adds a record that is not there: table_find gave NULL. */
void table_add(Table *table, uint64_t hash, void *item);

/* Takes `item` out, if it is the one that is there. */
void table_remove(Table *table, uint64_t hash, const void *item);

/* The slot of the record that is wanted, or the free one where it would stand. */
static inline TableSlot *table_slot(const Table *table, uint64_t hash, TableIs is,
                                    const void *wanted)
{
  size_t at = hash & table->mask;

  while (table->slots[at].item &&
         (table->slots[at].hash != hash || !is(table->slots[at].item, wanted)))
    at = (at + 1) & table->mask;
  return &table->slots[at];
}

static inline void *table_find(const Table *table, uint64_t hash, TableIs is, const void *wanted)
{
  return table_slot(table, hash, is, wanted)->item;
}

/* The first record of that hash, wanted or not: good enough to warm the cache with. */
static inline void *table_guess(const Table *table, uint64_t hash)
{
  const TableSlot *slot = &table->slots[hash & table->mask];

  return slot->hash == hash ? slot->item : NULL;
}

static inline void table_prefetch(const Table *table, uint64_t hash)
{
  __builtin_prefetch(&table->slots[hash & table->mask]);
}
