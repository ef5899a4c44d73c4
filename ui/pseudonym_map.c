#include "ui/pseudonym_map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"

#define TITLE "# rung pseudonyms 1\n"
#define KEY "key "

enum { FILE_MAX = 256 * 1024 * 1024 };

static bool fail(const PseudonymMap *map, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", map->path, what);
  return false;
}

static bool read_key(PseudonymMap *map, const char *line)
{
  if (strlen(line) != strlen(KEY) + 2 * PSEUDONYM_KEY || !g_str_has_prefix(line, KEY))
    return false;
  const char *digits = line + strlen(KEY);
  for (size_t i = 0; i < PSEUDONYM_KEY; i++) {
    int high = g_ascii_xdigit_value(digits[2 * i]), low = g_ascii_xdigit_value(digits[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    map->key[i] = (uint8_t) (high << 4 | low);
  }
  return true;
}

/* The title, the key, then lines of what was listed. */
static bool read_text(PseudonymMap *map, const char *text)
{
  if (!g_str_has_prefix(text, TITLE))
    return false;
  g_auto(GStrv) lines = g_strsplit(text + strlen(TITLE), "\n", -1);
  if (!lines[0] || !read_key(map, lines[0]))
    return false;
  for (char **line = lines + 1; *line; line++)
    if (**line)
      g_hash_table_add(map->lines, g_strdup(*line));
  return true;
}

static bool read_file(PseudonymMap *map, size_t size, GError **error)
{
  g_autofree char *text = g_malloc(size + 1);
  size_t done = 0;

  while (done < size) {
    ssize_t got = pread(map->fd, text + done, size - done, (off_t) done);
    if (got <= 0)
      return fail(map, _("cannot be read"), error);
    done += (size_t) got;
  }
  text[size] = '\0';
  return read_text(map, text) ||
         fail(map, _("is no map of pseudonyms; name a new file, or one that --anonymize wrote"),
              error);
}

static bool open_file(PseudonymMap *map, GError **error)
{
  struct stat info;

  map->fd = open(map->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (map->fd < 0 || fstat(map->fd, &info) != 0)
    return fail(map, g_strerror(errno), error);
  if (!S_ISREG(info.st_mode) || info.st_size > FILE_MAX)
    return fail(map, _("is no map of pseudonyms"), error);
  if (info.st_mode & 077)
    return fail(map, _("can be read by others than its owner; use chmod 600"), error);
  return info.st_size == 0 || read_file(map, (size_t) info.st_size, error);
}

bool pseudonym_map_open(const char *path, PseudonymMap *ret_map, GError **error)
{
  g_auto(PseudonymMap) map = {.path = path, .fd = -1};

  map.lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  if (getrandom(map.key, sizeof map.key, 0) != sizeof map.key)
    return fail(&map, _("no random key"), error);
  if (path && !open_file(&map, error))
    return false;
  map.pseudonyms = pseudonyms_new(map.key);
  *ret_map = map;
  map = (PseudonymMap){.fd = -1};
  return true;
}

static int compare(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* What is listed now and was before, each line once. */
static void append_lines(PseudonymMap *map, GString *to)
{
  g_autoptr(GString) list = g_string_new(NULL);
  uint64_t forgotten;
  gpointer line;
  GHashTableIter iter;
  g_autoptr(GPtrArray) lines = g_ptr_array_new();

  pseudonyms_append_list(map->pseudonyms, list, &forgotten);
  g_auto(GStrv) now = g_strsplit(list->str, "\n", -1);
  for (char **each = now; *each; each++)
    if (**each)
      g_hash_table_add(map->lines, g_strdup(*each));
  g_hash_table_iter_init(&iter, map->lines);
  while (g_hash_table_iter_next(&iter, &line, NULL))
    g_ptr_array_add(lines, line);
  g_ptr_array_sort(lines, compare);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(to, "%s\n", (char *) g_ptr_array_index(lines, i));
}

bool pseudonym_map_write(PseudonymMap *map, GError **error)
{
  g_autoptr(GString) text = g_string_new(TITLE KEY);
  size_t done = 0;

  if (!map->path)
    return true;
  for (size_t i = 0; i < PSEUDONYM_KEY; i++)
    g_string_append_printf(text, "%02x", map->key[i]);
  g_string_append_c(text, '\n');
  append_lines(map, text);
  while (done < text->len) {
    ssize_t put = pwrite(map->fd, text->str + done, text->len - done, (off_t) done);
    if (put <= 0)
      return fail(map, g_strerror(errno), error);
    done += (size_t) put;
  }
  if (ftruncate(map->fd, (off_t) text->len) != 0)
    return fail(map, g_strerror(errno), error);
  return true;
}

void pseudonym_map_clear(PseudonymMap *map)
{
  pseudonyms_free(map->pseudonyms);
  g_clear_pointer(&map->lines, g_hash_table_unref);
  if (map->path && map->fd >= 0)
    close(map->fd);
  explicit_bzero(map->key, sizeof map->key);
}
