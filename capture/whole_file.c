#include "capture/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"

static bool fail(const char *name, const char *why, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", name, why);
  return false;
}

static bool read_text(int fd, size_t most, const char *name, WholeFile *file, GError **error)
{
  struct stat status;

  if (fstat(fd, &status) != 0)
    return fail(name, g_strerror(errno), error);
  if (!S_ISREG(status.st_mode))
    return fail(name, _("is not a regular file"), error);
  if ((uint64_t) status.st_size > most)
    return fail(name, _("is too large for such a file"), error);
  size_t size = (size_t) status.st_size;
  file->text = g_malloc(size + 1);
  file->others_can_read = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
  while (file->len < size) {
    ssize_t n = read(fd, file->text + file->len, size - file->len);
    if (n < 0)
      return fail(name, g_strerror(errno), error);
    if (n == 0)
      break;
    file->len += (size_t) n;
  }
  return true;
}

bool whole_file_read(const char *name, size_t most, WholeFile *ret_file, GError **error)
{
  int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  WholeFile file = {.text = NULL};

  if (fd < 0)
    return fail(name, g_strerror(errno), error);
  bool ok = read_text(fd, most, name, &file, error);
  close(fd);
  if (ok)
    *ret_file = file;
  else
    g_free(file.text);
  return ok;
}
