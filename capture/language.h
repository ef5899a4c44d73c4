/*
 * The language of what people read.  The English text is the key to its translation in a message
 * catalog of gettext; what is not in the catalog stays English.
 *
 * Texts are extracted by xgettext(1), translated in ui/po, and compiled by msgfmt(1) into the
 * program.  libintl is not used: it reads catalogs from files, and only for a locale that is
 * installed, which few servers have.
 *
 * What programs read (JSON, CSV, field names and values, ids) is never translated.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
  const char *name;      /* as ISO 639 has it: "zh" */
  const guint8 *catalog; /* a .mo file, little-endian */
  gsize catalog_len;
} Language;

/* The language of all threads from now on; NULL: English.  `language` is kept. */
void language_set(const Language *language);
/* NULL: English. */
const Language *language_get(void);
/* Texts are English until it is called with false: while something for programs is written. */
void language_suspend(bool suspends);

/* The text in the language that was set, or itself. */
const char *translate(const char *text) G_GNUC_FORMAT(1);

/* The same of a text that has a singular and a plural. */
const char *translate_count(const char *one, const char *many, guint64 count) G_GNUC_FORMAT(1)
  G_GNUC_FORMAT(2);

/* The same of a text whose translation depends on what it is said of: the "from" of a time, of a
 * person.  The catalog has it with that context (msgctxt). */
const char *translate_as(const char *context, const char *text);

#define _(text) translate(text)
/* Marks a text that is translated where it is shown. */
#define N_(text) text
