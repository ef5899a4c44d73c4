/*
 * Help: texts made of the tables of ui/options.h and of FIELDS.
 */
#pragma once

#include "ui/options.h"

/* Two lines, for a command line that names nothing. */
void help_append_usage(GString *to);

/* All commands and options; or, for one command, what it gives and its own options. */
void help_append(GString *to, SubcommandId command);

/* FIELDS: key, type and help of each, by what it is of. */
void help_append_fields(GString *to);

/* The language of display filters. */
void help_append_filter(GString *to);

/* What `rung help` explains besides commands. */
typedef struct {
  const char *name;
  void (*append)(GString *to); /* NULL: the keys, which are the configuration's to say */
} HelpTopic;

/* NULL when there is none of that name. */
const HelpTopic *help_topic_find(const char *name);
