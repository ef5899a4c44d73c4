#include "ui/show/statistics.h"

#include "capture/language.h"
#include "ui/show/tls_text.h"

#include "ui/show/copier_text.h"
#include "ui/show/format.h"
#include "ui/show/selection.h"

enum {
  CHUNK = 64,    /* calls or messages between two looks at the clock */
  ROWS_MAX = 20, /* of a section: further ones are "others" */
  SENDERS_MAX = 30,
};

/* --- counts --- */

typedef struct {
  Statistics result;
  const Trace *trace;
  const CallIndex *index; /* NULL: all calls */
  CallSet *seen;          /* rows may move meanwhile */
  size_t next;            /* call or row */
  uint32_t call;          /* whose messages are being counted; 0: none */
  const Message *next_message;
  uint64_t seen_messages, seen_version; /* of trace and index, when it was started */
} Counting;

/* Was a call with that Call-ID counted?  Of very many with one Call-ID, some neighbours tell. */
static bool is_id_counted(const Counting *counting, const Call *call)
{
  enum { LOOKS_MAX = 32 };
  unsigned looks = 0;

  for (const Call *c = call_rare(call)->older; c && looks++ < LOOKS_MAX; c = call_rare(c)->older)
    if (call_set_has(counting->seen, c->number))
      return true;
  for (const Call *c = call_rare(call)->newer; c && looks++ < LOOKS_MAX; c = call_rare(c)->newer)
    if (call_set_has(counting->seen, c->number))
      return true;
  return false;
}

static void count_call(Counting *counting, const Call *call)
{
  static const int64_t ENDS_S[DURATION_RANGES - 1] = {10, 60, 300, 1800, 7200};
  CallSummary summary = call_summarize(call, trace_now(counting->trace));
  Statistics *counts = &counting->result;

  counts->states[summary.state]++;
  if (call->method == SIP_METHOD_INVITE) {
    counts->outcomes[summary.outcome] += !summary.is_unknown;
    counts->effective += call_summary_is_effective(&summary);
  }
  if (counting->index) {
    counts->call_ids +=
      call_text_kept(call, CALL_TEXT_ID).len > 0 && !is_id_counted(counting, call);
    counts->invites += call->method == SIP_METHOD_INVITE;
  }
  if (summary.ring_ns >= 0)
    delays_add(&counts->ring, summary.ring_ns);
  if (summary.setup_ns >= 0)
    delays_add(&counts->setup, summary.setup_ns);
  if (summary.duration_ns >= 0) {
    unsigned range = 0;

    while (range < DURATION_RANGES - 1 && summary.duration_ns >= ENDS_S[range] * SECOND_NS)
      range++;
    delays_add(&counts->duration, summary.duration_ns);
    counts->durations[range]++;
  }
}

static uint64_t *requests_of(Statistics *counts, uint16_t method)
{
  if (method >= counts->methods->len)
    g_array_set_size(counts->methods, method + 1u);
  return &g_array_index(counts->methods, uint64_t, method);
}

static void tally_message(Statistics *counts, const Message *message)
{
  counts->messages++;
  counts->retransmissions += (message->flags & MESSAGE_RETRANSMISSION) != 0;
  counts->duplicates += (message->flags & MESSAGE_DUPLICATE) != 0;
  counts->malformed += (message->flags & MESSAGE_MALFORMED) != 0;
  counts->incomplete += (message->flags & MESSAGE_INCOMPLETE) != 0;
  counts->transports[message->transport]++;
  if (message_is_request(message)) {
    counts->requests++;
    ++*requests_of(counts, message->method);
    return;
  }
  counts->responses++;
  if (message->status < STATUS_MAX)
    counts->statuses[message->status]++;
}

static void count_some_messages(Counting *counting)
{
  bool exists = trace_call(counting->trace, counting->call) != NULL;
  const Message *message = exists ? counting->next_message : NULL;

  for (unsigned i = 0; i < CHUNK && message; i++) {
    tally_message(&counting->result, message);
    message = message->next;
  }
  counting->next_message = message;
  if (!message)
    counting->call = 0;
}

/* What the trace counts itself. */
static void copy_counts(Counting *counting)
{
  const TraceStats *stats = trace_counts(counting->trace);
  Statistics *counts = &counting->result;

  counts->call_ids = stats->call_ids;
  counts->invites = stats->invite_calls;
  counts->messages = stats->messages;
  counts->requests = stats->requests;
  counts->responses = stats->responses;
  counts->retransmissions = stats->retransmissions;
  counts->duplicates = stats->duplicates;
  counts->malformed = stats->malformed;
  counts->incomplete = stats->incomplete;
  memcpy(counts->statuses, stats->statuses, sizeof counts->statuses);
  memcpy(counts->transports, stats->transports, sizeof counts->transports);
  for (uint16_t method = 0; method < trace_method_count(counting->trace); method++)
    *requests_of(counts, method) = trace_method_requests(counting->trace, method);
}

static size_t call_count(const Counting *counting)
{
  return counting->index ? call_index_count(counting->index) : trace_call_count(counting->trace);
}

static void count_next_call(Counting *counting)
{
  size_t row = counting->next++;
  uint32_t number = counting->index ? call_index_at(counting->index, row) : (uint32_t) row + 1;
  const Call *call = trace_call(counting->trace, number);

  if (!call || call_set_has(counting->seen, number))
    return;
  call_set_put(counting->seen, number, true);
  count_call(counting, call);
  if (!counting->index)
    return;
  counting->call = number;
  counting->next_message = call->first;
}

static bool count_step(Job *job, int64_t until_us)
{
  Counting *counting = (Counting *) job;

  if (!counting->index)
    copy_counts(counting);
  while (counting->call != 0 || counting->next < call_count(counting)) {
    if (counting->call != 0)
      count_some_messages(counting);
    for (unsigned i = 0; i < CHUNK && counting->call == 0 && counting->next < call_count(counting);
         i++)
      count_next_call(counting);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return counting->call != 0 || counting->next < call_count(counting);
}

static double count_progress(const Job *job)
{
  const Counting *counting = (const Counting *) job;
  size_t count = call_count(counting);

  return count > 0 ? MIN((double) counting->next / (double) count, 1.0) : 1;
}

static void count_free(Job *job)
{
  Counting *counting = (Counting *) job;

  g_array_unref(counting->result.methods);
  delays_clear(&counting->result.ring);
  delays_clear(&counting->result.setup);
  delays_clear(&counting->result.duration);
  call_set_free(counting->seen);
  g_free(counting);
}

Statistics *statistics_new(const Trace *trace, const CallIndex *index)
{
  static const JobOps OPS = {N_("counting"), count_step, count_progress, count_free};
  const TraceStats *stats = trace_counts(trace);
  Counting *counting = g_new0(Counting, 1);
  Statistics *counts = &counting->result;

  counts->job.ops = &OPS;
  counts->is_whole = !index;
  counts->methods = g_array_new(false, true, sizeof(uint64_t));
  if (!index) { /* those of evicted calls */
    memcpy(counts->outcomes, stats->outcomes, sizeof counts->outcomes);
    counts->effective = stats->effective;
  }
  counting->trace = trace;
  counting->index = index;
  counting->seen = call_set_new();
  counting->seen_messages = stats->messages;
  counting->seen_version = index ? call_index_version(index) : 0;
  return counts;
}

static double ratio_of(const Statistics *statistics, uint64_t part)
{
  uint64_t whole = 0;

  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    if (outcome != OUTCOME_REDIRECTED)
      whole += statistics->outcomes[outcome];
  return whole > 0 ? (double) part / (double) whole : -1;
}

double statistics_answer_ratio(const Statistics *statistics)
{
  return ratio_of(statistics, statistics->outcomes[OUTCOME_ANSWERED]);
}

double statistics_effective_ratio(const Statistics *statistics)
{
  return ratio_of(statistics, statistics->effective);
}

bool statistics_is_old(const Statistics *statistics)
{
  const Counting *counting = (const Counting *) statistics;

  return counting->seen_messages != trace_counts(counting->trace)->messages ||
         (counting->index && counting->seen_version != call_index_version(counting->index));
}

/* --- rows --- */

typedef struct {
  const StatsInput *input;
  GArray *rows; /* StatsRow */
} Builder;

typedef struct {
  Slice name;
  uint64_t count;
  Style style;
} Count;

static Slice keep(const Builder *b, const char *text)
{
  return arena_dup(b->input->arena, slice_from_string(text));
}

static Slice keep_number(const Builder *b, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  return arena_dup(b->input->arena, slice_of(text, number_format(number, text)));
}

static void begin_stats_section(const Builder *b, const char *name)
{
  const StatsRow row = {.kind = STATS_HEADING, .name = keep(b, name), .style = STYLE_HEADING};

  g_array_append_val(b->rows, row);
}

static void add_fact(const Builder *b, const char *name, Slice value)
{
  const StatsRow row = {.kind = STATS_FACT, .name = keep(b, name), .values = {value}};

  g_array_append_val(b->rows, row);
}

/* Left out if it is 0, unless all is shown. */
static void add_number(const Builder *b, const char *name, uint64_t number)
{
  if (number > 0 || b->input->full)
    add_fact(b, name, keep_number(b, number));
}

static gint compare_counts(gconstpointer a, gconstpointer b)
{
  const Count *left = a, *right = b;

  if (left->count != right->count)
    return left->count > right->count ? -1 : 1;
  return 0;
}

/* The most frequent first, and the least frequent as "others". */
static void shorten_counts(GArray *counts)
{
  Count others = {.name = slice_from_string(_("others"))};

  g_array_sort(counts, compare_counts);
  if (counts->len <= ROWS_MAX)
    return;
  for (guint i = ROWS_MAX - 1; i < counts->len; i++)
    others.count += g_array_index(counts, Count, i).count;
  g_array_set_size(counts, ROWS_MAX - 1);
  g_array_append_val(counts, others);
}

/* Takes ownership of the counts. */
static void add_counts(const Builder *b, const char *heading, GArray *taken)
{
  g_autoptr(GArray) counts = taken;
  uint64_t sum = 0, most = 0;

  for (guint i = 0; i < counts->len; i++)
    sum += g_array_index(counts, Count, i).count;
  if (sum == 0)
    return;
  if (!b->input->full)
    shorten_counts(counts);
  for (guint i = 0; i < counts->len; i++)
    most = MAX(most, g_array_index(counts, Count, i).count);
  begin_stats_section(b, heading);
  for (guint i = 0; i < counts->len; i++) {
    const Count *count = &g_array_index(counts, Count, i);
    const StatsRow row = {
      .kind = STATS_COUNT,
      .name = count->name,
      .values = {keep_number(b, count->count)},
      .share = (double) count->count / (double) sum,
      .bar = (double) count->count / (double) most,
      .style = count->style,
    };
    g_array_append_val(b->rows, row);
  }
}

static GArray *counts_new(void)
{
  return g_array_new(false, false, sizeof(Count));
}

static void append_count(GArray *counts, Slice name, uint64_t number, Style style)
{
  const Count added = {name, number, style};

  g_array_append_val(counts, added);
}

static void add_period(const Builder *b, const TraceStats *stats)
{
  Clock clock = clock_new(TIME_ABSOLUTE, b->input->utc);
  char text[TIME_TEXT_MAX];

  if (stats->first_ns == TIME_NONE)
    return;
  clock.digits = b->input->full ? 6 : 3;
  add_fact(b, translate_as("time", "from"), keep(b, clock_format(&clock, stats->first_ns, text)));
  add_fact(b, translate_as("time", "to"), keep(b, clock_format(&clock, stats->last_ns, text)));
  if (stats->last_ns >= stats->first_ns) {
    uint64_t length_ns = (uint64_t) stats->last_ns - (uint64_t) stats->first_ns;

    add_fact(b, _("length"), keep(b, duration_format((int64_t) MIN(length_ns, INT64_MAX), text)));
  }
}

/* Lines of logs, where there are any. */
static void add_notes(const Builder *b)
{
  NoteCounts notes = trace_note_counts(b->input->trace);

  if (notes.all == 0)
    return;
  add_number(b, _("log lines in HEP"), notes.all);
  add_number(b, _("  of no call"), notes.alone);
  if (notes.dropped > 0)
    add_number(b, _("  dropped"), notes.dropped);
}

static void add_input(const Builder *b)
{
  const TraceStats *stats = trace_counts(b->input->trace);
  char size[TIME_TEXT_MAX];
  bool full = b->input->full;

  begin_stats_section(b, _("Input"));
  add_period(b, stats);
  add_fact(b, _("packets"), keep_number(b, stats->packets));
  add_fact(b, _("bytes"),
           full ? keep_number(b, stats->bytes) : keep(b, size_format(stats->bytes, size)));
  add_number(b, _("undecoded packets"), stats->undecoded_packets);
  for (unsigned i = 0; i < stats->undecoded.count && !full; i++) {
    char name[UNDECODED_NAME_MAX];
    undecoded_name(&stats->undecoded.rows[i], name);
    add_number(b, name, stats->undecoded.rows[i].count);
  }
  for (unsigned i = 0; i < stats->undecoded.count; i++) {
    char name[UNDECODED_NAME_MAX + 4] = "  ";

    undecoded_name(&stats->undecoded.rows[i], name + 2);
    add_number(b, name, stats->undecoded.rows[i].count);
  }
  add_number(b, _("lost fragments"), stats->lost_fragments);
  add_number(b, _("skipped stream bytes"), stats->skipped_octets);
  if (stats->ignored_segments > 0)
    add_number(b, _("ignored TCP segments"), stats->ignored_segments);
  add_notes(b);
  add_number(b, _("dropped packets"), stats->dropped_packets);
  add_number(b, _("discarded calls"), stats->evicted_calls);
}

/* Interfaces and sockets. */
static void add_live_inputs(const Builder *b)
{
  const Source *source = b->input->source;
  unsigned count = source ? source_input_count(source) : 0;

  if (count > 0)
    begin_stats_section(b, _("Interfaces"));
  for (unsigned i = 0; i < count; i++) {
    SourceCounts counts = source_input_counts(source, i);
    add_fact(b, source_input_name(source, i), SLICE(""));
    add_fact(b, _("  packets"), keep_number(b, counts.packets));
    add_fact(b, _("  dropped"), keep_number(b, counts.dropped));
    if (counts.refused > 0)
      add_fact(b, _("  refused"), keep_number(b, counts.refused));
  }
}

static void add_sender(const Builder *b, const Copier *copier)
{
  Clock clock = clock_new(TIME_ABSOLUTE, b->input->utc);
  g_autoptr(GString) name = g_string_new(NULL), shown = g_string_new(NULL);
  g_autoptr(GString) rate = g_string_new(NULL), ahead = g_string_new(NULL);
  char text[TIME_TEXT_MAX];

  copier_append_name(name, copier);
  text_append_safe(shown, slice_of(name->str, name->len), b->input->charset);
  add_fact(b, shown->str, SLICE(""));
  add_fact(b, _("  messages"), keep_number(b, copier->messages));
  g_string_append_printf(rate, "%.1f", copier_rate(copier, b->input->now_ns));
  if (b->input->source)
    add_fact(b, _("  per second"), keep(b, rate->str));
  clock.digits = 0;
  add_fact(b, _("  last"), keep(b, clock_format(&clock, copier->last_ns, text)));
  copier_append_clock(ahead, copier);
  g_string_truncate(shown, 0);
  text_append_safe(shown, slice_of(ahead->str, ahead->len), b->input->charset);
  if (shown->len > 0)
    add_fact(b, _("  clock"), keep(b, shown->str));
}

static void add_senders(const Builder *b)
{
  const Trace *trace = b->input->trace;
  size_t count = trace_copier_count(trace), most = b->input->full ? count : SENDERS_MAX;

  if (count == 0)
    return;
  begin_stats_section(b,
                      copier_is_probe(trace_copier_at(trace, 0)) ? _("Probes") : _("HEP senders"));
  for (size_t i = 0; i < MIN(count, most); i++)
    add_sender(b, trace_copier_at(trace, i));
  if (count > most)
    add_fact(b, _("more"), keep_number(b, count - most));
}

static void add_tls(const Builder *b)
{
  const TlsTable *tls = trace_tls(b->input->trace);
  char server[ENDPOINT_TEXT_MAX];

  if (tls->count == 0)
    return;
  begin_stats_section(b, _("TLS connections"));
  for (unsigned i = 0; i < tls->count; i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "%" G_GUINT64_FORMAT ": ", tls->rows[i].count);
    tls_text_append(&tls->rows[i], text);
    add_fact(b, endpoint_format(&tls->rows[i].server, server), keep(b, text->str));
  }
  if (tls->others > 0)
    add_fact(b, _("others"), keep_number(b, tls->others));
}

static void add_message_counts(const Builder *b)
{
  const Statistics *counts = b->input->statistics;

  begin_stats_section(b, _("Messages"));
  add_fact(b, _("messages"), keep_number(b, counts->messages));
  add_fact(b, _("requests"), keep_number(b, counts->requests));
  add_fact(b, _("responses"), keep_number(b, counts->responses));
  add_number(b, _("retransmissions"), counts->retransmissions);
  add_number(b, _("captured twice"), counts->duplicates);
  add_number(b, _("malformed"), counts->malformed);
  add_number(b, _("incomplete"), counts->incomplete);
}

static void add_ratio(const Builder *b, const char *name, double ratio)
{
  g_autofree char *text = g_strdup_printf("%.1f %%", ratio * 100);

  if (ratio >= 0 && b->input->full)
    add_fact(b, name, keep(b, text));
}

static void add_call_counts(const Builder *b)
{
  const Statistics *counts = b->input->statistics;

  begin_stats_section(b, _("Calls"));
  add_fact(b, _("Call-IDs"), keep_number(b, counts->call_ids));
  add_fact(b, _("INVITE calls"), keep_number(b, counts->invites));
  if (counts->is_whole && b->input->full)
    add_number(b, _("dialogs"), trace_counts(b->input->trace)->dialogs);
  add_number(b, _("calling now"), counts->states[CALL_STATE_CALLING]);
  add_number(b, _("ringing now"), counts->states[CALL_STATE_RINGING]);
  add_number(b, _("in call now"), counts->states[CALL_STATE_IN_CALL]);
  add_ratio(b, _("answered (ASR)"), statistics_answer_ratio(counts));
  add_ratio(b, _("effective (NER)"), statistics_effective_ratio(counts));
}

static void add_outcomes(const Builder *b)
{
  GArray *counts = counts_new();

  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
    uint64_t number = b->input->statistics->outcomes[outcome];
    Style style = STYLE_PLAIN;

    if (outcome == OUTCOME_ANSWERED)
      style = STYLE_SUCCESS;
    else if (outcome == OUTCOME_FAILED || outcome == OUTCOME_UNANSWERED)
      style = STYLE_FAILURE;
    if (number > 0 || b->input->full)
      append_count(counts, slice_from_string(_(outcome_name(outcome))), number, style);
  }
  add_counts(b, _("Outcomes of INVITE calls"), counts);
}

/* Requests, or transactions, by method. */
static void add_methods(const Builder *b, bool transactions)
{
  const Trace *trace = b->input->trace;
  const GArray *requests = b->input->statistics->methods;
  unsigned end = transactions ? trace_method_count(trace) : requests->len;
  GArray *counts = counts_new();

  for (uint16_t method = 0; method < end; method++) {
    uint64_t number = transactions ? trace_method_transactions(trace, method)
                                   : g_array_index(requests, uint64_t, method);
    g_autoptr(GString) name = g_string_new(NULL);

    if (number == 0)
      continue;
    text_append_safe(name, trace_method_name(trace, method), b->input->charset);
    append_count(counts, keep(b, name->str), number, STYLE_REQUEST);
  }
  add_counts(b, transactions ? _("Transactions") : _("Methods"), counts);
}

static void add_statuses(const Builder *b)
{
  GArray *counts = counts_new();

  for (unsigned status = 100; status < STATUS_MAX; status++) {
    const char *phrase = sip_status_text(status);
    g_autofree char *name = NULL;

    if (b->input->statistics->statuses[status] == 0)
      continue;
    name = g_strdup_printf("%u%s%s", status, phrase ? " " : "", phrase ? phrase : "");
    append_count(counts, keep(b, name), b->input->statistics->statuses[status],
                 style_of_status(status));
  }
  add_counts(b, _("Statuses"), counts);
}

static void add_transports(const Builder *b)
{
  GArray *counts = counts_new();

  for (Transport transport = 0; transport < TRANSPORT_COUNT; transport++) {
    uint64_t number = b->input->statistics->transports[transport];

    if (number > 0)
      append_count(counts, slice_from_string(transport_name(transport)), number, STYLE_PLAIN);
  }
  add_counts(b, _("Transports"), counts);
}

static void add_delay(const Builder *b, const char *name, const Delays *delays)
{
  static const double SHARES[STATS_VALUES - 1] = {0.5, 0.9, 0.99};
  StatsRow row = {.kind = STATS_DELAY, .name = keep(b, name)};
  char text[TIME_TEXT_MAX];

  if (delays->count == 0)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(SHARES); i++)
    row.values[i] = keep(b, duration_format(delays_quantile(delays, SHARES[i]), text));
  row.values[STATS_VALUES - 1] = keep(b, duration_format(delays->max_ns, text));
  g_array_append_val(b->rows, row);
}

static void add_delays(const Builder *b)
{
  const Statistics *counts = b->input->statistics;
  const StatsRow titles = {.kind = STATS_DELAY,
                           .values = {slice_from_string(_("half")), SLICE("90%"), SLICE("99%"),
                                      slice_from_string(_("all"))},
                           .style = STYLE_DIM};

  if (counts->ring.count + counts->setup.count + counts->duration.count == 0)
    return;
  begin_stats_section(b, _("Delays, at most"));
  g_array_append_val(b->rows, titles);
  add_delay(b, _("ring"), &counts->ring);
  add_delay(b, _("setup"), &counts->setup);
  add_delay(b, _("duration"), &counts->duration);
}

/* In the order of ranges, not of counts. */
static void add_durations(const Builder *b)
{
  static const char *const NAMES[DURATION_RANGES] = {N_("below 10 s"),  N_("below 1 min"),
                                                     N_("below 5 min"), N_("below 30 min"),
                                                     N_("below 2 h"),   N_("longer")};
  const Statistics *counts = b->input->statistics;
  uint64_t most = 1;

  if (counts->duration.count == 0)
    return;
  for (size_t i = 0; i < DURATION_RANGES; i++)
    most = MAX(most, counts->durations[i]);
  begin_stats_section(b, _("Durations of calls"));
  for (size_t i = 0; i < DURATION_RANGES; i++) {
    const StatsRow row = {
      .kind = STATS_COUNT,
      .name = slice_from_string(_(NAMES[i])),
      .values = {keep_number(b, counts->durations[i])},
      .share = (double) counts->durations[i] / (double) counts->duration.count,
      .bar = (double) counts->durations[i] / (double) most,
    };
    g_array_append_val(b->rows, row);
  }
}

GArray *stats_rows_new(const StatsInput *input)
{
  const Builder b = {input, g_array_new(false, false, sizeof(StatsRow))};

  if (input->statistics->is_whole)
    add_input(&b);
  if (input->statistics->is_whole) {
    add_live_inputs(&b);
    add_senders(&b);
    add_tls(&b);
  }
  add_call_counts(&b);
  add_outcomes(&b);
  add_delays(&b);
  add_durations(&b);
  add_message_counts(&b);
  add_methods(&b, false);
  add_statuses(&b);
  if (input->full && input->statistics->is_whole)
    add_methods(&b, true);
  add_transports(&b);
  return b.rows;
}
