/*
 * Guard: what must not happen to a terminal that shows the screen: that a crash leaves it
 * unusable, and that what something writes to standard error runs over the screen.
 *
 * From guard_begin to guard_end a crash restores the terminal first, from a signal handler that
 * knows nothing but /dev/tty; and standard error, where it is a terminal, goes to a file that is
 * shown at the end.  Under a sanitizer it does nothing, so that nothing of a report is hidden.
 */
#pragma once

#include <stdbool.h>

typedef struct {
  void *stack;   /* of the handler; NULL: the guard does nothing */
  int stderr_fd; /* standard error as it was; -1: it still is */
} Guard;

void guard_begin(Guard *guard);
void guard_end(Guard *guard);
