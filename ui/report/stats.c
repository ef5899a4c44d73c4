/* `stats`: counts of the whole input, as one object or as lines. */
#include "ui/report/report.h"
#include "ui/report/subcommand.h"

/* One count of a map. */
typedef void (*CountFn)(Report *report, Slice name, uint64_t count);

static void each_method(Report *report, uint64_t (*count_of)(const Trace *, uint16_t), CountFn put)
{
  for (uint16_t method = 0; method < trace_method_count(report->trace); method++) {
    uint64_t count = count_of(report->trace, method);

    if (count > 0)
      put(report, trace_method_name(report->trace, method), count);
  }
}

static void each_status(Report *report, const TraceStats *stats, CountFn put)
{
  char text[TIME_TEXT_MAX];

  for (unsigned status = 100; status < STATUS_MAX; status++)
    if (stats->statuses[status] > 0)
      put(report, slice_of(text, number_format(status, text)), stats->statuses[status]);
}

static void each_outcome(Report *report, const TraceStats *stats, CountFn put)
{
  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    put(report, slice_from_string(outcome_name(outcome)), stats->outcomes[outcome]);
}

static void each_transport(Report *report, const TraceStats *stats, CountFn put)
{
  for (Transport transport = 0; transport < TRANSPORT_COUNT; transport++)
    if (stats->transports[transport] > 0)
      put(report, slice_from_string(transport_name(transport)), stats->transports[transport]);
}

static void put_json_count(Report *report, Slice name, uint64_t count)
{
  json_key_text(&report->json, name);
  json_value(&report->json, value_number(count));
}

static void put_json_number(Json *json, const char *key, uint64_t number)
{
  json_key(json, key);
  json_value(json, value_number(number));
}

static void begin_map(Json *json, const char *key)
{
  json_key(json, key);
  json_begin_object(json);
}

static void put_json_maps(Report *report, const TraceStats *stats)
{
  Json *json = &report->json;

  begin_map(json, "methods");
  each_method(report, trace_method_requests, put_json_count);
  json_end_object(json);
  begin_map(json, "statuses");
  each_status(report, stats, put_json_count);
  json_end_object(json);
  begin_map(json, "transactions");
  each_method(report, trace_method_transactions, put_json_count);
  json_end_object(json);
  begin_map(json, "outcomes");
  each_outcome(report, stats, put_json_count);
  json_end_object(json);
  put_json_number(json, "retransmissions", stats->retransmissions);
  begin_map(json, "transports");
  each_transport(report, stats, put_json_count);
  json_end_object(json);
}

static void put_json_time(Json *json, const char *key, int64_t time_ns)
{
  json_key(json, key);
  json_value(json, time_ns != TIME_NONE ? value_time(time_ns) : value_none());
}

static void stats_end_json(Report *report)
{
  TraceStats stats = trace_stats(report->trace);
  Json *json = &report->json;

  json_begin_object(json);
  put_json_number(json, "packets", stats.packets);
  put_json_number(json, "bytes", stats.bytes);
  put_json_number(json, "sip_messages", stats.messages);
  put_json_number(json, "requests", stats.requests);
  put_json_number(json, "responses", stats.responses);
  put_json_number(json, "call_ids", stats.call_ids);
  put_json_number(json, "calls", stats.invite_calls);
  put_json_number(json, "dialogs", stats.dialogs);
  put_json_maps(report, &stats);
  put_json_number(json, "malformed", stats.malformed);
  put_json_number(json, "incomplete", stats.incomplete);
  put_json_number(json, "undecoded_packets", stats.undecoded_packets);
  put_json_time(json, "first", stats.first_ns);
  put_json_time(json, "last", stats.last_ns);
  json_end_object(json);
  json_end_line(json);
}

enum { NAME_WIDTH = 24, COUNT_WIDTH = 12 };

static void put_text_count(Report *report, Slice name, uint64_t count)
{
  g_autoptr(GString) safe = g_string_new(NULL);
  char text[TIME_TEXT_MAX];

  text_append_safe(safe, name, report->look.charset);
  g_string_append(report->text, "  ");
  text_append_cell(report->text, slice_of(safe->str, safe->len), (TextCell){NAME_WIDTH, TEXT_LEFT},
                   report->look.charset);
  text_append_cell(report->text, slice_of(text, number_format(count, text)),
                   (TextCell){COUNT_WIDTH, TEXT_RIGHT}, report->look.charset);
  g_string_append_c(report->text, '\n');
}

/* "200 OK" rather than "200". */
static void put_text_status(Report *report, Slice name, uint64_t count)
{
  uint32_t status;
  const char *phrase = slice_to_u32(name, &status) ? sip_status_text(status) : NULL;
  g_autofree char *text = g_strdup_printf("%.*s %s", SLICE_ARG(name), phrase ? phrase : "");

  put_text_count(report, slice_from_string(text), count);
}

static void put_text_heading(Report *report, const char *title)
{
  report_append_styled(report, slice_from_string(title), STYLE_HEADING);
  g_string_append_c(report->text, '\n');
}

static void put_text_totals(Report *report, const TraceStats *stats)
{
  const struct {
    const char *name;
    uint64_t count;
  } TOTALS[] = {
    {"packets", stats->packets},
    {"bytes", stats->bytes},
    {"undecoded packets", stats->undecoded_packets},
    {"lost fragments", stats->lost_fragments},
    {"skipped stream octets", stats->skipped_octets},
    {"SIP messages", stats->messages},
    {"requests", stats->requests},
    {"responses", stats->responses},
    {"retransmissions", stats->retransmissions},
    {"malformed", stats->malformed},
    {"incomplete", stats->incomplete},
    {"Call-IDs", stats->call_ids},
    {"calls", stats->invite_calls},
    {"dialogs", stats->dialogs},
  };

  put_text_heading(report, "Input");
  for (size_t i = 0; i < G_N_ELEMENTS(TOTALS); i++)
    put_text_count(report, slice_from_string(TOTALS[i].name), TOTALS[i].count);
}

static void put_text_period(Report *report, const TraceStats *stats)
{
  Clock clock = clock_new(TIME_ABSOLUTE, report->setup.utc);
  char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX], length[TIME_TEXT_MAX];

  if (stats->first_ns == TIME_NONE)
    return;
  g_string_append_printf(report->text, "  from %s\n  to   %s",
                         clock_format(&clock, stats->first_ns, first),
                         clock_format(&clock, stats->last_ns, last));
  if (stats->last_ns >= stats->first_ns)
    g_string_append_printf(
      report->text, " (%s)",
      duration_format((int64_t) ((uint64_t) stats->last_ns - (uint64_t) stats->first_ns), length));
  g_string_append_c(report->text, '\n');
}

static void stats_end_text(Report *report)
{
  TraceStats stats = trace_stats(report->trace);

  put_text_totals(report, &stats);
  put_text_period(report, &stats);
  put_text_heading(report, "Methods");
  each_method(report, trace_method_requests, put_text_count);
  put_text_heading(report, "Statuses");
  each_status(report, &stats, put_text_status);
  put_text_heading(report, "Transactions");
  each_method(report, trace_method_transactions, put_text_count);
  put_text_heading(report, "Outcomes of calls");
  each_outcome(report, &stats, put_text_count);
  put_text_heading(report, "Transports");
  each_transport(report, &stats, put_text_count);
  report_put_line(report);
}

static const ReportOps STATS_TEXT = {.end = stats_end_text};
static const ReportOps STATS_JSON = {.end = stats_end_json};

const Subcommand STATS_SUBCOMMAND = {
  .name = "stats",
  .help = "counts over the whole input",
  .takes = TAKES_PRINTING,
  .formats = (const ReportFormat[]){{"text", &STATS_TEXT}, {"json", &STATS_JSON}, {NULL, NULL}},
};
