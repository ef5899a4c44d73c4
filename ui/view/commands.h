/*
 * COMMANDS: what can be done, each with its name, keys, scope and one line of help.
 *
 * Key dispatch, footer, help, palette, the configuration's [keys] and the table of keys in the
 * README all read this table.  A view handles command ids, never keys.
 */
#pragma once

#include <glib.h>

#include "ui/term/key.h"

/* Where a command can be given: kinds of views. */
typedef enum {
  SCOPE_CALLS = 1 << 0,
  SCOPE_FLOW = 1 << 1,
  SCOPE_MESSAGE = 1 << 2,
  SCOPE_DIFF = 1 << 3,
  SCOPE_STATS = 1 << 4,
  SCOPE_COLUMNS = 1 << 5,
  SCOPE_FORM = 1 << 6, /* dialogs of fields: save, quick filter, settings */
  SCOPE_HELP = 1 << 7,
} CommandScope;

enum {
  SCOPE_COUNT = 8,
  SCOPE_ANY = (1 << SCOPE_COUNT) - 1,
  SCOPE_SIDEWAYS = SCOPE_FLOW | SCOPE_MESSAGE | SCOPE_COLUMNS | SCOPE_FORM,
  SCOPE_SEARCHED = SCOPE_FLOW | SCOPE_MESSAGE | SCOPE_HELP | SCOPE_COLUMNS,
};

/* "call list", "ladder", ...: of one scope. */
const char *scope_title(CommandScope scope);

typedef enum {
  COMMAND_NONE,
#define COMMAND(id, name, scopes, keys, label, help) COMMAND_##id,
#include "ui/view/commands.def"
#undef COMMAND
  COMMAND_COUNT,
} CommandId;

typedef struct {
  const char *name;
  unsigned scopes; /* bits of CommandScope */
  const char *keys;
  const char *label; /* or NULL */
  const char *help;
} CommandInfo;

extern const CommandInfo COMMANDS[COMMAND_COUNT]; /* COMMAND_NONE has no name */

/* COMMAND_NONE when there is none of that name. */
CommandId command_find(Slice name);

/* The keys of all commands, as they are configured. */
typedef struct Keymap Keymap;

Keymap *keymap_new(void);
void keymap_free(Keymap *keymap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keymap, keymap_free)

/* Gives the command these keys and no others ("F2 s S"; "" for none); another command that had one
 * of them in the same scope loses it.  Fails with APP_ERROR_USAGE on an unknown name. */
G_GNUC_WARN_UNUSED_RESULT bool keymap_bind(Keymap *keymap, const char *command, const char *keys,
                                           GError **error);

/* COMMAND_NONE when the key does nothing there. */
CommandId keymap_find(const Keymap *keymap, CommandScope scope, KeyCode code);

/* The command's keys, the first is shown in footers: a zero-terminated list. */
const KeyCode *keymap_keys(const Keymap *keymap, CommandId id);

/* Appends their names, divided by blanks. */
void keymap_append_keys(const Keymap *keymap, CommandId id, GString *to);
