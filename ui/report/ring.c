#include "ui/report/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/packer.h"

enum {
  NUMBER_DIGITS = 5, /* at least */
  TIME_DIGITS = 14,
  DAY_LEN = 10, /* "2026-11-29" */
  TRIES = 100,  /* numbers that another program may have taken meanwhile */
};

/* A file that was written before. */
typedef struct {
  uint32_t number;
  char *name;
} Old;

struct Ring {
  RingOptions options;
  char *stem, *ending; /* of the path: what is before the number, and after the time */
  uint32_t number;     /* of the last file */
  int fd;              /* -1: none was begun */
  char *name;
  char day[DAY_LEN + 1]; /* of the file */
  GArray *old;           /* Old, by number */
};

static void old_clear(gpointer item)
{
  g_free(((Old *) item)->name);
}

static gint compare_old(gconstpointer a, gconstpointer b)
{
  const Old *left = a, *right = b;

  return (left->number > right->number) - (left->number < right->number);
}

size_t ring_stem_len(const char *path)
{
  const char *slash = strrchr(path, '/');
  size_t name = slash ? (size_t) (slash + 1 - path) : 0;
  Slice bare = packing_strip(path);

  for (size_t dot = bare.len; dot-- > name + 1;)
    if (path[dot] == '.')
      return dot;
  return bare.len;
}

/* "trace.pcapng" -> "trace", ".pcapng" */
static void split_path(Ring *ring)
{
  const char *path = ring->options.path;
  size_t len = ring_stem_len(path);

  ring->stem = g_strndup(path, len);
  ring->ending = g_strdup(path + len);
}

/* Is it STEM_NUMBER_TIMEENDING? */
static bool read_name(const Ring *ring, const char *name, uint32_t *ret_number)
{
  g_autofree char *stem = g_path_get_basename(ring->stem);
  size_t stem_len = strlen(stem), len = strlen(name), ending_len = strlen(ring->ending);

  if (len < stem_len + 1 + NUMBER_DIGITS + 1 + TIME_DIGITS + ending_len ||
      !g_str_has_prefix(name, stem) || name[stem_len] != '_' ||
      !g_str_has_suffix(name, ring->ending))
    return false;
  Slice middle = slice_of(name + stem_len + 1, len - stem_len - 1 - ending_len - TIME_DIGITS - 1);
  Slice time = slice_of(name + len - ending_len - TIME_DIGITS, TIME_DIGITS);
  if (time.data[-1] != '_')
    return false;
  for (size_t i = 0; i < time.len; i++)
    if (!g_ascii_isdigit(time.data[i]))
      return false;
  return slice_to_u32(middle, ret_number);
}

static void find_old_in(Ring *ring, const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;
  Old old;

  while (dir && (name = g_dir_read_name(dir)))
    if (read_name(ring, name, &old.number)) {
      old.name = g_build_filename(folder, name, NULL);
      g_array_append_val(ring->old, old);
    }
}

/* "2026-11-29"? */
static bool is_day(const char *name)
{
  for (size_t i = 0; i < DAY_LEN; i++)
    if (i == 4 || i == 7 ? name[i] != '-' : !g_ascii_isdigit(name[i]))
      return false;
  return name[DAY_LEN] == '\0';
}

static void find_old_days(Ring *ring, const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name(dir)))
    if (is_day(name)) {
      g_autofree char *day = g_build_filename(folder, name, NULL);
      find_old_in(ring, day);
    }
}

/* What earlier runs left. */
static void find_old(Ring *ring)
{
  g_autofree char *folder = g_path_get_dirname(ring->options.path);

  if (ring->options.by_day)
    find_old_days(ring, folder);
  else
    find_old_in(ring, folder);
  g_array_sort(ring->old, compare_old);
  if (ring->old->len > 0)
    ring->number = g_array_index(ring->old, Old, ring->old->len - 1).number;
}

Ring *ring_new(RingOptions options)
{
  Ring *ring = g_new0(Ring, 1);

  ring->options = options;
  ring->fd = -1;
  ring->old = g_array_new(false, false, sizeof(Old));
  g_array_set_clear_func(ring->old, old_clear);
  split_path(ring);
  if (!options.is_single)
    find_old(ring);
  return ring;
}

void ring_free(Ring *ring)
{
  if (!ring)
    return;
  if (ring->fd >= 0)
    close(ring->fd);
  g_array_unref(ring->old);
  g_free(ring->stem);
  g_free(ring->ending);
  g_free(ring->name);
  g_free(ring);
}

/* Makes the folder of the day; that it cannot be made is seen when the file is opened. */
static char *name_of(const Ring *ring, uint32_t number, GDateTime *now)
{
  if (ring->options.is_single)
    return g_strdup(ring->options.path);
  g_autofree char *time = g_date_time_format(now, "%Y%m%d%H%M%S");
  g_autofree char *name =
    g_strdup_printf("%s_%0*u_%s%s", ring->stem, NUMBER_DIGITS, number, time, ring->ending);
  if (!ring->options.by_day)
    return g_steal_pointer(&name);
  g_autofree char *above = g_path_get_dirname(name), *base = g_path_get_basename(name);
  g_autofree char *day = g_date_time_format(now, "%Y-%m-%d");
  g_autofree char *folder = g_build_filename(above, day, NULL);
  (void) g_mkdir(folder, 0777);
  return g_build_filename(folder, base, NULL);
}

static bool fail_open(const char *name, const char *advice, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot write %s: %s%s"), name, g_strerror(errno),
              errno == EEXIST ? advice : "");
  return false;
}

/* The oldest that are too many; the file that is written counts. */
static void delete_old(Ring *ring, char **ret_fault)
{
  guint most = ring->options.files_max - 1;

  if (ring->options.files_max == 0 || ring->old->len <= most)
    return;
  guint count = ring->old->len - most;
  for (guint i = 0; i < count; i++) {
    const char *name = g_array_index(ring->old, Old, i).name;
    if (g_unlink(name) != 0 && errno != ENOENT && ret_fault && !*ret_fault)
      *ret_fault = g_strdup_printf(_("cannot delete %s: %s"), name, g_strerror(errno));
    g_autofree char *folder = g_path_get_dirname(name);
    if (ring->options.by_day)
      (void) g_rmdir(folder); /* which fails while it has other files */
  }
  g_array_remove_range(ring->old, 0, count);
}

bool ring_next(Ring *ring, char **ret_fault, GError **error)
{
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (ring->options.may_replace ? O_TRUNC : O_EXCL);
  uint32_t before = ring->number;
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  g_autofree char *day = g_date_time_format(now, "%Y-%m-%d");
  g_autofree char *name = NULL;
  int fd = -1;

  unsigned tries = ring->options.is_single ? 1 : TRIES;
  for (unsigned i = 0; i < tries && fd < 0; i++) {
    g_free(name);
    name = name_of(ring, ring->number + 1 + i, now);
    fd = open(name, flags, 0666);
    if (fd >= 0)
      ring->number += 1 + i;
    else if (errno != EEXIST)
      break;
  }
  if (fd < 0)
    return fail_open(name, _("; use --force to overwrite it"), error);
  if (ring->fd >= 0) {
    close(ring->fd);
    Old old = {before, g_steal_pointer(&ring->name)};
    if (!ring->options.is_single)
      g_array_append_val(ring->old, old);
    else
      g_free(old.name);
  }
  ring->fd = fd;
  ring->name = g_steal_pointer(&name);
  g_strlcpy(ring->day, day, sizeof ring->day);
  delete_old(ring, ret_fault);
  return true;
}

bool ring_day_is_over(const Ring *ring)
{
  if (!ring->options.by_day)
    return false;
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  g_autofree char *day = g_date_time_format(now, "%Y-%m-%d");
  return strcmp(day, ring->day) != 0;
}

bool ring_was_moved(const Ring *ring)
{
  struct stat own, named;

  return ring->options.is_single && fstat(ring->fd, &own) == 0 &&
         (stat(ring->name, &named) != 0 || named.st_ino != own.st_ino ||
          named.st_dev != own.st_dev);
}

int ring_fd(const Ring *ring)
{
  return ring->fd;
}

const char *ring_name(const Ring *ring)
{
  return ring->name;
}
