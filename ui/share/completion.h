/* What the completions of all shells are made of. */
#pragma once

#include "ui/options.h"

/* What an argument of an option is, as far as a shell can complete it. */
typedef enum {
  ARGUMENT_NONE,  /* it takes none */
  ARGUMENT_OTHER, /* nothing to complete */
  ARGUMENT_FILE,
  ARGUMENT_INTERFACE,
  ARGUMENT_CALL,
  ARGUMENT_FORMAT,     /* of the command */
  ARGUMENT_FIELDS,     /* a list of fields */
  ARGUMENT_EXPRESSION, /* of fields, operators and values */
  ARGUMENT_WORDS,      /* of option_append_words */
} ArgumentKind;

ArgumentKind argument_kind(OptionId id);

/* Names after each other, with a blank between them. */
void append_field_names(GString *to);
void append_command_names(GString *to);
void append_topic_names(GString *to);
void append_format_names(GString *to, const Subcommand *command);

/*
 * Commands of a shell that print interfaces, and Call-IDs of a capture.  Whoever sent the Call-IDs
 * chose them, and shells expand what is completed: only those without a meaning to any are left.
 */
#define HARMLESS "LC_ALL=C grep -xE '[A-Za-z0-9][A-Za-z0-9@._+-]*'"
#define INTERFACES "command ls /sys/class/net 2>/dev/null | " HARMLESS
#define CALL_IDS(file)                                                                             \
  "timeout 2 rung calls --no-config --columns call.id -T csv " file                                \
  " 2>/dev/null | tr -d '\\r' | sed -n 2,500p | " HARMLESS

/* Operators that follow a field, and words that join comparisons. */
#define OPERATORS "== != < <= > >= contains matches in"
#define JOINTS "and or not"

/* `text` between single quotes, for bash, zsh and fish. */
void append_quoted(GString *to, const char *text);
