/*
 * Help: the commands of a kind of screen with their keys, made of COMMANDS and the keys as they are
 * configured: as lines, as a screen, and as one table of all keys.
 */
#pragma once

#include "ui/view/host.h"

typedef enum {
  HELP_SENTENCE, /* what the screen shows */
  HELP_HEADING,
  HELP_ENTRY, /* keys, and what they do */
  HELP_SIGN,  /* what is shown or typed, and what it means */
  HELP_HINT,
} HelpKind;

typedef struct {
  HelpKind kind;
  char *keys; /* "" but for entries and signs */
  char *text;
} HelpLine;

/* A GArray of HelpLine, which owns their texts. */
GArray *help_lines_new(CommandScope scope, const Keymap *keymap);

/* The same about display filters, as they are typed. */
GArray *help_filter_lines_new(void);

/* Appends the table of all keys, screen by screen. */
void help_append_keys(GString *to, const Keymap *keymap);

View *help_view_new(Host *host, CommandScope scope);
View *help_filter_view_new(Host *host);
