#include "dissect/query/filter_pattern.h"

#include "capture/hash.h"

/* Beyond so many undecided values, the same one may be counted again. */
enum { UNDECIDED_KEPT_MAX = 64 * 1024 };

struct FilterPattern {
  GRegex *regex;
  GHashTable *undecided; /* hashes of values, as pointers; made when there is one */
  uint64_t beyond;       /* values that are not in it, for it is full */
  uint64_t seed;
};

FilterPattern *filter_pattern_new(const char *text, GError **error)
{
  g_autofree char *limited = g_strconcat(FILTER_PATTERN_LIMIT, text, NULL);
  /* RAW: bytes from the network need not be UTF-8. */
  GRegex *regex = g_regex_new(limited, G_REGEX_RAW | G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, error);

  if (!regex)
    return NULL;
  FilterPattern *pattern = g_new0(FilterPattern, 1);
  pattern->regex = regex;
  pattern->seed = hash_seed_new();
  return pattern;
}

void filter_pattern_free(FilterPattern *pattern)
{
  if (!pattern)
    return;
  g_regex_unref(pattern->regex);
  g_clear_pointer(&pattern->undecided, g_hash_table_unref);
  g_free(pattern);
}

/* What was undecided once is not tried again: it would take as long. */
bool filter_pattern_matches(FilterPattern *pattern, Slice value)
{
  const char *text = value.data ? value.data : "";
  g_autoptr(GError) error = NULL;
  gpointer key = NULL;

  if (pattern->undecided) {
    key = (gpointer) (uintptr_t) hash_bytes(text, value.len, pattern->seed);
    if (g_hash_table_contains(pattern->undecided, key))
      return false;
  }
  if (g_regex_match_full(pattern->regex, text, (gssize) value.len, 0, 0, NULL, &error))
    return true;
  if (!error)
    return false;
  if (!pattern->undecided) {
    pattern->undecided = g_hash_table_new(NULL, NULL);
    key = (gpointer) (uintptr_t) hash_bytes(text, value.len, pattern->seed);
  }
  if (g_hash_table_size(pattern->undecided) < UNDECIDED_KEPT_MAX)
    g_hash_table_add(pattern->undecided, key);
  else
    pattern->beyond++;
  return false;
}

uint64_t filter_pattern_undecided(const FilterPattern *pattern)
{
  return pattern->undecided ? g_hash_table_size(pattern->undecided) + pattern->beyond : 0;
}
