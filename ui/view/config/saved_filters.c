#include "ui/view/config/saved_filters.h"

#include "capture/error.h"
#include "capture/language.h"
#include "dissect/query/display_filter.h"

bool saved_filter_name_is_valid(const char *name)
{
  for (const char *at = name; *at; at++)
    if (!g_ascii_isalnum(*at) && (uint8_t) *at < 0x80 && *at != '-' && *at != '_')
      return false;
  return *name != '\0';
}

char *saved_filter_expand(const Config *config, const char *text, GError **error)
{
  g_autofree char *name = g_strstrip(g_strdup(text));

  if (*name != '@' || !saved_filter_name_is_valid(name + 1))
    return g_strdup(text);
  char *filter = config_value(config, "filters", name + 1);
  if (!filter)
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                _("there is no saved filter '%s'; to search for the text, write \"%s\""), name + 1,
                name);
  return filter;
}

/* Of calls and messages, or of streams. */
static bool is_filter(const char *text, GError **error)
{
  g_autoptr(DisplayFilter) filter = display_filter_new(text, error);
  g_autoptr(DisplayFilter) of_streams = filter ? NULL : display_filter_new_for_streams(text, NULL);

  return filter || of_streams;
}

void saved_filters_check(const Config *config, GPtrArray *complaints)
{
  g_auto(GStrv) names = config_keys(config, "filters");

  for (size_t i = 0; names[i]; i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = config_value(config, "filters", names[i]);
    if (!saved_filter_name_is_valid(names[i]))
      config_complain(config, complaints,
                      "[filters] '%.60s': a name has letters, digits, - and _ only", names[i]);
    else if (!text || !is_filter(text, &error))
      config_complain(config, complaints, "[filters] %.60s: %.200s", names[i],
                      error ? error->message : _("the value cannot be read"));
  }
}
