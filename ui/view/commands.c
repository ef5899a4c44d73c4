#include "ui/view/commands.h"

#include <string.h>

#include "capture/error.h"
#include "capture/nearest.h"

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

static GArray *keys_new(void)
{
  return g_array_new(TRUE, FALSE, sizeof(KeyCode));
}

/* Unknown names end it; *ret_bad is the first of them, or absent. */
static GArray *keys_from_names(Slice names, Slice *ret_bad)
{
  GArray *keys = keys_new();

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

static bool has_key(const Keymap *keymap, CommandId id, KeyCode code)
{
  for (const KeyCode *key = keymap_keys(keymap, id); *key != KEY_CODE_NONE; key++)
    if (*key == code)
      return true;
  return false;
}

static void take_key(Keymap *keymap, CommandId id, KeyCode code)
{
  GArray *keys = keymap->keys[id];

  for (unsigned i = keys->len; i-- > 0;)
    if (g_array_index(keys, KeyCode, i) == code)
      g_array_remove_index(keys, i);
}

/* Where both could be meant, the key is `id`'s alone. */
static void take_from_others(Keymap *keymap, CommandId id, KeyCode code)
{
  for (CommandId other = COMMAND_NONE + 1; other < COMMAND_COUNT; other++)
    if (other != id && (COMMANDS[other].scopes & COMMANDS[id].scopes) != 0)
      take_key(keymap, other, code);
}

static bool fail_name(const char *what, Slice name, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "unknown %s '%.*s'", what, SLICE_ARG(name));
  return false;
}

bool keymap_bind(Keymap *keymap, const char *command, const char *keys, GError **error)
{
  CommandId id = command_find(slice_from_string(command));
  Slice bad;

  if (id == COMMAND_NONE)
    return fail_name("command", slice_from_string(command), error);
  g_autoptr(GArray) codes = keys_from_names(slice_from_string(keys), &bad);
  if (bad.data)
    return fail_name("key", bad, error);
  for (unsigned i = 0; i < codes->len; i++)
    take_from_others(keymap, id, g_array_index(codes, KeyCode, i));
  g_array_unref(keymap->keys[id]);
  keymap->keys[id] = g_steal_pointer(&codes);
  return true;
}

CommandId keymap_find(const Keymap *keymap, CommandScope scope, KeyCode code)
{
  for (CommandId id = COMMAND_NONE + 1; id < COMMAND_COUNT; id++)
    if ((COMMANDS[id].scopes & scope) != 0 && has_key(keymap, id, code))
      return id;
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
