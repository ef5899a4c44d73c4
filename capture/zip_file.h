/*
 * ZipFile: the members of a zip archive (PKWARE APPNOTE 6.3), by its central directory.
 *
 * Reads the directory only; the bytes of a member are read by byte_stream_new_member.  Names are
 * for display: nothing is ever written by them.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

enum { ZIP_MEMBERS_MAX = 4000 };

typedef struct {
  char *name;        /* as in the archive; owned */
  uint64_t offset;   /* of its bytes in the file */
  uint64_t packed;   /* bytes there, */
  uint64_t unpacked; /* and without compression */
  uint32_t crc;      /* of the latter */
  bool is_deflated;  /* else stored */
  const char *fault; /* why it cannot be read: "encrypted"; or NULL */
} ZipMember;

void zip_member_free(ZipMember *member);

/* Does a file begin like an archive? */
bool zip_file_detect(Slice head);

/*
 * The files in it (ZipMember *) in the order of the directory; no folders.  Fails if there is no
 * directory; NULL then.  *ret_beyond: members beyond ZIP_MEMBERS_MAX, or that the directory counts
 * but does not have.
 */
GPtrArray *zip_file_read(int fd, uint64_t *ret_beyond, GError **error);
