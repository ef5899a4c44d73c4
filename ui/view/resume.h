/*
 * Resume: what the user made of a capture in the terminal: the filters, the marked and pinned
 * calls, and the bookmarks; kept when the program ends, and given back when it opens the same files
 * with --resume.
 *
 * A file for each list of inputs, named after their absolute paths, is in
 * $XDG_STATE_HOME/rung/sessions (0600).  The newest RESUME_KEPT_MAX of them stay.
 * Of Call-IDs they have digests.  Columns and modes are in the configuration.
 */
#pragma once

#include "ui/view/host.h"

enum { RESUME_KEPT_MAX = 500 };

/* One of them, in memory.  NULL where there is nothing to keep.  `later`: one that was still to be
 * given back, and is kept with it; or NULL. */
GKeyFile *resume_take(const AppModel *model, GKeyFile *later);

/* The display filter, freed with g_free; or NULL: there is none. */
char *resume_filter(GKeyFile *session);

/* Once everything was read: the rest.  Marks, pins and bookmarks of calls that have another Call-ID
 * than they had (it is another capture) are left out; their number. */
unsigned resume_give(GKeyFile *session, AppModel *model);

/* Kept for these inputs (NULL-terminated); NULL: what was kept is removed. */
G_GNUC_WARN_UNUSED_RESULT bool resume_write(const char *const *files, GKeyFile *session,
                                            GError **error);

/* NULL and no error where nothing was kept. */
G_GNUC_WARN_UNUSED_RESULT GKeyFile *resume_read(const char *const *files, GError **error);

/* The inputs that were kept last, freed with g_strfreev; NULL and APP_ERROR_IO: none were. */
G_GNUC_WARN_UNUSED_RESULT char **resume_last(GError **error);
