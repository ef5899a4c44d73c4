#include "capture/sparse_array.h"

enum { PAGE_ITEMS = 4096 };

typedef struct {
  unsigned gone;
  void *items[PAGE_ITEMS];
} Page;

struct SparseArray {
  GPtrArray *pages; /* NULL: all of its items were taken out */
  size_t len;
};

SparseArray *sparse_array_new(void)
{
  SparseArray *array = g_new(SparseArray, 1);

  *array = (SparseArray){.pages = g_ptr_array_new_with_free_func(g_free)};
  return array;
}

void sparse_array_free(SparseArray *array)
{
  g_ptr_array_unref(array->pages);
  g_free(array);
}

size_t sparse_array_len(const SparseArray *array)
{
  return array->len;
}

void sparse_array_add(SparseArray *array, void *item)
{
  if (array->len % PAGE_ITEMS == 0)
    g_ptr_array_add(array->pages, g_new0(Page, 1));
  Page *page = array->pages->pdata[array->len / PAGE_ITEMS];
  page->items[array->len++ % PAGE_ITEMS] = item;
}

void *sparse_array_get(const SparseArray *array, size_t index)
{
  g_assert(index < array->len);
  const Page *page = array->pages->pdata[index / PAGE_ITEMS];

  return page ? page->items[index % PAGE_ITEMS] : NULL;
}

void sparse_array_take_out(SparseArray *array, size_t index)
{
  g_assert(sparse_array_get(array, index));
  Page *page = array->pages->pdata[index / PAGE_ITEMS];

  page->items[index % PAGE_ITEMS] = NULL;
  if (++page->gone == PAGE_ITEMS) /* none is to come */
    g_clear_pointer(&array->pages->pdata[index / PAGE_ITEMS], g_free);
}
