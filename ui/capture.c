/* `rung capture`: packets as they come, into files one after another or rows of a database, for as
 * long as it runs. */
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "ui/push.h"
#include "ui/report/push_rows.h"
#include "ui/report/ring.h"
#include "ui/session.h"

const Subcommand CAPTURE_SUBCOMMAND = {
  .name = "capture",
  .help = N_("capture live without a screen, for weeks: files in a ring"),
  .more = N_(
    "-w FILE names the file: pcapng if it ends in .pcapng, else pcap; with .gz or .zst after that\n"
    "it is compressed as it is written. -C and -G begin a new file when one is full or old:\n"
    "FILE_00001_20261129104500.pcapng and so on; -W COUNT deletes the oldest files, also those of\n"
    "earlier runs. A packet is in the file within a second, however the program ends. Packets of\n"
    "SIP are written, with -Y only those of the selected calls, and their media with "
    "--with-media.\n"
    "Where -Y asks for what may still change (call.outcome), a call is written once it is over.\n"
    "\n"
    "--split day puts the files of each day in a folder of its own beside FILE: 2026-11-29.\n"
    "--split call writes each call to a file of its own, named by its begin, number and Call-ID:\n"
    "FILE_20261129104500_7_CALL-ID.pcapng. REGISTER, OPTIONS and so on have files, too, unless -Y\n"
    "leaves them out. Where the connection is older than the call, the file begins with the call.\n"
    "\n"
    "--keep EXPR also writes the calls that match EXPR to FILE-kept, which is never deleted. A\n"
    "call is asked once it is over; how many were discarded before that is reported at the end.\n"
    "\n"
    "--push URL puts messages and calls into a ClickHouse database as they come, with -w or\n"
    "without, whatever -Y selects; see 'rung help push' for the URL and the tables. While no\n"
    "server takes them, rows wait in temporary files, of at most 1 GB or half of --max-disk; with\n"
    "--queue DIR they stay there until a run with the same DIR has pushed them. Beyond that limit\n"
    "the oldest are discarded and counted. A call is pushed once it is over, and again if it goes\n"
    "on; each minute there is a row of `probe`.\n"
    "\n"
    "The capture ends with -a duration:SECONDS, -a filesize:SIZE or -a packets:N (also -c N), "
    "with\n"
    "Ctrl-C and with SIGTERM. SIGUSR1, and without a terminal SIGHUP, begin the next file; "
    "without\n"
    "-C, -G and --split they do so if FILE was moved away. While the disk is full, writing is\n"
    "tried again, and what is lost is counted."),
  .takes = TAKES_LIVE | TAKES_FILTER | TAKES_CALLS | TAKES_OUTPUT | TAKES_PACKETS | TAKES_MEDIA |
           TAKES_RING,
};

/* A series of files, and what goes there. */
typedef struct {
  char *path;
  Ring *ring; /* NULL: there is a file for each call */
  PacketSink *sink;
  LiveTarget *target;
  int64_t began_us; /* of the file that is written */
} Series;

enum { SERIES_MAX = 2, NEWS_US = 60 * 1000 * 1000 };

typedef struct {
  Session session;
  LiveTarget targets[SERIES_MAX];
  Series series[SERIES_MAX];
  unsigned count;
  Push *push;      /* of --push; or NULL */
  Selection *kept; /* of --keep; or NULL */
  int64_t start_us;
  uint64_t dropped;   /* packets, and */
  int64_t dropped_us; /* when that was said */
} Capture;

static bool has_ring(const Options *options)
{
  return options->file_size > 0 || options->file_seconds > 0 || options->split_by_day;
}

/* Of those that say what files there are, and how to write them. */
static bool needs_files(const Options *options)
{
  return has_ring(options) || options->split_by_call || options->file_count > 0 || options->keep ||
         options->stop_bytes > 0 || options->with_media || options->with_secrets;
}

static const char *fault_of_push(const Options *options)
{
  if (!options->push_to && (options->queue || options->create || options->days || options->probe))
    return _("--queue, --create, --days and --probe need --push URL");
  if (options->days && !options->create)
    return _("--days needs --create");
  return NULL;
}

static const char *fault_of_files(const Options *options)
{
  const char *fault = NULL;

  if (!options->output && !options->push_to)
    fault = _("'capture' needs -w FILE or --push URL");
  else if (!options->output)
    fault = needs_files(options) ? _("the options for files need -w FILE") : NULL;
  else if (strcmp(options->output, "-") == 0)
    fault = _("'capture' needs a file for -w; use 'rung save' to write to a pipe");
  else if (options->file_count > 0 && !has_ring(options))
    fault = _("-W needs -C SIZE, -G SECONDS or --split day, which begin new files");
  else if (options_live_inputs(options) > 1 && writer_format_of(options->output) == WRITER_PCAP)
    fault = _("'capture' needs pcapng for several interfaces; use a name that ends in .pcapng");
  else if (options->with_secrets && writer_format_of(options->output) == WRITER_PCAP)
    fault = _("--with-secrets needs pcapng; use a name that ends in .pcapng");
  else if (options->split_by_call && (options->file_size > 0 || options->file_seconds > 0))
    fault = _("--split call has a file for each call; -C and -G are not for it");
  else if (options->split_by_call && options->with_secrets)
    fault = _("--split call does not write secrets; leave out --with-secrets");
  return fault;
}

static bool check_options(const Options *options, GError **error)
{
  const char *fault = options->files ? _("'capture' captures live; use 'rung save' for files")
                                     : fault_of_push(options);

  if (!fault)
    fault = fault_of_files(options);
  if (fault)
    g_set_error_literal(error, APP_ERROR, APP_ERROR_USAGE, fault);
  return !fault;
}

/* "trace.pcapng" -> "trace-kept.pcapng" */
static char *kept_path(const char *path)
{
  size_t len = ring_stem_len(path);

  return g_strdup_printf("%.*s-kept%s", (int) len, path, path + len);
}

static void say(Capture *capture, char *line)
{
  if (!line)
    return;
  session_fail(&capture->session, line);
  g_free(line);
}

/* --- Files ------------------------------------------------------------------------------------ */

static bool begin_file(Capture *capture, Series *series, GError **error)
{
  char *fault = NULL;

  if (!ring_next(series->ring, &fault, error))
    return false;
  say(capture, fault);
  series->began_us = g_get_monotonic_time();
  series->target->options.fd = ring_fd(series->ring);
  series->target->options.name = ring_name(series->ring);
  return true;
}

static bool open_series(Capture *capture, Series *series, GError **error)
{
  const Run *run = &capture->session.run;
  PacketSaveOptions *options = &series->target->options;

  if (series->ring && !begin_file(capture, series, error))
    return false;
  if (!series->ring)
    options->name = series->path;
  series->sink = packet_sink_new(run->source, run->stores,
                                 (WriterOptions){.fd = options->fd,
                                                 .name = options->name,
                                                 .format = options->format,
                                                 .packing = options->packing});
  series->target->options.sink = series->sink;
  packet_sink_be_patient(series->sink);
  if (series->ring)
    return packet_sink_begin(series->sink, error);
  packet_sink_split(series->sink, run->trace);
  return true;
}

static void add_series(Capture *capture, char *path, Selection *selection, uint32_t files_max)
{
  const Options *options = capture->session.options;
  Series *series = &capture->series[capture->count];

  *series = (Series){.path = path, .target = &capture->targets[capture->count]};
  series->target->options = (PacketSaveOptions){
    .format = writer_format_of(path),
    .packing = packing_of(path),
    .with_media = options->with_media,
    .with_secrets = options->with_secrets,
    .selection = selection,
  };
  if (!options->split_by_call)
    series->ring = ring_new((RingOptions){.path = series->path,
                                          .files_max = files_max,
                                          .is_single = !has_ring(options),
                                          .by_day = options->split_by_day,
                                          .may_replace = options->force});
  capture->count++;
}

static void add_all_series(Capture *capture)
{
  const Options *options = capture->session.options;

  if (!options->output)
    return;
  add_series(capture, g_strdup(options->output), options->selection, options->file_count);
  if (!options->keep)
    return;
  capture->kept = selection_new();
  selection_set_filter(capture->kept, options->keep);
  add_series(capture, kept_path(options->output), capture->kept, 0);
}

static bool open_all(Capture *capture, GError **error)
{
  for (unsigned i = 0; i < capture->count; i++)
    if (!open_series(capture, &capture->series[i], error))
      return false;
  return true;
}

static void capture_clear(Capture *capture)
{
  for (unsigned i = 0; i < capture->count; i++) {
    Series *series = &capture->series[i];
    g_clear_pointer(&series->target->save, live_save_free);
    packet_sink_free(series->sink);
    ring_free(series->ring);
    g_free(series->path);
  }
  if (capture->kept)
    selection_free(capture->kept);
  g_clear_pointer(&capture->push, push_free);
  capture->session.live_count = 0;
}

/* --- While it runs ---------------------------------------------------------------------------- */

/* An empty file is not followed by another one for its age. */
static bool is_due(const Capture *capture, const Series *series)
{
  const Options *options = capture->session.options;
  int64_t age_us = g_get_monotonic_time() - series->began_us;

  return (options->file_size > 0 && packet_sink_bytes(series->sink) >= options->file_size) ||
         ring_day_is_over(series->ring) ||
         (options->file_seconds > 0 && age_us >= options->file_seconds * (int64_t) G_USEC_PER_SEC);
}

/* Where the next file cannot be opened, the one there is goes on. */
static bool change_file(Capture *capture, Series *series)
{
  g_autoptr(GError) error = NULL;

  if (!packet_sink_flush(series->sink, &error) || packet_sink_is_stuck(series->sink))
    return !error;
  if (!begin_file(capture, series, &error)) {
    session_fail(&capture->session, error->message);
    series->began_us = g_get_monotonic_time();
    return true;
  }
  const PacketSaveOptions *options = &series->target->options;
  if (packet_sink_change_file(series->sink, options->fd, options->name, &error))
    return true;
  session_fail(&capture->session, error->message);
  return false;
}

static bool is_wanted(const Capture *capture, const Series *series, bool is_asked)
{
  if (!series->ring)
    return false;
  return has_ring(capture->session.options) ? is_asked || is_due(capture, series)
                                            : is_asked && ring_was_moved(series->ring);
}

static bool change_files(Capture *capture)
{
  bool is_asked = signals_asked_to_reopen(), ok = true;

  for (unsigned i = 0; i < capture->count; i++) {
    Series *series = &capture->series[i];
    if (is_wanted(capture, series, is_asked))
      ok &= change_file(capture, series);
    say(capture, packet_sink_news(series->sink));
  }
  return ok;
}

/* What the user would otherwise hear of at the end, which may be weeks away. */
static void say_news(Capture *capture)
{
  Session *session = &capture->session;
  const GPtrArray *faults = session->run.faults;
  uint64_t dropped = source_dropped(capture->session.run.source);
  int64_t now_us = g_get_monotonic_time();

  for (; session->faults_said < faults->len; session->faults_said++)
    session_fail(session, faults->pdata[session->faults_said]);
  if (dropped == capture->dropped || now_us - capture->dropped_us < NEWS_US)
    return;
  say(capture, g_strdup_printf(_("%" G_GUINT64_FORMAT " packets were dropped by the kernel"),
                               dropped - capture->dropped));
  capture->dropped = dropped;
  capture->dropped_us = now_us;
}

static bool is_over(const Capture *capture)
{
  const Options *options = capture->session.options;
  int64_t age_us = g_get_monotonic_time() - capture->start_us;
  const TraceStats *counts = trace_counts(capture->session.run.trace);

  return (options->stop_packets > 0 && counts->packets >= options->stop_packets) ||
         (options->stop_bytes > 0 &&
          packet_sink_bytes(capture->series[0].sink) >= options->stop_bytes) ||
         (options->stop_seconds > 0 && age_us >= options->stop_seconds * (int64_t) G_USEC_PER_SEC);
}

static bool on_tick(void *data)
{
  Capture *capture = data;

  say_news(capture);
  if (capture->push)
    (void) push_tick(capture->push);
  return change_files(capture) && !is_over(capture);
}

static void say_undecided(Capture *capture, const Series *series)
{
  uint64_t undecided = live_save_undecided(series->target->save);

  if (undecided > 0)
    say(capture, g_strdup_printf(
                   translate_count(
                     "%s: %" G_GUINT64_FORMAT " call was discarded before it was over, and may "
                     "be missing; raise --max-disk, --max-memory or --max-calls",
                     "%s: %" G_GUINT64_FORMAT " calls were discarded before they were over, "
                     "and may be missing; raise --max-disk, --max-memory or --max-calls",
                     undecided),
                   series->path, undecided));
}

static void finish(Capture *capture)
{
  for (unsigned i = 0; i < capture->count; i++) {
    g_autoptr(GError) error = NULL;
    say_undecided(capture, &capture->series[i]);
    if (!save_rest(&capture->session, &capture->targets[i], &error))
      session_fail(&capture->session, error->message);
    say(capture, packet_sink_news(capture->series[i].sink));
    say(capture, packet_sink_left_out(capture->series[i].sink));
  }
  if (capture->push)
    push_end(capture->push, &capture->session);
}

static ExitStatus run_capture(Capture *capture)
{
  Session *session = &capture->session;

  session->live = capture->targets;
  session->live_count = capture->count;
  session->on_tick = on_tick;
  session->tick_data = capture;
  capture->start_us = g_get_monotonic_time();
  session_read(session, false);
  signals_hold();
  finish(capture);
  signals_release();
  capture_clear(capture);
  return session_close(session);
}

/* Where there are several files, the first is opened without root's rights, as all after it are. */
static bool begin_files(Capture *capture, GError **error)
{
  Session *session = &capture->session;
  const Options *options = session->options;
  bool is_split = has_ring(options) || options->split_by_call;

  add_all_series(capture);
  return is_split
           ? session_drop_rights(options, &session->run, NULL, error) && open_all(capture, error)
           : open_all(capture, error) && session_drop_rights(options, &session->run, NULL, error);
}

ExitStatus capture_run(const Options *options)
{
  Options own = *options; /* borrows its words */
  Capture capture = {.session = {.options = &own}};
  Session *session = &capture.session;
  g_autoptr(GError) error = NULL;

  if (options->push_to)
    own.report = &PUSH_ROWS;
  if (!check_options(options, &error) ||
      (options->push_to && !(capture.push = push_open(&own, &error))))
    return session_refuse(session, error);
  if (!session_open(session, &own, &error)) {
    push_free(capture.push);
    return session_refuse(session, error);
  }
  signals_hold_reopen();
  signals_hold();
  if (begin_files(&capture, &error) && (!capture.push || push_begin(capture.push, session, &error)))
    return run_capture(&capture);
  capture_clear(&capture);
  return session_refuse(session, error);
}
