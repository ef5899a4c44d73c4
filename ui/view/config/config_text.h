/*
 * Config text: a configuration file as lines, for what GKeyFile does not do: it gives up at the
 * first line that is wrong, and it writes the whole file anew.
 *
 * Here each wrong line is told by its number and left out, and one entry can be changed while every
 * other octet stays as the user wrote it.  Linear in the text; nothing is kept of it.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef enum {
  CONFIG_LINE_EMPTY, /* or a comment */
  CONFIG_LINE_GROUP, /* [name] */
  CONFIG_LINE_ENTRY, /* name = value */
  CONFIG_LINE_WRONG,
} ConfigLineKind;

typedef struct {
  ConfigLineKind kind;
  Slice name; /* of a group or an entry */
} ConfigLine;

ConfigLine config_line_parse(Slice line);

/* Appends the lines that a GKeyFile takes to `clean`; what is wrong with others ("line 7: ...") to
 * `faults` (char *), each group that cannot be told from its neighbours once. */
void config_text_clean(Slice text, GString *clean, GPtrArray *faults);

typedef struct {
  char *group, *key;
  char *value; /* as it stands in a file, escapes and all; NULL: there is to be none */
} ConfigEntry;

/* Where the entry is it is changed (the last one, which is the one that counts), else it is put at
 * the end of its group; a group that is not there is begun. */
void config_text_set(GString *text, const ConfigEntry *entry);

/* A key may hold what a file cannot have there ("[2001:db8::1]:5060"): such characters become %5B
 * and the like, and back.  Freed with g_free. */
char *config_key_encode(const char *key);
char *config_key_decode(const char *name);
