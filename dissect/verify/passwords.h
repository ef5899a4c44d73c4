/*
 * Passwords: users with their passwords or hashes, as a file lists them; private to this room.
 *
 * A line is USER:REALM:PASSWORD, USER:PASSWORD, or USER:REALM:HASH as htdigest writes it, where
 * the hash is HA1 of RFC 7616 3.4.2 in hexadecimal.  Empty lines and those that begin with "#" do
 * not count.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { PASSWORDS_FILE_MAX = 16 * 1024 * 1024, PASSWORDS_TRIED_MAX = 8 };

typedef struct Passwords Passwords;

/* *ret_warning: others may read the file, or nothing is in it; freed with g_free; or NULL. */
Passwords *passwords_read(const char *name, char **ret_warning, GError **error);
void passwords_free(Passwords *passwords);

/* What may be the secret of a user in a realm. */
typedef struct {
  Slice secret;    /* a password, or HA1 */
  bool is_certain; /* it is listed for the user and realm, or for the user in any realm */
} PasswordGuess;

/* At most PASSWORDS_TRIED_MAX; those that are certain come first.  A line of the user that names
 * another realm may also be a password with a colon. */
size_t passwords_find(const Passwords *passwords, Slice user, Slice realm,
                      PasswordGuess ret_guesses[PASSWORDS_TRIED_MAX]);
