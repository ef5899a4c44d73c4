/*
 * COMMANDS: what can be done, each with its name, keys, scope and one line of help.
 *
 * Key dispatch, footer, help, palette, the configuration's [keys] and the table of keys in the
 * README all read this table.  A view handles command ids, never keys.
 */
#pragma once

#include <glib.h>

#include "ui/term/key.h"

enum {
#define SCREEN(id, title, sentence) SCREEN_##id,
#include "ui/view/screens.def"
#undef SCREEN
  SCREEN_COUNT,
};

/* Where a command can be given: a bit per kind of screen; SCOPE_FORM is dialogs with fields. */
typedef enum {
#define SCREEN(id, title, sentence) SCOPE_##id = 1 << SCREEN_##id,
#include "ui/view/screens.def"
#undef SCREEN
} CommandScope;

enum {
  SCOPE_ANY = (1 << SCREEN_COUNT) - 1,
  SCOPE_SIDEWAYS = SCOPE_FLOW | SCOPE_MESSAGE | SCOPE_COLUMNS | SCOPE_FORM | SCOPE_STREAMS |
                   SCOPE_REGISTRATIONS | SCOPE_DEVICES,
  SCOPE_SEARCHED = SCOPE_FLOW | SCOPE_MESSAGE | SCOPE_TRANSCRIPT | SCOPE_HELP | SCOPE_COLUMNS |
                   SCOPE_REGISTRATIONS | SCOPE_DEVICES,
};

typedef struct {
  CommandScope scope;
  const char *title; /* "call list" */
  const char *sentence;
} ScreenInfo;

/* SCREENS: the kinds of screens. */
extern const ScreenInfo SCREENS[SCREEN_COUNT];

/* The row of one scope. */
const ScreenInfo *screen_info(CommandScope scope);

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
