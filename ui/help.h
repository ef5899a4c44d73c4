/*
 * Help: texts made of the tables of ui/options.h and of FIELDS.
 */
#pragma once

#include "ui/options.h"

/* Two lines, for a command line that names nothing. */
void help_append_usage(GString *to);

/* All commands and options; or, for one command, what it gives and its own options. */
void help_append(GString *to, CommandId command);

/* The topic of `rung help` that is no command. */
#define HELP_FIELDS "fields"

/* FIELDS: key, type and help of each, by what it is of. */
void help_append_fields(GString *to);
