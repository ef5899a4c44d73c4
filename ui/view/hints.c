#include "ui/view/hints.h"

#include <string.h>

#include "capture/language.h"

enum { COMMANDS_MAX = 12 }; /* that a hint stays for */

static const struct {
  const char *name;
  CommandScope scope;
  CommandId command;
  const char *text;
} HINTS[] = {
#define HINT(name, screen, command, text) {name, SCOPE_##screen, COMMAND_##command, text},
#include "ui/view/hints.def"
#undef HINT
};

enum { HINT_COUNT = G_N_ELEMENTS(HINTS) };

struct Hints {
  Config *config; /* NULL: of a tour, which is not remembered */
  bool over[HINT_COUNT];
  unsigned commands[HINT_COUNT]; /* given while it was shown */
};

Hints *hints_new(Config *config, bool is_tour)
{
  Hints *hints = g_new0(Hints, 1);

  if (is_tour)
    return hints;
  hints->config = config;
  g_auto(GStrv) seen = config_list(config, "history", "hints");
  for (size_t i = 0; i < HINT_COUNT; i++)
    hints->over[i] = seen && g_strv_contains((const char *const *) seen, HINTS[i].name);
  return hints;
}

void hints_free(Hints *hints)
{
  g_free(hints);
}

static size_t find(const Hints *hints, CommandScope scope)
{
  size_t i = 0;

  while (i < HINT_COUNT && (hints->over[i] || HINTS[i].scope != scope))
    i++;
  return i;
}

static unsigned count_over(const Hints *hints)
{
  unsigned count = 0;

  for (size_t i = 0; i < HINT_COUNT; i++)
    count += hints->over[i];
  return count;
}

void hints_append(const Hints *hints, CommandScope scope, const Keymap *keymap, GString *to)
{
  size_t found = find(hints, scope);
  char key[KEY_NAME_MAX], end_key[KEY_NAME_MAX];

  if (found == HINT_COUNT)
    return;
  KeyCode code = keymap_keys(keymap, HINTS[found].command)[0];
  KeyCode end_code = keymap_keys(keymap, COMMAND_HINTS)[0];
  if (code == KEY_CODE_NONE)
    return;
  key_to_name(code, key);
  if (!hints->config)
    g_string_append_printf(to, _("Tour %u/%u: "), count_over(hints) + 1, (unsigned) HINT_COUNT);
  else
    g_string_append(to, _("Hint: "));
  g_string_append_printf(to, "%s: %s", key, _(HINTS[found].text));
  if (end_code == KEY_CODE_NONE)
    return;
  key_to_name(end_code, end_key);
  g_string_append_printf(to, _(" (%s ends this)"), end_key);
}

static void remember(const Hints *hints)
{
  const char *names[HINT_COUNT + 1] = {NULL};
  size_t count = 0;

  if (!hints->config)
    return;
  for (size_t i = 0; i < HINT_COUNT; i++)
    if (hints->over[i])
      names[count++] = HINTS[i].name;
  config_set_list(hints->config, "history", "hints", names);
}

void hints_note(Hints *hints, CommandScope scope, CommandId id)
{
  size_t shown = find(hints, scope);

  if (shown == HINT_COUNT)
    return;
  hints->commands[shown]++;
  bool is_old = hints->config && hints->commands[shown] >= COMMANDS_MAX;
  hints->over[shown] = is_old || id == HINTS[shown].command;
  if (hints->over[shown])
    remember(hints);
}

void hints_end(Hints *hints)
{
  memset(hints->over, true, sizeof hints->over);
  remember(hints);
}
