#include "capture/slice.h"

#include <glib.h>

bool slice_bytes_eq_nocase(const char *a, const char *b, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (a[i] != b[i] && g_ascii_tolower(a[i]) != g_ascii_tolower(b[i]))
      return false;
  return true;
}

bool slice_starts_with_nocase(Slice s, Slice prefix)
{
  return slice_eq_nocase(slice_head(s, prefix.len), prefix);
}

bool slice_to_u64(Slice s, uint64_t *ret_value)
{
  enum { SURE_DIGITS = 19 }; /* fit into 64 bits, whichever they are */
  uint64_t value = 0;

  if (s.len == 0)
    return false;
  for (size_t i = 0; i < s.len; i++) {
    unsigned digit = (unsigned char) s.data[i] - (unsigned) '0';
    if (digit > 9)
      return false;
    if (i >= SURE_DIGITS && (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit))
      return false;
    value = value * 10 + digit;
  }
  *ret_value = value;
  return true;
}

bool slice_to_u16(Slice s, uint16_t *ret_value)
{
  uint64_t value;

  if (!slice_to_u64(s, &value) || value > UINT16_MAX)
    return false;
  *ret_value = (uint16_t) value;
  return true;
}

bool slice_to_u32(Slice s, uint32_t *ret_value)
{
  uint64_t value;

  if (!slice_to_u64(s, &value) || value > UINT32_MAX)
    return false;
  *ret_value = (uint32_t) value;
  return true;
}

char *slice_dup(Slice s)
{
  return g_strndup(s.data ? s.data : "", s.len);
}

enum { WORD_MAX = 32 };

/* Edits (insert, delete, replace, swap of neighbours) from one word to the other: optimal string
 * alignment, a table of three rows in turn. */
static unsigned count_edits(const char *a, const char *b)
{
  unsigned rows[3][WORD_MAX + 1];
  size_t a_len = strlen(a), b_len = strlen(b);

  for (size_t j = 0; j <= b_len; j++)
    rows[0][j] = (unsigned) j;
  for (size_t i = 1; i <= a_len; i++) {
    unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];

    row[0] = (unsigned) i;
    for (size_t j = 1; j <= b_len; j++) {
      unsigned replaced = above[j - 1] + (a[i - 1] != b[j - 1]);

      row[j] = MIN(replaced, MIN(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = MIN(row[j], higher[j - 2] + 1);
    }
  }
  return rows[a_len % 3][b_len];
}

const char *nearest_word(const char *typed, const char *const *words)
{
  size_t len = strlen(typed);
  const char *nearest = NULL;
  unsigned least = (unsigned) (len / 3) + 2; /* as many edits make another word */

  if (len > WORD_MAX)
    return NULL;
  for (size_t i = 0; words[i]; i++) {
    size_t word_len = strlen(words[i]);

    if (word_len > WORD_MAX || word_len >= len + least || len >= word_len + least)
      continue; /* the difference of the lengths alone is as many */
    unsigned edits = count_edits(typed, words[i]);
    if (edits < least) {
      least = edits;
      nearest = words[i];
    }
  }
  return nearest;
}
