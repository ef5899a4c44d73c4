#include "ui/view/config/config.h"

#include "capture/error.h"
#include "capture/nearest.h"
#include "ui/view/config/config_file.h"
#include "ui/view/config/config_setting.h"
#include "ui/view/config/config_text.h"

enum { COMPLAINTS_MAX = 50 };

static const char SETTINGS_GROUP[] = "settings";

struct Config {
  char *path; /* NULL: nothing is written */
  GKeyFile *file;
  char *values[SETTING_COUNT];
  GPtrArray *changes; /* ConfigEntry, since the file was read */
};

static void entry_free(gpointer data)
{
  ConfigEntry *entry = data;

  g_free(entry->group);
  g_free(entry->key);
  g_free(entry->value);
  g_free(entry);
}

Config *config_new(void)
{
  Config *config = g_new0(Config, 1);

  config->file = g_key_file_new();
  config->changes = g_ptr_array_new_with_free_func(entry_free);
  for (SettingId id = 0; id < SETTING_COUNT; id++)
    config->values[id] = g_strdup(SETTINGS[id].default_text);
  return config;
}

void config_free(Config *config)
{
  if (!config)
    return;
  for (SettingId id = 0; id < SETTING_COUNT; id++)
    g_free(config->values[id]);
  g_ptr_array_unref(config->changes);
  g_key_file_unref(config->file);
  g_free(config->path);
  g_free(config);
}

static bool wants_more(const GPtrArray *complaints)
{
  return complaints && complaints->len <= COMPLAINTS_MAX;
}

void config_complain(const Config *config, GPtrArray *complaints, const char *format, ...)
{
  va_list arguments;

  if (!wants_more(complaints))
    return;
  va_start(arguments, format);
  g_autofree char *text = complaints->len < COMPLAINTS_MAX ? g_strdup_vprintf(format, arguments)
                                                           : g_strdup("and more is wrong");
  va_end(arguments);
  g_ptr_array_add(complaints, config->path ? g_strdup_printf("%s: %s", config->path, text)
                                           : g_steal_pointer(&text));
}

void config_complain_unknown(const Config *config, GPtrArray *complaints,
                             const ConfigUnknown *unknown)
{
  if (!wants_more(complaints))
    return;
  const char *near = nearest_word(unknown->typed, unknown->words);
  config_complain(config, complaints, "%s '%.60s'%s%s%s", unknown->what, unknown->typed,
                  near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void complain_setting(const Config *config, GPtrArray *complaints, const char *name)
{
  const char *words[SETTING_COUNT + 1] = {NULL};

  for (SettingId id = 0; id < SETTING_COUNT; id++)
    words[id] = SETTINGS[id].name;
  config_complain_unknown(config, complaints,
                          &(ConfigUnknown){"[settings] unknown setting", name, words});
}

static void take_setting(Config *config, const char *key, GPtrArray *complaints)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = config_value(config, SETTINGS_GROUP, key);
  SettingId id = setting_find(key);

  if (id == SETTING_COUNT)
    complain_setting(config, complaints, key);
  else if (!text)
    config_complain(config, complaints, "[settings] %.60s: the value cannot be read", key);
  else if (!config_override(config, id, g_strstrip(text), &error))
    config_complain(config, complaints, "[settings] %s", error->message);
}

static void check_groups(const Config *config, GPtrArray *complaints)
{
  static const char *const GROUPS[] = {SETTINGS_GROUP, "columns", "keys",
                                       "aliases",      "history", NULL};
  g_auto(GStrv) groups = config_groups(config);

  for (size_t i = 0; groups[i]; i++) {
    if (!g_strv_contains(GROUPS, groups[i]) && !g_str_has_prefix(groups[i], "theme "))
      config_complain_unknown(config, complaints,
                              &(ConfigUnknown){"unknown group", groups[i], GROUPS});
  }
}

/* The groups of themes are known by now. */
static void check_theme(Config *config, GPtrArray *complaints)
{
  g_auto(GStrv) names = config_theme_names(config);
  const char *const *words = (const char *const *) names;
  const char *theme = config->values[SETTING_THEME];

  if (g_strv_contains(words, theme))
    return;
  config_complain_unknown(config, complaints,
                          &(ConfigUnknown){"[settings] theme: unknown theme", theme, words});
  if (!config_override(config, SETTING_THEME, SETTINGS[SETTING_THEME].default_text, NULL))
    g_assert_not_reached();
}

/* What of the text can be read. */
static void take_text(Config *config, Slice text, GPtrArray *complaints)
{
  g_autoptr(GString) clean = g_string_new(NULL);
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GError) error = NULL;

  config_text_clean(text, clean, faults);
  for (unsigned i = 0; i < faults->len; i++)
    config_complain(config, complaints, "%s", (const char *) faults->pdata[i]);
  if (!g_key_file_load_from_data(config->file, clean->str, clean->len, G_KEY_FILE_NONE, &error) &&
      clean->len > 0)
    config_complain(config, complaints, "%.200s", error->message);
  g_auto(GStrv) keys = config_keys(config, SETTINGS_GROUP);
  for (size_t i = 0; keys[i]; i++)
    take_setting(config, keys[i], complaints);
  check_theme(config, complaints);
  check_groups(config, complaints);
}

Config *config_load(const char *path, GPtrArray *complaints)
{
  Config *config = config_new();
  g_autoptr(GError) error = NULL;

  config->path =
    path ? g_strdup(path) : g_build_filename(g_get_user_config_dir(), "rung", "config", NULL);
  if (path && !g_file_test(path, G_FILE_TEST_EXISTS))
    config_complain(config, complaints, "there is no such file");
  g_autoptr(GString) text = config_file_read(config->path, &error);
  if (text)
    take_text(config, slice_of(text->str, text->len), complaints);
  else
    config_complain(config, complaints, "%s", error->message);
  return config;
}

bool config_bool(const Config *config, SettingId id)
{
  g_assert(SETTINGS[id].type == SETTING_TYPE_BOOLEAN);
  return strcmp(config->values[id], "on") == 0;
}

int config_number(const Config *config, SettingId id)
{
  uint32_t number = 0;
  bool ok = slice_to_u32(slice_from_string(config->values[id]), &number);

  g_assert(SETTINGS[id].type == SETTING_TYPE_NUMBER && ok);
  return (int) number;
}

unsigned config_choice(const Config *config, SettingId id)
{
  g_auto(GStrv) words = g_strsplit(SETTINGS[id].choices, " ", -1);
  unsigned index = 0;

  g_assert(SETTINGS[id].type == SETTING_TYPE_CHOICE);
  while (strcmp(words[index], config->values[id]) != 0)
    index++;
  return index;
}

const char *config_text(const Config *config, SettingId id)
{
  return config->values[id];
}

bool config_override(Config *config, SettingId id, const char *text, GError **error)
{
  char *value = setting_canonical(id, text, error);

  if (!value) {
    g_prefix_error(error, "%s: ", SETTINGS[id].name);
    return false;
  }
  g_free(config->values[id]);
  config->values[id] = value;
  return true;
}

bool config_set(Config *config, SettingId id, const char *text, GError **error)
{
  g_autofree char *before = g_strdup(config->values[id]);

  if (!config_override(config, id, text, error))
    return false;
  if (strcmp(before, config->values[id]) != 0)
    config_set_value(config, SETTINGS_GROUP, SETTINGS[id].name, config->values[id]);
  return true;
}

const char *config_turn(Config *config, SettingId id)
{
  bool is_boolean = SETTINGS[id].type == SETTING_TYPE_BOOLEAN;
  g_auto(GStrv) words = g_strsplit(is_boolean ? "off on" : SETTINGS[id].choices, " ", -1);
  size_t at = 0;

  while (strcmp(words[at], config->values[id]) != 0)
    at++;
  if (!config_set(config, id, words[at + 1] ? words[at + 1] : words[0], NULL))
    g_assert_not_reached();
  return config->values[id];
}

/* The key as it stands in the file, freed with g_free. */
static char *key_in_file(const Config *config, const char *group, const char *key)
{
  g_autofree char *encoded = config_key_encode(key);

  return g_key_file_has_key(config->file, group, key, NULL) ? g_strdup(key)
                                                            : g_steal_pointer(&encoded);
}

char **config_list(const Config *config, const char *group, const char *key)
{
  g_autofree char *name = key_in_file(config, group, key);

  return g_key_file_get_string_list(config->file, group, name, NULL, NULL);
}

char *config_value(const Config *config, const char *group, const char *key)
{
  g_autofree char *name = key_in_file(config, group, key);

  return g_key_file_get_string(config->file, group, name, NULL);
}

char **config_keys(const Config *config, const char *group)
{
  char **keys = g_key_file_get_keys(config->file, group, NULL, NULL);

  if (!keys)
    return g_new0(char *, 1);
  for (size_t i = 0; keys[i]; i++) {
    char *decoded = config_key_decode(keys[i]);
    g_free(keys[i]);
    keys[i] = decoded;
  }
  return keys;
}

char **config_groups(const Config *config)
{
  return g_key_file_get_groups(config->file, NULL);
}

void config_append_group(const Config *config, const char *group, GString *to)
{
  g_auto(GStrv) names = g_key_file_get_keys(config->file, group, NULL, NULL);

  for (size_t i = 0; names && names[i]; i++) {
    g_autofree char *value = g_key_file_get_value(config->file, group, names[i], NULL);
    g_string_append_printf(to, "%s = %s\n", names[i], value);
  }
}

/* The entry as it is by now is to be written. */
static void note_change(Config *config, const char *group, const char *name)
{
  ConfigEntry entry = {g_strdup(group), g_strdup(name),
                       g_key_file_get_value(config->file, group, name, NULL)};

  for (unsigned i = 0; i < config->changes->len; i++) {
    const ConfigEntry *other = config->changes->pdata[i];
    if (strcmp(other->group, group) == 0 && strcmp(other->key, name) == 0) {
      g_ptr_array_remove_index(config->changes, i);
      break;
    }
  }
  g_ptr_array_add(config->changes, g_memdup2(&entry, sizeof entry));
}

static void put_list(Config *config, const char *group, const char *name, const char *const *list)
{
  size_t count = 0;

  while (list && list[count])
    count++;
  g_key_file_set_string_list(config->file, group, name, list, count);
}

void config_override_list(Config *config, const char *group, const char *key,
                          const char *const *list)
{
  g_autofree char *name = key_in_file(config, group, key);

  put_list(config, group, name, list);
}

void config_set_list(Config *config, const char *group, const char *key, const char *const *list)
{
  g_autofree char *name = key_in_file(config, group, key);
  g_autofree char *before = g_key_file_get_value(config->file, group, name, NULL);

  put_list(config, group, name, list);
  g_autofree char *now = g_key_file_get_value(config->file, group, name, NULL);
  if (g_strcmp0(before, now) != 0)
    note_change(config, group, name);
}

void config_set_value(Config *config, const char *group, const char *key, const char *value)
{
  if (*key == '\0')
    return;
  g_autofree char *name = key_in_file(config, group, key);
  g_autofree char *before = g_key_file_get_value(config->file, group, name, NULL);

  if (value)
    g_key_file_set_string(config->file, group, name, value);
  else
    g_key_file_remove_key(config->file, group, name, NULL);
  g_autofree char *now = g_key_file_get_value(config->file, group, name, NULL);
  if (g_strcmp0(before, now) != 0)
    note_change(config, group, name);
}

/* Lines that nobody can read are the user's to mend: what is behind them may be meant otherwise. */
static bool check_readable(const Config *config, const GString *text, GError **error)
{
  g_autoptr(GString) clean = g_string_new(NULL);
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);

  config_text_clean(slice_of(text->str, text->len), clean, faults);
  if (faults->len == 0)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, "%s was not written over: %s", config->path,
              (const char *) faults->pdata[0]);
  return false;
}

bool config_save(Config *config, GError **error)
{
  if (!config->path || config->changes->len == 0)
    return true;
  g_autoptr(GString) text = config_file_read(config->path, error);
  if (!text) {
    g_prefix_error(error, "%s was not written over: ", config->path);
    return false;
  }
  if (!check_readable(config, text, error))
    return false;
  for (unsigned i = 0; i < config->changes->len; i++)
    config_text_set(text, config->changes->pdata[i]);
  if (!config_file_write(config->path, text, error))
    return false;
  g_ptr_array_set_size(config->changes, 0);
  return true;
}
