#include "capture/nearest.h"

#include <glib.h>
#include <string.h>

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
    unsigned edits = strlen(words[i]) <= WORD_MAX ? count_edits(typed, words[i]) : least;

    if (edits < least) {
      least = edits;
      nearest = words[i];
    }
  }
  return nearest;
}
