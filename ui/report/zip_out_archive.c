/* Through libarchive. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#include "capture/module.h"
#include "ui/report/zip_driver.h"

enum { MEMBER_MODE = 0644 };

typedef struct {
  struct archive *archive;
  int fd;
  int failed; /* errno of writing; 0: not */
  bool is_discarded;
} Archive;

/* For the library nothing ever fails: of an archive that did, it would not free all. */
static la_ssize_t write_all(struct archive *archive, void *data, const void *bytes, size_t len)
{
  Archive *zip = data;
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

static void archive_free_all(void *data)
{
  Archive *zip = data;

  zip->is_discarded = true; /* what is not complete is not worth completing */
  archive_write_free(zip->archive);
  g_free(zip);
}

static void *archive_new(int fd)
{
  Archive *zip = g_new0(Archive, 1);

  zip->fd = fd;
  zip->archive = archive_write_new();
  if (zip->archive && archive_write_set_format_zip(zip->archive) == ARCHIVE_OK &&
      archive_write_set_bytes_in_last_block(zip->archive, 1) == ARCHIVE_OK &&
      archive_write_open(zip->archive, zip, NULL, write_all, NULL) == ARCHIVE_OK)
    return zip;
  archive_free_all(zip);
  return NULL;
}

static const char *archive_fault(void *data)
{
  Archive *zip = data;

  return zip->failed ? g_strerror(zip->failed) : archive_error_string(zip->archive);
}

static bool archive_begin(void *data, const char *member, int64_t time_s, int64_t size)
{
  Archive *zip = data;
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

static bool archive_put(void *data, const void *bytes, size_t len)
{
  Archive *zip = data;

  return archive_write_data(zip->archive, bytes, len) == (la_ssize_t) len && zip->failed == 0;
}

static bool archive_finish(void *data)
{
  Archive *zip = data;

  return archive_write_close(zip->archive) == ARCHIVE_OK && zip->failed == 0;
}

MODULE_EXPORT(ZipDriver) = {
  .new = archive_new,
  .free = archive_free_all,
  .fault = archive_fault,
  .begin = archive_begin,
  .put = archive_put,
  .finish = archive_finish,
};
