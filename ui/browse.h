/*
 * Browse: the program in the terminal: opens input and terminal, then loops: feeds the trace,
 * passes keys to the App, gives it time to work, and draws.
 */
#pragma once

#include "ui/options.h"

/* Until the user quits, or the terminal is gone. */
ExitStatus browse_run(const Options *options);
