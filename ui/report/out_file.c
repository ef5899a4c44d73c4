#include "ui/report/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/byte_stream.h"
#include "capture/error.h"
#include "capture/language.h"
#include "capture/slice.h"

enum {
  TRIES = 100,
  LINKS_MAX = 40,   /* as the kernel follows */
  MODE_BITS = 0777, /* without setuid and setgid: the owner of the file may change */
  DESCRIPTOR_NONE = -1,
};

/* Names the user: rights may have been given up since the program was started. */
static bool fail_permission(const OutFile *file, int code, GError **error)
{
  const struct passwd *user = getpwuid(geteuid());
  const char *name = user ? user->pw_name : "unknown";

  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s as user %s: %s"), file->name, name,
              g_strerror(code));
  return false;
}

static bool fail_write(const OutFile *file, int code, GError **error)
{
  if (code == EACCES || code == EPERM)
    return fail_permission(file, code, error);
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s"), file->name,
              g_strerror(code));
  return false;
}

static bool fail_exists(const OutFile *file, const char *advice, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s exists%s%s"), file->name, advice ? "; " : "",
              advice ? advice : "");
  return false;
}

/* --- Where it goes ---------------------------------------------------------------------------- */

/* Writing would destroy what is read. */
static bool is_input(const char *path, const char *const *inputs)
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

static char *real_path(const char *path)
{
  char *found = realpath(path, NULL);
  char *copy = g_strdup(found);

  free(found);
  return copy;
}

/* /dev/stdout and its like are links to /proc/self/fd/N. */
static int descriptor_of(const char *folder, const char *name)
{
  g_autofree char *descriptors = real_path("/proc/self/fd");
  uint32_t number;

  if (g_strcmp0(folder, descriptors) != 0 || !slice_to_u32(slice_from_string(name), &number))
    return DESCRIPTOR_NONE;
  return number <= G_MAXINT ? (int) number : DESCRIPTOR_NONE;
}

/* Follows symbolic links, also those to what does not exist yet. */
static char *resolve(const char *path, int *ret_descriptor)
{
  char *at = g_strdup(path);

  for (unsigned i = 0; i < LINKS_MAX && !g_str_has_suffix(at, "/"); i++) {
    g_autofree char *parent = g_path_get_dirname(at), *name = g_path_get_basename(at);
    g_autofree char *folder = real_path(parent);
    g_autofree char *target = folder ? g_file_read_link(at, NULL) : NULL;

    *ret_descriptor = folder ? descriptor_of(folder, name) : DESCRIPTOR_NONE;
    if (!target || *ret_descriptor != DESCRIPTOR_NONE)
      break;
    g_free(at);
    at = g_path_is_absolute(target) ? g_steal_pointer(&target)
                                    : g_build_filename(folder, target, NULL);
  }
  return at;
}

/* --- Opening ---------------------------------------------------------------------------------- */

typedef int UseName(OutFile *file, const char *name); /* 0, or errno */

/* Uses an unused name in the folder of its place. */
static bool take_temporary(OutFile *file, UseName *use, GError **error)
{
  g_autofree char *folder = g_path_get_dirname(file->path);
  g_autofree char *name = g_path_get_basename(file->path);
  int code = EEXIST;

  for (unsigned i = 0; i < TRIES && code == EEXIST; i++) {
    g_autofree char *temporary =
      g_strdup_printf("%s/.%.200s.%08x", folder, name, (unsigned) g_random_int());

    code = use(file, temporary);
    if (code == 0)
      file->temporary = g_steal_pointer(&temporary);
  }
  return code == 0 || fail_write(file, code, error);
}

static int create(OutFile *file, const char *name)
{
  file->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return file->fd < 0 ? errno : 0;
}

/* Where linkat finds a file without a name (open(2), O_TMPFILE). */
static char *proc_path(const OutFile *file)
{
  return g_strdup_printf("/proc/self/fd/%d", file->fd);
}

static int give_name(OutFile *file, const char *name)
{
  g_autofree char *unnamed = proc_path(file);
  int result = linkat(AT_FDCWD, unnamed, AT_FDCWD, name, AT_SYMLINK_FOLLOW);

  return result == 0 ? 0 : errno;
}

/* False where files need names. */
static bool open_unnamed(OutFile *file)
{
  g_autofree char *folder = g_path_get_dirname(file->path);

  file->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (file->fd < 0)
    return false;
  g_autofree char *unnamed = proc_path(file);
  if (access(unnamed, F_OK) == 0)
    return true;
  close(file->fd); /* no /proc here */
  file->fd = -1;
  return false;
}

static bool check_old(const OutFile *file, const struct stat *old, const char *advice,
                      GError **error)
{
  if (S_ISDIR(old->st_mode))
    return fail_write(file, EISDIR, error);
  if (!S_ISREG(old->st_mode)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: not a regular file"),
                file->name);
    return false;
  }
  if (!file->may_replace)
    return fail_exists(file, advice, error);
  return access(file->path, W_OK) == 0 || fail_write(file, errno, error);
}

/* The owner, where one may, and the permissions of the file that is to be replaced. */
static bool take_rights(const OutFile *file, const struct stat *old, GError **error)
{
  struct stat own;
  bool is_alike =
    fstat(file->fd, &own) == 0 && own.st_uid == old->st_uid && own.st_gid == old->st_gid;
  int unused = is_alike ? 0 : fchown(file->fd, old->st_uid, old->st_gid);

  (void) unused;
  return fchmod(file->fd, old->st_mode & MODE_BITS) == 0 || fail_write(file, errno, error);
}

static bool open_regular(OutFile *file, const OutFileOptions *options, GError **error)
{
  struct stat old;

  file->may_replace = options->may_replace;
  file->replaces = stat(file->path, &old) == 0;
  if (!file->replaces && !options->may_replace &&
      g_file_test(options->path, G_FILE_TEST_IS_SYMLINK)) {
    /* the target of a link is created only where overwriting is allowed */
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: dangling symbolic link"),
                file->name);
    return false;
  }
  if (file->replaces && !check_old(file, &old, options->advice, error))
    return false;
  if ((options->named || !open_unnamed(file)) && !take_temporary(file, create, error))
    return false;
  return !file->replaces || take_rights(file, &old, error);
}

static bool open_special(OutFile *file, const char *path, GError **error)
{
  g_clear_pointer(&file->path, g_free);
  file->fd = open(path, O_WRONLY | O_CLOEXEC);
  return file->fd >= 0 || fail_write(file, errno, error);
}

static bool open_descriptor(OutFile *file, int descriptor, GError **error)
{
  g_clear_pointer(&file->path, g_free);
  file->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  return file->fd >= 0 || fail_write(file, errno, error);
}

/* A pipe or a device is written to, not replaced. */
static bool is_special(const char *path)
{
  struct stat status;

  return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static bool open_any(OutFile *file, const OutFileOptions *options, GError **error)
{
  int descriptor = DESCRIPTOR_NONE;

  file->path = resolve(options->path, &descriptor);
  if (options->only_regular)
    return open_regular(file, options, error);
  if (descriptor != DESCRIPTOR_NONE)
    return open_descriptor(file, descriptor, error);
  if (is_special(file->path))
    return open_special(file, options->path, error);
  return open_regular(file, options, error);
}

bool out_file_open(const OutFileOptions *options, OutFile *ret_file, GError **error)
{
  bool is_stdout = !options->only_regular && strcmp(options->path, "-") == 0, ok;
  OutFile file = {.fd = -1, .name = g_strdup(is_stdout ? _("standard output") : options->path)};

  if (is_stdout) {
    ok = open_descriptor(&file, STDOUT_FILENO, error);
  } else if (is_input(options->path, options->inputs)) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("cannot write %s: it is the input"),
                file.name);
    ok = false;
  } else {
    ok = open_any(&file, options, error);
  }
  if (ok)
    *ret_file = file;
  else
    out_file_discard(&file);
  return ok;
}

/* --- Moving it into place --------------------------------------------------------------------- */

/* Fails with EEXIST if there is such a file, which rename(2) would replace.  On a file system
 * without links that is not sure for one that is created meanwhile. */
static int rename_new(const char *from, const char *to)
{
  if (link(from, to) == 0)
    return unlink(from);
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
    return -1;
  if (access(to, F_OK) != 0)
    return rename(from, to);
  errno = EEXIST;
  return -1;
}

static bool rename_temporary(OutFile *file, GError **error)
{
  int result = file->may_replace ? rename(file->temporary, file->path)
                                 : rename_new(file->temporary, file->path);

  if (result != 0 && errno == EEXIST)
    return fail_exists(file, NULL, error);
  if (result != 0)
    return fail_write(file, errno, error);
  g_clear_pointer(&file->temporary, g_free);
  return true;
}

/* Replacing a file needs a name to rename: only for that moment. */
static bool link_into_place(OutFile *file, GError **error)
{
  int code = give_name(file, file->path);

  if (code == EEXIST && file->may_replace)
    return take_temporary(file, give_name, error) && rename_temporary(file, error);
  if (code == EEXIST)
    return fail_exists(file, NULL, error);
  return code == 0 || fail_write(file, code, error);
}

static bool move_into_place(OutFile *file, GError **error)
{
  return file->temporary ? rename_temporary(file, error) : link_into_place(file, error);
}

/* --- By a process that keeps its rights ------------------------------------------------------- */

enum { MOVED = '+', NOT_MOVED = '-', ANSWER_MAX = 4096 };

/* Standard input becomes the socket, standard output the file; nothing else stays open. */
static bool take_mover_descriptors(OutFile *file, int fd)
{
  bool ok = dup2(fd, STDIN_FILENO) >= 0 && dup2(file->fd, STDOUT_FILENO) >= 0 &&
            syscall(SYS_close_range, STDERR_FILENO, UINT_MAX, 0) == 0; /* not in every C library */

  file->fd = STDOUT_FILENO;
  return ok;
}

/* The one thing that the process does: when it is asked to by a byte, it moves the file, and
 * answers MOVED, or NOT_MOVED and why.  Without a byte the file is to be removed, or the program
 * was killed. */
static G_NORETURN void run_mover(OutFile *file, int fd)
{
  static const int IGNORED[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  g_autoptr(GError) error = NULL;
  char byte;

  for (size_t i = 0; i < G_N_ELEMENTS(IGNORED); i++)
    signal(IGNORED[i], SIG_IGN);
  if (!take_mover_descriptors(file, fd))
    _exit(EXIT_FAILURE);
  bool is_moved = read(STDIN_FILENO, &byte, 1) == 1 && move_into_place(file, &error);
  if (!is_moved && file->temporary)
    unlink(file->temporary);
  g_autofree char *answer =
    g_strdup_printf("%c%s", is_moved ? MOVED : NOT_MOVED, error ? error->message : "");
  (void) !fd_write(STDIN_FILENO, slice_from_string(answer));
  _exit(EXIT_SUCCESS);
}

bool out_file_keep_rights(OutFile *file, GError **error)
{
  int ends[2];

  if (!file->path || file->is_placed)
    return true;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_write(file, errno, error);
  file->mover_pid = fork();
  if (file->mover_pid == 0)
    run_mover(file, ends[1]);
  close(ends[1]);
  if (file->mover_pid < 0) {
    close(ends[0]);
    return fail_write(file, errno, error);
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
  if (len > 0 && answer[0] == MOVED) {
    g_clear_pointer(&file->temporary, g_free);
    return true;
  }
  if (len > 1)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%.*s", (int) len - 1, answer + 1);
  else
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("cannot write %s: the process that was to move it into place has ended"),
                file->name);
  return false;
}

/* --- The end ---------------------------------------------------------------------------------- */

bool out_file_place(OutFile *file, GError **error)
{
  if (!file->path || file->is_placed)
    return true;
  file->is_placed = file->mover > 0 ? end_mover(file, true, error) : move_into_place(file, error);
  return file->is_placed;
}

bool out_file_commit(OutFile *file, uint64_t *ret_bytes, GError **error)
{
  struct stat status;
  bool ok = fstat(file->fd, &status) == 0 || fail_write(file, errno, error);

  /* errors that a file system reports late (a quota, a server), before the old file is gone */
  if (ok && file->path && file->replaces && !file->is_placed && fsync(file->fd) != 0)
    ok = fail_write(file, errno, error);
  ok = ok && out_file_place(file, error);
  if (close(file->fd) != 0 && ok)
    ok = fail_write(file, errno, error);
  file->fd = -1;
  if (ok)
    *ret_bytes = file->path ? (uint64_t) status.st_size : 0;
  return ok;
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
  g_clear_pointer(&file->name, g_free);
  file->fd = -1;
}
