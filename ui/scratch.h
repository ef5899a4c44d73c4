/*
 * Scratch: a file without a name in the folder of temporary files; it is gone once it is closed.
 */
#pragma once

#include <glib.h>

enum { SCRATCH_PATH_MAX = 64 };

/* To read and write, by its owner alone; -1 on failure. */
G_GNUC_WARN_UNUSED_RESULT int scratch_open(GError **error);

/* The path by which this process can open it once more, as long as it is open. */
void scratch_path(int fd, char ret_path[SCRATCH_PATH_MAX]);
