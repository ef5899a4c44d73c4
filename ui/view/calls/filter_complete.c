/* What a word of a display filter can become: fields, and the words that a field can be. */
#include "ui/view/calls/filter_line.h"

static const char *const JOINERS[] = {"and", "or", "not", "any(", "all("};
static const char *const OPERATORS[] = {"contains", "matches", "in"};

static bool is_of_word(char c)
{
  return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

static Slice last_word(Slice text)
{
  size_t at = text.len;

  while (at > 0 && is_of_word(text.data[at - 1]))
    at--;
  return slice_from(text, at);
}

static Slice trim_end(Slice text)
{
  while (text.len > 0 && text.data[text.len - 1] == ' ')
    text.len--;
  return text;
}

static bool ends_with(Slice text, const char *end)
{
  size_t len = strlen(end);

  return text.len >= len && slice_eq_nocase(slice_from(text, text.len - len), slice_of(end, len));
}

/* "call.outcome == " without its operator; absent when there is none. */
static Slice before_comparison(Slice text)
{
  static const char *const COMPARISONS[] = {"==", "!=", " eq", " ne"};

  text = trim_end(text);
  for (size_t i = 0; i < G_N_ELEMENTS(COMPARISONS); i++)
    if (ends_with(text, COMPARISONS[i]))
      return trim_end(slice_head(text, text.len - strlen(COMPARISONS[i])));
  return SLICE_NONE;
}

/* "call.outcome in {busy, " without its list; absent when there is none. */
static Slice before_list(Slice text)
{
  size_t at = text.len;

  while (at > 0 && text.data[at - 1] != '{' && text.data[at - 1] != '}')
    at--;
  if (at == 0 || text.data[at - 1] == '}')
    return SLICE_NONE;
  text = trim_end(slice_head(text, at - 1));
  return ends_with(text, " in") ? trim_end(slice_head(text, text.len - strlen(" in"))) : SLICE_NONE;
}

/* What stands before a place where a value is wanted; absent where none is. */
static Slice before_value(Slice text)
{
  Slice before = before_comparison(text);

  return before.data ? before : before_list(text);
}

static void add(GPtrArray *candidates, Slice word, const char *candidate)
{
  if (slice_starts_with_nocase(slice_from_string(candidate), word))
    g_ptr_array_add(candidates, g_strdup(candidate));
}

static void add_words(GPtrArray *candidates, Slice word, const char *const *words)
{
  for (size_t i = 0; words && words[i]; i++)
    add(candidates, word, words[i]);
}

static void add_fields(GPtrArray *candidates, Slice word)
{
  for (size_t i = 0; i < field_count(); i++) {
    const Field *field = field_at(i);
    g_autofree char *named = g_strdup_printf("%s[\"", field->key);

    add(candidates, word, field->takes_name ? named : field->key);
  }
}

static void add_behind_field(GPtrArray *candidates, Slice word)
{
  for (size_t i = 0; i < G_N_ELEMENTS(OPERATORS); i++)
    add(candidates, word, OPERATORS[i]);
}

static void add_joiners(GPtrArray *candidates, Slice word)
{
  for (size_t i = 0; word.len > 0 && i < G_N_ELEMENTS(JOINERS); i++)
    add(candidates, word, JOINERS[i]);
}

size_t filter_complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  Slice word = last_word(before_cursor);
  Slice before = slice_head(before_cursor, before_cursor.len - word.len);
  Slice compared = before_value(before);
  bool behind_field = field_find(last_word(trim_end(before))) != NULL;

  (void) data;
  if (compared.data) {
    const Field *field = field_find(last_word(compared));
    add_words(candidates, word, field ? field_words(field) : NULL);
    return before.len;
  }
  add_joiners(candidates, word);
  if (behind_field)
    add_behind_field(candidates, word);
  else
    add_fields(candidates, word);
  return before.len;
}
