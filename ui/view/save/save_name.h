/*
 * Save name: names of files that are saved to: their endings, the home directory, completion.
 */
#pragma once

#include "ui/report/export.h"

/* The name with the ending of another format in place of that of `from`; one that has not got that
 * ending stays as it is.  Freed with g_free, as below. */
char *save_name_change(const char *name, ExportFormatId from, ExportFormatId to);

/* The path that was typed: "~/" is the home directory, and a name without an ending gets that of
 * the format; one of blanks only is none. */
char *save_name_path(const char *typed, ExportFormatId format);

/* For prompt_set_complete: files and folders (with a slash). */
size_t save_name_complete(void *data, Slice before_cursor, GPtrArray *candidates);
