#include "ui/report/zip_out.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"

enum { ROOM = 64 * 1024, MEMBER_MODE = 0644 };

struct ZipOut {
  struct archive *archive;
  const char *name;
  int fd;
  int failed; /* errno of writing; 0: not */
  bool is_discarded;
  char buffer[ROOM];
};

bool zip_out_is_there(void)
{
  return true;
}

/* For the library nothing ever fails: of an archive that did, it would not free all. */
static la_ssize_t put(struct archive *archive, void *data, const void *bytes, size_t len)
{
  ZipOut *zip = data;
  const char *at = bytes, *end = at + len;

  (void) archive;
  while (at < end && zip->failed == 0 && !zip->is_discarded) {
    ssize_t written = write(zip->fd, at, (size_t) (end - at));
    if (written >= 0)
      at += written;
    else if (errno != EINTR)
      zip->failed = errno;
  }
  return (la_ssize_t) len;
}

static bool fail(const ZipOut *zip, GError **error)
{
  const char *why = zip->failed ? g_strerror(zip->failed) : archive_error_string(zip->archive);

  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), zip->name,
              why ? why : _("unknown error"));
  return false;
}

ZipOut *zip_out_new(int fd, const char *name, GError **error)
{
  g_autoptr(ZipOut) zip = g_new0(ZipOut, 1);

  zip->name = name;
  zip->fd = fd;
  zip->archive = archive_write_new();
  if (!zip->archive)
    g_error("failed to allocate an archive");
  if (archive_write_set_format_zip(zip->archive) == ARCHIVE_OK &&
      archive_write_set_bytes_in_last_block(zip->archive, 1) == ARCHIVE_OK &&
      archive_write_open(zip->archive, zip, NULL, put, NULL) == ARCHIVE_OK)
    return g_steal_pointer(&zip);
  (void) fail(zip, error);
  return NULL;
}

void zip_out_free(ZipOut *zip)
{
  if (!zip)
    return;
  zip->is_discarded = true; /* what is not complete is not worth completing */
  archive_write_free(zip->archive);
  g_free(zip);
}

static bool begin_member(ZipOut *zip, const char *member, int64_t time_s, int64_t size)
{
  struct archive_entry *entry = archive_entry_new();

  archive_entry_set_pathname(entry, member);
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, MEMBER_MODE);
  archive_entry_set_size(entry, size);
  archive_entry_set_mtime(entry, (time_t) time_s, 0);
  bool ok = archive_write_header(zip->archive, entry) == ARCHIVE_OK;
  archive_entry_free(entry);
  return ok;
}

/* False if it could not be written; *ret_len: 0 at the end. */
static bool copy_some(ZipOut *zip, int fd, int64_t at, ssize_t *ret_len)
{
  *ret_len = pread(fd, zip->buffer, sizeof zip->buffer, at);
  if (*ret_len < 0) {
    archive_set_error(zip->archive, errno, "cannot read a member: %s", g_strerror(errno));
    return false;
  }
  return archive_write_data(zip->archive, zip->buffer, (size_t) *ret_len) == *ret_len &&
         zip->failed == 0;
}

bool zip_out_add(ZipOut *zip, const char *member, int64_t time_s, int fd, ZipMember *ret_member,
                 GError **error)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  struct stat status;
  int64_t at = 0;
  ssize_t len = 1;

  if (fstat(fd, &status) != 0 || !begin_member(zip, member, time_s, status.st_size))
    return fail(zip, error);
  for (; len > 0; at += len) {
    if (!copy_some(zip, fd, at, &len))
      return fail(zip, error);
    g_checksum_update(sum, (const guchar *) zip->buffer, len);
  }
  ret_member->bytes = (uint64_t) at;
  g_strlcpy(ret_member->sha256, g_checksum_get_string(sum), sizeof ret_member->sha256);
  return true;
}

bool zip_out_finish(ZipOut *zip, GError **error)
{
  bool ok = archive_write_close(zip->archive) == ARCHIVE_OK && zip->failed == 0;

  return ok || fail(zip, error);
}
