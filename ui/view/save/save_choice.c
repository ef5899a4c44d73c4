#include "ui/view/save/save_choice.h"

struct SaveChoice {
  Host *host;
  GArray *calls; /* uint32_t: of the screen it was opened from */
  const Message *message;
  uint32_t message_call, message_number;
  SaveWhat what;        /* that is collected */
  Selection *selection; /* of the last one that was collected */
  CallSet *shown;       /* while rows are collected, which need not be in order */
  size_t next_row;
};

SaveChoice *save_choice_new(Host *host, const SaveOf *of)
{
  SaveChoice *choice = g_new0(SaveChoice, 1);

  choice->host = host;
  choice->calls = g_array_new(false, false, sizeof(uint32_t));
  if (of->call_count > 0)
    g_array_append_vals(choice->calls, of->calls, (guint) of->call_count);
  if (of->message) {
    choice->message = of->message;
    choice->message_call = of->message->transaction->call->number;
    choice->message_number = of->message->number;
  }
  return choice;
}

void save_choice_free(SaveChoice *choice)
{
  if (!choice)
    return;
  g_array_unref(choice->calls);
  selection_free(choice->selection);
  call_set_free(choice->shown);
  g_free(choice);
}

size_t save_choice_count(const SaveChoice *choice, SaveWhat what)
{
  const AppModel *model = host_model(choice->host);

  switch (what) {
  case SAVE_MESSAGE:
    return choice->message ? 1 : 0;
  case SAVE_CALLS:
    return choice->calls->len;
  case SAVE_MARKED:
    return call_set_count(model->marks);
  case SAVE_SHOWN:
    return call_index_count(model->index);
  case SAVE_ALL:
    return trace_call_count(model->trace);
  case SAVE_WHAT_COUNT:
    break;
  }
  g_assert_not_reached();
}

const char *save_choice_title(const SaveChoice *choice, SaveWhat what)
{
  static const char *const TITLES[SAVE_WHAT_COUNT] = {
    [SAVE_MESSAGE] = "this message",    [SAVE_CALLS] = "this call", [SAVE_MARKED] = "marked calls",
    [SAVE_SHOWN] = "calls in the list", [SAVE_ALL] = "all calls",
  };

  return what == SAVE_CALLS && choice->calls->len > 1 ? "these calls" : TITLES[what];
}

void save_choice_append_count(const SaveChoice *choice, SaveWhat what, GString *to)
{
  size_t count = save_choice_count(choice, what);
  const char *unit = what == SAVE_MESSAGE ? "message" : "call";

  g_string_append_printf(to, "%zu %s%s", count, unit, count == 1 ? "" : "s");
}

char *save_choice_stem(const SaveChoice *choice, SaveWhat what)
{
  if (what == SAVE_MESSAGE)
    return g_strdup_printf("message-%u", choice->message_number);
  if (what == SAVE_CALLS && choice->calls->len == 1)
    return g_strdup_printf("call-%u", g_array_index(choice->calls, uint32_t, 0));
  return g_strdup("calls");
}

static void select_calls(SaveChoice *choice, const CallSet *set)
{
  g_autoptr(GArray) numbers = call_set_numbers(set);

  selection_set_calls(choice->selection, (const uint32_t *) (const void *) numbers->data,
                      numbers->len);
}

void save_choice_begin(SaveChoice *choice, SaveWhat what)
{
  choice->what = what;
  choice->next_row = 0;
  g_clear_pointer(&choice->shown, call_set_free);
  g_clear_pointer(&choice->selection, selection_free);
  choice->selection = selection_new();
  if (what == SAVE_CALLS)
    selection_set_calls(choice->selection, (const uint32_t *) (const void *) choice->calls->data,
                        choice->calls->len);
  if (what == SAVE_MARKED)
    select_calls(choice, host_model(choice->host)->marks);
  if (what == SAVE_SHOWN)
    choice->shown = call_set_new();
}

bool save_choice_step(SaveChoice *choice, int64_t until_us)
{
  enum { CHUNK = 256 };
  const CallIndex *index = host_model(choice->host)->index;

  while (choice->shown) {
    for (unsigned i = 0; i < CHUNK && choice->next_row < call_index_count(index); i++)
      call_set_put(choice->shown, call_index_at(index, choice->next_row++), true);
    if (choice->next_row >= call_index_count(index)) {
      select_calls(choice, choice->shown);
      g_clear_pointer(&choice->shown, call_set_free);
    }
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return choice->shown != NULL;
}

Selection *save_choice_selection(const SaveChoice *choice)
{
  if (choice->what == SAVE_MESSAGE && !host_call(choice->host, choice->message_call))
    return NULL;
  if (choice->what == SAVE_MESSAGE && choice->selection->frame == 0)
    selection_set_message(choice->selection, choice->message);
  return choice->selection;
}

/* --- names of files --- */

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

  if (name[strspn(name, " ")] == '\0') /* hard to find again */
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

/* Names that cannot be typed are not offered; hidden files only after a dot. */
size_t save_name_complete(void *data, Slice before_cursor, GPtrArray *candidates)
{
  size_t start = before_cursor.len;

  (void) data;
  while (start > 0 && before_cursor.data[start - 1] != '/')
    start--;
  Slice typed = slice_from(before_cursor, start);
  g_autofree char *written = g_strndup(before_cursor.data, start);
  g_autofree char *folder = expand_home(start > 0 ? written : "./");
  GDir *dir = g_dir_open(folder, 0, NULL);
  for (unsigned i = 0; dir && i < ENTRIES_MAX && candidates->len < CANDIDATES_MAX; i++) {
    const char *entry = g_dir_read_name(dir);

    if (!entry)
      break;
    if ((entry[0] == '.' && typed.len == 0) || !g_utf8_validate(entry, -1, NULL) ||
        !slice_starts_with(slice_from_string(entry), typed))
      continue;
    g_autofree char *path = g_build_filename(folder, entry, NULL);
    bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
    g_ptr_array_add(candidates, g_strconcat(entry, is_folder ? "/" : "", NULL));
  }
  g_clear_pointer(&dir, g_dir_close);
  g_ptr_array_sort(candidates, compare_names);
  return start;
}
