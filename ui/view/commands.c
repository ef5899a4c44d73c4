#include "ui/view/commands.h"

#include <string.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/slice.h"

/* clang-format off */
const CommandInfo COMMANDS[COMMAND_COUNT] = {
#define COMMAND(id, name, scopes, keys, label, help)                                               \
  [COMMAND_##id] = {name, (unsigned) (scopes), keys, label, help},
#include "ui/view/commands.def"
#undef COMMAND
};

const ScreenInfo SCREENS[SCREEN_COUNT] = {
#define SCREEN(id, title, sentence) {SCOPE_##id, title, sentence},
#include "ui/view/screens.def"
#undef SCREEN
};
/* clang-format on */

const ScreenInfo *screen_info(CommandScope scope)
{
  return &SCREENS[g_bit_nth_lsf(scope, -1)];
}

CommandId command_find(Slice name)
{
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if (slice_eq_nocase(name, slice_from_string(COMMANDS[id].name)))
      return id;
  return COMMAND_NONE;
}

struct Keymap {
  GArray *keys[COMMAND_COUNT]; /* KeyCode, zero-terminated */
};

/* Unknown names end it; *ret_bad is the first of them, or absent. */
static GArray *keys_from_names(Slice names, Slice *ret_bad)
{
  GArray *keys = g_array_new(TRUE, FALSE, sizeof(KeyCode));

  *ret_bad = SLICE_NONE;
  while (names = slice_trim(names), names.len > 0) {
    Slice name = slice_cut(&names, ' ');
    KeyCode code = key_from_name(name);
    if (code == KEY_CODE_NONE) {
      *ret_bad = name;
      return keys;
    }
    g_array_append_val(keys, code);
  }
  return keys;
}

Keymap *keymap_new(void)
{
  Keymap *keymap = g_new0(Keymap, 1);
  Slice bad;

  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    keymap->keys[id] = keys_from_names(slice_from_string(COMMANDS[id].keys), &bad);
    g_assert(!bad.data);
  }
  return keymap;
}

void keymap_free(Keymap *keymap)
{
  if (!keymap)
    return;
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    g_array_unref(keymap->keys[id]);
  g_free(keymap);
}

/* Takes the key from the commands that share a scope with `id`. */
static void take_from_others(Keymap *keymap, CommandId id, KeyCode code)
{
  for (CommandId other = COMMAND_NONE + 1; other < COMMAND_COUNT; other++) {
    GArray *keys = keymap->keys[other];

    if (other == id || (COMMANDS[other].scopes & COMMANDS[id].scopes) == 0)
      continue;
    for (unsigned i = keys->len; i-- > 0;)
      if (g_array_index(keys, KeyCode, i) == code)
        g_array_remove_index(keys, i);
  }
}

bool keymap_bind(Keymap *keymap, const char *command, const char *keys, GError **error)
{
  CommandId id = command_find(slice_from_string(command));
  Slice bad;

  if (id == COMMAND_NONE) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("unknown command '%s'"), command);
    return false;
  }
  g_autoptr(GArray) codes = keys_from_names(slice_from_string(keys), &bad);
  if (bad.data) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("unknown key '%.*s'"), SLICE_ARG(bad));
    return false;
  }
  for (unsigned i = 0; i < codes->len; i++)
    take_from_others(keymap, id, g_array_index(codes, KeyCode, i));
  g_array_unref(keymap->keys[id]);
  keymap->keys[id] = g_steal_pointer(&codes);
  return true;
}

CommandId keymap_find(const Keymap *keymap, CommandScope scope, KeyCode code)
{
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++) {
    if ((COMMANDS[id].scopes & scope) == 0)
      continue;
    for (const KeyCode *key = keymap_keys(keymap, id); *key != KEY_CODE_NONE; key++)
      if (*key == code)
        return id;
  }
  return COMMAND_NONE;
}

const KeyCode *keymap_keys(const Keymap *keymap, CommandId id)
{
  return &g_array_index(keymap->keys[id], KeyCode, 0);
}

void keymap_append_keys(const Keymap *keymap, CommandId id, GString *to)
{
  char name[KEY_NAME_MAX];

  for (const KeyCode *key = keymap_keys(keymap, id); *key != KEY_CODE_NONE; key++) {
    if (key != keymap_keys(keymap, id))
      g_string_append_c(to, ' ');
    g_string_append(to, key_to_name(*key, name));
  }
}
