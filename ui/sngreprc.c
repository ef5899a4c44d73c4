#include "ui/sngreprc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/configuration.h"
#include "ui/session.h"
#include "ui/show/text.h"

enum { FILE_MAX = 1024 * 1024, COLUMNS_MAX = 32 };

typedef struct {
  Config *config;
  GString *said;
  const char *columns[COLUMNS_MAX]; /* fields; NULL: none */
  char *widths[COLUMNS_MAX];        /* owned; NULL: the default */
  bool descends;
  const char *sort; /* a field; or NULL */
} Import;

static const struct {
  const char *name;
  SettingId setting;
  const char *words;
} SAMES[] = {
#define SAME(name, setting, words) {name, SETTING_##setting, words},
#define OTHER(name, advice)
#define FIELD_OF(column, field)
#include "ui/sngreprc.def"
#undef SAME
#undef OTHER
#undef FIELD_OF
};

static const struct {
  const char *name, *advice;
} OTHERS[] = {
#define SAME(name, setting, words)
#define OTHER(name, advice) {name, advice},
#define FIELD_OF(column, field)
#include "ui/sngreprc.def"
#undef SAME
#undef OTHER
#undef FIELD_OF
};

static const struct {
  const char *column, *field;
} FIELDS_OF[] = {
#define SAME(name, setting, words)
#define OTHER(name, advice)
#define FIELD_OF(column, field) {column, field},
#include "ui/sngreprc.def"
#undef SAME
#undef OTHER
#undef FIELD_OF
};

/* "theirs=ours" of `words`; the value itself if there are none; NULL: it is none of them. */
static char *translated(const char *words, const char *value)
{
  g_auto(GStrv) pairs = g_strsplit(words, " ", -1);
  g_autofree char *prefix = g_strconcat(value, "=", NULL);

  if (*words == '\0')
    return g_strdelimit(g_strdup(value), "|", ';'); /* lists of header fields */
  for (char **pair = pairs; *pair; pair++)
    if (g_str_has_prefix(*pair, prefix))
      return g_strdup(*pair + strlen(prefix));
  return NULL;
}

static const char *field_of(const char *column)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FIELDS_OF); i++)
    if (strcmp(FIELDS_OF[i].column, column) == 0)
      return FIELDS_OF[i].field;
  return NULL;
}

static void say_none(Import *import)
{
  g_string_append(import->said, _("no equivalent"));
}

static bool take_same(Import *import, const char *name, const char *value)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SAMES); i++) {
    if (strcmp(SAMES[i].name, name) != 0)
      continue;
    g_autofree char *ours = translated(SAMES[i].words, value);
    g_autoptr(GError) error = NULL;
    if (!ours)
      g_string_append_printf(import->said, _("unknown value '%s'"), value);
    else if (config_set(import->config, SAMES[i].setting, ours, &error))
      g_string_append_printf(import->said, "%s = %s", SETTINGS[SAMES[i].setting].name, ours);
    else
      g_string_append(import->said, error->message);
    return true;
  }
  return false;
}

/* cl.column0 sipfrom, cl.column0.width 30 */
static bool take_column(Import *import, const char *name, const char *value)
{
  static const char COLUMN[] = "cl.column";
  char *rest = NULL;

  if (!g_str_has_prefix(name, COLUMN) || !g_ascii_isdigit(name[strlen(COLUMN)]))
    return false;
  guint64 index = g_ascii_strtoull(name + strlen(COLUMN), &rest, 10);
  uint32_t width;
  const char *field = field_of(value);
  if (index >= COLUMNS_MAX) {
    say_none(import);
  } else if (strcmp(rest, ".width") == 0 && slice_to_u32(slice_from_string(value), &width)) {
    g_free(import->widths[index]);
    import->widths[index] = g_strdup_printf("%u", width);
    g_string_append_printf(import->said, _("width %u"), width);
  } else if (*rest == '\0' && field) {
    import->columns[index] = field;
    g_string_append_printf(import->said, _("column %s"), field);
  } else {
    say_none(import);
  }
  return true;
}

static bool take_order(Import *import, const char *name, const char *value)
{
  if (strcmp(name, "cl.sortfield") == 0 && field_of(value)) {
    import->sort = field_of(value);
    g_string_append_printf(import->said, _("sorted by %s"), import->sort);
    return true;
  }
  if (strcmp(name, "cl.sortorder") != 0)
    return false;
  import->descends = strcmp(value, "desc") == 0;
  g_string_append(import->said, import->descends ? _("descending") : _("ascending"));
  return true;
}

static void take_set(Import *import, const char *name, const char *value)
{
  if (take_same(import, name, value) || take_column(import, name, value) ||
      take_order(import, name, value))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(OTHERS); i++)
    if (strcmp(OTHERS[i].name, name) == 0 && OTHERS[i].advice) {
      g_string_append(import->said, _(OTHERS[i].advice));
      return;
    }
  say_none(import);
}

/* Names of keys of sngrep: ^A or Ctrl-A, Escape, Npage, Ppage. */
static KeyCode key_of(const char *name)
{
  static const struct {
    const char *theirs, *ours;
  } NAMES[] = {{"Escape", "Esc"}, {"Npage", "PgDn"}, {"Ppage", "PgUp"}};
  const char *letter = *name == '^'                      ? name + 1
                       : g_str_has_prefix(name, "Ctrl-") ? name + strlen("Ctrl-")
                                                         : "";

  if (*letter && !letter[1]) {
    char ours[] = {'C', '-', g_ascii_tolower(*letter), '\0'};
    return key_from_name(slice_from_string(ours));
  }
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (g_ascii_strcasecmp(NAMES[i].theirs, name) == 0)
      return key_from_name(slice_from_string(NAMES[i].ours));
  return key_from_name(slice_from_string(name));
}

/* bind ACTION KEY adds a key, unbind ACTION KEY takes it away. */
static void take_key(Import *import, bool binds, const char *action, const char *name)
{
  CommandId id = command_find(slice_from_string(action));
  KeyCode code = key_of(name);
  char key[KEY_NAME_MAX];

  if (id == COMMAND_NONE || code == KEY_CODE_NONE) {
    say_none(import);
    return;
  }
  key_to_name(code, key);
  g_autofree char *before = config_value(import->config, "keys", COMMANDS[id].name);
  g_auto(GStrv) keys = g_strsplit(before ? before : COMMANDS[id].keys, " ", -1);
  g_autoptr(GString) after = g_string_new(NULL);
  for (char **k = keys; *k; k++)
    if (**k && strcmp(*k, key) != 0)
      g_string_append_printf(after, "%s%s", after->len > 0 ? " " : "", *k);
  if (binds)
    g_string_append_printf(after, "%s%s", after->len > 0 ? " " : "", key);
  config_set_value(import->config, "keys", COMMANDS[id].name, after->str);
  g_string_append_printf(import->said, "%s = %s", COMMANDS[id].name, after->str);
}

static void take_words(Import *import, const char *const *words, size_t count)
{
  if (count == 3 && strcmp(words[0], "set") == 0) {
    take_set(import, words[1], words[2]);
  } else if (count == 3 && strcmp(words[0], "alias") == 0) {
    config_set_value(import->config, "aliases", words[1], words[2]);
    g_string_append_printf(import->said, "%s = %s", words[1], words[2]);
  } else if (count == 3 && strcmp(words[0], "bind") == 0) {
    take_key(import, true, words[1], words[2]);
  } else if (count == 3 && strcmp(words[0], "unbind") == 0) {
    take_key(import, false, words[1], words[2]);
  } else {
    g_string_append(import->said, _("not understood"));
  }
}

/* Says what became of it, after the line itself. */
static void take_line(Import *import, char *line)
{
  g_auto(GStrv) words = NULL;
  g_autoptr(GPtrArray) found = g_ptr_array_new();

  g_strstrip(line);
  if (*line == '\0' || *line == '#')
    return;
  text_append_safe(import->said, slice_from_string(line), TEXT_UTF8);
  g_string_append(import->said, ": ");
  words = g_strsplit_set(line, " \t", -1);
  for (char **word = words; *word; word++)
    if (**word)
      g_ptr_array_add(found, *word);
  take_words(import, (const char *const *) found->pdata, found->len);
  g_string_append_c(import->said, '\n');
}

static void set_columns(Import *import)
{
  g_autoptr(GPtrArray) fields = g_ptr_array_new(), widths = g_ptr_array_new();

  for (size_t i = 0; i < COLUMNS_MAX; i++) {
    if (import->columns[i]) {
      g_ptr_array_add(fields, (gpointer) (uintptr_t) import->columns[i]);
      g_ptr_array_add(widths, (gpointer) (uintptr_t) (import->widths[i] ? import->widths[i] : "0"));
    }
  }
  if (fields->len > 0) {
    g_ptr_array_add(fields, NULL);
    g_ptr_array_add(widths, NULL);
    config_set_list(import->config, "columns", "calls", (const char *const *) fields->pdata);
    config_set_list(import->config, "columns", "widths", (const char *const *) widths->pdata);
  }
  if (import->sort) {
    g_autofree char *order = g_strconcat(import->descends ? "-" : "", import->sort, NULL);
    config_set_list(import->config, "columns", "sort", (const char *const[]){order, NULL});
  }
}

static char *read_file(const char *path, GError **error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  g_autofree char *text = g_malloc(FILE_MAX + 1);
  ssize_t len = -1;

  if (fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
    errno = EINVAL;
  else if (fd >= 0)
    len = read(fd, text, FILE_MAX);
  int failed = errno;
  if (fd >= 0)
    close(fd);
  if (len < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, _("cannot read %s: %s"), path, g_strerror(failed));
    return NULL;
  }
  text[len] = '\0';
  return g_steal_pointer(&text);
}

static bool import_file(Import *import, const char *path, GError **error)
{
  g_autofree char *text = read_file(path, error);

  if (!text)
    return false;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++)
    take_line(import, *line);
  set_columns(import);
  bool ok = config_save(import->config, error);
  for (size_t i = 0; i < COLUMNS_MAX; i++)
    g_free(import->widths[i]);
  return ok;
}

ExitStatus sngreprc_import(const Options *options)
{
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(Config) config = config_load(options->config, complaints);
  g_autoptr(GString) said = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  Import import = {.config = config, .said = said};

  for (guint i = 0; i < complaints->len; i++)
    session_complain(complaints->pdata[i]);
  if (!import_file(&import, options->sngreprc, &error)) {
    session_complain(error->message);
    return EXIT_FAILED;
  }
  return session_print(said->str);
}
