#include "ui/languages.h"

#include <string.h>

#include "ui/zh_CN.h"

const char *const LANGUAGE_NAMES[] = {"en", "zh", NULL};

static const Language CHINESE = {"zh", ZH_CN_MO, sizeof ZH_CN_MO};

const Language *language_find(const char *name)
{
  return strcmp(name, CHINESE.name) == 0 ? &CHINESE : NULL;
}

/* GLib lists the locale and what is more general: "zh_CN.UTF-8", "zh_CN", "zh", "C". */
const Language *language_of_locale(void)
{
  const char *const *names = g_get_language_names();

  for (size_t i = 0; names[i] && strcmp(names[i], "en") != 0; i++)
    if (language_find(names[i]))
      return language_find(names[i]);
  return NULL;
}
