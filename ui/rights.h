/*
 * Rights: what the process may do beyond what its work needs.
 *
 * Interfaces are opened as root, or with capabilities; hostile packets are read without them.
 * Between the two rights_drop makes the process an ordinary one of another user, for good:
 * credentials(7), capabilities(7), PR_SET_NO_NEW_PRIVS in prctl(2).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Is it the user of -Z root, which keeps everything? */
bool rights_are_kept(const char *user);

/* The user who called sudo(8), for root; NULL: there is none.  Valid until the next look-up. */
const char *rights_caller(void);

/* True if rights_drop changes the user, who may lack the right to write where this one has it. */
bool rights_change_user(const char *user);

/* Makes a folder, unless it is there, for the user that rights_drop continues as. */
G_GNUC_WARN_UNUSED_RESULT bool rights_make_folder(const char *path, const char *user,
                                                  GError **error);

/*
 * Gives up supplementary groups, user and group, and all capabilities.  Called after everything
 * was opened that needs them, and before there is a second thread: capabilities are a thread's own.
 *
 * `user` is of -Z, or NULL for the usual one: the real user of a program that is setuid root;
 * for root, `_rung` or `rung`, else who called sudo(8), else `nobody`.  "root" keeps everything.
 * A user that is not root only gives up capabilities.  Fails if any part of it fails.
 */
G_GNUC_WARN_UNUSED_RESULT bool rights_drop(const char *user, GError **error);
