#include "ui/show/call_set.h"

enum { WORD_BITS = 64 };

struct CallSet {
  GArray *words; /* uint64_t: bit n - 1 is call n */
  size_t count;
};

CallSet *call_set_new(void)
{
  CallSet *set = g_new0(CallSet, 1);

  set->words = g_array_new(FALSE, TRUE, sizeof(uint64_t));
  return set;
}

void call_set_free(CallSet *set)
{
  if (!set)
    return;
  g_array_unref(set->words);
  g_free(set);
}

bool call_set_has(const CallSet *set, uint32_t number)
{
  uint32_t bit = number - 1;

  if (bit / WORD_BITS >= set->words->len)
    return false;
  return (g_array_index(set->words, uint64_t, bit / WORD_BITS) >> bit % WORD_BITS & 1) != 0;
}

void call_set_put(CallSet *set, uint32_t number, bool in)
{
  uint32_t bit = number - 1;

  if (call_set_has(set, number) == in)
    return;
  if (bit / WORD_BITS >= set->words->len)
    g_array_set_size(set->words, bit / WORD_BITS + 1);
  g_array_index(set->words, uint64_t, bit / WORD_BITS) ^= UINT64_C(1) << bit % WORD_BITS;
  set->count = in ? set->count + 1 : set->count - 1;
}

void call_set_clear(CallSet *set)
{
  g_array_set_size(set->words, 0);
  set->count = 0;
}

size_t call_set_count(const CallSet *set)
{
  return set->count;
}

GArray *call_set_numbers(const CallSet *set)
{
  GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));

  for (unsigned i = 0; i < set->words->len; i++)
    for (uint64_t word = g_array_index(set->words, uint64_t, i); word != 0; word &= word - 1) {
      uint32_t number = i * WORD_BITS + (uint32_t) __builtin_ctzll(word) + 1;
      g_array_append_val(numbers, number);
    }
  return numbers;
}
