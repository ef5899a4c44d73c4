#include "ui/view/config/config_setting.h"

#include "capture/error.h"

/* clang-format off */
const SettingInfo SETTINGS[SETTING_COUNT] = {
#define SETTING(id, name, type, default_text, choices, help)                                       \
  [SETTING_##id] = {name, SETTING_TYPE_##type, default_text, choices, help},
#include "ui/view/config/settings.def"
#undef SETTING
};
/* clang-format on */

SettingId setting_find(const char *name)
{
  for (SettingId id = 0; id < SETTING_COUNT; id++)
    if (strcmp(SETTINGS[id].name, name) == 0)
      return id;
  return SETTING_COUNT;
}

static bool is_boolean(const char *text, bool *ret_on)
{
  static const char *const WORDS[] = {"off", "on", "no", "yes", "false", "true", "0", "1"};

  for (unsigned i = 0; i < G_N_ELEMENTS(WORDS); i++)
    if (g_ascii_strcasecmp(text, WORDS[i]) == 0) {
      *ret_on = i % 2 == 1;
      return true;
    }
  return false;
}

static char *fail_setting(const char *text, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "'%.60s' is %s", text, what);
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
  g_autofree char *wanted = g_strdup_printf("no number from %u to %u", least, most);
  return fail_setting(text, wanted, error);
}

static char *canonical_choice(const SettingInfo *info, const char *text, GError **error)
{
  g_auto(GStrv) words = g_strsplit(info->choices, " ", -1);

  for (size_t i = 0; words[i]; i++)
    if (g_ascii_strcasecmp(words[i], text) == 0)
      return g_strdup(words[i]);
  g_autofree char *all = g_strjoinv(", ", words);
  g_autofree char *wanted = g_strdup_printf("none of %s", all);
  return fail_setting(text, wanted, error);
}

char *setting_canonical(SettingId id, const char *text, GError **error)
{
  const SettingInfo *info = &SETTINGS[id];
  bool on;

  switch (info->type) {
  case SETTING_TYPE_BOOLEAN:
    if (!is_boolean(text, &on))
      return fail_setting(text, "not on or off", error);
    return g_strdup(on ? "on" : "off");
  case SETTING_TYPE_NUMBER:
    return canonical_number(info, text, error);
  case SETTING_TYPE_CHOICE:
    return canonical_choice(info, text, error);
  case SETTING_TYPE_TEXT:
    return g_utf8_validate(text, -1, NULL) ? g_strdup(text)
                                           : fail_setting("it", "not UTF-8", error);
  }
  g_assert_not_reached();
}
