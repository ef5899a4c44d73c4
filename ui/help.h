/*
 * Help: texts made of the tables of ui/options.h.
 */
#pragma once

#include "ui/options.h"

/* Two lines, for a command line that names nothing. */
void help_append_usage(GString *to);

/* All commands and options; or, for one command, what it gives and its own options. */
void help_append(GString *to, CommandId command);
