/*
 * Config file: the configuration's octets from the disk and back.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The file as it is now, without a byte order mark; empty when there is none.  Fails with
 * APP_ERROR_IO, or APP_ERROR_FORMAT when it is larger than any configuration. */
G_GNUC_WARN_UNUSED_RESULT GString *config_file_read(const char *path, GError **error);

/* Writes a new file beside it and puts that in its place, so that there is always a whole one;
 * where the name is a link, where it leads to.  Folders that are missing are made. */
G_GNUC_WARN_UNUSED_RESULT bool config_file_write(const char *path, const GString *text,
                                                 GError **error);
