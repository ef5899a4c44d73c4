#include "ui/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "capture/error.h"
#include "dissect/ingest/pipeline.h"
#include "ui/input.h"
#include "ui/progress.h"
#include "ui/report/out_file.h"
#include "ui/report/report.h"
#include "ui/save.h"
#include "ui/signals.h"
#include "ui/terminal.h"

enum { WAIT_US = 50000, TICK_US = 250000 };

typedef struct {
  const Options *options;
  StoreSet *stores;
  Source *source;
  Pipeline *pipeline;
  Trace *trace;
  Out out;
  SaveFile save; /* of `save` */
  Report report;
  Progress progress;
  uint64_t messages;
  int64_t ticked_us;
  bool stopped; /* by a signal or because nobody reads the output */
  bool interrupted;
  bool failed; /* something was told that makes the exit status 1 */
} Session;

void session_complain(const char *text)
{
  g_autoptr(GString) safe = g_string_new("rung: ");

  text_append_safe(safe, slice_from_string(text), TEXT_UTF8);
  fprintf(stderr, "%s\n", safe->str);
}

void session_complain_lines(const char *text)
{
  g_autoptr(GString) safe = g_string_new("rung: ");

  for (Slice rest = slice_from_string(text); rest.len > 0;) {
    text_append_safe(safe, slice_take_line(&rest), TEXT_UTF8);
    g_string_append_c(safe, '\n');
  }
  fputs(safe->str, stderr);
}

/* What the user has to know unless he asked for quiet. */
static void warn(const Session *session, const char *text)
{
  if (!session->options->quiet)
    session_complain(text);
}

static bool open_source(Session *session, GError **error)
{
  session->stores = store_set_new();
  session->source = input_open(session->options, session->stores, error);
  return session->source != NULL;
}

static bool open_output(Session *session, GError **error)
{
  bool saves = session->options->command == SUBCOMMAND_SAVE;
  const char *path = session->options->output;
  int fd = STDOUT_FILENO;

  if (path && strcmp(path, "-") != 0) {
    if (out_file_is_input(path, (const char *const *) session->options->files->pdata)) {
      g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "cannot write %s: it is the input", path);
      return false;
    }
    if (!saves)
      fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  }
  if (fd < 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "cannot write %s: %s", path, g_strerror(errno));
    return false;
  }
  if (saves && !save_file_open(session->options, &session->save, error))
    return false;
  out_init(&session->out, fd, fd == STDOUT_FILENO ? "standard output" : path);
  return true;
}

/* Without a file it may look as if nothing happened. */
static void tell_live(const Session *session)
{
  g_autoptr(GString) text = g_string_new("capturing on ");

  if (!source_is_live(session->source) || !isatty(STDERR_FILENO))
    return;
  for (unsigned i = 0; i < source_input_count(session->source); i++)
    g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", source_input_name(session->source, i));
  g_string_append(text, "; Ctrl-C ends it");
  warn(session, text->str);
}

static void begin(Session *session)
{
  ReportSetup setup = {
    .options = session->options,
    .stores = session->stores,
    .out = &session->out,
    .look = terminal_look(session->options, session->out.fd),
    .terminal = isatty(session->out.fd),
    .live = source_is_live(session->source),
  };

  session->trace = trace_new(&LIMITS_DEFAULT);
  setup.trace = session->trace;
  report_init(&session->report, &setup);
  /* A bar would stand between the rows of a report that streams to the same terminal. */
  bool in_the_way = setup.terminal && report_is_streaming(&session->report);
  bool shown = isatty(STDERR_FILENO) && !session->options->quiet && !in_the_way &&
               !source_is_live(session->source);
  session->progress = progress_new(shown, session->options->ascii);
  tell_live(session);
  signals_hold();
  session->pipeline = pipeline_start(session->source, session->stores, &LIMITS_DEFAULT);
  report_begin(&session->report);
}

/* Files all messages of the batch. */
static void feed(Session *session, Batch *batch)
{
  batch_note(batch, session->trace);
  for (size_t i = 0; i < batch->count; i++) {
    const Message *message = trace_add(session->trace, &batch->arrivals[i]);

    report_message(&session->report, &batch->arrivals[i], message);
  }
  session->messages += batch->count;
}

/* Live: what is finished by now, and what was written goes out at once. */
static void tick(Session *session)
{
  int64_t now_us = g_get_monotonic_time();

  if (!source_is_live(session->source))
    return;
  if (now_us - session->ticked_us >= TICK_US) {
    session->ticked_us = now_us;
    report_tick(&session->report, g_get_real_time() * 1000);
  }
  out_flush(&session->out);
}

static void check_stop(Session *session)
{
  if (session->stopped)
    return;
  session->interrupted = signals_came();
  session->stopped = session->interrupted || out_is_over(&session->out);
  if (session->stopped)
    source_stop(session->source);
}

static void run(Session *session)
{
  bool last = false;

  while (!last) {
    Batch *batch = pipeline_take(session->pipeline, WAIT_US);

    if (batch) {
      feed(session, batch);
      last = batch->last;
      pipeline_give_back(session->pipeline, batch);
    }
    tick(session);
    check_stop(session);
    progress_update(&session->progress, source_progress(session->source), session->messages);
  }
  progress_erase(&session->progress);
  signals_release();
}

/* A warning that also means that what was asked for is not whole. */
static void fail(Session *session, const char *text)
{
  warn(session, text);
  session->failed = true;
}

/* Live: as much as was seen, and what the kernel could not hand over. */
static void tell_drops(const Session *session, uint64_t packets)
{
  g_autofree char *text =
    g_strdup_printf("%" G_GUINT64_FORMAT " packets captured, %" G_GUINT64_FORMAT
                    " dropped by the kernel before they could be read",
                    packets, source_dropped(session->source));

  warn(session, text);
}

static void tell_losses(Session *session)
{
  const TraceStats *counts = trace_counts(session->trace);

  if (source_is_live(session->source))
    tell_drops(session, counts->packets);
  if (counts->evicted_calls > 0) {
    g_autofree char *text =
      g_strdup_printf("%" G_GUINT64_FORMAT " old calls were given up to stay within the limits",
                      counts->evicted_calls);
    fail(session, text);
  }
}

static void tell_faults(Session *session)
{
  const GPtrArray *faults = source_faults(session->source);
  const GError *spool = pipeline_error(session->pipeline);
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);

  for (unsigned i = 0; i < faults->len; i++)
    fail(session, faults->pdata[i]);
  if (spool)
    fail(session, spool->message);
  if (session->report.error)
    fail(session, session->report.error->message);
  if (session->interrupted && !source_is_live(session->source))
    fail(session, session->options->command == SUBCOMMAND_SAVE
                    ? "interrupted: nothing was written"
                    : "interrupted: only what was read by then is shown");
  selection_append_missing(&session->report.selection, missing);
  for (unsigned i = 0; i < missing->len; i++)
    fail(session, missing->pdata[i]);
}

/* That it failed is told even to who wants quiet. */
static void save(Session *session)
{
  g_autoptr(GError) error = NULL;
  const SaveInput input = {
    .options = session->options,
    .packets = {session->trace, session->source, session->stores, pipeline_seed(session->pipeline)},
    .report = &session->report,
    .progress = &session->progress,
  };

  if (session->interrupted && !source_is_live(session->source)) {
    save_file_discard(&session->save);
    return;
  }
  if (save_run(&input, &session->save, &error))
    return;
  session_complain(error->message);
  session->failed = true;
}

/* Closes the output; that it could not be written is told even to who wants quiet. */
static void finish_output(Session *session)
{
  g_autoptr(GError) error = NULL;

  if (!out_finish(&session->out, &error)) {
    session_complain(error->message);
    session->failed = true;
  }
  if (session->out.fd != STDOUT_FILENO && close(session->out.fd) != 0 && !error) {
    g_autofree char *text =
      g_strdup_printf("cannot write %s: %s", session->out.name, g_strerror(errno));
    session_complain(text);
    session->failed = true;
  }
}

static void clear(Session *session)
{
  report_clear(&session->report);
  g_clear_pointer(&session->pipeline, pipeline_free);
  if (!SESSION_LEAVES_MODEL)
    g_clear_pointer(&session->trace, trace_free);
}

static ExitStatus fail_start(Session *session, const GError *error)
{
  session_complain(error->message);
  g_clear_pointer(&session->source, source_free);
  g_clear_pointer(&session->stores, store_set_free);
  return g_error_matches(error, APP_ERROR, APP_ERROR_USAGE) ? EXIT_USAGE : EXIT_FAILED;
}

ExitStatus session_run(const Options *options)
{
  Session session = {.options = options};
  g_autoptr(GError) error = NULL;

  if (!open_source(&session, &error) || !open_output(&session, &error))
    return fail_start(&session, error);
  begin(&session);
  run(&session);
  if (!out_is_over(&session.out))
    report_end(&session.report);
  if (options->command == SUBCOMMAND_SAVE)
    save(&session);
  finish_output(&session);
  tell_faults(&session);
  tell_losses(&session);
  clear(&session);
  out_clear(&session.out);
  source_free(session.source);
  store_set_free(session.stores);
  return session.failed ? EXIT_FAILED : EXIT_OK;
}
