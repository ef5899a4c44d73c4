#include "capture/language.h"

#include <stdatomic.h>
#include <string.h>

/* The header of a .mo file (the manual of gettext, "The Format of GNU MO Files"): its words, and
 * those of a row of its tables. */
#define MO_MAGIC 0x950412de
enum { WORD = 4, COUNT_AT = 8, TEXTS_AT = 12, TRANSLATIONS_AT = 16 };
#define CONTEXT_END "\004" /* between a context and its text */
enum { ROW = 2 * WORD, OFFSET_IN_ROW = WORD };

static _Atomic(const Language *) current;
static _Atomic(bool) is_suspended;

static guint32 word_at(const Language *language, gsize at)
{
  guint32 word;

  g_assert(at <= language->catalog_len - WORD);
  memcpy(&word, language->catalog + at, WORD);
  return GUINT32_FROM_LE(word);
}

/* Row `row` of the table that the header names at `table_at`. */
static const char *text_at(const Language *language, gsize table_at, guint32 row)
{
  guint32 at = word_at(language, word_at(language, table_at) + row * ROW + OFFSET_IN_ROW);

  g_assert(at < language->catalog_len);
  return (const char *) language->catalog + at;
}

/* Its texts are sorted.  Of one with a plural the singular comes first. */
static const char *find(const Language *language, const char *text)
{
  guint32 low = 0, high = word_at(language, COUNT_AT);

  while (low < high) {
    guint32 middle = low + (high - low) / 2;
    int order = strcmp(text, text_at(language, TEXTS_AT, middle));

    if (order == 0)
      return text_at(language, TRANSLATIONS_AT, middle);
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

void language_set(const Language *language)
{
  g_assert(!language || word_at(language, 0) == MO_MAGIC);
  atomic_store(&current, language);
}

const Language *language_get(void)
{
  return atomic_load(&is_suspended) ? NULL : atomic_load(&current);
}

void language_suspend(bool suspends)
{
  atomic_store(&is_suspended, suspends);
}

const char *translate(const char *text)
{
  const Language *language = language_get();
  const char *translation = language && *text != '\0' ? find(language, text) : NULL;

  return translation ? translation : text;
}

const char *translate_as(const char *context, const char *text)
{
  const Language *language = language_get();
  g_autofree char *key = language ? g_strconcat(context, CONTEXT_END, text, NULL) : NULL;
  const char *translation = key ? find(language, key) : NULL;

  return translation ? translation : text;
}

/* Languages with several plural forms have an expression for them in the catalog's header; the only
 * one that there is has one form. */
const char *translate_count(const char *one, const char *many, guint64 count)
{
  const Language *language = language_get();
  const char *translation = language ? find(language, one) : NULL;

  if (translation)
    return translation;
  return count == 1 ? one : many;
}
