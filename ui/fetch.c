#include "ui/fetch.h"

#include <glib-unix.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "capture/byte_stream.h"
#include "capture/clickhouse.h"
#include "capture/confine.h"
#include "capture/error.h"
#include "capture/language.h"
#include "capture/pdu.h"
#include "capture/row_binary.h"
#include "capture/thread.h"
#include "capture/walk.h"
#include "dissect/net/endpoint.h"
#include "dissect/query/filter_value.h"
#include "dissect/trace/copiers.h"
#include "ui/fetch_count.h"
#include "ui/fetch_sql.h"
#include "ui/report/push_tables.h"
#include "ui/session.h"

enum {
  WINDOW_ROWS = 500 * 1000, /* of a query, about: the server sorts them */
  FRAMES_BYTES = 64 * 1024, /* written at once */
};

struct Fetch {
  ClickHouseUrl url;
  ClickHouse *db;
  FetchChoice choice;
  const char *shard; /* PUSH_SHARD, or "" */
  char *table;       /* of `choice` */
  char *chosen;      /* SQL */
  uint64_t count;
  int64_t first_ns, last_ns;
  int in, out; /* of the pipe; -1: there is none */
  char path[32];
  char *name;
  GThread *thread; /* owns all below while it runs */
  GByteArray *frames;
  uint64_t too_long;
  bool is_cut; /* the reading end of the pipe was closed */
  GError *error;
  atomic_bool is_over; /* of the thread: set before it closes the pipe */
};

bool fetch_is_wanted(const Options *options)
{
  bool reads = !options->help && !options->version &&
               !(options->command && options->command->info->takes & TAKES_FOLDERS);

  return reads && options->files && clickhouse_url_is_one(options->files[0]);
}

/* --- Rows become frames ----------------------------------------------------------------------- */

enum { PCAP_LINK_PDU = 252 };

/* In the byte order of this machine, with nanoseconds
 * (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html). */
static void append_head(GByteArray *to)
{
  const struct {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t reserved[2], snap_len, link_type;
  } head = {0xa1b23c4d, 2, 4, {0, 0}, PACKET_LEN_MAX, PCAP_LINK_PDU};

  g_byte_array_append(to, (const guint8 *) &head, sizeof head);
}

static void put_endpoint(GByteArray *to, Slice text, bool is_src)
{
  FilterAddresses read;

  if (!filter_literal_addresses(text, &read))
    return;
  bool is_ipv6 = read.family == ADDRESS_IPV6;
  PduTag v4 = is_src ? PDU_IPV4_SRC : PDU_IPV4_DST, v6 = is_src ? PDU_IPV6_SRC : PDU_IPV6_DST;
  pdu_put(to, is_ipv6 ? v6 : v4, read.first, is_ipv6 ? 16 : 4);
  pdu_put_number(to, is_src ? PDU_SRC_PORT : PDU_DST_PORT, read.port);
}

typedef struct {
  int64_t time_ns;
  Slice src, dst, transport, probe, copier, raw;
  uint32_t copier_id;
} Row;

/* The server that copied it to HEP; else the probe. */
static void put_copier(GByteArray *to, const Row *row)
{
  FilterAddresses host;

  if (!filter_literal_addresses(row->copier, &host)) {
    pdu_put(to, PDU_COPIER_NODE, row->probe.data, row->probe.len);
    return;
  }
  bool is_ipv6 = host.family == ADDRESS_IPV6;
  pdu_put(to, is_ipv6 ? PDU_COPIER_IPV6 : PDU_COPIER_IPV4, host.first, is_ipv6 ? 16 : 4);
  pdu_put_number(to, PDU_COPIER_AGENT, row->copier_id);
}

static void put_tags(GByteArray *to, const Row *row)
{
  g_autofree char *protocol = g_strdup_printf("SIP/%.*s", SLICE_ARG(row->transport));
  bool is_udp = slice_eq(row->transport, SLICE("UDP"));
  bool is_sctp = slice_eq(row->transport, SLICE("SCTP"));

  pdu_put(to, PDU_DISSECTOR, "sip", 3);
  pdu_put_number(to, PDU_PORT_TYPE, is_udp ? PDU_PORT_UDP : is_sctp ? PDU_PORT_SCTP : PDU_PORT_TCP);
  pdu_put(to, PDU_PROTOCOL, protocol, strlen(protocol));
  put_endpoint(to, row->src, true);
  put_endpoint(to, row->dst, false);
  put_copier(to, row);
  pdu_put(to, PDU_END, NULL, 0);
}

static bool write_frames(Fetch *fetch)
{
  GByteArray *frames = fetch->frames;

  fetch->is_cut |= fd_write(fetch->out, slice_of((const char *) frames->data, frames->len)) != 0;
  g_byte_array_set_size(frames, 0);
  return !fetch->is_cut;
}

static void put_row(Fetch *fetch, const Row *row)
{
  GByteArray *frames = fetch->frames;
  guint begin = frames->len;
  uint32_t head[4] = {0};

  g_byte_array_append(frames, (const guint8 *) head, sizeof head);
  put_tags(frames, row);
  g_byte_array_append(frames, (const guint8 *) row->raw.data, (guint) row->raw.len);
  size_t len = frames->len - begin - sizeof head;
  if (len > PACKET_LEN_MAX) {
    fetch->too_long++;
    g_byte_array_set_size(frames, begin);
    return;
  }
  head[0] = (uint32_t) (row->time_ns / SECOND_NS);
  head[1] = (uint32_t) (row->time_ns % SECOND_NS);
  head[2] = head[3] = (uint32_t) len;
  memcpy(frames->data + begin, head, sizeof head);
}

static bool take_row(void *data, Reader *in)
{
  Fetch *fetch = data;
  Row row = {.time_ns = row_binary_read_i64(in)};

  row.src = row_binary_read_text(in);
  row.dst = row_binary_read_text(in);
  row.transport = row_binary_read_text(in);
  row.probe = slice_head(row_binary_read_text(in), COPIER_NAME_MAX);
  row.copier = row_binary_read_text(in);
  row.copier_id = (uint32_t) row_binary_read_u64(in);
  row.raw = row_binary_read_text(in);
  if (in->failed)
    return true;
  put_row(fetch, &row);
  return fetch->frames->len < FRAMES_BYTES || write_frames(fetch);
}

static bool fail_odd(GError **error)
{
  g_set_error_literal(error, APP_ERROR, APP_ERROR_IO,
                      _("the server does not answer as ClickHouse does"));
  return false;
}

/* --- The thread ------------------------------------------------------------------------------- */

/* What comes is as hostile as what was pushed: the thread connects, and that is all. */
static void confine(const Fetch *fetch)
{
  const char *const readable[] = {"/run/systemd/resolve", "/run/NetworkManager",
                                  fetch->url.authorities, NULL};

  if (SESSION_IS_CONFINED)
    confine_process(&(Confinement){.readable = readable, .may_connect = true});
}

/* At one time requests come first, and provisional responses before final ones.  A row that was
 * pushed twice is taken once here: FINAL would read the bytes of all rows beside it, too, and so
 * would WHERE. */
static bool ask_window(Fetch *fetch, int64_t from_ns, int64_t until_ns)
{
  g_autofree char *sql =
    g_strdup_printf("SELECT time_ns, src, dst, transport, probe, copier, "
                    "ifNull(copier_id, 0) AS agent, raw FROM messages PREWHERE %s "
                    "AND time_ns>=%" G_GINT64_FORMAT " AND time_ns<=%" G_GINT64_FORMAT
                    " ORDER BY time_ns, ifNull(status, 0), id LIMIT 1 BY id FORMAT RowBinary",
                    fetch->chosen, from_ns, until_ns);

  return clickhouse_rows(fetch->db, sql, take_row, fetch, &fetch->error) && write_frames(fetch);
}

static gpointer run(gpointer data)
{
  Fetch *fetch = data;
  int64_t windows = (int64_t) (fetch->count / WINDOW_ROWS) + 1;
  int64_t step_ns = (fetch->last_ns - fetch->first_ns) / windows + 1;
  bool ok = fetch->count > 0;

  confine(fetch);
  for (int64_t from_ns = fetch->first_ns; ok && from_ns <= fetch->last_ns; from_ns += step_ns)
    ok = ask_window(fetch, from_ns, MIN(from_ns + step_ns - 1, fetch->last_ns));
  atomic_store(&fetch->is_over, true);
  close(fetch->out);
  return NULL;
}

/* --- The caller's thread ---------------------------------------------------------------------- */

static bool read_choice(Fetch *fetch, const Options *options, GError **error)
{
  FetchChoice *choice = &fetch->choice;
  int64_t now_ns = g_get_real_time() * 1000;

  *choice = (FetchChoice){.since_ns = INT64_MIN,
                          .until_ns = INT64_MAX,
                          .filter = options->where,
                          .named = options->legs ? NULL : options->selection};
  if (options->since && !fetch_time_parse(options->since, now_ns, &choice->since_ns))
    return app_fail_usage(error, "--since needs a time or a duration, as in 2h, not '%s'",
                          options->since);
  if (options->until && !fetch_time_parse(options->until, now_ns, &choice->until_ns))
    return app_fail_usage(error, "--until needs a time or a duration, as in 2h, not '%s'",
                          options->until);
  return true;
}

/* All rows of a call are on one shard: each looks among its own. */
static bool find_rows(Fetch *fetch, GError **error)
{
  g_autoptr(GString) answer = g_string_new(NULL);

  if (!clickhouse_query(fetch->db, "EXISTS TABLE messages" PUSH_SHARD " FORMAT TabSeparated",
                        answer, error))
    return false;
  fetch->shard = answer->str[0] == '1' ? PUSH_SHARD : "";
  fetch->table = g_strdup_printf("`%s`.messages%s", fetch->url.database, fetch->shard);
  fetch->choice.table = fetch->table;
  return true;
}

static void say_choice(const char *fields)
{
  g_autofree char *some =
    g_strdup_printf(_("ClickHouse chose calls by %s; -Y chooses among them"), fields);

  session_complain(*fields ? some : _("ClickHouse cannot choose calls by -Y; all are fetched"));
}

/* What belongs to an exchange is not known before it is read: all of them are chosen with one. */
static bool add_exchanges(Fetch *fetch, GError **error)
{
  g_autofree char *sql = g_strdup_printf("SELECT 1 FROM messages PREWHERE %s" FETCH_AND_IS_EXCHANGE
                                         " LIMIT 1 FORMAT TabSeparated",
                                         fetch->chosen);
  g_autoptr(GString) answer = g_string_new(NULL), chosen = g_string_new(NULL);

  if (!clickhouse_query(fetch->db, sql, answer, error))
    return false;
  if (answer->len == 0)
    return true;
  g_string_printf(chosen, "(%s OR ", fetch->chosen);
  fetch_sql_append_exchanges(&fetch->choice, chosen);
  g_string_append_c(chosen, ')');
  g_free(fetch->chosen);
  fetch->chosen = g_strdup(chosen->str);
  return true;
}

static bool choose(Fetch *fetch, const Options *options, GError **error)
{
  g_autoptr(GString) sql = g_string_new(NULL), fields = g_string_new(NULL);
  bool leaves_out = fetch_sql_append(&fetch->choice, sql, fields);

  fetch->chosen = g_strdup(sql->str);
  if (options->where && !options->quiet)
    say_choice(fields->str);
  return !leaves_out || add_exchanges(fetch, error);
}

static bool ask_count(Fetch *fetch, GError **error)
{
  g_autofree char *sql = g_strdup_printf("SELECT count(), min(time_ns), max(time_ns) "
                                         "FROM messages WHERE %s FORMAT TabSeparated",
                                         fetch->chosen);
  g_autoptr(GString) answer = g_string_new(NULL);

  if (!clickhouse_query(fetch->db, sql, answer, error))
    return false;
  if (sscanf(answer->str, "%" G_GUINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT,
             &fetch->count, &fetch->first_ns, &fetch->last_ns) == 3)
    return true;
  return fail_odd(error);
}

/* Nothing is left to be read then. */
static bool count(Fetch *fetch, Options *options, GError **error)
{
  g_autofree char *table = g_strdup_printf("`%s`.calls%s", fetch->url.database, fetch->shard);
  const FetchCountSource source = {fetch->db, table, fetch->chosen, options->quiet};

  return !fetch_count_is_wanted(options) || fetch_count(&source, options, error);
}

static bool open_pipe(Fetch *fetch, GError **error)
{
  int ends[2];

  if (!g_unix_open_pipe(ends, FD_CLOEXEC, error))
    return false;
  fetch->in = ends[0];
  fetch->out = ends[1];
  g_snprintf(fetch->path, sizeof fetch->path, "/dev/fd/%d", fetch->in);
  append_head(fetch->frames);
  return write_frames(fetch);
}

static Fetch *fetch_new(void)
{
  Fetch *fetch = g_new0(Fetch, 1);

  fetch->in = fetch->out = -1;
  fetch->frames = g_byte_array_new();
  return fetch;
}

static bool is_alone(const Options *options, GError **error)
{
  if (options->files[1])
    return app_fail_usage(error, "a database is read alone, without other files");
  if (options->follow)
    return app_fail_usage(error, "--follow is for files, not for a database");
  return true;
}

static void name_pipe(Fetch *fetch, Options *options)
{
  const char **files = (const char **) (uintptr_t) options->files;

  fetch->name = g_strdup_printf("%s/%s", fetch->url.hosts[0], fetch->url.database);
  files[0] = fetch->path;
  options->input_name = fetch->name;
}

Fetch *fetch_open(Options *options, GError **error)
{
  g_autoptr(Fetch) fetch = fetch_new();
  bool ok = clickhouse_url_parse(options->files[0], &fetch->url, error);

  /* words of the command line may be written to */
  clickhouse_url_hide_password((char *) (uintptr_t) options->files[0]);
  if (!ok || !is_alone(options, error) || !read_choice(fetch, options, error) ||
      !(fetch->db = clickhouse_new(&fetch->url, error)) || !find_rows(fetch, error) ||
      !choose(fetch, options, error) || !count(fetch, options, error))
    return NULL;
  bool is_counted = options->counted.causes || options->counted.metrics;
  if ((!is_counted && !ask_count(fetch, error)) || !open_pipe(fetch, error))
    return NULL;
  fetch->thread = thread_new("fetch", run, fetch, error); /* it sees a closed pipe by EPIPE */
  if (!fetch->thread) {
    close(fetch->out);
    return NULL;
  }
  name_pipe(fetch, options);
  return g_steal_pointer(&fetch);
}

bool fetch_finish(Fetch *fetch, GError **error)
{
  if (!atomic_load(&fetch->is_over)) /* the run ended before, and has said why */
    return true;
  g_thread_join(g_steal_pointer(&fetch->thread));
  if (fetch->error && !fetch->is_cut) {
    g_propagate_error(error, g_steal_pointer(&fetch->error));
    return false;
  }
  if (fetch->too_long == 0)
    return true;
  g_set_error(error, APP_ERROR, APP_ERROR_IO,
              _("%" G_GUINT64_FORMAT " messages of the database are too long, and left out"),
              fetch->too_long);
  return false;
}

void fetch_free(Fetch *fetch)
{
  if (!fetch || fetch->thread) /* it may wait for the server: the program ends with it */
    return;
  if (fetch->in >= 0)
    close(fetch->in);
  clickhouse_free(fetch->db);
  clickhouse_url_clear(&fetch->url);
  g_byte_array_unref(fetch->frames);
  g_clear_error(&fetch->error);
  g_free(fetch->table);
  g_free(fetch->chosen);
  g_free(fetch->name);
  g_free(fetch);
}
