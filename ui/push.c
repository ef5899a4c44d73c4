#include "ui/push.h"

#include "capture/error.h"
#include "capture/language.h"
#include "ui/report/push_rows.h"
#include "ui/report/push_schema.h"
#include "ui/rights.h"

const Subcommand PUSH_SUBCOMMAND = {
  .name = "push",
  .help = N_("put the messages and calls of captures into a ClickHouse database"),
  .more = N_(
    "--to clickhouse://USER@HOST:8123/DATABASE names the database (clickhouses:// with TLS).\n"
    "Several hosts, separated by commas, are tried in turn. ?password-file=FILE after the "
    "database\n"
    "has the password; so may the environment variable RUNG_CLICKHOUSE_PASSWORD, or the URL "
    "itself\n"
    "(USER:PASSWORD@). ?ca=FILE has the CA certificates to check the server with. With --create,\n"
    "?cluster=NAME makes tables over the shards of that cluster, whose hosts the URL then names.\n"
    "\n"
    "--create makes the database and the tables, or brings those of an older rung up to date:\n"
    "messages (with their bytes), calls (with their findings), findings, streams, registrations,\n"
    "and probe, which says how much was read and what is missing in it. Columns are the keys of\n"
    "-T json; times are nanoseconds in columns that end in _ns.\n"
    "\n"
    "A capture that is pushed again, or overlaps another one of the same probe, changes nothing:\n"
    "each row has an id made of its content, and replaces itself. Read with FINAL:\n"
    "SELECT count() FROM messages FINAL."),
  .takes = TAKES_FILES | TAKES_PUSH,
};

/* `limit` of the queue if --max-disk does not say it. */
enum { SLICE_US = 50 * 1000, WAIT_MS = 50 };
#define QUEUE_BYTES (UINT64_C(1) << 30)

struct Push {
  ClickHouseUrl url;
  PushTables *tables;
  PushSink *sink;
  PushTarget target;
  char *input;
  bool is_live;
  Selection *selection; /* everything */
  Report report;
  bool is_begun;
  Out out; /* gets nothing */
  OutPage page;
};

/* Files, or interfaces and sockets. */
static char *input_of(const Options *options, const Source *source)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (const char *const *file = options->files; file && *file; file++)
    g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", *file);
  for (unsigned i = 0; !options->files && i < source_input_count(source); i++)
    g_string_append_printf(text, "%s%s", i > 0 ? " " : "", source_input_name(source, i));
  return g_strdup(text->str);
}

static bool prepare(Push *push, const Options *options, GError **error)
{
  uint32_t days[PUSH_TABLE_COUNT];
  const PushSchemaOptions schema = {
    .url = &push->url, .create = options->create, .days = options->days ? days : NULL};

  if (options->days && !push_days_parse(options->days, days, error))
    return false;
  return push_schema_prepare(push_sink_database(push->sink), push->tables, &schema, error);
}

/* A capture begins also while no server answers, unless it is to make the tables. */
static bool may_begin(Push *push, const Options *options, GError **error)
{
  g_autoptr(GError) fault = NULL;

  if (options->queue && !rights_make_folder(options->queue, options->user, error))
    return false;
  if (prepare(push, options, &fault))
    return true;
  if (push->is_live && !options->create && g_error_matches(fault, APP_ERROR, APP_ERROR_AWAY)) {
    g_autofree char *text = g_strdup_printf(_("%s; trying again"), fault->message);
    session_complain(text);
    return true;
  }
  g_propagate_error(error, g_steal_pointer(&fault));
  return false;
}

/* Of --max-disk, live, the capture itself has the other half. */
static uint64_t queue_limit(const Options *options)
{
  if (options->max_disk == 0)
    return QUEUE_BYTES;
  return options->files ? options->max_disk : options->max_disk / 2;
}

Push *push_open(Options *options, GError **error)
{
  g_autoptr(Push) push = g_new0(Push, 1);
  bool ok = clickhouse_url_parse(options->push_to, &push->url, error);

  /* words of the command line may be written to */
  clickhouse_url_hide_password((char *) (uintptr_t) options->push_to);
  if (!ok)
    return NULL;
  options->authorities = push->url.authorities;
  push->is_live = !options->files;
  push->tables = push_tables_new();
  push->selection = selection_new();
  push->sink = push_sink_new(&(PushSinkOptions){.url = &push->url,
                                                .folder = options->queue,
                                                .limit = queue_limit(options),
                                                .is_live = push->is_live},
                             error);
  return push->sink && may_begin(push, options, error) ? g_steal_pointer(&push) : NULL;
}

void push_free(Push *push)
{
  if (!push)
    return;
  if (push->is_begun) {
    report_clear(&push->report);
    out_clear(&push->out);
    g_string_free(push->page.text, true);
  }
  push_sink_free(push->sink);
  push_tables_free(push->tables);
  if (push->selection)
    selection_free(push->selection);
  g_free(push->input);
  clickhouse_url_clear(&push->url);
  g_free(push);
}

static void on_leaving(void *data, Call *const *calls, size_t count)
{
  Push *push = data;

  for (size_t i = 0; i < count; i++)
    push_rows_evicted(&push->report, calls[i]);
}

bool push_begin(Push *push, Session *session, GError **error)
{
  const Options *options = session->options;
  const Source *source = session->run.source;

  if (!push_sink_start(push->sink, error))
    return false;
  push->input = input_of(options, source);
  push->target = (PushTarget){.sink = push->sink,
                              .tables = push->tables,
                              .probe = options->probe ? options->probe : g_get_host_name(),
                              .version = RUNG_VERSION,
                              .input = push->input};
  push->page = (OutPage){.text = g_string_new(NULL)};
  out_init_page(&push->out, &push->page, "ClickHouse");
  report_init(&push->report, &(ReportSetup){
                               .ops = &PUSH_ROWS,
                               .selection = push->selection,
                               .trace = session->run.trace,
                               .stores = session->run.stores,
                               .out = &push->out,
                               .live = source_is_live(source),
                               .counts_dropped = source_is_live(source) && !source_follows(source),
                               .push = &push->target,
                             });
  push->is_begun = true;
  session->report = &push->report;
  report_begin(&push->report);
  session->on_leaving = on_leaving;
  session->leaving_data = push;
  return true;
}

bool push_tick(Push *push)
{
  char *news;

  while ((news = push_sink_news(push->sink))) {
    session_complain(news); /* whether it was a failure is known at the end */
    g_free(news);
  }
  return !push_sink_has_failed(push->sink);
}

/* In slices, so that a signal is seen. */
static void end_report(Push *push)
{
  bool has_more = true;

  while (has_more && push_tick(push) && !signals_came())
    has_more = report_end_step(&push->report, g_get_monotonic_time() + SLICE_US);
  if (has_more)
    push_sink_stop(push->sink);
  while (!push_sink_finish(push->sink, WAIT_MS)) {
    (void) push_tick(push);
    if (signals_came())
      push_sink_stop(push->sink);
  }
  (void) push_tick(push);
}

static void say_missing(const Push *push, Session *session, uint64_t rows)
{
  g_autofree char *of_files =
    g_strdup_printf(_("%" G_GUINT64_FORMAT " rows were not pushed; push again: those that are "
                      "there stay as they are"),
                    rows);
  g_autofree char *of_capture =
    g_strdup_printf(_("%" G_GUINT64_FORMAT " rows for ClickHouse were lost"), rows);

  session_fail(session, push->is_live ? of_capture : of_files);
}

static void say_counts(const Push *push, Session *session)
{
  PushCounts counts = push_sink_counts(push->sink);
  const char *queue = session->options->queue;
  uint64_t missing = counts.lost + (queue ? 0 : counts.waiting);
  g_autofree char *sent = g_strdup_printf(_("%" G_GUINT64_FORMAT " rows were pushed to %s"),
                                          counts.sent, push->url.database);
  g_autofree char *waiting =
    g_strdup_printf(_("%" G_GUINT64_FORMAT " rows wait in %s; the next run with it pushes them"),
                    counts.waiting, queue ? queue : "");

  if (missing > 0 || (!push->is_live && push_sink_has_failed(push->sink)))
    say_missing(push, session, missing);
  if (queue && counts.waiting > 0)
    session_complain(waiting);
  if (!session->options->quiet)
    session_complain(sent);
}

void push_end(Push *push, Session *session)
{
  end_report(push);
  if (push->report.error)
    session_warn_failed(session, push->report.error->message);
  say_counts(push, session);
  session->report = NULL;
}

/* --- rung push -------------------------------------------------------------------------------- */

static bool check_options(const Options *options, GError **error)
{
  if (!options->push_to)
    return app_fail_usage(error, "'push' needs --to clickhouse://USER@HOST:8123/DATABASE");
  if (!options->files)
    return app_fail_usage(error, "'push' needs capture files, or one on standard input");
  if (options->days && !options->create)
    return app_fail_usage(error, "--days needs --create");
  return true;
}

typedef struct {
  Session session;
  Push *push;
} PushSession;

static bool on_tick(void *data)
{
  PushSession *run = data;

  return push_tick(run->push);
}

static ExitStatus run_push(PushSession *run)
{
  Session *session = &run->session;
  Push *push = run->push;

  session->on_tick = on_tick;
  session->tick_data = run;
  session_read(session, true);
  signals_hold();
  push_end(push, session);
  signals_release();
  if (session_is_cut(session))
    session_warn_failed(session, _("interrupted: the input was not read to its end"));
  return session_close(session);
}

ExitStatus push_run(const Options *options)
{
  Options own = *options; /* borrows its words */
  PushSession run = {.session = {.options = &own}};
  g_autoptr(Push) push = NULL;
  g_autoptr(GError) error = NULL;

  own.report = &PUSH_ROWS;
  if (!check_options(options, &error) || !(push = push_open(&own, &error)) ||
      !session_open(&run.session, &own, &error))
    return session_refuse(&run.session, error);
  run.push = push;
  signals_hold(); /* in the thread that sends, too */
  if (!session_drop_rights(&own, &run.session.run, NULL, &error) ||
      !push_begin(push, &run.session, &error))
    return session_refuse(&run.session, error);
  return run_push(&run);
}
