/*
 * ForeignOptions: what to use instead of options of sngrep, tshark and tcpdump that are not options
 * of rung (ui/foreign_options.def).
 */
#pragma once

#include <glib.h>

/* Of an option without its dashes: "-n is of tshark, tcpdump: ..."; NULL: none has it. */
char *foreign_option_answer(const char *name) G_GNUC_MALLOC;
