#include "capture/input_list.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"

enum { NAMES_TOLD = 8 };

static void input_name_free(void *data)
{
  InputName *input = data;

  if (input->member)
    zip_member_free(input->member);
  g_free(input->name);
  g_free(input->path);
  g_free(input);
}

InputList *input_list_new(void)
{
  InputList *list = g_new0(InputList, 1);

  list->names = g_ptr_array_new_with_free_func(input_name_free);
  list->faults = g_string_new(NULL);
  list->others = g_string_new(NULL);
  return list;
}

void input_list_free(InputList *list)
{
  if (!list)
    return;
  g_ptr_array_unref(list->names);
  g_string_free(list->faults, true);
  g_string_free(list->others, true);
  g_free(list);
}

/* --- What cannot be read ---------------------------------------------------------------------- */

static void append_told(GString *to, unsigned *count, const char *separator, const char *text)
{
  if ((*count)++ < NAMES_TOLD)
    g_string_append_printf(to, "%s%s", to->len > 0 ? separator : "", text);
}

void input_list_note(InputList *list, const InputName *input, const GError *error)
{
  if (g_error_matches(error, APP_ERROR, APP_ERROR_FORMAT))
    append_told(list->others, &list->other_count, _(", "), input->name);
  else
    append_told(list->faults, &list->fault_count, _("; "), error->message);
}

static void note_fault(InputList *list, const char *name, const char *why)
{
  g_autofree char *text = g_strdup_printf("%s: %s", name, why);

  append_told(list->faults, &list->fault_count, _("; "), text);
}

char *input_list_fault(const InputList *list)
{
  g_autoptr(GString) text = g_string_new(list->faults->str);

  if (list->fault_count > NAMES_TOLD)
    g_string_append_printf(text, _("; and %u more"), list->fault_count - NAMES_TOLD);
  if (list->beyond > 0)
    g_string_append_printf(
      text, _("%smore than %d files in archives and folders: %" G_GUINT64_FORMAT " were not read"),
      text->len > 0 ? _("; ") : "", INPUTS_MAX, list->beyond);
  return text->len > 0 ? g_strdup(text->str) : NULL;
}

char *input_list_other(const InputList *list)
{
  if (list->other_count == 0)
    return NULL;
  g_autofree char *more = list->other_count > NAMES_TOLD
                            ? g_strdup_printf(_(" and %u more"), list->other_count - NAMES_TOLD)
                            : g_strdup("");
  return g_strdup_printf(_("not captures, and not read: %s%s"), list->others->str, more);
}

/* --- Finding ---------------------------------------------------------------------------------- */

static void add(InputList *list, InputName input)
{
  if (input.is_found && list->names->len >= INPUTS_MAX) {
    list->beyond++;
    g_free(input.name);
    g_free(input.path);
    if (input.member)
      zip_member_free(input.member);
    return;
  }
  g_ptr_array_add(list->names, g_memdup2(&input, sizeof input));
}

static bool is_zip(const char *path)
{
  char head[4];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return false;
  ssize_t n = read(fd, head, sizeof head);
  close(fd);
  return n == (ssize_t) sizeof head && zip_file_detect(slice_of(head, sizeof head));
}

static bool add_archive(InputList *list, const char *path, GError **error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  uint64_t beyond = 0;
  g_autoptr(GPtrArray) members = fd >= 0 ? zip_file_read(fd, &beyond, error) : NULL;

  if (fd < 0)
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", path, g_strerror(errno));
  else
    close(fd);
  if (!members) {
    if (fd >= 0)
      g_prefix_error(error, "%s: ", path);
    return false;
  }
  list->beyond += beyond;
  for (guint i = 0; i < members->len; i++) {
    ZipMember *member = members->pdata[i];
    g_autofree char *name = g_strdup_printf("%s:%s", path, member->name);
    if (member->fault) {
      note_fault(list, name, _(member->fault));
      continue;
    }
    add(list, (InputName){g_steal_pointer(&name), g_strdup(path), member, true});
    members->pdata[i] = NULL;
  }
  return true;
}

static void add_found(InputList *list, const char *path)
{
  g_autoptr(GError) error = NULL;

  if (!is_zip(path))
    add(list, (InputName){g_strdup(path), g_strdup(path), NULL, true});
  else if (!add_archive(list, path, &error))
    append_told(list->faults, &list->fault_count, _("; "), error->message);
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Names in it, sorted. */
static GPtrArray *read_folder(const char *path, GError **error)
{
  g_autoptr(GDir) folder = g_dir_open(path, 0, error);
  const char *name;

  if (!folder)
    return NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  while ((name = g_dir_read_name(folder)) != NULL)
    g_ptr_array_add(names, g_strdup(name));
  g_ptr_array_sort(names, compare_names);
  return names;
}

/* Links to folders are not followed, so that no file is read twice; pipes and devices are left. */
static bool add_folder(InputList *list, const char *path, unsigned depth, GError **error)
{
  g_autoptr(GPtrArray) names = read_folder(path, error);

  for (guint i = 0; names && i < names->len; i++) {
    g_autofree char *inner = g_build_filename(path, names->pdata[i], NULL);
    g_autoptr(GError) ignored = NULL;
    struct stat status;
    if (lstat(inner, &status) == 0 && S_ISDIR(status.st_mode)) {
      if (depth == FOLDER_DEPTH_MAX)
        note_fault(list, inner, _("is too deep"));
      else if (!add_folder(list, inner, depth + 1, &ignored))
        append_told(list->faults, &list->fault_count, _("; "), ignored->message);
    } else if (stat(inner, &status) == 0 && S_ISREG(status.st_mode)) {
      add_found(list, inner);
    }
  }
  return names != NULL;
}

bool input_list_add(InputList *list, const char *name, bool recursive, GError **error)
{
  struct stat status;

  if (strcmp(name, "-") != 0 && stat(name, &status) == 0) {
    if (S_ISDIR(status.st_mode) && recursive)
      return add_folder(list, name, 0, error);
    if (S_ISREG(status.st_mode) && is_zip(name))
      return add_archive(list, name, error);
  }
  add(list, (InputName){g_strdup(name), g_strdup(name), NULL, false});
  return true;
}
