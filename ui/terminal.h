/*
 * Terminal: what lies between the program and the one who runs it in batch: how text should look,
 * the progress bar, and signals.
 */
#pragma once

#include "ui/options.h"
#include "ui/show/style.h"

/* Of the locale (LC_ALL, LC_CTYPE, LANG), once main() has set it. */
TextCharset terminal_charset(void);

/* Width, colours and characters for output to `fd`. */
Look terminal_look(const Options *options, int fd);

/* A bar on stderr while a file is read, when that takes longer than half a second; erased at the
 * end, so that nothing of it stays. */
typedef struct {
  bool enabled;
  bool drawn;
  bool ascii;
  int64_t started_us, drawn_us; /* monotonic */
} Progress;

/* `enabled`: stderr is a terminal, and --quiet was not given. */
Progress progress_new(bool enabled, bool ascii);

/* Draws it again when it is due. */
void progress_update(Progress *progress, SourceProgress done, uint64_t messages);
void progress_erase(Progress *progress);

/*
 * SIGINT, SIGTERM and SIGHUP as a question that the main loop asks, so there is no handler and no
 * global.  The first one ends the input, the second one the program.
 */

/* Holds the signals back, in this thread and those it starts from now on. */
void signals_hold(void);

/* Did one come?  After the first one, or once released, the next ones kill as usual. */
bool signals_came(void);
void signals_release(void);

/* SIGUSR1, and SIGHUP where stderr is no terminal that could be closed, ask for a new file from now
 * on; to be called before signals_hold. */
void signals_hold_reopen(void);
bool signals_asked_to_reopen(void);

/* A closed pipe, and a file larger than allowed (setrlimit(2)), are seen by the writer instead. */
void signals_ignore_of_writing(void);
