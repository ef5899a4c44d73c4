#include "dissect/net/flow_key.h"

guint flow_key_hash(gconstpointer key)
{
  uint64_t words[sizeof(FlowKey) / sizeof(uint64_t)], hash = 0;

  memcpy(words, key, sizeof words);
  /* The seed is in the last word: begin there, so that it takes part in every step. */
  for (size_t i = G_N_ELEMENTS(words); i-- > 0;) {
    hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  return (guint) (hash >> 16);
}

gboolean flow_key_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(FlowKey)) == 0;
}
