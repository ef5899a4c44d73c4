/*
 * Sngreprc: the settings of sngrep(8) (set, alias, bind and unbind in sngreprc) become those of the
 * configuration (ui/sngreprc.def).
 */
#pragma once

#include "ui/options.h"

/* Of the file of --import-sngreprc: writes the configuration, and prints what became of each line,
 * or what to use instead. */
ExitStatus sngreprc_import(const Options *options);
