/* `stats`: statistics of the whole input, as one JSON object or as lines. */
#include "capture/language.h"
#include "dissect/diagnose/doubts.h"
#include "ui/report/report.h"
#include "ui/report/stats_by.h"
#include "ui/report/subcommand.h"
#include "ui/show/statistics.h"
#include "ui/show/tls_text.h"

static Statistics *count_all(const Report *report)
{
  Statistics *statistics = statistics_new(report->trace, NULL);

  while (job_step(&statistics->job, INT64_MAX))
    continue;
  return statistics;
}

/* --- JSON --- */

static void put_number(Json *json, const char *key, uint64_t number)
{
  json_key(json, key);
  json_value(json, value_number(number));
}

static void put_time(Json *json, const char *key, int64_t time_ns)
{
  json_key(json, key);
  json_value(json, report_time(time_ns));
}

static void begin_map(Json *json, const char *key)
{
  json_key(json, key);
  json_begin_object(json);
}

static void put_named_count(Json *json, Slice name, uint64_t count)
{
  json_key_text(json, name);
  json_value(json, value_number(count));
}

static void put_maps(Json *json, const Trace *trace, const Statistics *counts)
{
  char text[TIME_TEXT_MAX];

  begin_map(json, "methods");
  for (uint16_t method = 0; method < counts->methods->len; method++)
    if (g_array_index(counts->methods, uint64_t, method) > 0)
      put_named_count(json, trace_method_name(trace, method),
                      g_array_index(counts->methods, uint64_t, method));
  json_end_object(json);
  begin_map(json, "statuses");
  for (unsigned status = 100; status < STATUS_MAX; status++)
    if (counts->statuses[status] > 0)
      put_named_count(json, slice_of(text, number_format(status, text)), counts->statuses[status]);
  json_end_object(json);
  begin_map(json, "transactions");
  for (uint16_t method = 0; method < trace_method_count(trace); method++)
    if (trace_method_transactions(trace, method) > 0)
      put_named_count(json, trace_method_name(trace, method),
                      trace_method_transactions(trace, method));
  json_end_object(json);
  begin_map(json, "outcomes");
  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    put_named_count(json, slice_from_string(outcome_name(outcome)), counts->outcomes[outcome]);
  json_end_object(json);
  put_number(json, "retransmissions", counts->retransmissions);
  begin_map(json, "transports");
  for (Transport transport = 0; transport < TRANSPORT_COUNT; transport++)
    if (counts->transports[transport] > 0)
      put_named_count(json, slice_from_string(transport_name(transport)),
                      counts->transports[transport]);
  json_end_object(json);
}

/* What is missing in the counts, and how much of it. */
static void put_losses(Json *json, const TraceStats *input, bool counts_dropped)
{
  char name[UNDECODED_NAME_MAX];

  put_number(json, "undecoded_packets", input->undecoded_packets);
  begin_map(json, "undecoded");
  for (unsigned i = 0; i < input->undecoded.count; i++) {
    size_t len = undecoded_name(&input->undecoded.rows[i], name);
    put_named_count(json, slice_of(name, len), input->undecoded.rows[i].count);
  }
  json_end_object(json);
  put_number(json, "lost_fragments", input->lost_fragments);
  put_number(json, "skipped_bytes", input->skipped_octets);
  json_key(json, "dropped_packets");
  json_value(json, counts_dropped ? value_number(input->dropped_packets) : value_none());
}

static void put_duration(Json *json, const char *key, int64_t ns)
{
  json_key(json, key);
  json_value(json, ns >= 0 ? (FieldValue){.type = FIELD_DURATION, .integer = ns} : value_none());
}

static void put_delay(Json *json, const char *key, const Delays *delays)
{
  begin_map(json, key);
  put_duration(json, "p50", delays_quantile(delays, 0.5));
  put_duration(json, "p90", delays_quantile(delays, 0.9));
  put_duration(json, "p99", delays_quantile(delays, 0.99));
  put_duration(json, "max", delays->count > 0 ? delays->max_ns : -1);
  json_end_object(json);
}

static void put_ratio(Json *json, const char *key, double ratio)
{
  json_key(json, key);
  if (ratio >= 0)
    json_number(json, ratio);
  else
    json_value(json, value_none());
}

static void put_text(Json *json, const char *key, const char *text)
{
  json_key(json, key);
  json_value(json, text && *text ? value_string(text) : value_none());
}

static void put_seconds(Json *json, const char *key, int64_t seconds, bool is_known)
{
  int64_t ns;

  is_known &= !__builtin_mul_overflow(seconds, INT64_C(1000000000), &ns);
  put_time(json, key, is_known ? ns : TIME_NONE);
}

/* One object per kind of TLS connection (dissect/stream/tls_table.h). */
static void put_tls_row(Json *json, const TlsRow *row)
{
  char room[TLS_NAME_MAX], endpoint[ENDPOINT_TEXT_MAX];

  FindingId finding = tls_finding(row);

  json_begin_object(json);
  put_text(json, "finding", finding != FINDING_COUNT ? FINDINGS[finding].name : NULL);
  put_number(json, "connections", row->count);
  put_text(json, "server", endpoint_format(&row->server, endpoint));
  put_text(json, "name", row->name);
  put_text(json, "outcome", tls_outcome_text(row));
  put_text(json, "version", row->version ? tls_version_name(row->version, room) : NULL);
  put_text(json, "suite", row->suite ? tls_suite_name(row->suite, room) : NULL);
  put_text(json, "protocol", row->protocol);
  put_text(json, "alert", row->has_alert ? tls_alert_name(row->alert, room) : NULL);
  put_text(json, "alert_by", !row->has_alert ? NULL : row->alert_of_client ? "client" : "server");
  put_text(json, "subject", row->subject);
  put_text(json, "issuer", row->issuer);
  put_seconds(json, "valid_from", row->from_s, row->subject[0]);
  put_seconds(json, "valid_until", row->until_s, row->subject[0]);
  put_text(json, "client", endpoint_format(&row->client, endpoint));
  put_number(json, "frame", row->frame);
  json_end_object(json);
}

static void put_tls(Json *json, const TlsTable *tls)
{
  json_key(json, "tls");
  json_begin_array(json);
  for (unsigned i = 0; i < tls->count; i++)
    put_tls_row(json, &tls->rows[i]);
  json_end_array(json);
}

static void put_doubts(Report *report)
{
  Doubts doubts = {.count = 0};

  doubts_add_capture(report->trace, &report->scratch, &doubts);
  json_key(&report->json, "doubts");
  json_begin_array(&report->json);
  for (size_t i = 0; i < doubts.count; i++)
    json_value(&report->json, value_string(doubts.items[i]));
  json_end_array(&report->json);
}

static void stats_end_json(Report *report)
{
  if (report->setup.by) {
    stats_by_put_json(report);
    return;
  }
  const TraceStats *input = trace_counts(report->trace);
  Statistics *counts = count_all(report);
  Json *json = &report->json;

  json_begin_object(json);
  put_number(json, "packets", input->packets);
  put_number(json, "bytes", input->bytes);
  put_number(json, "sip_messages", counts->messages);
  put_number(json, "requests", counts->requests);
  put_number(json, "responses", counts->responses);
  put_number(json, "call_ids", counts->call_ids);
  put_number(json, "calls", counts->invites);
  put_number(json, "dialogs", input->dialogs);
  put_maps(json, report->trace, counts);
  put_number(json, "malformed", counts->malformed);
  put_number(json, "incomplete", counts->incomplete);
  put_losses(json, input, report->setup.counts_dropped);
  put_doubts(report);
  put_tls(json, trace_tls(report->trace));
  begin_map(json, "delays");
  put_delay(json, "ring_ms", &counts->ring);
  put_delay(json, "setup_ms", &counts->setup);
  json_end_object(json);
  put_ratio(json, "asr", statistics_answer_ratio(counts));
  put_ratio(json, "ner", statistics_effective_ratio(counts));
  put_time(json, "first", input->first_ns);
  put_time(json, "last", input->last_ns);
  json_end_object(json);
  json_end_line(json);
  job_free(&counts->job);
}

/* --- text --- */

static void put_stats_row(Report *report, const StatsRow *row)
{
  enum { NAME_WIDTH = 24, COUNT_WIDTH = 12, DELAY_WIDTH = 9 };
  bool is_delay = row->kind == STATS_DELAY;
  const TextCell name = {is_delay ? COUNT_WIDTH : NAME_WIDTH, TEXT_LEFT};

  if (row->kind == STATS_HEADING) {
    report_append_styled(report, row->name, STYLE_HEADING);
  } else {
    g_string_append(report->text, "  ");
    text_append_cell(report->text, row->name, name, report->look.charset);
    for (size_t i = 0; i < (is_delay ? STATS_VALUES : 1); i++) {
      unsigned width = is_delay ? DELAY_WIDTH : COUNT_WIDTH;

      width = MAX(width, text_width(row->values[i]) + 1); /* a blank before each */

      text_append_cell(report->text, row->values[i], (TextCell){width, TEXT_RIGHT},
                       report->look.charset);
    }
  }
  g_string_append_c(report->text, '\n');
}

static void put_doubts_text(Report *report)
{
  Doubts doubts = {.count = 0};

  doubts_add_capture(report->trace, &report->scratch, &doubts);
  if (doubts.count > 0) {
    report_append_styled(report, slice_from_string(_("What the capture lacks")), STYLE_HEADING);
    g_string_append_c(report->text, '\n');
  }
  for (size_t i = 0; i < doubts.count; i++) {
    g_string_append(report->text, "  ");
    report_append_wrapped(report, 2, slice_from_string(doubts.items[i]));
  }
}

static void stats_end_text(Report *report)
{
  if (report->setup.by) {
    stats_by_put_text(report);
    return;
  }
  Statistics *counts = count_all(report);
  const StatsInput input = {
    .arena = &report->scratch,
    .trace = report->trace,
    .statistics = counts,
    .full = true,
    .utc = report->setup.utc,
    .charset = report->look.charset,
  };
  g_autoptr(GArray) rows = stats_rows_new(&input);

  for (guint i = 0; i < rows->len; i++)
    put_stats_row(report, &g_array_index(rows, StatsRow, i));
  put_doubts_text(report);
  report_put_line(report);
  job_free(&counts->job);
}

#define METRIC_SCHEMA(id, key, unit, help) SCHEMA_OF_##unit(key)
#define SCHEMA_OF_COUNT(key) key ":integer?,"
#define SCHEMA_OF_RATIO(key) key ":number?,"
#define SCHEMA_OF_DURATION(key) key "_ms:number?,"
#define DELAY_SCHEMA(id, key, help)                                                                \
  key "_mean_ms:number?," key "_p50_ms:number?," key "_p90_ms:number?," key "_p99_ms:number?," key \
      "_max_ms:number?,"

static const ReportOps STATS_TEXT = {
  .call = stats_by_call_text, .end = stats_end_text, .reads_once = true};
static const ReportOps STATS_JSON = {
  .for_programs = true,
  .schemas =
    (const ReportSchema[]){
      {"", "{packets:integer,bytes:integer,sip_messages:integer,requests:integer,"
           "responses:integer,call_ids:integer,calls:integer,dialogs:integer,"
           "methods:{*:integer},statuses:{*:integer},transactions:{*:integer},"
           "outcomes:{*:integer},retransmissions:integer,transports:{*:integer},"
           "malformed:integer,incomplete:integer,undecoded_packets:integer,"
           "undecoded:{*:integer},lost_fragments:integer,skipped_bytes:integer,"
           "dropped_packets:integer?,doubts:[string],tls:[{finding:string?,connections:integer,"
           "server:string,name:string?,outcome:string,version:string?,suite:string?,"
           "protocol:string?,alert:string?,alert_by:string?,subject:string?,issuer:string?,"
           "valid_from:time?,valid_until:time?,client:string,frame:integer}],"
           "delays:{ring_ms:{p50:number?,p90:number?,p99:number?,max:number?},"
           "setup_ms:{p50:number?,p90:number?,p99:number?,max:number?}},asr:number?,ner:number?,"
           "first:time?,last:time?}"},
      {"--by", "{by:string,group:string?,others:boolean," SIMPLE_METRICS(METRIC_SCHEMA)
                 METRIC_DELAYS(DELAY_SCHEMA) "}"},
      {NULL, NULL}},
  .call = stats_by_call_json,
  .end = stats_end_json,
  .reads_once = true};
static const ReportOps STATS_CSV = {
  .for_programs = true, .call = stats_by_call_csv, .end = stats_by_put_csv};

/* In the help. */
static void append_metrics_help(GString *to)
{
  static const struct {
    const char *key, *help;
  } SIMPLE[] =
    {
#define SIMPLE_LINE(id, key, unit, help) {key, help},
      SIMPLE_METRICS(SIMPLE_LINE)
#undef SIMPLE_LINE
    },
    DELAYS[] = {
#define DELAY_LINE(id, key, help) {key, help},
      METRIC_DELAYS(DELAY_LINE)
#undef DELAY_LINE
    };

  for (size_t i = 0; i < G_N_ELEMENTS(SIMPLE); i++)
    g_string_append_printf(to, "  %s: %s\n", SIMPLE[i].key, _(SIMPLE[i].help));
  g_string_append(to, _("and of each of these _mean, _p50, _p90, _p99 and _max:\n"));
  for (size_t i = 0; i < G_N_ELEMENTS(DELAYS); i++)
    g_string_append_printf(to, "  %s: %s\n", DELAYS[i].key, _(DELAYS[i].help));
}

const Subcommand STATS_SUBCOMMAND = {
  .name = "stats",
  .help = N_("counts over the whole input, or by any field"),
  .more =
    N_("--by FIELD gives a row for each value: calls by outcome, ASR, NER (ITU-T E.425), and the\n"
       "metrics of RFC 6076: SER, SEER, ISA, SCR, IRA, delays. A call with its challenges,\n"
       "redirections and forks is one session request; the denominators include calls that are\n"
       "still open. `trunk` is call.dst, `user-agent` call.user_agent, `hour` that of call.start,\n"
       "`all` is one row for everything.\n"
       "\n"
       "Metrics, keys of JSON and CSV, and of --alert (metric.asr); durations have _ms added "
       "here:"),
  .append_more = append_metrics_help,
  .takes = TAKES_REPORTING | TAKES_BY | TAKES_FILTER,
  .formats =
    (const ReportFormat[]){
      {"text", &STATS_TEXT}, {"json", &STATS_JSON}, {"csv", &STATS_CSV}, {NULL, NULL}},
};
