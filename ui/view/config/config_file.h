/*
 * Config file: a configuration file on the disk, and its lines, for what GKeyFile does not do: it
 * gives up at the first line that is wrong, and it writes the whole file anew.
 *
 * Here each wrong line is reported by its number and left out, and one entry can be changed while
 * every other byte stays as the user wrote it.  Linear in the text; nothing is kept of it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "capture/slice.h"

/* The file as it is now, without a byte order mark; empty when there is none.  Fails with
 * APP_ERROR_IO, or APP_ERROR_FORMAT when it is larger than any configuration. */
G_GNUC_WARN_UNUSED_RESULT GString *config_file_read(const char *path, GError **error);

/* Writes a new file beside it and puts that in its place, so that there is always a whole one;
 * where the name is a link, where it leads to.  Folders that are missing are made. */
G_GNUC_WARN_UNUSED_RESULT bool config_file_write(const char *path, const GString *text,
                                                 GError **error);

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
