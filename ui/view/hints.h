/*
 * Hints: a line at the bottom of a screen about a key that is worth trying there.  Each goes away
 * once its command was given, or after a while, and is not shown again: what was shown is in the
 * configuration ([history] hints).  A tour shows all of them, each until its command was given, and
 * remembers nothing.
 */
#pragma once

#include "ui/view/commands.h"
#include "ui/view/config/config.h"

typedef struct Hints Hints;

/* The configuration outlives it. */
Hints *hints_new(Config *config, bool is_tour);
void hints_free(Hints *hints);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hints, hints_free)

/* The line of that screen; nothing when there is none (any more). */
void hints_append(const Hints *hints, CommandScope scope, const Keymap *keymap, GString *to);

/* The command was given on that screen. */
void hints_note(Hints *hints, CommandScope scope, CommandId id);

/* Ends all of them. */
void hints_end(Hints *hints);
