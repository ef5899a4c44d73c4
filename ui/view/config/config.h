/*
 * Config: what the user set: ~/.config/rung/config, a GKeyFile.
 *
 *   [settings]   SETTINGS below, by name
 *   [columns]    calls = call.number;from.uri;header["X-Account"] ...; widths = 0;20;...
 *   [filters]    a name = a display filter (saved_filters.h)
 *   [keys]       a command's name = its keys
 *   [theme NAME] base = dark; a style's name = its colours
 *   [aliases]    10.0.0.1 = SBC
 *   [history]    filters, newest last
 *
 * Errors in it are reported once and skipped; so is a file that cannot be read.  Changes made on
 * the screen are written back into the file as it is at that moment; comments and unknown entries
 * stay.  A file with invalid lines is not written.
 */
#pragma once

#include <glib.h>

#include "ui/show/alias.h"
#include "ui/term/theme.h"
#include "ui/view/commands.h"

typedef enum {
#define SETTING(id, name, type, default_text, choices, help) SETTING_##id,
#include "ui/view/config/settings.def"
#undef SETTING
  SETTING_COUNT,
} SettingId;

typedef enum {
  SETTING_TYPE_BOOLEAN,
  SETTING_TYPE_NUMBER,
  SETTING_TYPE_CHOICE,
  SETTING_TYPE_TEXT,
} SettingType;

typedef struct {
  const char *name;
  SettingType type;
  const char *default_text;
  const char *choices;
  const char *help;
} SettingInfo;

extern const SettingInfo SETTINGS[SETTING_COUNT];

typedef struct Config Config;

/* The defaults; changes are not written anywhere. */
Config *config_new(void);
/* Of the terminal: which theme "auto" is; and whether there are no colours, so that the theme is
 * mono whatever is set. */
void config_set_background(Config *config, bool light);
void config_set_mono(Config *config, bool mono);

/* Reads the file, if there is one; NULL: $XDG_CONFIG_HOME/rung/config.  Errors are appended to
 * `complaints` (char *), a line each. */
Config *config_load(const char *path, GPtrArray *complaints);
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* Writes what was changed since the file was read; nothing if nothing was. */
G_GNUC_WARN_UNUSED_RESULT bool config_save(Config *config, GError **error);

/* All settings, columns, keys and colours as a valid file. */
void config_dump(const Config *config, GString *to);

bool config_bool(const Config *config, SettingId id);
int config_number(const Config *config, SettingId id);
/* Index of the word. */
unsigned config_choice(const Config *config, SettingId id);
/* Of any type, as it would be written. */
const char *config_text(const Config *config, SettingId id);
/* Fails with APP_ERROR_USAGE; the message says what is expected. */
G_GNUC_WARN_UNUSED_RESULT bool config_set(Config *config, SettingId id, const char *text,
                                          GError **error);
/* Sets the next word of a choice, or the other of a boolean, and returns it. */
const char *config_turn(Config *config, SettingId id);
/* Like config_set, but for this run only (command line options): it is not written. */
G_GNUC_WARN_UNUSED_RESULT bool config_override(Config *config, SettingId id, const char *text,
                                               GError **error);

/* Lists of texts in other groups, NULL-terminated, freed with g_strfreev; NULL when not there. */
char **config_list(const Config *config, const char *group, const char *key);
void config_set_list(Config *config, const char *group, const char *key, const char *const *list);
/* For this run only. */
void config_override_list(Config *config, const char *group, const char *key,
                          const char *const *list);
/* The keys of a group, such as [aliases], in their order; freed with g_strfreev, never NULL. */
char **config_keys(const Config *config, const char *group);
/* All groups; freed with g_strfreev. */
char **config_groups(const Config *config);
/* Appends the group's entries as they are in the file. */
void config_append_group(const Config *config, const char *group, GString *to);
char *config_value(const Config *config, const char *group, const char *key);
/* NULL removes it. */
void config_set_value(Config *config, const char *group, const char *key, const char *value);

/* Appends "FILE: ..." to `complaints`, unless that is NULL. */
void config_complain(const Config *config, GPtrArray *complaints, const char *format, ...)
  G_GNUC_PRINTF(3, 4);

typedef struct {
  const char *what; /* "unknown command" */
  const char *typed;
  const char *const *words; /* known ones, NULL-terminated */
} ConfigUnknown;

/* Reports an unknown name and suggests the closest known one. */
void config_complain_unknown(const Config *config, GPtrArray *complaints,
                             const ConfigUnknown *unknown);

/* The names of the built-in themes, then the user's; freed with g_strfreev. */
char **config_theme_names(const Config *config);
/* Names of hosts: those of [aliases] and of the file hosts.file names.  Whoever asks frees them. */
Aliases *config_aliases(const Config *config, GPtrArray *complaints);
/* The group with the user's changes to the theme that is shown: "theme dark"; freed with g_free. */
char *config_theme_group(const Config *config);
/* The theme that is shown, with the user's changes. */
Theme config_theme(const Config *config, GPtrArray *complaints);
/* The keys, with the user's changes. */
Keymap *config_keymap(const Config *config, GPtrArray *complaints);
