#include "ui/report/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/byte_stream.h"

void out_init(Out *out, int fd, const char *name)
{
  *out = (Out){.fd = fd, .name = g_strdup(name), .buffer = g_malloc(OUT_ROOM)};
}

void out_clear(Out *out)
{
  g_free(out->name);
  g_free(out->buffer);
  *out = (Out){.fd = -1};
}

static void write_all(Out *out, Slice bytes)
{
  if (out->error == 0)
    out->error = fd_write(out->fd, bytes);
}

void out_flush(Out *out)
{
  write_all(out, slice_of(out->buffer, out->used));
  out->used = 0;
}

void out_write(Out *out, Slice bytes)
{
  if (bytes.len > OUT_ROOM - out->used)
    out_flush(out);
  if (bytes.len > OUT_ROOM) {
    write_all(out, bytes);
    return;
  }
  if (bytes.len > 0)
    memcpy(out->buffer + out->used, bytes.data, bytes.len);
  out->used += bytes.len;
}

void out_string(Out *out, const char *text)
{
  out_write(out, slice_from_string(text));
}

bool out_finish(Out *out, GError **error)
{
  out_flush(out);
  if (out->error == 0 || out->error == EPIPE)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", out->name,
              g_strerror(out->error));
  return false;
}

/* --- OutFile ---------------------------------------------------------------------------------- */

/* Without setuid and setgid: the owner of the file changes. */
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

/* Rights may have been given up since the program was started: names who may not. */
static bool fail_permission(const char *path, int code, GError **error)
{
  const struct passwd *user = getpwuid(geteuid());
  const char *name = user ? user->pw_name : "unknown";

  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s as user %s: %s", path, name,
              g_strerror(code));
  return false;
}

static bool fail_write(const char *path, int code, GError **error)
{
  if (code == EACCES || code == EPERM)
    return fail_permission(path, code, error);
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", path, g_strerror(code));
  return false;
}

static bool fail_exists(const char *path, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s exists", path);
  return false;
}

/* In the same folder, under an unused name. */
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
  return code == 0 || fail_write(file->path, code, error);
}

static bool check_old(const OutFile *file, const struct stat *old, GError **error)
{
  if (S_ISDIR(old->st_mode))
    return fail_write(file->path, EISDIR, error);
  if (!S_ISREG(old->st_mode)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: not a regular file", file->path);
    return false;
  }
  if (!file->may_replace)
    return fail_exists(file->path, error);
  return access(file->path, W_OK) == 0 || fail_write(file->path, errno, error);
}

bool out_file_open(const char *path, bool may_replace, OutFile *ret_file, GError **error)
{
  char *resolved = realpath(path, NULL);
  OutFile file = {.fd = -1, .path = g_strdup(resolved ? resolved : path)};
  struct stat old;
  bool exists = stat(file.path, &old) == 0, ok;

  free(resolved);
  file.may_replace = may_replace;
  if (!exists && !may_replace && g_file_test(file.path, G_FILE_TEST_IS_SYMLINK)) {
    /* a file in the place of the link is not what was meant */
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: dangling symbolic link",
                file.path);
    ok = false;
  } else {
    ok = (!exists || check_old(&file, &old, error)) && open_temporary(&file, error);
  }
  /* the permissions of the file that is to be replaced */
  if (ok && exists && fchmod(file.fd, old.st_mode & MODE_BITS) != 0)
    ok = fail_write(file.path, errno, error);
  if (!ok) {
    out_file_discard(&file);
    return false;
  }
  *ret_file = file;
  return true;
}

/* Also refuses a file that was created meanwhile. */
static bool move_into_place(const OutFile *file, GError **error)
{
  unsigned flags = file->may_replace ? 0 : RENAME_NOREPLACE;

  if (renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, flags) == 0)
    return true;
  if (errno == EEXIST)
    return fail_exists(file->path, error);
  if (errno != EINVAL && errno != ENOSYS)
    return fail_write(file->path, errno, error);
  /* a file system that cannot refuse and rename in one step */
  if (!file->may_replace && access(file->path, F_OK) == 0)
    return fail_exists(file->path, error);
  return rename(file->temporary, file->path) == 0 || fail_write(file->path, errno, error);
}

enum { MOVED = '+', NOT_MOVED = '-', ANSWER_MAX = 4096 };

/* The one thing that the process does: when it is asked to by a byte, it moves the file, and answers
 * MOVED, or NOT_MOVED and why.  Without a byte the file is to be removed, or the program was
 * killed. */
static G_NORETURN void run_mover(const OutFile *file, int fd)
{
  static const int IGNORED[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  g_autoptr(GError) error = NULL;
  char byte;

  for (size_t i = 0; i < G_N_ELEMENTS(IGNORED); i++)
    signal(IGNORED[i], SIG_IGN);
  if (dup2(fd, STDIN_FILENO) < 0 || close_range(STDOUT_FILENO, UINT_MAX, 0) != 0)
    _exit(EXIT_FAILURE);
  bool is_moved = read(STDIN_FILENO, &byte, 1) == 1 && move_into_place(file, &error);
  if (!is_moved)
    unlink(file->temporary);
  g_autofree char *answer =
    g_strdup_printf("%c%s", is_moved ? MOVED : NOT_MOVED, error ? error->message : "");
  (void) !fd_write(STDIN_FILENO, slice_from_string(answer));
  _exit(EXIT_SUCCESS);
}

bool out_file_keep_rights(OutFile *file, GError **error)
{
  int ends[2];

  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_write(file->path, errno, error);
  file->mover_pid = fork();
  if (file->mover_pid == 0)
    run_mover(file, ends[1]);
  close(ends[1]);
  if (file->mover_pid < 0) {
    close(ends[0]);
    return fail_write(file->path, errno, error);
  }
  file->mover = ends[0];
  return true;
}

/* Has the file moved, or else removed. */
static bool end_mover(OutFile *file, bool moves, GError **error)
{
  char answer[ANSWER_MAX];
  ssize_t len = -1;

  if ((!moves || send(file->mover, "m", 1, MSG_NOSIGNAL) == 1) &&
      shutdown(file->mover, SHUT_WR) == 0)
    len = read(file->mover, answer, sizeof answer);
  close(file->mover);
  waitpid(file->mover_pid, NULL, 0);
  file->mover = 0;
  if (len > 0 && answer[0] == MOVED)
    return true;
  if (len > 1)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%.*s", (int) len - 1, answer + 1);
  else
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                "cannot write %s: the process that was to move it into place has ended",
                file->path);
  return false;
}

bool out_file_commit(OutFile *file, uint64_t *ret_bytes, GError **error)
{
  struct stat status;
  int code = fstat(file->fd, &status) == 0 ? 0 : errno;

  /* errors that a file system reports late (a quota, a server), before the old file is gone */
  if (code == 0 && file->may_replace && fsync(file->fd) != 0)
    code = errno;
  if (close(file->fd) != 0 && code == 0)
    code = errno;
  file->fd = -1;
  if (code != 0)
    return fail_write(file->path, code, error);
  bool is_moved = file->mover > 0 ? end_mover(file, true, error) : move_into_place(file, error);
  if (!is_moved)
    return false;
  g_clear_pointer(&file->temporary, g_free);
  *ret_bytes = (uint64_t) status.st_size;
  return true;
}

void out_file_discard(OutFile *file)
{
  if (file->fd >= 0)
    close(file->fd);
  if (file->mover > 0)
    (void) !end_mover(file, false, NULL);
  if (file->temporary)
    unlink(file->temporary);
  g_clear_pointer(&file->temporary, g_free);
  g_clear_pointer(&file->path, g_free);
  file->fd = -1;
}
