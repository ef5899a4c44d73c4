#include "ui/view/config/config.h"

#include "capture/error.h"
#include "capture/language.h"
#include "capture/slice.h"
#include "ui/view/config/config_file.h"

enum {
  COMPLAINTS_MAX = 50,
  BASES_MAX = 8, /* themes that are based on each other */
};

static const char SETTINGS_GROUP[] = "settings", THEME_PREFIX[] = "theme ", THEME_AUTO[] = "auto";

/* clang-format off */
const SettingInfo SETTINGS[SETTING_COUNT] = {
#define SETTING(id, name, type, default_text, choices, help)                                       \
  [SETTING_##id] = {name, SETTING_TYPE_##type, default_text, choices, help},
#include "ui/view/config/settings.def"
#undef SETTING
};
/* clang-format on */

static char *fail_value(const char *text, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("'%.60s' is %s"), text, what);
  return NULL;
}

static char *canonical_number(const SettingInfo *info, const char *text, GError **error)
{
  g_auto(GStrv) bounds = g_strsplit(info->choices, " ", 2);
  uint32_t least = 0, most = 0, number;

  if (!slice_to_u32(slice_from_string(bounds[0]), &least) ||
      !slice_to_u32(slice_from_string(bounds[1]), &most))
    g_assert_not_reached();
  if (slice_to_u32(slice_from_string(text), &number) && number >= least && number <= most)
    return g_strdup_printf("%u", number);
  g_autofree char *wanted = g_strdup_printf(_("not a number from %u to %u"), least, most);
  return fail_value(text, wanted, error);
}

static char *canonical_choice(const SettingInfo *info, const char *text, GError **error)
{
  g_auto(GStrv) words = g_strsplit(info->choices, " ", -1);

  for (size_t i = 0; words[i]; i++)
    if (g_ascii_strcasecmp(words[i], text) == 0)
      return g_strdup(words[i]);
  g_autofree char *all = g_strjoinv(", ", words);
  g_autofree char *wanted = g_strdup_printf(_("not one of %s"), all);
  return fail_value(text, wanted, error);
}

/* The value as it is written ("ON" is "on"), freed with g_free; NULL when it is none. */
static char *setting_canonical(SettingId id, const char *text, GError **error)
{
  static const char *const BOOLEANS[] = {"off", "on", "no", "yes", "false", "true", "0", "1"};
  const SettingInfo *info = &SETTINGS[id];

  switch (info->type) {
  case SETTING_TYPE_BOOLEAN:
    for (size_t i = 0; i < G_N_ELEMENTS(BOOLEANS); i++)
      if (g_ascii_strcasecmp(text, BOOLEANS[i]) == 0)
        return g_strdup(BOOLEANS[i % 2]);
    return fail_value(text, _("not on or off"), error);
  case SETTING_TYPE_NUMBER:
    return canonical_number(info, text, error);
  case SETTING_TYPE_CHOICE:
    return canonical_choice(info, text, error);
  case SETTING_TYPE_TEXT:
    return g_utf8_validate(text, -1, NULL) ? g_strdup(text)
                                           : fail_value(_("it"), _("not UTF-8"), error);
  }
  g_assert_not_reached();
}

/* --- the configuration --- */

struct Config {
  bool light; /* the terminal's background */
  bool mono;  /* it has no colours */
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

void config_set_background(Config *config, bool light)
{
  config->light = light;
}

void config_set_mono(Config *config, bool mono)
{
  config->mono = mono;
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
  g_autofree char *text = complaints->len < COMPLAINTS_MAX
                            ? g_strdup_vprintf(translate(format), arguments)
                            : g_strdup(_("more errors follow"));
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
                  near ? _("; did you mean '") : "", near ? near : "", near ? "'?" : "");
}

static void take_setting(Config *config, const char *key, GPtrArray *complaints)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = config_value(config, SETTINGS_GROUP, key);
  const char *words[SETTING_COUNT + 1] = {NULL};
  SettingId id = 0;

  while (id < SETTING_COUNT && strcmp(SETTINGS[id].name, key) != 0)
    id++;
  if (id == SETTING_COUNT) {
    for (id = 0; id < SETTING_COUNT; id++)
      words[id] = SETTINGS[id].name;
    config_complain_unknown(config, complaints,
                            &(ConfigUnknown){_("[settings] unknown setting"), key, words});
  } else if (!text) {
    config_complain(config, complaints, "[settings] %.60s: the value cannot be read", key);
  } else if (!config_override(config, id, g_strstrip(text), &error)) {
    config_complain(config, complaints, "[settings] %s", error->message);
  }
}

static void check_groups(const Config *config, GPtrArray *complaints)
{
  static const char *const GROUPS[] = {SETTINGS_GROUP, "columns", "filters", "keys",
                                       "aliases",      "history", NULL};
  g_auto(GStrv) groups = config_groups(config);

  for (size_t i = 0; groups[i]; i++) {
    if (!g_strv_contains(GROUPS, groups[i]) && !g_str_has_prefix(groups[i], "theme "))
      config_complain_unknown(config, complaints,
                              &(ConfigUnknown){_("unknown group"), groups[i], GROUPS});
  }
}

static void check_theme(Config *config, GPtrArray *complaints)
{
  g_auto(GStrv) names = config_theme_names(config);
  const char *const *words = (const char *const *) names;
  const char *theme = config->values[SETTING_THEME];

  if (g_strv_contains(words, theme))
    return;
  config_complain_unknown(config, complaints,
                          &(ConfigUnknown){_("[settings] theme: unknown theme"), theme, words});
  if (!config_override(config, SETTING_THEME, SETTINGS[SETTING_THEME].default_text, NULL))
    g_assert_not_reached();
}

/* Reads the valid lines of the text. */
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
    config_complain(config, complaints, "no such file");
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

/* The key as it is in the file, freed with g_free. */
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

/* The entry, with its value as it is now, has to be written. */
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

/* A file with invalid lines is not written: what follows them may have been meant otherwise. */
static bool check_readable(const Config *config, const GString *text, GError **error)
{
  g_autoptr(GString) clean = g_string_new(NULL);
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);

  config_text_clean(slice_of(text->str, text->len), clean, faults);
  if (faults->len == 0)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_FORMAT, _("%s was not changed: %s"), config->path,
              (const char *) faults->pdata[0]);
  return false;
}

bool config_save(Config *config, GError **error)
{
  if (!config->path || config->changes->len == 0)
    return true;
  g_autoptr(GString) text = config_file_read(config->path, error);
  if (!text) {
    g_prefix_error(error, _("%s was not changed: "), config->path);
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

/* --- [theme NAME] and [keys] --- */

char **config_theme_names(const Config *config)
{
  const char *const *built_in = theme_names();
  g_auto(GStrv) groups = config_groups(config);
  GPtrArray *names = g_ptr_array_new();

  g_ptr_array_add(names, g_strdup(THEME_AUTO));
  for (size_t i = 0; built_in[i]; i++)
    g_ptr_array_add(names, g_strdup(built_in[i]));
  for (size_t i = 0; groups[i]; i++) {
    const char *name = groups[i] + strlen(THEME_PREFIX);
    if (g_str_has_prefix(groups[i], THEME_PREFIX) && !g_strv_contains(built_in, name))
      g_ptr_array_add(names, g_strdup(name));
  }
  g_ptr_array_add(names, NULL);
  return (char **) g_ptr_array_free(names, FALSE);
}

/* Its name, which may be of none. */
static const char *shown_theme(const Config *config)
{
  const char *set = config_text(config, SETTING_THEME);

  if (config->mono)
    return "mono";
  if (strcmp(set, THEME_AUTO) == 0)
    return config->light ? "light" : "dark";
  return set;
}

char *config_theme_group(const Config *config)
{
  return g_strconcat(THEME_PREFIX, shown_theme(config), NULL);
}

/* The groups that change the built-in theme in *ret_theme, the last first. */
static GPtrArray *find_bases(const Config *config, Theme *ret_theme, GPtrArray *complaints)
{
  GPtrArray *bases = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *name = g_strdup(shown_theme(config));
  g_auto(GStrv) groups = config_groups(config), names = config_theme_names(config);

  while (!theme_find(name, ret_theme)) {
    g_autofree char *group = g_strconcat(THEME_PREFIX, name, NULL);
    bool known = g_strv_contains((const char *const *) groups, group);
    char *base = known ? config_value(config, group, "base") : NULL;

    if (!known)
      config_complain_unknown(
        config, complaints,
        &(ConfigUnknown){_("unknown theme"), name, (const char *const *) names});
    else if (bases->len == BASES_MAX)
      config_complain(config, complaints,
                      "[%.60s] base: more than %d themes are based on each other", group,
                      BASES_MAX);
    g_free(name);
    if (known && bases->len < BASES_MAX) {
      g_ptr_array_add(bases, g_steal_pointer(&group));
      name = base ? g_strstrip(base) : g_strdup("dark");
    } else {
      g_free(base);
      name = g_strdup("dark");
    }
  }
  g_ptr_array_add(bases, g_strconcat(THEME_PREFIX, name, NULL));
  return bases;
}

Theme config_theme(const Config *config, GPtrArray *complaints)
{
  Theme theme = {0};
  g_autoptr(GPtrArray) bases = find_bases(config, &theme, complaints);

  for (unsigned i = bases->len; i-- > 0;) {
    const char *group = bases->pdata[i];
    g_auto(GStrv) styles = config_keys(config, group);

    for (size_t style = 0; styles[style]; style++) {
      g_autofree char *paint = config_value(config, group, styles[style]);
      g_autoptr(GError) error = NULL;
      if (strcmp(styles[style], "base") != 0 &&
          !theme_set(&theme, styles[style], paint ? paint : "", &error))
        config_complain(config, complaints, "[%.60s] %.60s: %.400s", group, styles[style],
                        error->message);
    }
  }
  return theme;
}

/* Were keys of the command given to another one later in the file? */
static void check_kept(const Config *config, const Keymap *keymap, const char *command,
                       GPtrArray *complaints)
{
  CommandId id = command_find(slice_from_string(command));

  if (id == COMMAND_NONE)
    return;
  g_autofree char *keys = config_value(config, "keys", command);
  g_autoptr(GString) wanted = g_string_new(NULL), kept = g_string_new(NULL);
  g_autoptr(Keymap) alone = keymap_new();
  if (!keys || !keymap_bind(alone, command, keys, NULL))
    return;
  keymap_append_keys(alone, id, wanted);
  keymap_append_keys(keymap, id, kept);
  if (strcmp(wanted->str, kept->str) != 0)
    config_complain(config, complaints,
                    "[keys] %s: some of the keys '%s' are used by commands that follow", command,
                    wanted->str);
}

Keymap *config_keymap(const Config *config, GPtrArray *complaints)
{
  Keymap *keymap = keymap_new();
  g_auto(GStrv) commands = config_keys(config, "keys");
  const char *words[COMMAND_COUNT] = {NULL};

  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    words[id - 1] = COMMANDS[id].name;
  for (size_t i = 0; commands[i]; i++) {
    g_autofree char *keys = config_value(config, "keys", commands[i]);
    g_autoptr(GError) error = NULL;
    if (command_find(slice_from_string(commands[i])) == COMMAND_NONE)
      config_complain_unknown(config, complaints,
                              &(ConfigUnknown){_("[keys] unknown command"), commands[i], words});
    else if (!keymap_bind(keymap, commands[i], keys ? keys : "", &error))
      config_complain(config, complaints, "[keys] %.60s: %.200s", commands[i], error->message);
  }
  for (size_t i = 0; complaints && commands[i]; i++)
    check_kept(config, keymap, commands[i], complaints);
  return keymap;
}

Aliases *config_aliases(const Config *config, GPtrArray *complaints)
{
  static const char GROUP[] = "aliases";
  g_auto(GStrv) addresses = config_keys(config, GROUP);
  const char *hosts = config_text(config, SETTING_HOSTS_FILE);
  Aliases *aliases = aliases_new();
  g_autoptr(GError) error = NULL;

  for (size_t i = 0; addresses[i]; i++) {
    g_autofree char *name = config_value(config, GROUP, addresses[i]);
    if (!aliases_set(aliases, slice_from_string(addresses[i]), slice_from_string(name)))
      config_complain(config, complaints, "[%s] '%s' is not an address", GROUP, addresses[i]);
  }
  if (*hosts && !aliases_read_hosts(aliases, hosts, &error))
    g_ptr_array_add(complaints, g_strdup(error->message));
  return aliases;
}
