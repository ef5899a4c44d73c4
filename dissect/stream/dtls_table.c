#include "dissect/stream/dtls_table.h"

#include "capture/hash.h"

typedef struct {
  ConnectionKey key; /* first: the table finds it by that; the lower endpoint first */
  GList link;        /* in `order` */
  DtlsHandshake handshake;
} Entry;

struct DtlsTable {
  GHashTable *entries; /* of ConnectionKey, in Entry */
  GQueue order;        /* the oldest first */
  size_t limit;
  uint32_t seed;
};

DtlsTable *dtls_table_new(size_t limit)
{
  DtlsTable *table = g_new0(DtlsTable, 1);

  table->entries = g_hash_table_new(connection_key_hash, connection_key_equal);
  table->limit = limit;
  table->seed = (uint32_t) hash_seed_new();
  return table;
}

static void drop_oldest(DtlsTable *table)
{
  Entry *entry = g_queue_peek_head(&table->order);

  g_queue_unlink(&table->order, &entry->link);
  g_hash_table_remove(table->entries, entry);
  dtls_handshake_clear(&entry->handshake);
  g_free(entry);
}

void dtls_table_free(DtlsTable *table)
{
  if (!table)
    return;
  while (table->order.length > 0)
    drop_oldest(table);
  g_hash_table_unref(table->entries);
  g_free(table);
}

/* Side 0 is the lower one. */
static ConnectionKey key_of(const DtlsTable *table, const Endpoint *src, const Endpoint *dst,
                            unsigned *ret_side)
{
  *ret_side = memcmp(src, dst, sizeof *src) > 0;
  return (ConnectionKey){
    .a = *ret_side ? *dst : *src, .b = *ret_side ? *src : *dst, .seed = table->seed};
}

void dtls_table_take(DtlsTable *table, const Endpoint *src, const Endpoint *dst, Slice datagram)
{
  unsigned side;
  ConnectionKey key = key_of(table, src, dst, &side);
  Entry *entry = g_hash_table_lookup(table->entries, &key);

  if (!entry) {
    if (table->order.length >= table->limit)
      drop_oldest(table);
    entry = g_new0(Entry, 1);
    entry->key = key;
    entry->link.data = entry;
    g_hash_table_add(table->entries, entry);
    g_queue_push_tail_link(&table->order, &entry->link);
  }
  dtls_handshake_take(&entry->handshake, side, datagram);
}

const DtlsHandshake *dtls_table_find(const DtlsTable *table, const Endpoint *src,
                                     const Endpoint *dst, unsigned *ret_side)
{
  ConnectionKey key = key_of(table, src, dst, ret_side);
  const Entry *entry = g_hash_table_lookup(table->entries, &key);

  return entry ? &entry->handshake : NULL;
}

size_t dtls_table_count(const DtlsTable *table)
{
  return table->order.length;
}
