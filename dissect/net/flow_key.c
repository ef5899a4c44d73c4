#include "dissect/net/flow_key.h"

enum { WORDS = sizeof(FlowKey) / sizeof(uint64_t) };

guint flow_key_hash(gconstpointer key)
{
  uint64_t words[WORDS], hash = 0;

  memcpy(words, key, sizeof words);
  /* The seed is in the last word: begin there, so that it takes part in every step. */
  for (size_t i = WORDS; i-- > 0;) {
    hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  return (guint) (hash >> 16);
}

gboolean flow_key_equal(gconstpointer a, gconstpointer b)
{
  uint64_t left[WORDS], right[WORDS], differ = 0;

  memcpy(left, a, sizeof left);
  memcpy(right, b, sizeof right);
  for (size_t i = 0; i < WORDS; i++)
    differ |= left[i] ^ right[i];
  return differ == 0;
}
