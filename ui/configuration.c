#include "ui/configuration.h"

#include "ui/session.h"
#include "ui/show/call_columns.h"
#include "ui/view/help_view.h"

/* [columns] `key`: the fields' keys, "-" before those that descend. */
static void override_fields(Config *config, const char *key, const GArray *fields)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

  for (guint i = 0; i < fields->len; i++) {
    const FieldChoice *choice = &g_array_index(fields, FieldChoice, i);
    GString *name = g_string_new(choice->descending ? "-" : NULL);
    field_ref_append_key(name, &choice->ref);
    g_ptr_array_add(keys, g_string_free(name, FALSE));
  }
  g_ptr_array_add(keys, NULL);
  config_override_list(config, "columns", key, (const char *const *) keys->pdata);
}

static bool check_column(const char *key, GError **error)
{
  CallColumn *column = call_column_parse(key, error);

  if (!column)
    return false;
  call_column_free(column);
  return true;
}

/* "-call.duration" */
static bool check_order(const char *key, GError **error)
{
  return check_column(*key == '-' ? key + 1 : key, error);
}

/* Reports what the list would leave out. */
static void check_fields(const Config *config, const char *key,
                         bool (*check)(const char *key, GError **error), GPtrArray *complaints)
{
  g_auto(GStrv) keys = config_list(config, "columns", key);

  for (size_t i = 0; keys && keys[i]; i++) {
    g_autoptr(GError) error = NULL;
    if (!check(keys[i], &error))
      config_complain(config, complaints, "[columns] %s: %.200s", key, error->message);
  }
}

Config *configuration_load(const Options *options, GPtrArray *complaints)
{
  Config *config = options->no_config ? config_new() : config_load(options->config, complaints);

  check_fields(config, "calls", check_column, complaints);
  check_fields(config, "sort", check_order, complaints);
  config_set_background(config, theme_background_is_light(g_getenv("COLORFGBG")));
  static const char *const TIMES[] = {"absolute", "relative", "delta"};
  bool timed = options->time < G_N_ELEMENTS(TIMES) && (options->given & 1U << OPTION_TIME);
  const struct {
    bool is_given;
    SettingId id;
    const char *value;
  } SAID[] = {
    {options->utc, SETTING_UTC, "on"},
    {options->ascii, SETTING_ASCII, "on"},
    {options->color == COLOR_ALWAYS, SETTING_COLOR, "auto"},
    {options->color == COLOR_NEVER, SETTING_COLOR, "never"},
    {timed, SETTING_FLOW_TIME, timed ? TIMES[options->time] : NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(SAID); i++)
    if (SAID[i].is_given && !config_override(config, SAID[i].id, SAID[i].value, NULL))
      g_assert_not_reached();
  if (options->columns) {
    override_fields(config, "calls", options->columns);
    config_override_list(config, "columns", "widths", NULL);
  }
  if (options->sort)
    override_fields(config, "sort", options->sort);
  return config;
}

void configuration_dump(const Options *options, GString *to, GPtrArray *complaints)
{
  g_autoptr(Config) config = configuration_load(options, complaints);
  g_autoptr(Keymap) keymap = config_keymap(config, complaints);

  config_theme(config, complaints);
  config_dump(config, to);
}

void configuration_append_keys(const Options *options, GString *to, GPtrArray *complaints)
{
  g_autoptr(Config) config = configuration_load(options, complaints);
  g_autoptr(Keymap) keymap = config_keymap(config, complaints);

  help_append_keys(to, keymap);
}

ExitStatus configuration_print(const Options *options, ConfigurationAppend append)
{
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) text = g_string_new(NULL);

  append(options, text, complaints);
  ExitStatus status = session_print(text->str);
  for (unsigned i = 0; i < complaints->len; i++)
    session_complain(complaints->pdata[i]);
  return complaints->len > 0 ? EXIT_FAILED : status;
}
