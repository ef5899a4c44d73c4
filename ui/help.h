/*
 * Help: texts made of SUBCOMMANDS, OPTIONS and FIELDS, and `rung help`, which prints them.
 */
#pragma once

#include "ui/options.h"

extern const Subcommand HELP_SUBCOMMAND;

/* `rung help [TOPIC]`, or --help with a command. */
ExitStatus help_run(const Options *options);

/* Two lines, for a command line that names nothing. */
void help_append_usage(GString *to);

/* All commands and options; or one command, with its own options. */
void help_append(GString *to, const Subcommand *command);

/* FIELDS: key, type and help of each, by scope. */
void help_append_fields(GString *to);

/* What depends on libraries: audio codecs that are decoded, what plays sound and what decrypts TLS;
 * and what this build lacks a library for. */
void help_append_libraries(GString *to);

/* The language of display filters. */
void help_append_filter(GString *to);

/* What `rung help` explains besides commands. */
typedef struct {
  const char *name;
  void (*append)(const Options *options, GString *to, GPtrArray *complaints);
} HelpTopic;

/* Ended by a row without name. */
extern const HelpTopic HELP_TOPICS[];

/* NULL when there is none of that name. */
const HelpTopic *help_topic_find(const char *name);
