#include "ui/report/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"

/* Not the right to run as somebody else: the file gets another owner. */
enum { TRIES = 100, MODE_BITS = 0777 };

bool out_file_is_input(const char *path, const char *const *inputs)
{
  struct stat output, input;

  if (stat(path, &output) != 0 || !S_ISREG(output.st_mode))
    return false;
  for (size_t i = 0; inputs && inputs[i]; i++)
    if (stat(inputs[i], &input) == 0 && input.st_dev == output.st_dev &&
        input.st_ino == output.st_ino)
      return true;
  return false;
}

static bool fail(const char *path, int code, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", path, g_strerror(code));
  return false;
}

static bool fail_exists(const char *path, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s exists", path);
  return false;
}

/* Beside its place, under a name that nobody has. */
static bool open_temporary(OutFile *file, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(file->path);
  g_autofree char *name = g_path_get_basename(file->path);
  int code = EEXIST;

  for (unsigned i = 0; i < TRIES && code == EEXIST; i++) {
    g_autofree char *temporary =
      g_strdup_printf("%s/.%.200s.%08x", folder, name, (unsigned) g_random_int());

    file->fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    code = file->fd < 0 ? errno : 0;
    if (code == 0)
      file->temporary = g_steal_pointer(&temporary);
  }
  return code == 0 || fail(file->path, code, error);
}

/* The rights of the file that is to be replaced. */
static bool keep_mode(const OutFile *file, const struct stat *old, GError **error)
{
  return fchmod(file->fd, old->st_mode & MODE_BITS) == 0 || fail(file->path, errno, error);
}

static bool check_old(const OutFile *file, const struct stat *old, GError **error)
{
  if (S_ISDIR(old->st_mode))
    return fail(file->path, EISDIR, error);
  if (!S_ISREG(old->st_mode)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: it is no regular file",
                file->path);
    return false;
  }
  if (!file->may_replace)
    return fail_exists(file->path, error);
  return access(file->path, W_OK) == 0 || fail(file->path, errno, error);
}

/* What it names is not there: a file in the place of the link is not meant either. */
static bool fail_dangling(const char *path, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: it is a link to nothing", path);
  return false;
}

bool out_file_open(const char *path, bool may_replace, OutFile *ret_file, GError **error)
{
  char *resolved = realpath(path, NULL);
  OutFile file = {.fd = -1, .path = g_strdup(resolved ? resolved : path)};
  struct stat old;
  bool exists = stat(file.path, &old) == 0;

  free(resolved);
  file.may_replace = may_replace;
  bool dangles = !exists && g_file_test(file.path, G_FILE_TEST_IS_SYMLINK);
  bool ok = (!dangles || may_replace || fail_dangling(file.path, error)) &&
            (!exists || check_old(&file, &old, error)) && open_temporary(&file, error) &&
            (!exists || keep_mode(&file, &old, error));
  if (!ok) {
    out_file_discard(&file);
    return false;
  }
  *ret_file = file;
  return true;
}

/* Also refuses a file that came to be meanwhile. */
static bool move(const OutFile *file, GError **error)
{
  unsigned flags = file->may_replace ? 0 : RENAME_NOREPLACE;

  if (renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, flags) == 0)
    return true;
  if (errno == EEXIST)
    return fail_exists(file->path, error);
  if (errno != EINVAL && errno != ENOSYS)
    return fail(file->path, errno, error);
  /* a file system that cannot do both at once */
  if (!file->may_replace && access(file->path, F_OK) == 0)
    return fail_exists(file->path, error);
  return rename(file->temporary, file->path) == 0 || fail(file->path, errno, error);
}

/* What a file system finds out late (a quota, a server) is told before the old file goes. */
static bool is_complete(const OutFile *file)
{
  return !file->may_replace || fsync(file->fd) == 0;
}

bool out_file_commit(OutFile *file, uint64_t *ret_bytes, GError **error)
{
  struct stat status;
  int code = fstat(file->fd, &status) == 0 && is_complete(file) ? 0 : errno;

  if (close(file->fd) != 0 && code == 0)
    code = errno;
  file->fd = -1;
  if (code != 0)
    return fail(file->path, code, error);
  if (!move(file, error))
    return false;
  g_clear_pointer(&file->temporary, g_free);
  *ret_bytes = (uint64_t) status.st_size;
  return true;
}

void out_file_discard(OutFile *file)
{
  if (file->fd >= 0)
    close(file->fd);
  if (file->temporary)
    unlink(file->temporary);
  g_clear_pointer(&file->temporary, g_free);
  g_clear_pointer(&file->path, g_free);
  file->fd = -1;
}
