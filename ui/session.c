#include "ui/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "capture/confine.h"
#include "capture/error.h"
#include "capture/language.h"
#include "dissect/media/audio_codec.h"
#include "ui/configuration.h"
#include "ui/rights.h"
#include "ui/show/remark_file.h"
#include "ui/show/tls_text.h"
#include "ui/sound/sound.h"

enum { WAIT_US = 50000, TICK_US = 250000 };

/* --- What is said ----------------------------------------------------------------------------- */

void session_complain(const char *text)
{
  g_autoptr(GString) safe = g_string_new("rung: ");

  text_append_safe(safe, slice_from_string(text), terminal_charset());
  fprintf(stderr, "%s\n", safe->str);
}

void session_complain_lines(const char *text)
{
  g_autoptr(GString) safe = g_string_new("rung: ");

  for (Slice rest = slice_from_string(text); rest.len > 0;) {
    text_append_safe(safe, slice_take_line(&rest), terminal_charset());
    g_string_append_c(safe, '\n');
  }
  fputs(safe->str, stderr);
}

/* What the user has to know unless --quiet was given. */
static void warn(const Session *session, const char *text)
{
  if (!session->options->quiet)
    session_complain(text);
}

void session_warn_failed(Session *session, const char *text)
{
  warn(session, text);
  session->failed = true;
}

void session_fail(Session *session, const char *text)
{
  session_complain(text);
  session->failed = true;
}

ExitStatus session_refuse(Session *session, const GError *error)
{
  session_complain(error->message);
  g_clear_pointer(&session->numbers, live_numbers_free);
  if (session->run.source)
    run_close(&session->run, false);
  return g_error_matches(error, APP_ERROR, APP_ERROR_USAGE) ? EXIT_USAGE : EXIT_FAILED;
}

ExitStatus session_print(const char *text)
{
  g_autoptr(GError) error = NULL;
  Out out;

  out_init(&out, STDOUT_FILENO, _("standard output"));
  out_string(&out, text);
  bool ok = out_finish(&out, &error);
  out_clear(&out);
  if (!ok)
    session_complain(error->message);
  return ok ? EXIT_OK : EXIT_FAILED;
}

/* --- The input -------------------------------------------------------------------------------- */

/* Of a capture that also reports. */
static bool writes_packets(const Options *options)
{
  return options->output && options->command && options->command->info->takes & TAKES_RING;
}

/* What no report and no filter reads again need not be kept. */
static SourceKeeping keeping_for(const Options *options)
{
  const ReportOps *report = options->report;

  if (!report || writes_packets(options))
    return SOURCE_KEEPS_FRAMES;
  if (report->reads_once && !options->where && !options->columns && !options->sort &&
      !options->by.by)
    return SOURCE_KEEPS_NOTHING;
  return SOURCE_KEEPS_MESSAGES;
}

/* Of temporary files.  Live, output that waits for a slow reader may take the other half. */
static uint64_t disk_limit(const Options *options)
{
  uint64_t bytes = machine_disk_limit(options);

  return options->files || !options->report ? bytes : bytes / 2;
}

static bool choices_need_media(const GArray *choices)
{
  for (guint i = 0; choices && i < choices->len; i++)
    if (g_array_index(choices, FieldChoice, i).ref.field->needs_media)
      return true;
  return false;
}

/* Whose a stream is costs time that most commands have no use for. */
static bool needs_media(const Options *options)
{
  return options->with_media || (options->report && options->report->needs_media) ||
         (options->where && display_filter_needs_media(options->where)) ||
         (options->by.ref.field && options->by.ref.field->needs_media) ||
         choices_need_media(options->columns) || choices_need_media(options->sort);
}

bool session_open_hep(const Options *options, Run *run, GError **error)
{
  if (!options->hep_send)
    return true;
  const HepSendOptions send = {.address = options->hep_send,
                               .password = options->hep_password,
                               .authorities = options->hep_authorities};
  run->hep = hep_send_new(&send, error);
  if (!run->hep)
    run_close(run, false);
  return run->hep != NULL;
}

void session_read_notes(Run *run, GPtrArray *faults)
{
  unsigned count = source_is_live(run->source) && !source_follows(run->source)
                     ? 0
                     : source_input_count(run->source);

  /* What is written beside the first one is the last word. */
  for (unsigned i = count; i-- > 0;) {
    g_autoptr(GError) error = NULL;
    if (!remark_file_read(source_input_name(run->source, i), i > 0, trace_remarks(run->trace),
                          &error))
      g_ptr_array_add(faults, g_strdup(error->message));
  }
}

bool session_open(Session *session, const Options *options, GError **error)
{
  SourceOptions source = options_source(options);
  Limits limits = machine_limits(options);

  *session = (Session){.options = options};
  source.keeping = keeping_for(options);
  source.buffer_bytes = machine_capture_buffer(options);
  g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(Verifier) verifier = NULL;
  g_autofree char *warning = NULL;
  if (!live_numbers_open(options, &session->numbers, error) ||
      !options_verifier(options, &verifier, &warning, error) ||
      !run_open(&session->run, &source, &limits, error))
    return false;
  if (!session_open_hep(options, &session->run, error))
    return false;
  if (warning)
    warn(session, warning);
  trace_set_verifier(session->run.trace, g_steal_pointer(&verifier));
  session_read_notes(&session->run, faults);
  for (guint i = 0; i < faults->len; i++)
    warn(session, faults->pdata[i]);
  session->run.follows_media = needs_media(options) || live_numbers_need_media(session->numbers);
  if (options->report && options->report->needs_offers)
    trace_follow_media(session->run.trace, session->run.stores);
  store_set_limit(session->run.stores, disk_limit(options));
  return true;
}

/* The folder of a file that is written, also where a link leads to it. */
static char *folder_of(const char *path)
{
  g_autofree char *target = realpath(path, NULL);

  return g_path_get_dirname(target ? target : path);
}

static void add_words(const char *const *words, GPtrArray *to)
{
  for (; words && *words; words++)
    g_ptr_array_add(to, (gpointer) (uintptr_t) *words);
}

/* What is opened later, where folders are named instead of files, and by what reads the packets
 * that it saved; NULL-terminated. */
static GPtrArray *readable_later(const Options *options)
{
  GPtrArray *paths = g_ptr_array_new();
  const char *const passwords[] = {options->password_file, NULL};
  const char *const authorities[] = {options->authorities, NULL};
  static const char *const RESOLVING[] = {"/run/systemd/resolve", "/run/NetworkManager", NULL};
  bool reads_folders = options->command && options->command->info->takes & TAKES_FOLDERS;

  if (reads_folders || options->bundle) {
    add_words(options->key_logs, paths);
    add_words(options->private_keys, paths);
  }
  if (reads_folders) {
    add_words(options->files, paths);
    add_words(options->stir_certs, paths);
    add_words(passwords, paths);
  }
  if (options->push_to) /* whose host is looked up and whose certificate is verified again */
    add_words(RESOLVING, paths);
  add_words(authorities, paths);
  g_ptr_array_add(paths, NULL);
  return paths;
}

/* In the terminal the user names the files later. */
static void confine(const Options *options, Run *run)
{
  g_autoptr(GPtrArray) readable = readable_later(options);
  const char *written = options->output  ? options->output
                        : options->audio ? options->audio
                                         : options->bundle;
  g_autofree char *folder = options->sipp                          ? g_strdup(options->sipp)
                            : written && strcmp(written, "-") != 0 ? folder_of(written)
                                                                   : NULL;
  g_autoptr(GPtrArray) folders = g_ptr_array_new();
  const char *const written_to[] = {folder, options->queue};
  bool is_browsing = options_browse(options) && isatty(STDOUT_FILENO);

  g_ptr_array_add(folders, (gpointer) (uintptr_t) g_get_tmp_dir());
  for (size_t i = 0; i < G_N_ELEMENTS(written_to); i++)
    if (written_to[i])
      g_ptr_array_add(folders, (gpointer) (uintptr_t) written_to[i]);
  g_ptr_array_add(folders, NULL);
  tzset(); /* from a file */
  if (options->audio || options->bundle)
    audio_codec_prepare();
  confine_process(&(Confinement){.all_files = is_browsing,
                                 .folders = (const char *const *) folders->pdata,
                                 .makes_folders = options->split_by_day || options->push_to,
                                 .readable = (const char *const *) readable->pdata,
                                 .may_connect = run->hep != NULL || options->push_to,
                                 .may_play = is_browsing && sound_driver()});
  run->is_confined = true;
}

static bool drop_rights(const Options *options, OutFile *file, GError **error)
{
  if (options->files && !options->user)
    return true;
  if (file && rights_change_user(options->user) && !out_file_keep_rights(file, error))
    return false;
  return rights_drop(options->user, error);
}

bool session_drop_rights(const Options *options, Run *run, OutFile *file, GError **error)
{
  if (!drop_rights(options, file, error))
    return false;
  if (SESSION_IS_CONFINED && !rights_are_kept(options->user))
    confine(options, run);
  return true;
}

/* Without a file it may look as if nothing happened. */
static void announce_capture(const Session *session)
{
  const Source *source = session->run.source;
  g_autoptr(GString) text =
    g_string_new(source_follows(source) ? _("following ") : _("capturing on "));

  if (!source_is_live(source) || !isatty(STDERR_FILENO))
    return;
  for (unsigned i = 0; i < source_input_count(source); i++)
    g_string_append_printf(text, "%s%s", i > 0 ? _(", ") : "", source_input_name(source, i));
  g_string_append(text, _("; press Ctrl-C to stop"));
  warn(session, text->str);
}

static void note_message(void *data, const Arrival *arrival, const Message *message)
{
  const Session *session = data;

  if (session->report)
    report_message(session->report, arrival, message);
  live_numbers_touch(session->numbers, message->transaction->call);
  for (unsigned i = 0; i < session->live_count; i++)
    live_save_message(session->live[i].save, message);
}

static void note_frames(void *data, const FrameBatch *frames)
{
  const Session *session = data;

  for (unsigned i = 0; i < session->live_count; i++)
    live_save_frames(session->live[i].save, frames);
}

static void note_leaving(void *data, Call *const *calls, size_t count)
{
  const Session *session = data;

  for (unsigned i = 0; i < session->live_count; i++)
    live_save_leaving(session->live[i].save, calls, count);
  if (session->on_leaving)
    session->on_leaving(session->leaving_data, calls, count);
}

PacketSaveInput session_packets(const Session *session)
{
  const Run *run = &session->run;

  return (PacketSaveInput){run->trace, run->source, run->stores, run->seed, &run->limits};
}

/* The time of the capture, also when it is silent. */
static int64_t live_now(const Session *session)
{
  return source_follows(session->run.source) ? run_now(&session->run) : g_get_real_time() * 1000;
}

static void begin_live_saves(Session *session)
{
  const PacketSaveInput input = session_packets(session);

  if (session->live_count > 0 || session->on_leaving)
    session->run.leaving = note_leaving;
  if (session->live_count == 0)
    return;
  for (unsigned i = 0; i < session->live_count; i++) {
    if (session->live[i].options.with_media)
      trace_follow_media(session->run.trace, session->run.stores);
    session->live[i].save = live_save_new(&input, &session->live[i].options);
  }
  session->run.frames = note_frames;
}

/* Live: prints what is finished by now, and writes the output out at once. */
static void tick(const Session *session, int64_t *ticked_us)
{
  int64_t now_us = g_get_monotonic_time();

  if (!session->report || !source_is_live(session->run.source))
    return;
  if (now_us - *ticked_us >= TICK_US) {
    *ticked_us = now_us;
    report_tick(session->report, live_now(session));
  }
  out_flush(session->report->out);
}

static bool tick_live_saves(Session *session)
{
  bool ok = true;

  for (unsigned i = 0; i < session->live_count; i++)
    ok &= live_save_tick(session->live[i].save, live_now(session));
  return ok && (!session->on_tick || session->on_tick(session->tick_data));
}

static void check_stop(Session *session)
{
  if (session->stopped)
    return;
  session->interrupted = signals_came();
  session->stopped = session->interrupted ||
                     (session->report && out_is_over(session->report->out)) ||
                     !tick_live_saves(session);
  if (session->stopped)
    source_stop(session->run.source);
}

/* The capture goes on without. */
static void begin_numbers(Session *session)
{
  g_autoptr(GError) error = NULL;

  if (!live_numbers_begin(session->numbers, &session->run, NULL, &error))
    session_fail(session, error->message);
}

static void tick_numbers(Session *session)
{
  if (!session->numbers)
    return;
  live_numbers_tick(session->numbers, live_now(session));
  g_autofree char *news = live_numbers_news(session->numbers);
  if (news)
    session_fail(session, news);
}

void session_read(Session *session, bool shows_progress)
{
  const Source *source = session->run.source;
  bool shown =
    shows_progress && isatty(STDERR_FILENO) && !session->options->quiet && !source_is_live(source);
  int64_t ticked_us = 0;

  session->progress = progress_new(shown, session->options->ascii);
  announce_capture(session);
  signals_hold();
  begin_numbers(session);
  run_start(&session->run);
  begin_live_saves(session);
  while (!session->run.over) {
    run_feed(&session->run, WAIT_US, note_message, session);
    tick(session, &ticked_us);
    tick_numbers(session);
    check_stop(session);
    progress_update(&session->progress, source_progress(source), session->run.messages);
  }
  progress_erase(&session->progress);
  signals_release();
}

bool session_is_cut(const Session *session)
{
  return session->interrupted && !source_is_live(session->run.source);
}

static int compare_undecoded(const void *a, const void *b)
{
  const UndecodedRow *left = a, *right = b;

  return (left->count < right->count) - (left->count > right->count);
}

/* " (most: 198.51.100.20:5061, sip.example.com, TLS 1.3, ...)" */
static void append_example(const Session *session, TlsOutcome outcome, GString *to)
{
  const TlsRow *row = tls_table_most(trace_tls(session->run.trace), outcome);
  char server[ENDPOINT_TEXT_MAX];

  if (!row)
    return;
  g_string_append_printf(to, " (%s%s, ", row->count > 1 ? _("most: ") : "",
                         endpoint_format(&row->server, server));
  tls_text_append(row, to);
  g_string_append_c(to, ')');
}

/* What was not decoded, a line per kind; the most frequent first. */
static void report_undecoded(const Session *session)
{
  Undecoded undecoded = trace_counts(session->run.trace)->undecoded;
  char name[UNDECODED_NAME_MAX];

  qsort(undecoded.rows, undecoded.count, sizeof undecoded.rows[0], compare_undecoded);
  for (unsigned i = 0; i < undecoded.count; i++) {
    const UndecodedRow *row = &undecoded.rows[i];
    const char *unit =
      undecoded_is_of_packets(row->kind) ? translate_count(" packet", " packets", row->count) : "";

    undecoded_name(row, name);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, _("not decoded: %s: %" G_GUINT64_FORMAT "%s"), name, row->count, unit);
    if (row->kind == UNDECODED_TLS)
      append_example(session, TLS_UNREAD, text);
    warn(session, text->str);
  }
}

static void report_failed_handshakes(const Session *session)
{
  uint64_t count = tls_table_count(trace_tls(session->run.trace), TLS_FAILED);
  g_autoptr(GString) text = g_string_new(NULL);

  if (count == 0)
    return;
  g_string_printf(text, _("TLS handshakes that failed: %" G_GUINT64_FORMAT), count);
  append_example(session, TLS_FAILED, text);
  warn(session, text->str);
}

char *session_packet_counts(const Run *run)
{
  const Source *source = run->source;
  GString *text = g_string_new(NULL);

  g_string_printf(
    text, _("%" G_GUINT64_FORMAT " packets captured, %" G_GUINT64_FORMAT " dropped by the kernel"),
    trace_counts(run->trace)->packets, source_dropped(source));
  for (unsigned i = 0; source_input_count(source) > 1 && i < source_input_count(source); i++)
    if (source_input_counts(source, i).dropped > 0)
      g_string_append_printf(text, "; %s: %" G_GUINT64_FORMAT, source_input_name(source, i),
                             source_input_counts(source, i).dropped);
  return g_string_free(text, false);
}

/* Reports lost packets (live), and calls that had to go. */
static void report_losses(Session *session)
{
  const TraceStats *counts = trace_counts(session->run.trace);
  const Source *source = session->run.source;
  const GPtrArray *notes = source_notes(source);

  for (guint i = 0; i < notes->len && session->run.over; i++)
    warn(session, notes->pdata[i]);
  report_undecoded(session);
  report_failed_handshakes(session);
  if (source_is_live(source) && !source_follows(source)) {
    g_autofree char *text = session_packet_counts(&session->run);
    if (source_dropped(source) > 0)
      session_fail(session, text);
    else
      warn(session, text);
  }
  if (counts->evicted_calls > 0) {
    g_autofree char *text = g_strdup_printf(
      _("%" G_GUINT64_FORMAT " oldest calls discarded (limit reached)"), counts->evicted_calls);
    session_warn_failed(session, text);
  }
  if (counts->evicted_streams > 0) {
    g_autofree char *text =
      g_strdup_printf(_("%" G_GUINT64_FORMAT " silent RTP streams discarded (limit reached)"),
                      counts->evicted_streams);
    session_warn_failed(session, text);
  }
}

/* Whose streams those are is not known then. */
static void report_skipped_media(Session *session)
{
  const MediaBook *book = trace_media(session->run.trace);
  uint64_t count = book ? media_book_skipped(book) : 0;

  if (count == 0)
    return;
  g_autofree char *text =
    g_strdup_printf(_("%" G_GUINT64_FORMAT
                      " media lines, addresses or session descriptions not used (limit reached)"),
                    count);
  session_warn_failed(session, text);
}

/* What the filter chose may be wrong then. */
static void report_filter_limit(Session *session)
{
  const DisplayFilter *filter = session->options->where;
  uint64_t count = filter ? display_filter_undecided(filter) : 0;

  if (count == 0)
    return;
  g_autofree char *text = g_strdup_printf(
    translate_count(
      "-Y: %" G_GUINT64_FORMAT
      " value undecided (match limit of the regular expression reached): the result may be wrong",
      "-Y: %" G_GUINT64_FORMAT " values undecided (match limit of the regular expression reached): "
      "the result may be wrong",
      count),
    count);
  session_warn_failed(session, text);
}

/* Of two captures with the name of the one that lacks it. */
static void report_missing(Session *session, const char *what)
{
  g_autofree char *text = g_strdup_printf("%s: %s", session->options->files[0], what);

  session_warn_failed(session, session->names ? text : what);
}

ExitStatus session_close(Session *session)
{
  g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
  const GPtrArray *faults = session->run.faults;

  for (guint i = session->faults_said; i < faults->len; i++)
    (session->options->files ? session_warn_failed : session_fail)(session, faults->pdata[i]);
  selection_append_missing(session->options->selection, missing);
  for (guint i = 0; i < missing->len; i++)
    report_missing(session, missing->pdata[i]);
  report_filter_limit(session);
  report_losses(session);
  report_skipped_media(session);
  g_clear_pointer(&session->numbers, live_numbers_free);
  run_close(&session->run, SESSION_KEEPS_TRACE && !session->is_first);
  return session->failed ? EXIT_FAILED : EXIT_OK;
}

/* --- The report ------------------------------------------------------------------------------- */

/* Live, rows are read as they come, unless that would destroy an old file for half a new one. */
static bool open_output(const Session *session, OutFile *ret_file, GError **error)
{
  const Options *options = session->options;
  const OutFileOptions output = {
    .path = options->output ? options->output : "-",
    .inputs = options->files,
    .may_replace = true,
  };

  if (!out_file_open(&output, ret_file, error))
    return false;
  if (!source_is_live(session->run.source) || ret_file->replaces || out_file_place(ret_file, error))
    return true;
  out_file_discard(ret_file);
  return false;
}

/* What the command needs of the configuration, whose faults are warned of. */
static void read_configuration(Session *session)
{
  const Options *options = session->options;
  unsigned takes = options->command ? options->command->info->takes : 0;
  bool names_endpoints = takes & TAKES_ALIASES, finds_legs = takes & TAKES_CONVERSATIONS;
  g_autoptr(GPtrArray) complaints = g_ptr_array_new_with_free_func(g_free);

  if (!finds_legs && !names_endpoints)
    return;
  g_autoptr(Config) config = configuration_load(options, complaints);
  if (finds_legs)
    session->leg_headers = leg_headers_parse(config_text(config, SETTING_LEGS_HEADER));
  if (names_endpoints)
    session->aliases = config_aliases(config, complaints);
  for (guint i = 0; i < complaints->len; i++)
    warn(session, complaints->pdata[i]);
}

static void forget_configuration(Session *session)
{
  g_strfreev(session->leg_headers);
  aliases_free(session->aliases);
}

/* A capture does not wait for a slow reader.  A file is none. */
static void write_behind(const Session *session, Out *out)
{
  g_autoptr(GError) error = NULL;
  struct stat status;

  if (session->options->files || (fstat(out->fd, &status) == 0 && S_ISREG(status.st_mode)) ||
      out_write_behind(out, disk_limit(session->options), &error))
    return;
  g_autofree char *text =
    g_strdup_printf(_("%s: packets may be lost while output waits to be read"), error->message);
  warn(session, text);
}

/* `first`: see ReportSetup. */
static void begin_report(Session *session, void *first, Report *report, Out *out)
{
  const Options *options = session->options;
  const ReportSetup setup = {
    .ops = options->report,
    .selection = options->selection,
    .trace = session->run.trace,
    .stores = session->run.stores,
    .out = out,
    .look = terminal_look(options, out->fd),
    .time = options->time,
    .utc = options->utc,
    .columns = options->columns,
    .sort = options->sort,
    .decode = options->decode,
    .group = options->group,
    .by = options->by.by ? &options->by : NULL,
    .merge = options->merge,
    .legs = options->legs,
    .aliases = session->aliases,
    .fails_on_flaws = option_is_given(options, OPTION_FAIL_ON),
    .fail_on = options->fail_on,
    .checks = options->checks,
    .leg_headers = (const char *const *) session->leg_headers,
    .cuts = options->cuts,
    .ascii = options->ascii,
    .to_file = options->output != NULL,
    .terminal = isatty(out->fd),
    .live = source_is_live(session->run.source),
    .counts_dropped = source_is_live(session->run.source) && !source_follows(session->run.source),
    .first = first,
    .is_first = session->is_first,
    .names = session->names,
    .counted = options->counted,
  };

  if (setup.terminal)
    out->reader = setup.look.charset == TEXT_UTF8 ? OUT_TERMINAL : OUT_TERMINAL_ASCII;
  report_init(report, &setup);
  session->report = report;
  report_begin(report);
}

/* Does it wait for its end to appear? */
static bool is_pending(const OutFile *file)
{
  return file->path && !file->is_placed;
}

/* In slices, so that a signal is seen; false when one came. */
static bool end_pending_report(Report *report)
{
  enum { SLICE_US = 50 * 1000 };

  while (report_end_step(report, g_get_monotonic_time() + SLICE_US))
    if (signals_came())
      return false;
  return !signals_came();
}

/* Output that could not be written is reported even with --quiet. */
static void finish_output(Session *session, Out *out, OutFile *file, bool is_whole)
{
  g_autoptr(GError) error = NULL;
  uint64_t bytes;

  if (!is_whole && is_pending(file)) {
    g_autofree char *text = g_strdup_printf(_("interrupted: %s was not written"), file->name);
    session_warn_failed(session, text);
    return;
  }
  if (!out_finish(out, &error) || !out_file_commit(file, &bytes, &error))
    session_fail(session, error->message);
  if (!is_whole)
    session_warn_failed(session, _("interrupted: the output is incomplete"));
}

static void end_session(Session *session, Report *report, OutFile *file)
{
  bool is_whole = !session_is_cut(session);

  if (is_pending(file)) {
    signals_hold();
    is_whole = is_whole && end_pending_report(report);
  } else if (!out_is_over(report->out)) {
    report_end(report);
  }
  finish_output(session, report->out, file, is_whole);
  out_file_discard(file); /* one that is in place stays */
  signals_release();
}

/* What the reports have noticed, and then what is missing in the inputs. */
static ExitStatus close_report(Session *session, Report *report)
{
  if (report->error)
    session_warn_failed(session, report->error->message);
  if (report->verdict)
    session_warn_failed(session, report->verdict);
  report_clear(report);
  return session_close(session);
}

/* Reads and closes the first of two captures, so that only one is in memory.  *ret_state: what its
 * report has collected; NULL: it was interrupted. */
static ExitStatus run_first(Session *first, Out *out, void **ret_state)
{
  Report report;

  begin_report(first, NULL, &report, out);
  session_read(first, true);
  trace_follow_media(first->run.trace, first->run.stores);
  if (!session_is_cut(first)) {
    report_end(&report);
    *ret_state = g_steal_pointer(&report.state);
  }
  return close_report(first, &report);
}

static ExitStatus refuse_both(Session *session, Session *first, const GError *error)
{
  if (first && first->run.source)
    run_close(&first->run, false);
  return session_refuse(session, error);
}

static ExitStatus run_report(Session *session, Session *first)
{
  const Options *options = session->options;
  ExitStatus first_status = EXIT_OK;
  void *first_state = NULL;
  Report report;
  OutFile file;
  Out out;
  g_autoptr(GError) error = NULL;

  signals_hold(); /* until the file is in place, or gone */
  if (!open_output(session, &file, &error))
    return refuse_both(session, first, error);
  out_init(&out, file.fd, file.name);
  write_behind(session, &out);
  read_configuration(session);
  if (!session_drop_rights(options, &session->run, &file, &error)) {
    forget_configuration(session);
    out_clear(&out);
    out_file_discard(&file);
    return refuse_both(session, first, error);
  }
  if (first) {
    first->aliases = session->aliases;
    first->run.is_confined = session->run.is_confined;
    first_status = run_first(first, &out, &first_state);
  }
  begin_report(session, first_state, &report, &out);
  session->interrupted = first && first->interrupted;
  /* A bar must not appear between the rows of a report that streams to the same terminal. */
  if (!session->interrupted)
    session_read(session, !(isatty(out.fd) && report_is_streaming(&report)));
  if (options->report->needs_media)
    trace_follow_media(session->run.trace, session->run.stores);
  end_session(session, &report, &file);
  ExitStatus status = close_report(session, &report);
  out_clear(&out);
  forget_configuration(session);
  return status == EXIT_OK ? first_status : status;
}

ExitStatus session_run(const Options *options)
{
  Session session;
  g_autoptr(GError) error = NULL;

  if (!session_open(&session, options, &error))
    return session_refuse(&session, error);
  return run_report(&session, NULL);
}

ExitStatus session_run_two(const Options *first, const Options *last)
{
  const char *const names[] = {first->files[0], last->files[0], NULL};
  Session sessions[2] = {{0}, {0}};
  g_autoptr(GError) error = NULL;

  if (!session_open(&sessions[0], first, &error))
    return session_refuse(&sessions[0], error);
  if (!session_open(&sessions[1], last, &error))
    return refuse_both(&sessions[1], &sessions[0], error);
  sessions[0].is_first = true;
  sessions[0].names = sessions[1].names = names;
  return run_report(&sessions[1], &sessions[0]);
}
