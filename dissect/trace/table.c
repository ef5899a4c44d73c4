#include "dissect/trace/table.h"

#include <glib.h>

enum { FIRST_SLOTS = 64 };

void table_init(Table *table)
{
  *table = (Table){.slots = g_new0(TableSlot, FIRST_SLOTS), .mask = FIRST_SLOTS - 1};
}

void table_clear(Table *table)
{
  g_free(table->slots);
  *table = (Table){NULL};
}

static TableSlot *free_slot(const Table *table, uint64_t hash)
{
  size_t at = hash & table->mask;

  while (table->slots[at].item)
    at = (at + 1) & table->mask;
  return &table->slots[at];
}

static void grow(Table *table)
{
  Table larger = {.slots = g_new0(TableSlot, (table->mask + 1) * 2),
                  .mask = (table->mask + 1) * 2 - 1,
                  .count = table->count};

  for (size_t i = 0; i <= table->mask; i++)
    if (table->slots[i].item)
      *free_slot(&larger, table->slots[i].hash) = table->slots[i];
  g_free(table->slots);
  *table = larger;
}

void table_add(Table *table, uint64_t hash, void *item)
{
  g_assert(item);
  if (table->count + 1 > table->mask - table->mask / 4)
    grow(table);
  *free_slot(table, hash) = (TableSlot){hash, item};
  table->count++;
}

/* What stands behind a hole may have been pushed there by what was taken: it moves up, unless the
 * hole lies before its own place (Knuth 6.4, Algorithm R). */
static void close_hole(Table *table, size_t hole)
{
  for (size_t at = (hole + 1) & table->mask; table->slots[at].item; at = (at + 1) & table->mask) {
    size_t home = table->slots[at].hash & table->mask;
    if (((at - home) & table->mask) < ((at - hole) & table->mask))
      continue;
    table->slots[hole] = table->slots[at];
    hole = at;
  }
  table->slots[hole] = (TableSlot){0, NULL};
}

void table_remove(Table *table, uint64_t hash, const void *item)
{
  size_t at = hash & table->mask;

  while (table->slots[at].item && table->slots[at].item != item)
    at = (at + 1) & table->mask;
  if (!table->slots[at].item)
    return;
  table->count--;
  close_hole(table, at);
}
