#include "ui/view/save/save_name.h"

enum { ENTRIES_MAX = 10000, CANDIDATES_MAX = 100 };

char *save_name_change(const char *name, ExportFormatId from, ExportFormatId to)
{
  const char *ending = EXPORT_FORMATS[from].ending;

  if (!g_str_has_suffix(name, ending))
    return g_strdup(name);
  g_autofree char *stem = g_strndup(name, strlen(name) - strlen(ending));
  return g_strconcat(stem, EXPORT_FORMATS[to].ending, NULL);
}

static char *expand_home(const char *path)
{
  if (strncmp(path, "~/", 2) != 0)
    return g_strdup(path);
  return g_build_filename(g_get_home_dir(), path + 2, NULL);
}

char *save_name_path(const char *typed, ExportFormatId format)
{
  char *path = expand_home(typed);
  const char *slash = strrchr(path, '/');
  char *name = path + (slash ? slash + 1 - path : 0);

  if (name[strspn(name, " ")] == '\0') /* nobody would find a file of that name */
    *name = '\0';
  if (*name == '\0' || strchr(name, '.') || g_file_test(path, G_FILE_TEST_EXISTS))
    return path;
  char *whole = g_strconcat(path, EXPORT_FORMATS[format].ending, NULL);
  g_free(path);
  return whole;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
  const char *const *left = a, *const *right = b;

  return strcmp(*left, *right);
}

/* What cannot be typed is not offered; hidden files only when a dot was typed. */
static bool is_candidate(const char *entry, Slice typed)
{
  return (entry[0] != '.' || typed.len > 0) && g_utf8_validate(entry, -1, NULL) &&
         slice_starts_with(slice_from_string(entry), typed);
}

static void add_candidate(const char *folder, const char *entry, GPtrArray *candidates)
{
  g_autofree char *path = g_build_filename(folder, entry, NULL);
  bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);

  g_ptr_array_add(candidates, g_strconcat(entry, is_folder ? "/" : "", NULL));
}

static void add_candidates(const char *folder, Slice typed, GPtrArray *candidates)
{
  GDir *dir = g_dir_open(folder, 0, NULL);
  const char *entry = dir ? g_dir_read_name(dir) : NULL;

  for (unsigned i = 0; entry && i < ENTRIES_MAX && candidates->len < CANDIDATES_MAX; i++) {
    if (is_candidate(entry, typed))
      add_candidate(folder, entry, candidates);
    entry = g_dir_read_name(dir);
  }
  if (dir)
    g_dir_close(dir);
  g_ptr_array_sort(candidates, compare_names);
}

size_t save_name_complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  size_t start = before_cursor.len;

  (void) data;
  while (start > 0 && before_cursor.data[start - 1] != '/')
    start--;
  g_autofree char *typed = g_strndup(before_cursor.data, start);
  g_autofree char *folder = expand_home(start > 0 ? typed : "./");
  add_candidates(folder, slice_from(before_cursor, start), candidates);
  return start;
}
