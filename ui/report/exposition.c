#include "ui/report/exposition.h"

/* --- The format ------------------------------------------------------------------------------- */

static void append_help(GString *to, const char *name, const char *type, const char *help)
{
  g_string_append_printf(to, "# HELP rung_%s %s.\n# TYPE rung_%s %s\n", name, help, name, type);
}

static void append_number(GString *to, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append(to, g_ascii_formatd(text, sizeof text, "%.10g", number));
  g_string_append_c(to, '\n');
}

static void append_count(GString *to, uint64_t count)
{
  g_string_append_printf(to, "%" G_GUINT64_FORMAT "\n", count);
}

/* Without labels, in one go. */
static void append_single(GString *to, const char *name, const char *type, const char *help,
                          uint64_t value)
{
  append_help(to, name, type, help);
  g_string_append_printf(to, "rung_%s ", name);
  append_count(to, value);
}

void exposition_append_label(GString *to, Slice value)
{
  g_autofree char *text = g_utf8_make_valid(value.data ? value.data : "", (gssize) value.len);

  for (const char *c = text; *c; c++) {
    if (*c == '\\' || *c == '"')
      g_string_append_c(to, '\\');
    if (*c == '\n')
      g_string_append(to, "\\n");
    else
      g_string_append_c(to, *c);
  }
}

static void append_labelled(GString *to, const char *name, const char *label, Slice value,
                            uint64_t count)
{
  g_string_append_printf(to, "rung_%s{%s=\"", name, label);
  exposition_append_label(to, value);
  g_string_append(to, "\"} ");
  append_count(to, count);
}

/* --- What came in ----------------------------------------------------------------------------- */

static void append_input(const Exposition *e, GString *to)
{
  const TraceStats *counts = trace_counts(e->trace);
  const struct {
    const char *name, *help;
    uint64_t value;
  } COUNTERS[] = {
    {"packets_total", "Packets that were read", counts->packets},
    {"packet_bytes_total", "Bytes of packets that were read", counts->bytes},
    {"dropped_packets_total", "Packets that the kernel or an interface dropped",
     source_dropped(e->source)},
    {"undecoded_packets_total", "Packets that were not decoded", counts->undecoded_packets},
    {"lost_fragments_total", "Fragments that became no whole datagram", counts->lost_fragments},
    {"skipped_stream_bytes_total", "Bytes of streams skipped in search of a message",
     counts->skipped_octets},
    {"retransmissions_total", "Messages that were sent again", counts->retransmissions},
    {"duplicate_messages_total", "Messages that were captured more than once", counts->duplicates},
    {"malformed_messages_total", "Messages that a strict parser would reject", counts->malformed},
    {"incomplete_messages_total", "Messages that lack bytes", counts->incomplete},
    {"discarded_calls_total", "Calls that were discarded at a limit", counts->evicted_calls},
    {"discarded_streams_total", "RTP streams that were discarded at a limit",
     counts->evicted_streams},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(COUNTERS); i++)
    append_single(to, COUNTERS[i].name, "counter", COUNTERS[i].help, COUNTERS[i].value);
}

/* Methods without a name of their own are one. */
static void append_messages(const Exposition *e, GString *to)
{
  const TraceStats *counts = trace_counts(e->trace);
  char text[8];
  uint64_t others = 0;

  append_help(to, "messages_total", "counter", "SIP messages by transport");
  for (Transport i = 0; i < TRANSPORT_COUNT; i++)
    append_labelled(to, "messages_total", "transport", slice_from_string(transport_name(i)),
                    counts->transports[i]);
  append_help(to, "requests_total", "counter", "SIP requests by method");
  for (uint16_t method = 0; method < trace_method_count(e->trace); method++) {
    bool is_named = method > SIP_METHOD_OTHER && method < SIP_METHOD_COUNT;
    if (is_named)
      append_labelled(to, "requests_total", "method", trace_method_name(e->trace, method),
                      trace_method_requests(e->trace, method));
    else
      others += trace_method_requests(e->trace, method);
  }
  append_labelled(to, "requests_total", "method", SLICE("other"), others);
  append_help(to, "responses_total", "counter", "SIP responses by status");
  for (unsigned status = 100; status < STATUS_MAX; status++) {
    if (counts->statuses[status] == 0)
      continue;
    g_snprintf(text, sizeof text, "%u", status);
    append_labelled(to, "responses_total", "status", slice_from_string(text),
                    counts->statuses[status]);
  }
}

/* --- Calls ------------------------------------------------------------------------------------ */

static void append_calls(const Exposition *e, GString *to)
{
  const Metrics *total = e->total;

  append_help(to, "calls_total", "counter", "Calls begun by INVITE whose outcome is known");
  for (Outcome i = 0; i < OUTCOME_COUNT; i++)
    append_labelled(to, "calls_total", "outcome", slice_from_string(outcome_name(i)),
                    total->outcomes[i]);
  append_single(to, "effective_calls_total", "counter",
                "Calls answered, busy, declined, or given up while ringing (NER)",
                total->effective);
  append_single(to, "seer_calls_total", "counter",
                "Calls with 2xx, 480, 486, 600 or 603 (SEER, RFC 6076 4.7)", total->seer);
  append_single(to, "ineffective_calls_total", "counter",
                "Calls with 408, 500, 503 or 504 (ISA, RFC 6076 4.8)", total->ineffective);
  append_single(to, "completed_calls_total", "counter",
                "Calls answered and ended by a BYE that got a response (SCR, RFC 6076 4.9)",
                total->completed);
  append_help(to, "registrations_total", "counter", "Attempts to register by result");
  append_labelled(to, "registrations_total", "result", SLICE("failed"),
                  total->failed_registrations);
  append_labelled(to, "registrations_total", "result", SLICE("succeeded"),
                  total->registrations - total->failed_registrations);
  append_help(to, "findings_total", "counter", "Findings in calls that have ended, by id");
  for (FindingId i = 0; i < FINDING_COUNT; i++)
    if (e->findings[i] > 0)
      append_labelled(to, "findings_total", "id", slice_from_string(FINDINGS[i].name),
                      e->findings[i]);
}

/* The ratios of the last 5 minutes and of the last hour; none where there is nothing to divide. */
static void append_ratio(GString *to, MetricId id, const Metrics sums[WINDOW_COUNT])
{
  static const char *const LABELS[WINDOW_COUNT] = {"5m", "1h"};
  g_autofree char *help = metric_help(id);
  char room[32];
  const char *key = metric_key(id, room);
  double value;

  g_autofree char *name = g_strconcat(key, "_ratio", NULL);
  append_help(to, name, "gauge", help);
  for (WindowLength i = 0; i < WINDOW_COUNT; i++)
    if (metrics_value(&sums[i], id, &value)) {
      g_string_append_printf(to, "rung_%s{window=\"%s\"} ", name, LABELS[i]);
      append_number(to, value);
    }
}

static void append_windows(const Exposition *e, GString *to)
{
  static const MetricId RATIOS[] = {METRIC_ASR,  METRIC_NER, METRIC_SER,
                                    METRIC_SEER, METRIC_ISA, METRIC_IRA};
  static const char *const LABELS[WINDOW_COUNT] = {"5m", "1h"};
  Metrics sums[WINDOW_COUNT];
  double seconds[WINDOW_COUNT];

  for (WindowLength i = 0; i < WINDOW_COUNT; i++)
    seconds[i] = metric_window_sum(e->window, i, e->now_ns, &sums[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(RATIOS); i++)
    append_ratio(to, RATIOS[i], sums);
  append_help(to, "calls_per_second", "gauge", "Calls whose outcome became known");
  for (WindowLength i = 0; i < WINDOW_COUNT; i++) {
    g_string_append_printf(to, "rung_calls_per_second{window=\"%s\"} ", LABELS[i]);
    append_number(to, seconds[i] > 0 ? (double) sums[i].calls / seconds[i] : 0);
    metrics_clear(&sums[i]);
  }
}

/* Delays since the beginning. */
static void append_histogram(GString *to, const char *key, const char *help, const Delays *delays)
{
  static const double BOUNDS[] = {0.02, 0.05, 0.1, 0.2, 0.5, 1,   2,   4,
                                  8,    16,   32,  60,  300, 900, 3600};
  static const Delays NONE = {0};
  const Delays *known = delays ? delays : &NONE;
  g_autofree char *name = g_strconcat(key, "_seconds", NULL);
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  append_help(to, name, "histogram", help);
  for (size_t i = 0; i < G_N_ELEMENTS(BOUNDS); i++) {
    g_ascii_formatd(text, sizeof text, "%g", BOUNDS[i]);
    g_string_append_printf(to, "rung_%s_bucket{le=\"%s\"} ", name, text);
    append_count(to, delays_below(known, (int64_t) (BOUNDS[i] * 1e9)));
  }
  g_string_append_printf(to, "rung_%s_bucket{le=\"+Inf\"} %" G_GUINT64_FORMAT "\n", name,
                         known->count);
  g_string_append_printf(to, "rung_%s_sum ", name);
  append_number(to, delays_sum_s(known));
  g_string_append_printf(to, "rung_%s_count %" G_GUINT64_FORMAT "\n", name, known->count);
}

static void append_delays(const Exposition *e, GString *to)
{
  static const struct {
    const char *key, *help;
  } ROWS[] = {
#define HISTOGRAM_ROW(id, key, help) {key, help},
    METRIC_DELAYS(HISTOGRAM_ROW)
#undef HISTOGRAM_ROW
  };

  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++)
    append_histogram(to, ROWS[i].key, ROWS[i].help, e->total->delays[i]);
}

/* --- The process, and who sends to it --------------------------------------------------------- */

static void append_senders(const Exposition *e, GString *to)
{
  size_t count = trace_copier_count(e->trace);
  uint64_t others = 0;

  append_help(to, "hep_messages_total", "counter", "Messages that came as HEP, by sender");
  for (size_t i = 0; i < count; i++) {
    const Copier *copier = trace_copier_at(e->trace, i);
    char host[ENDPOINT_TEXT_MAX];
    if (i >= EXPOSITION_SENDERS_MAX || copier->is_others) {
      others += copier->messages;
      continue;
    }
    g_string_append_printf(to, "rung_hep_messages_total{address=\"%s\",id=\"%u\",node=\"",
                           endpoint_format(&copier->host, host), copier->agent);
    exposition_append_label(to, copier->node);
    g_string_append(to, "\"} ");
    append_count(to, copier->messages);
  }
  if (others > 0)
    g_string_append_printf(to,
                           "rung_hep_messages_total{address=\"others\",id=\"\",node=\"\"} "
                           "%" G_GUINT64_FORMAT "\n",
                           others);
}

/* Each interface, and each socket of -L. */
static void append_sources(const Exposition *e, GString *to)
{
  static const struct {
    const char *name, *help;
    size_t at;
  } ROWS[] = {
    {"input_packets_total", "Packets, by interface", offsetof(SourceCounts, packets)},
    {"input_dropped_packets_total", "Packets dropped, by interface",
     offsetof(SourceCounts, dropped)},
    {"input_refused_total", "HEP messages and connections refused, by socket",
     offsetof(SourceCounts, refused)},
  };

  for (size_t row = 0; row < G_N_ELEMENTS(ROWS); row++) {
    append_help(to, ROWS[row].name, "counter", ROWS[row].help);
    for (unsigned i = 0; i < source_input_count(e->source); i++) {
      SourceCounts counts = source_input_counts(e->source, i);
      uint64_t value;
      memcpy(&value, (const char *) &counts + ROWS[row].at, sizeof value);
      append_labelled(to, ROWS[row].name, "input",
                      slice_from_string(source_input_name(e->source, i)), value);
    }
  }
}

static void append_process(const Exposition *e, GString *to)
{
  append_single(to, "calls_kept", "gauge", "Calls, registrations and others in memory",
                trace_kept_calls(e->trace));
  append_single(to, "messages_kept", "gauge", "Messages in memory", trace_kept_messages(e->trace));
  append_single(to, "spool_bytes", "gauge", "Temporary files on disk", store_set_bytes(e->stores));
  if (e->resident_bytes > 0)
    append_single(to, "resident_memory_bytes", "gauge", "Memory of the process", e->resident_bytes);
}

void exposition_append(const Exposition *exposition, GString *to)
{
  append_process(exposition, to);
  append_input(exposition, to);
  append_sources(exposition, to);
  append_messages(exposition, to);
  append_calls(exposition, to);
  append_windows(exposition, to);
  append_delays(exposition, to);
  append_senders(exposition, to);
}
