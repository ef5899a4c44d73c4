/*
 * Guard: protects the terminal while it shows the screen: a crash must not leave it unusable, and
 * output on standard error must not overwrite the screen.
 *
 * From guard_begin to guard_end a crash restores the terminal first, from a signal handler that
 * uses only /dev/tty; and standard error, if it is a terminal, goes to a file that is shown at the
 * end.  Under a sanitizer it does nothing, so that no report is hidden.
 */
#pragma once

#include <stdbool.h>

typedef struct {
  void *stack;   /* of the handler; NULL: the guard does nothing */
  int stderr_fd; /* the original standard error; -1: not redirected */
} Guard;

void guard_begin(Guard *guard);
void guard_end(Guard *guard);
