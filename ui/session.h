/*
 * Session: one run in batch: reads the whole input, prints a report, and says on stderr what went
 * wrong.  `save` drives the same steps with another end.
 */
#pragma once

#include "dissect/ingest/run.h"
#include "ui/live_numbers.h"
#include "ui/options.h"
#include "ui/report/live_save.h"
#include "ui/report/out_file.h"
#include "ui/report/report.h"
#include "ui/terminal.h"

/* Where leaks are looked for, the trace is freed at the end, else left to the system; and the
 * process looks into itself with system calls that are given up. */
#ifdef ARENA_STRICT
enum { SESSION_KEEPS_TRACE = false, SESSION_IS_CONFINED = false };
#else
enum { SESSION_KEEPS_TRACE = true, SESSION_IS_CONFINED = true };
#endif

/* What is saved as it comes. */
typedef struct {
  PacketSaveOptions options;
  LiveSave *save; /* while it is read */
} LiveTarget;

typedef struct {
  const Options *options;
  Run run;
  Progress progress;
  LiveNumbers *numbers;        /* of --metrics; or NULL */
  Report *report;              /* gets each message; or NULL */
  LiveTarget *live;            /* or NULL, */
  unsigned live_count;         /* and how many */
  bool (*on_tick)(void *data); /* called now and then while it is read; false: stop; or NULL */
  void *tick_data;
  RunLeaving on_leaving; /* called with calls that are evicted next; or NULL */
  void *leaving_data;
  char **leg_headers;       /* see leg_headers_parse; or NULL */
  Aliases *aliases;         /* for commands that name endpoints; or NULL */
  const char *const *names; /* of two captures; or NULL */
  bool is_first;            /* of them */
  bool stopped;             /* by a signal, or because the output was closed */
  bool interrupted;         /* by a signal */
  guint faults_said;        /* of the run, when they happened */
  bool failed;              /* something was reported that makes the exit status 1 */
} Session;

/* Prints the report that the options name. */
ExitStatus session_run(const Options *options);

/* The same of two captures, one file each, after one another. */
ExitStatus session_run_two(const Options *first, const Options *last);

/* Reads the notes that are beside the inputs; a line for each fault is appended to `faults`
 * (char *). */
void session_read_notes(Run *run, GPtrArray *faults);

/* The steps of it.  Opens the input. */
G_GNUC_WARN_UNUSED_RESULT bool session_open(Session *session, const Options *options,
                                            GError **error);

/* Where messages are sent as HEP, if they are; else the run is closed.  After run_open. */
G_GNUC_WARN_UNUSED_RESULT bool session_open_hep(const Options *options, Run *run, GError **error);

/*
 * Gives up the rights that opening an interface takes, once everything else that needs them is
 * open, too, and what no work on hostile input needs (capture/confine.h).  Before run_start.
 * `file`, or NULL, is still moved into its place.  Capture files are read with the rights of the
 * user, unless -Z names another; -Z root keeps all.
 */
G_GNUC_WARN_UNUSED_RESULT bool session_drop_rights(const Options *options, Run *run, OutFile *file,
                                                   GError **error);

/* Reads it to its end or until a signal comes; with a progress bar, if it may show. */
void session_read(Session *session, bool shows_progress);

/* Reports what is missing in the output and closes the input. */
ExitStatus session_close(Session *session);

/* What must be said even with --quiet; and what means failure, too, but is left out then. */
void session_fail(Session *session, const char *text);
void session_warn_failed(Session *session, const char *text);

/* Reports why the run cannot start and closes the input, if it is open. */
ExitStatus session_refuse(Session *session, const GError *error);

/* Of what PacketSave and LiveSave need, once it was opened. */
PacketSaveInput session_packets(const Session *session);

/* Was it cut short, so that what was read is not the whole input?  A live capture always ends by a
 * signal. */
bool session_is_cut(const Session *session);

/* "9 packets captured, 2 dropped by the kernel": how complete a live capture is; of several
 * interfaces, also which dropped how many. */
char *session_packet_counts(const Run *run);

/* Prints a text on standard output. */
ExitStatus session_print(const char *text);

/* "rung: what happened" on stderr, on one line whatever the text holds; or on its lines. */
void session_complain(const char *text);
void session_complain_lines(const char *text);

/* --- the other ways to run --- */

/* `rung save`.  The file is opened before the input is read, so that a fault is reported at once,
 * and written when all calls are known (ui/report/packet_save.h); live, as packets come. */
extern const Subcommand SAVE_SUBCOMMAND;
ExitStatus save_run(const Options *options);

/* The same with --audio. */
ExitStatus save_audio_run(const Options *options);

/* What is not in the target's file yet; at the end. */
G_GNUC_WARN_UNUSED_RESULT bool save_rest(Session *session, LiveTarget *target, GError **error);

/* `rung compare`: two calls, or two captures. */
ExitStatus compare_run(const Options *options);

/* `rung capture`: packets as they come, into files one after another. */
extern const Subcommand CAPTURE_SUBCOMMAND;
ExitStatus capture_run(const Options *options);

/* `rung mcp`: answers on standard output what standard input asks, until it ends. */
extern const Subcommand MCP_SUBCOMMAND;
ExitStatus mcp_run(const Options *options);

/* The program in the terminal, until the user quits or the terminal is gone. */
ExitStatus browse_run(const Options *options);
