#include "ui/view/help_text.h"

#include "ui/show/text.h"

/* What the commands of a screen are for. */
typedef enum {
  GROUP_MOVING,
  GROUP_SCREEN,
  GROUP_EVERYWHERE,
  GROUP_COUNT,
} Group;

static const char *const GROUP_TITLES[GROUP_COUNT] = {"Moving", "This screen", "Everywhere"};

/* Commands that all but one kind of view have are everywhere: that one has its own. */
static Group group_of(CommandId id)
{
  unsigned missing = SCOPE_ANY & ~COMMANDS[id].scopes;

  if (id >= COMMAND_UP && id <= COMMAND_END)
    return GROUP_MOVING;
  if ((missing & (missing - 1)) == 0 || (id >= COMMAND_LEAVE && id <= COMMAND_LEAVE_ASKED))
    return GROUP_EVERYWHERE;
  return id == COMMAND_HELP_CALLS ? GROUP_EVERYWHERE : GROUP_SCREEN;
}

static void line_clear(gpointer data)
{
  HelpLine *line = data;

  g_free(line->keys);
  g_free(line->text);
}

static void add(GArray *lines, HelpKind kind, const char *keys, const char *text)
{
  HelpLine line = {kind, g_strdup(keys), g_strdup(text)};

  g_array_append_val(lines, line);
}

static void add_heading(GArray *lines, const char *text)
{
  add(lines, HELP_SENTENCE, "", "");
  add(lines, HELP_HEADING, "", text);
}

static void add_group(GArray *lines, Group group, CommandScope scope, const Keymap *keymap)
{
  add_heading(lines, GROUP_TITLES[group]);
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_autoptr(GString) keys = g_string_new(NULL);
    if ((COMMANDS[id].scopes & scope) == 0 || group_of(id) != group)
      continue;
    keymap_append_keys(keymap, id, keys);
    if (keys->len == 0)
      g_string_append_printf(keys, ":%s", COMMANDS[id].name);
    add(lines, HELP_ENTRY, keys->str, COMMANDS[id].help);
  }
}

static void add_names(GArray *lines, CommandScope scope, const Keymap *keymap)
{
  add_heading(lines, "Names");
  add(lines, HELP_SENTENCE, "",
      "The palette (:) knows commands by these names, and so does the configuration: "
      "~/.config/rung/config, [keys], up = Up k.  'rung -D' prints all of it.");
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    g_autoptr(GString) keys = g_string_new(NULL);
    if ((COMMANDS[id].scopes & scope) == 0)
      continue;
    keymap_append_keys(keymap, id, keys);
    add(lines, HELP_ENTRY, COMMANDS[id].name, keys->str);
  }
}

GArray *help_lines_new(CommandScope scope, const Keymap *keymap)
{
  GArray *lines = g_array_new(FALSE, FALSE, sizeof(HelpLine));

  g_array_set_clear_func(lines, line_clear);
  add(lines, HELP_HINT, "", screen_info(scope)->sentence);
  for (Group group = 0; group < GROUP_COUNT; group++)
    add_group(lines, group, scope, keymap);
  add_names(lines, scope, keymap);
  return lines;
}

enum { KEYS_COLUMN = 12, NAME_COLUMN = 15, HELP_COLUMN = 31, WIDTH = 80 };

/* At least so wide, and a blank. */
static void append_padded(GString *to, const char *text, unsigned width)
{
  unsigned used = text_width(slice_from_string(text));

  g_string_append(to, text);
  text_append_spaces(to, MAX(width, used) - used + 1);
}

/* From HELP_COLUMN on, on as many lines as it takes. */
static void append_wrapped(GString *to, const char *text)
{
  Slice rest = slice_from_string(text);

  while (rest.len > WIDTH - HELP_COLUMN) {
    size_t cut = WIDTH - HELP_COLUMN;
    while (cut > 0 && rest.data[cut] != ' ')
      cut--;
    g_string_append_printf(to, "%.*s\n%*s", (int) cut, rest.data, HELP_COLUMN, "");
    rest = slice_from(rest, cut + 1);
  }
  g_string_append_printf(to, "%.*s\n", SLICE_ARG(rest));
}

static void append_command(GString *to, CommandId id, const Keymap *keymap)
{
  g_autoptr(GString) keys = g_string_new(NULL);

  keymap_append_keys(keymap, id, keys);
  g_string_append(to, "  ");
  append_padded(to, keys->str, KEYS_COLUMN);
  append_padded(to, COMMANDS[id].name, NAME_COLUMN);
  append_wrapped(to, COMMANDS[id].help);
}

static void append_commands(GString *to, CommandScope scope, const Keymap *keymap)
{
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (group_of(id) == GROUP_SCREEN && (COMMANDS[id].scopes & scope) != 0)
      append_command(to, id, keymap);
}

void help_append_keys(GString *to, const Keymap *keymap)
{
  g_string_append(to, "Everywhere\n");
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (group_of(id) != GROUP_SCREEN)
      append_command(to, id, keymap);
  for (unsigned i = 0; i < SCREEN_COUNT; i++) {
    const ScreenInfo *screen = &SCREENS[i];
    g_string_append_printf(to, "\n%c%s\n", g_ascii_toupper(*screen->title), screen->title + 1);
    append_commands(to, screen->scope, keymap);
  }
}
