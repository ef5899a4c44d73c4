/*
 * Save: `rung save`: the packets of the selected calls into a capture file.
 *
 * The file is opened before the input is read, so that a fault is reported at once, and written
 * when all calls are known (see ui/report/packet_save.h).
 */
#pragma once

#include "ui/options.h"

extern const Subcommand SAVE_SUBCOMMAND;

ExitStatus save_run(const Options *options);
