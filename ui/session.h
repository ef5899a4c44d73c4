/*
 * Session: one run in batch: opens the input, feeds the trace, hands messages to the report,
 * and tells on stderr what went wrong.
 */
#pragma once

#include "ui/options.h"

typedef enum {
  EXIT_OK = 0,
  EXIT_FAILED = 1, /* something failed or was cut short, and was told */
  EXIT_USAGE = 2,
} ExitStatus;

/* The program is about to end: the system takes a model of a million calls back in no time, call by
 * call it takes as long as a tenth of the work.  Where leaks are looked for it is freed. */
#ifdef ARENA_STRICT
enum { SESSION_LEAVES_MODEL = false };
#else
enum { SESSION_LEAVES_MODEL = true };
#endif

/* Runs the options' command.  Nothing is left behind but its output. */
ExitStatus session_run(const Options *options);

/* "rung: what happened" on stderr, on one line whatever the text holds. */
void session_complain(const char *text);

/* The same of a text of several lines, which it keeps. */
void session_complain_lines(const char *text);
