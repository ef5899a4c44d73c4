#include "ui/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"

int scratch_open(GError **error)
{
  int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  g_autofree char *name = NULL;

  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) { /* a file system that needs names */
    fd = g_file_open_tmp("rung-XXXXXX", &name, error);
    if (fd >= 0)
      unlink(name);
    return fd;
  }
  if (fd < 0)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write a file in %s: %s"), g_get_tmp_dir(),
                g_strerror(errno));
  return fd;
}

void scratch_path(int fd, char ret_path[SCRATCH_PATH_MAX])
{
  g_snprintf(ret_path, SCRATCH_PATH_MAX, "/proc/self/fd/%d", fd);
}
