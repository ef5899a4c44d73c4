/*
 * Config file: a configuration file on the disk, and its lines, for what GKeyFile does not do: it
 * gives up at the first line that is wrong, and it rewrites the whole file.
 *
 * Here each wrong line is reported by its number and left out, and one entry can be changed while
 * every other byte stays as the user wrote it.  Linear in the text; nothing is kept of it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "capture/slice.h"

/* The contents of the file, without a byte order mark; empty if there is no file.  Fails with
 * APP_ERROR_IO, or APP_ERROR_FORMAT when it is larger than any configuration. */
G_GNUC_WARN_UNUSED_RESULT GString *config_file_read(const char *path, GError **error);

/* Writes a temporary file and renames it, so that the file is always complete; follows links.
 * Creates missing folders. */
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

/* Appends the valid lines to `clean`, and errors ("line 7: ...") to `faults` (char *); what follows
 * an invalid [group is left out without further errors. */
void config_text_clean(Slice text, GString *clean, GPtrArray *faults);

typedef struct {
  char *group, *key;
  char *value; /* as in the file, with its escapes; NULL: remove the entry */
} ConfigEntry;

/* Changes the entry (the last one, which is the one that counts), or adds it at the end of its
 * group, or adds the group. */
void config_text_set(GString *text, const ConfigEntry *entry);

/* A key may hold what a file cannot have there ("[2001:db8::1]:5060"): such characters become %5B
 * and the like, and back.  Freed with g_free. */
char *config_key_encode(const char *key);
char *config_key_decode(const char *name);
