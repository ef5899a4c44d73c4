#include "ui/report/zip_out.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/module.h"
#include "ui/report/zip_driver.h"

enum { ROOM = 64 * 1024 };

struct ZipOut {
  const ZipDriver *driver;
  void *archive;
  const char *name;
  char buffer[ROOM];
};

static const ZipDriver *load(void)
{
  return module_load("archive");
}

bool zip_out_is_there(void)
{
  return load() != NULL;
}

static bool fail(const ZipOut *zip, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), zip->name,
              why ? why : _("unknown error"));
  return false;
}

static bool fail_writing(const ZipOut *zip, GError **error)
{
  return fail(zip, zip->driver->fault(zip->archive), error);
}

ZipOut *zip_out_new(int fd, const char *name, GError **error)
{
  g_autoptr(ZipOut) zip = g_new0(ZipOut, 1);

  zip->name = name;
  zip->driver = load();
  g_assert(zip->driver); /* whoever needs one asked */
  zip->archive = zip->driver->new (fd);
  if (zip->archive)
    return g_steal_pointer(&zip);
  (void) fail(zip, NULL, error);
  return NULL;
}

void zip_out_free(ZipOut *zip)
{
  if (!zip)
    return;
  if (zip->archive)
    zip->driver->free(zip->archive);
  g_free(zip);
}

bool zip_out_add(ZipOut *zip, const char *member, int64_t time_s, int fd, ZipMember *ret_member,
                 GError **error)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  struct stat status;
  int64_t at = 0;
  ssize_t len = 1;

  if (fstat(fd, &status) != 0)
    return fail(zip, g_strerror(errno), error);
  if (!zip->driver->begin(zip->archive, member, time_s, status.st_size))
    return fail_writing(zip, error);
  for (; len > 0; at += len) {
    len = pread(fd, zip->buffer, sizeof zip->buffer, at);
    if (len < 0) {
      g_autofree char *why = g_strdup_printf(_("cannot read a member: %s"), g_strerror(errno));
      return fail(zip, why, error);
    }
    if (!zip->driver->put(zip->archive, zip->buffer, (size_t) len))
      return fail_writing(zip, error);
    g_checksum_update(sum, (const guchar *) zip->buffer, len);
  }
  ret_member->bytes = (uint64_t) at;
  g_strlcpy(ret_member->sha256, g_checksum_get_string(sum), sizeof ret_member->sha256);
  return true;
}

bool zip_out_finish(ZipOut *zip, GError **error)
{
  return zip->driver->finish(zip->archive) || fail_writing(zip, error);
}
