/*
 * Signals: SIGINT, SIGTERM and SIGHUP as a question that the main loop asks, so there is no
 * handler and no global.  The first one ends the input, the second one the program.
 */
#pragma once

#include <stdbool.h>

/* Holds the signals back, in this thread and those it starts from now on. */
void signals_hold(void);

/* Did one come?  From the first one on, or once released, the next ones kill as usual. */
bool signals_came(void);
void signals_release(void);

/* A closed pipe, and a file larger than may be (setrlimit(2)), are seen by whoever writes. */
void signals_ignore_of_writing(void);
