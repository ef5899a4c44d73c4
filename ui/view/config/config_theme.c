/* [theme NAME] and [keys] of the configuration. */
#include "ui/view/config/config.h"

enum { BASES_MAX = 8 };

static const char PREFIX[] = "theme ";

static bool has_group(const Config *config, const char *group)
{
  g_auto(GStrv) groups = config_groups(config);

  return g_strv_contains((const char *const *) groups, group);
}

char **config_theme_names(const Config *config)
{
  const char *const *built_in = theme_names();
  g_auto(GStrv) groups = config_groups(config);
  GPtrArray *names = g_ptr_array_new();

  for (size_t i = 0; built_in[i]; i++)
    g_ptr_array_add(names, g_strdup(built_in[i]));
  for (size_t i = 0; groups[i]; i++) {
    const char *name = groups[i] + strlen(PREFIX);
    if (g_str_has_prefix(groups[i], PREFIX) && !g_strv_contains(built_in, name))
      g_ptr_array_add(names, g_strdup(name));
  }
  g_ptr_array_add(names, NULL);
  return (char **) g_ptr_array_free(names, FALSE);
}

static void complain_theme(const Config *config, GPtrArray *complaints, const char *name)
{
  g_auto(GStrv) names = config_theme_names(config);

  config_complain_unknown(config, complaints,
                          &(ConfigUnknown){"unknown theme", name, (const char *const *) names});
}

/* The groups that change the built-in theme in *ret_theme, the last first. */
static GPtrArray *find_bases(const Config *config, Theme *ret_theme, GPtrArray *complaints)
{
  GPtrArray *bases = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *name = g_strdup(config_text(config, SETTING_THEME));

  while (!theme_find(name, ret_theme)) {
    g_autofree char *group = g_strconcat(PREFIX, name, NULL);
    if (!has_group(config, group)) {
      complain_theme(config, complaints, name);
      g_free(name);
      name = g_strdup("dark");
    } else if (bases->len == BASES_MAX) {
      config_complain(config, complaints,
                      "[%.60s] base: more than %d themes are one upon the other", group, BASES_MAX);
      g_free(name);
      name = g_strdup("dark");
    } else {
      g_free(name);
      name = config_value(config, group, "base");
      name = name ? g_strstrip(name) : g_strdup("dark");
      g_ptr_array_add(bases, g_steal_pointer(&group));
    }
  }
  g_ptr_array_add(bases, g_strconcat(PREFIX, name, NULL));
  return bases;
}

static void change_theme(const Config *config, const char *group, Theme *theme,
                         GPtrArray *complaints)
{
  g_auto(GStrv) styles = config_keys(config, group);

  for (size_t i = 0; styles[i]; i++) {
    g_autofree char *paint = config_value(config, group, styles[i]);
    g_autoptr(GError) error = NULL;
    if (strcmp(styles[i], "base") == 0)
      continue;
    if (!theme_set(theme, styles[i], paint ? paint : "", &error))
      config_complain(config, complaints, "[%.60s] %.60s: %.400s", group, styles[i],
                      error->message);
  }
}

Theme config_theme(const Config *config, GPtrArray *complaints)
{
  Theme theme = {0};
  g_autoptr(GPtrArray) bases = find_bases(config, &theme, complaints);

  for (unsigned i = bases->len; i-- > 0;)
    change_theme(config, bases->pdata[i], &theme, complaints);
  return theme;
}

static void complain_command(const Config *config, GPtrArray *complaints, const char *name)
{
  const char *words[COMMAND_COUNT] = {NULL};

  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    words[id - 1] = COMMANDS[id].name;
  config_complain_unknown(config, complaints,
                          &(ConfigUnknown){"[keys] unknown command", name, words});
}

/* Were keys of the command given to another one further down? */
static void check_kept(const Config *config, const Keymap *keymap, CommandId id,
                       GPtrArray *complaints)
{
  g_autofree char *keys = config_value(config, "keys", COMMANDS[id].name);
  g_autoptr(GString) wanted = g_string_new(NULL), kept = g_string_new(NULL);

  if (!keys)
    return;
  g_autoptr(Keymap) alone = keymap_new();
  if (!keymap_bind(alone, COMMANDS[id].name, keys, NULL))
    return;
  keymap_append_keys(alone, id, wanted);
  keymap_append_keys(keymap, id, kept);
  if (strcmp(wanted->str, kept->str) != 0)
    config_complain(config, complaints,
                    "[keys] %s: of the keys '%s' others are those of commands that follow",
                    COMMANDS[id].name, wanted->str);
}

Keymap *config_keymap(const Config *config, GPtrArray *complaints)
{
  Keymap *keymap = keymap_new();
  g_auto(GStrv) commands = config_keys(config, "keys");

  for (size_t i = 0; commands[i]; i++) {
    g_autofree char *keys = config_value(config, "keys", commands[i]);
    g_autoptr(GError) error = NULL;
    if (command_find(slice_from_string(commands[i])) == COMMAND_NONE)
      complain_command(config, complaints, commands[i]);
    else if (!keymap_bind(keymap, commands[i], keys ? keys : "", &error))
      config_complain(config, complaints, "[keys] %.60s: %.200s", commands[i], error->message);
  }
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    check_kept(config, keymap, id, complaints);
  return keymap;
}
