#include "ui/view/resume.h"

#include <errno.h>
#include <stdlib.h>

#include <glib/gstdio.h>

#include "capture/error.h"
#include "capture/language.h"

#define GROUP "session"

enum { MARKS_MAX = 100 * 1000, FOLDER_MODE = 0700, FILE_MODE = 0600 };

/* --- What is kept ----------------------------------------------------------------------------- */

/* Call numbers alone are not enough: another capture may have been written under the same name. */
static char *digest_of(const Call *call)
{
  Slice id = call_text_kept(call, CALL_TEXT_ID);
  const guchar *data = (const guchar *) (id.data ? id.data : "");

  return g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, id.len);
}

static void add_call(const AppModel *model, GPtrArray *to, uint32_t message, uint32_t number)
{
  const Call *call = trace_call(model->trace, number);
  g_autofree char *digest = call ? digest_of(call) : NULL;

  if (digest)
    g_ptr_array_add(to, g_strdup_printf("%u %u %s", message, number, digest));
}

static QuickChoice kept_quick(GKeyFile *session)
{
  return (QuickChoice){
    .kinds = (uint32_t) g_key_file_get_uint64(session, GROUP, "hidden-kinds", NULL),
    .fates = (uint32_t) g_key_file_get_uint64(session, GROUP, "hidden-outcomes", NULL),
  };
}

/* And those of `more` that are not among them. */
static void put_list(GKeyFile *to, const char *key, const GPtrArray *texts, GKeyFile *more)
{
  g_auto(GStrv) others = more ? g_key_file_get_string_list(more, GROUP, key, NULL, NULL) : NULL;
  g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) all = g_ptr_array_new();

  for (guint i = 0; i < texts->len; i++)
    if (g_hash_table_add(known, texts->pdata[i]))
      g_ptr_array_add(all, texts->pdata[i]);
  for (char **other = others; other && *other; other++)
    if (g_hash_table_add(known, *other))
      g_ptr_array_add(all, *other);
  if (all->len > 0)
    g_key_file_set_string_list(to, GROUP, key, (const char *const *) all->pdata, all->len);
}

/* What hides calls: by default what is still to be given back. */
static void put_quick(GKeyFile *to, QuickChoice quick, GKeyFile *later)
{
  if (!quick_choice_is_set(quick) && later)
    quick = kept_quick(later);
  if (!quick_choice_is_set(quick))
    return;
  g_key_file_set_uint64(to, GROUP, "hidden-kinds", quick.kinds);
  g_key_file_set_uint64(to, GROUP, "hidden-outcomes", quick.fates);
}

GKeyFile *resume_take(const AppModel *model, GKeyFile *later)
{
  g_autoptr(GKeyFile) session = g_key_file_new();
  g_autoptr(GPtrArray) marks = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) bookmarks = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GPtrArray) pinned = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) numbers = call_set_numbers(model->marks);

  if (model->filter_now && model->filter_now[0] != '\0')
    g_key_file_set_string(session, GROUP, "filter", model->filter_now);
  put_quick(session, call_index_quick(model->index), later);
  for (guint i = 0; i < numbers->len && i < MARKS_MAX; i++)
    add_call(model, marks, 0, g_array_index(numbers, uint32_t, i));
  for (guint i = 0; i < model->bookmarks->len; i++) {
    const Bookmark *bookmark = &g_array_index(model->bookmarks, Bookmark, i);
    add_call(model, bookmarks, bookmark->message, bookmark->call);
  }
  for (guint i = 0; i < model->pinned->len; i++)
    add_call(model, pinned, 0, g_array_index(model->pinned, uint32_t, i));
  put_list(session, "marks", marks, later);
  put_list(session, "pinned", pinned, later);
  put_list(session, "bookmarks", bookmarks, later);
  return g_key_file_has_group(session, GROUP) ? g_steal_pointer(&session) : NULL;
}

/* --- Given back ------------------------------------------------------------------------------- */

char *resume_filter(GKeyFile *session)
{
  return g_key_file_get_string(session, GROUP, "filter", NULL);
}

/* "MESSAGE CALL DIGEST" of a call that is the same as it was. */
static bool take_call(const AppModel *model, const char *text, Bookmark *ret_bookmark)
{
  char *end = NULL;

  ret_bookmark->message = (uint32_t) strtoul(text, &end, 10);
  ret_bookmark->call = (uint32_t) strtoul(end, &end, 10);
  const Call *call = trace_call(model->trace, ret_bookmark->call);
  g_autofree char *digest = call ? digest_of(call) : NULL;
  return digest && *end == ' ' && strcmp(end + 1, digest) == 0;
}

/* Those of one list, each given to `give`; says how many were left out. */
static unsigned give_list(GKeyFile *session, const char *key, AppModel *model,
                          void (*give)(AppModel *model, const Bookmark *bookmark))
{
  g_auto(GStrv) texts = g_key_file_get_string_list(session, GROUP, key, NULL, NULL);
  unsigned left_out = 0;
  Bookmark bookmark;

  for (char **text = texts; text && *text; text++) {
    if (take_call(model, *text, &bookmark))
      give(model, &bookmark);
    else
      left_out++;
  }
  return left_out;
}

static void give_mark(AppModel *model, const Bookmark *bookmark)
{
  call_set_put(model->marks, bookmark->call, true);
}

static void give_bookmark(AppModel *model, const Bookmark *bookmark)
{
  for (guint i = 0; i < model->bookmarks->len; i++)
    if (g_array_index(model->bookmarks, Bookmark, i).message == bookmark->message)
      return; /* it was set while the file was read */
  if (model->bookmarks->len < BOOKMARKS_MAX)
    g_array_append_val(model->bookmarks, *bookmark);
}

static void give_pinned(AppModel *model, const Bookmark *bookmark)
{
  for (guint i = 0; i < model->pinned->len; i++)
    if (g_array_index(model->pinned, uint32_t, i) == bookmark->call)
      return;
  if (model->pinned->len < PINNED_MAX)
    g_array_append_val(model->pinned, bookmark->call);
}

unsigned resume_give(GKeyFile *session, AppModel *model)
{
  call_index_set_quick(model->index, kept_quick(session));
  return give_list(session, "marks", model, give_mark) +
         give_list(session, "bookmarks", model, give_bookmark) +
         give_list(session, "pinned", model, give_pinned);
}

/* --- The files -------------------------------------------------------------------------------- */

/* As g_get_user_state_dir of newer GLib. */
static char *folder(void)
{
  const char *state = g_getenv("XDG_STATE_HOME");

  if (state && g_path_is_absolute(state))
    return g_build_filename(state, "rung", "sessions", NULL);
  return g_build_filename(g_get_home_dir(), ".local", "state", "rung", "sessions", NULL);
}

/* Absolute, freed with g_strfreev. */
static char **full_names(const char *const *files)
{
  GStrvBuilder *names = g_strv_builder_new();

  for (; *files; files++) {
    g_autofree char *full = g_canonicalize_filename(*files, NULL);
    g_strv_builder_add(names, full);
  }
  char **all = g_strv_builder_end(names);
  g_strv_builder_unref(names);
  return all;
}

static char *path_of(char *const *names)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  g_autofree char *in = folder();

  for (; *names; names++)
    g_checksum_update(checksum, (const guchar *) *names, (gssize) strlen(*names) + 1);
  return g_build_filename(in, g_checksum_get_string(checksum), NULL);
}

typedef struct {
  char *path;
  gint64 changed_s;
} Kept;

static void free_kept(void *data)
{
  g_free(((Kept *) data)->path);
}

static int newest_first(const void *a, const void *b)
{
  const Kept *left = a, *right = b;

  return (left->changed_s < right->changed_s) - (left->changed_s > right->changed_s);
}

/* All that were kept (Kept), the newest first. */
static GArray *list_kept(void)
{
  g_autofree char *in = folder();
  g_autoptr(GDir) names = g_dir_open(in, 0, NULL);
  GArray *kept = g_array_new(false, false, sizeof(Kept));
  const char *name;

  g_array_set_clear_func(kept, free_kept);
  while (names && (name = g_dir_read_name(names))) {
    g_autofree char *path = g_build_filename(in, name, NULL);
    GStatBuf info;
    if (g_stat(path, &info) != 0)
      continue;
    const Kept each = {.path = g_steal_pointer(&path), .changed_s = info.st_mtime};
    g_array_append_val(kept, each);
  }
  g_array_sort(kept, newest_first);
  return kept;
}

/* Captures that were looked at once are not opened again; their sessions would stay for ever. */
static void remove_oldest(void)
{
  g_autoptr(GArray) kept = list_kept();

  for (guint i = RESUME_KEPT_MAX; i < kept->len; i++)
    (void) g_unlink(g_array_index(kept, Kept, i).path);
}

bool resume_write(const char *const *files, GKeyFile *session, GError **error)
{
  g_auto(GStrv) names = full_names(files);
  g_autofree char *path = path_of(names), *in = folder();
  g_autoptr(GError) cause = NULL;

  if (!session && (g_unlink(path) == 0 || errno == ENOENT))
    return true;
  g_autofree char *text = NULL;
  if (session) {
    g_key_file_set_string_list(session, GROUP, "files", (const char *const *) names,
                               g_strv_length(names));
    text = g_key_file_to_data(session, NULL, NULL);
  }
  if (text && g_mkdir_with_parents(in, FOLDER_MODE) == 0 &&
      g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, FILE_MODE, &cause)) {
    remove_oldest();
    return true;
  }
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot keep the session: %s"),
              cause ? cause->message : g_strerror(errno));
  return false;
}

static GKeyFile *read_path(const char *path, GError **error)
{
  g_autoptr(GKeyFile) session = g_key_file_new();
  g_autoptr(GError) cause = NULL;

  if (g_key_file_load_from_file(session, path, G_KEY_FILE_NONE, &cause))
    return g_steal_pointer(&session);
  if (!g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot read %s: %s"), path, cause->message);
  return NULL;
}

GKeyFile *resume_read(const char *const *files, GError **error)
{
  g_auto(GStrv) names = full_names(files);
  g_autofree char *path = path_of(names);

  return read_path(path, error);
}

char **resume_last(GError **error)
{
  g_autoptr(GArray) kept = list_kept();
  g_autoptr(GKeyFile) session =
    kept->len > 0 ? read_path(g_array_index(kept, Kept, 0).path, error) : NULL;
  char **files = session ? g_key_file_get_string_list(session, GROUP, "files", NULL, NULL) : NULL;

  if (!files && (!error || !*error))
    g_set_error_literal(error, APP_ERROR, APP_ERROR_IO, _("no session was kept yet"));
  return files;
}
