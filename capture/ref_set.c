#include "capture/ref_set.h"

enum {
  BIT_BYTES = 16,         /* of a store, for each bit */
  PAGE_BYTES = 64 * 1024, /* of a store, for each page */
  PAGE_BITS = PAGE_BYTES / BIT_BYTES,
  TRIM_FIRST = 256, /* pages */
};

/* A key lies first in its page, so that the table needs nothing else. */
typedef struct {
  uint64_t number;
  uint64_t bits[PAGE_BITS / 64];
} Page;

struct RefSet {
  GHashTable *pages;
  guint trim_at; /* pages: when it is trimmed next */
};

RefSet *ref_set_new(void)
{
  RefSet *set = g_new(RefSet, 1);

  set->trim_at = TRIM_FIRST;
  set->pages = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  return set;
}

void ref_set_free(RefSet *set)
{
  if (!set)
    return;
  g_hash_table_unref(set->pages);
  g_free(set);
}

static unsigned bit_of(ByteRef ref)
{
  return (unsigned) (ref % PAGE_BYTES) / BIT_BYTES;
}

void ref_set_add(RefSet *set, ByteRef ref)
{
  uint64_t number = ref / PAGE_BYTES;
  Page *page = g_hash_table_lookup(set->pages, &number);

  if (!page) {
    page = g_new0(Page, 1);
    page->number = number;
    g_hash_table_add(set->pages, page);
  }
  page->bits[bit_of(ref) / 64] |= UINT64_C(1) << bit_of(ref) % 64;
}

bool ref_set_has(const RefSet *set, ByteRef ref)
{
  uint64_t number = ref / PAGE_BYTES;
  const Page *page = g_hash_table_lookup(set->pages, &number);

  return page && (page->bits[bit_of(ref) / 64] >> bit_of(ref) % 64 & 1) != 0;
}

static gboolean is_dropped(gpointer key, gpointer unused, gpointer data)
{
  uint64_t number = ((const Page *) key)->number;
  ByteRef begin = number * PAGE_BYTES;
  unsigned store = byte_ref_store(begin);
  uint64_t offset = byte_ref_offset(begin);

  (void) unused;
  return store_gap(data, store, offset, offset + 1) == offset;
}

void ref_set_trim(RefSet *set, const StoreSet *stores)
{
  if (g_hash_table_size(set->pages) < set->trim_at)
    return;
  g_hash_table_foreach_remove(set->pages, is_dropped, (gpointer) (uintptr_t) stores);
  set->trim_at = MAX(2 * g_hash_table_size(set->pages), (guint) TRIM_FIRST);
}
