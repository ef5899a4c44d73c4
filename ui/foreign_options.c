#include "ui/foreign_options.h"

#include <string.h>

#include "capture/language.h"

static const struct {
  const char *name, *programs, *answer;
} FOREIGN_OPTIONS[] = {
#define FOREIGN(name, programs, answer) {name, programs, answer},
#include "ui/foreign_options.def"
#undef FOREIGN
};

char *foreign_option_answer(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(FOREIGN_OPTIONS); i++)
    if (strcmp(FOREIGN_OPTIONS[i].name, name) == 0)
      return g_strdup_printf(_("-%s is an option of %s: %s"), name, FOREIGN_OPTIONS[i].programs,
                             _(FOREIGN_OPTIONS[i].answer));
  return NULL;
}
