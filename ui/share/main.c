/* Prints a manual page or a completion: share NAME [LANGUAGE]. */
#include <stdio.h>

#include "ui/languages.h"
#include "ui/share/manual.h"

static const struct {
  const char *name;
  ManualAppend append;
} TEXTS[] = {
  {"rung.1", manual_append_rung},          {"rung-fields.7", manual_append_fields},
  {"rung-filter.7", manual_append_filter}, {"rung.bash", completion_append_bash},
  {"_rung", completion_append_zsh},        {"rung.fish", completion_append_fish},
};

int main(int argc, char **argv)
{
  g_autoptr(GString) text = g_string_new(NULL);

  if (argc == 3)
    language_set(language_find(argv[2]));
  for (size_t i = 0; argc >= 2 && i < G_N_ELEMENTS(TEXTS); i++)
    if (strcmp(argv[1], TEXTS[i].name) == 0)
      TEXTS[i].append(text);
  if (text->len == 0)
    return EXIT_USAGE;
  return fwrite(text->str, 1, text->len, stdout) == text->len && fflush(stdout) == 0 ? EXIT_OK
                                                                                     : EXIT_FAILED;
}
