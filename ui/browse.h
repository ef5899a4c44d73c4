/*
 * Browse: the program in the terminal: opens input and terminal, and turns the loop: feeds the
 * trace, hands keys to the App, gives it time to work, and draws.
 */
#pragma once

#include "ui/session.h"

/* Until the user ends it, or the terminal is gone. */
ExitStatus browse_run(const Options *options);
