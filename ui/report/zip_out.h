/*
 * ZipOut: files into a zip archive, one after the other, as they come.
 *
 * Written to a descriptor that stays the caller's; nothing is sought in it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Is the library built in? */
bool zip_out_is_there(void);

typedef struct ZipOut ZipOut;

/* `name` is for error messages, and must outlive it. */
G_GNUC_WARN_UNUSED_RESULT ZipOut *zip_out_new(int fd, const char *name, GError **error);
void zip_out_free(ZipOut *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ZipOut, zip_out_free)

/* What a member was. */
typedef struct {
  uint64_t bytes;
  char sha256[65]; /* hexadecimal */
} ZipMember;

/* Adds all bytes of a regular file under that name, with that time. */
G_GNUC_WARN_UNUSED_RESULT bool zip_out_add(ZipOut *zip, const char *member, int64_t time_s, int fd,
                                           ZipMember *ret_member, GError **error);

/* Completes the archive. */
G_GNUC_WARN_UNUSED_RESULT bool zip_out_finish(ZipOut *zip, GError **error);
