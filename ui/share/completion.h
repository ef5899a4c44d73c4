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
  ARGUMENT_WORDS,      /* of argument_words() */
} ArgumentKind;

ArgumentKind argument_kind(const OptionInfo *option);

/* "auto always never" */
const char *argument_words(const OptionInfo *option);

/* Names after each other, with a blank between them. */
void append_field_names(GString *to);
void append_command_names(GString *to);
void append_topic_names(GString *to);
void append_format_names(GString *to, const Subcommand *command);

/* Operators that follow a field, and words that join comparisons. */
#define OPERATORS "== != < <= > >= contains matches in"
#define JOINTS "and or not"

/* `text` between single quotes, for bash, zsh and fish. */
void append_quoted(GString *to, const char *text);
