#include "dissect/trace/trace_private.h"

/* Longer ones are not worth a name of their own. */
enum { METHOD_LEN_MAX = 64 };

static uint16_t methods_add(Methods *methods, const char *name)
{
  uint64_t zero = 0;

  g_ptr_array_add(methods->names, g_strdup(name));
  g_array_append_val(methods->requests, zero);
  g_array_append_val(methods->transactions, zero);
  return (uint16_t) (methods->names->len - 1);
}

void methods_init(Methods *methods)
{
  methods->names = g_ptr_array_new_with_free_func(g_free);
  methods->ids = g_hash_table_new(g_str_hash, g_str_equal);
  methods->requests = g_array_new(false, true, sizeof(uint64_t));
  methods->transactions = g_array_new(false, true, sizeof(uint64_t));
  for (SipMethod method = 0; method < SIP_METHOD_COUNT; method++) {
    const char *name = sip_method_name(method);
    methods_add(methods, name ? name : "other");
  }
}

void methods_clear(Methods *methods)
{
  g_hash_table_unref(methods->ids);
  g_ptr_array_unref(methods->names);
  g_array_unref(methods->requests);
  g_array_unref(methods->transactions);
}

uint16_t methods_intern(Methods *methods, SipMethod method, Slice text, uint32_t limit)
{
  if (method != SIP_METHOD_OTHER || text.len == 0 || text.len > METHOD_LEN_MAX)
    return (uint16_t) method;
  g_autofree char *name = slice_dup(text);
  gpointer id = g_hash_table_lookup(methods->ids, name);
  if (id)
    return (uint16_t) GPOINTER_TO_UINT(id);
  if (methods->names->len >= SIP_METHOD_COUNT + MIN(limit, (uint32_t) UINT16_MAX / 2))
    return SIP_METHOD_OTHER;
  uint16_t added = methods_add(methods, name);
  g_hash_table_insert(methods->ids, methods->names->pdata[added], GUINT_TO_POINTER(added));
  return added;
}

void methods_count(GArray *counts, uint16_t method)
{
  g_array_index(counts, uint64_t, method)++;
}
