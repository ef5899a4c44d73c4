/* The whole configuration as a file, with comments. */
#include "capture/language.h"
#include "ui/view/config/config.h"

#include "ui/show/call_columns.h"
#include "ui/show/field_list.h"
#include "ui/show/text.h"

/* Escapes what a file needs escaped (a blank at the start, a backslash). */
static void append_entry(GString *to, const char *key, const char *value)
{
  g_autoptr(GKeyFile) file = g_key_file_new();

  g_key_file_set_string(file, "group", "key", value);
  g_autofree char *raw = g_key_file_get_value(file, "group", "key", NULL);
  g_string_append_printf(to, "%s = %s\n", key, raw);
}

static void append_choices(GString *to, const SettingInfo *info)
{
  g_auto(GStrv) words = g_strsplit(info->choices, " ", -1);
  g_autofree char *all = g_strjoinv(", ", words);

  switch (info->type) {
  case SETTING_TYPE_BOOLEAN:
    g_string_append(to, "# on, off\n");
    return;
  case SETTING_TYPE_NUMBER:
    g_string_append_printf(to, _("# %s to %s\n"), words[0], words[1]);
    return;
  case SETTING_TYPE_CHOICE:
    g_string_append_printf(to, "# %s\n", all);
    return;
  case SETTING_TYPE_TEXT:
    return;
  }
  g_assert_not_reached();
}

/* "# calls = call.number;...;" unless they are configured. */
static void append_usual(const Config *config, const char *key, ColumnSubject subject, GString *to)
{
  g_auto(GStrv) configured = config_list(config, "columns", key);
  g_autoptr(GPtrArray) usual = call_columns_usual(subject, UINT_MAX);
  g_auto(GStrv) keys = call_columns_keys(usual);
  g_autofree char *joined = g_strjoinv(";", keys);

  if (!configured)
    g_string_append_printf(to, "# %s = %s;\n", key, joined);
}

static void append_columns(const Config *config, GString *to)
{
  g_string_append(
    to, _("\n[columns]\n\n"
          "# calls: the fields that the call list shows ('rung help fields'); widths: of\n"
          "# each, 0 for the default; sort: the field to sort by, - for descending.\n"
          "# A field with @ and a number is shown only on screens at least so wide.\n"
          "# streams and stream-widths: the same of the list of RTP streams.\n"
          "# Without calls, streams: the defaults, more of them on a wider screen:\n"));
  append_usual(config, "calls", COLUMNS_OF_CALLS, to);
  append_usual(config, "streams", COLUMNS_OF_STREAMS, to);
  config_append_group(config, "columns", to);
}

/* Below a heading with their screens: "call list, ladder". */
static void append_commands_of(const Keymap *keymap, unsigned scopes, GString *to)
{
  const char *before = "";

  g_string_append(to, scopes == SCOPE_ANY ? _("\n## everywhere") : "\n## ");
  for (unsigned i = 0; scopes != SCOPE_ANY && i < SCREEN_COUNT; i++)
    if (scopes & 1U << i) {
      g_string_append_printf(to, "%s%s", before, _(screen_info((CommandScope) (1 << i))->title));
      before = ", ";
    }
  g_string_append_c(to, '\n');
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_autoptr(GString) keys = g_string_new(NULL);
    if (COMMANDS[id].scopes != scopes)
      continue;
    keymap_append_keys(keymap, id, keys);
    g_string_append_printf(to, "# %s\n", _(COMMANDS[id].help));
    append_entry(to, COMMANDS[id].name, keys->str);
  }
}

static bool is_first_of_scopes(CommandId id)
{
  for (CommandId other = COMMAND_NONE + 1; other < id; other++)
    if (COMMANDS[other].scopes == COMMANDS[id].scopes)
      return false;
  return true;
}

static void append_keys(const Config *config, GString *to)
{
  g_autoptr(Keymap) keymap = config_keymap(config, NULL);

  g_string_append(to, _("\n[keys]\n\n# command = its keys; none if empty: quit =\n"));
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (is_first_of_scopes(id))
      append_commands_of(keymap, COMMANDS[id].scopes, to);
}

static void append_theme(const Config *config, GString *to)
{
  Theme theme = config_theme(config, NULL);
  g_autofree char *group = config_theme_group(config);

  g_string_append_printf(
    to,
    _("\n[%s]\n\n"
      "# element = its colour, \"on\" its background, and attributes.  Colours: a\n"
      "# name (red, bright-blue, ...), 0 to 255 or #rrggbb; attributes: bold, dim,\n"
      "# italic, underline, reverse.  Your own theme is a [theme NAME] with\n"
      "# base = dark, light, mono or another theme\n"),
    group);
  theme_append(&theme, to);
}

void config_dump(const Config *config, GString *to)
{
  g_string_append(to, _("# The complete configuration with its current values.  rung reads\n"
                        "# ~/.config/rung/config; what is missing there has its default.\n"));
  g_string_append(to, "\n[settings]\n");
  for (SettingId id = 0; id < SETTING_COUNT; id++) {
    g_string_append_printf(to, "\n# %s\n", _(SETTINGS[id].help));
    append_choices(to, &SETTINGS[id]);
    append_entry(to, SETTINGS[id].name, config_text(config, id));
  }
  append_columns(config, to);
  append_keys(config, to);
  append_theme(config, to);
  /* Aliases, history, other themes: as they are. */
  g_autofree char *theme = config_theme_group(config);
  const char *const done[] = {"settings", "columns", "keys", theme, NULL};
  g_auto(GStrv) groups = config_groups(config);
  for (size_t i = 0; groups[i]; i++) {
    if (g_strv_contains(done, groups[i]))
      continue;
    g_string_append_printf(to, "\n[%s]\n", groups[i]);
    config_append_group(config, groups[i], to);
  }
}
