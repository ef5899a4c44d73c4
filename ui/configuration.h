/*
 * Configuration: what the user set, with what the command line says for this run laid over it.
 */
#pragma once

#include "ui/options.h"
#include "ui/view/config/config.h"

/* The file of --config, the usual one, or none; lines of what is wrong are appended to `complaints`
 * (char *).  What the command line says is not written back. */
Config *configuration_load(const Options *options, GPtrArray *complaints);

/* All of it as a file (-D), its theme and keys checked, too. */
void configuration_dump(const Options *options, GString *to, GPtrArray *complaints);

/* The keys as they are configured (rung help keys). */
void configuration_append_keys(const Options *options, GString *to, GPtrArray *complaints);
