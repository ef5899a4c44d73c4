#include "ui/show/stats_rows.h"

#include "ui/show/format.h"

enum { ROWS_MAX = 20 }; /* of a section: the rest is "others" */

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

static void add_heading(const Builder *b, const char *name)
{
  const StatsRow row = {.kind = STATS_HEADING, .name = keep(b, name), .style = STYLE_HEADING};

  g_array_append_val(b->rows, row);
}

static void add_fact(const Builder *b, const char *name, Slice value)
{
  const StatsRow row = {.kind = STATS_FACT, .name = keep(b, name), .values = {value}};

  g_array_append_val(b->rows, row);
}

/* A count that is of interest only where there is one. */
static void add_number(const Builder *b, const char *name, uint64_t number)
{
  if (number > 0)
    add_fact(b, name, keep_number(b, number));
}

static gint compare_counts(gconstpointer a, gconstpointer b)
{
  const Count *left = a, *right = b;

  if (left->count != right->count)
    return left->count > right->count ? -1 : 1;
  return 0;
}

static void fold_others(GArray *counts)
{
  Count others = {.name = SLICE("others")};

  if (counts->len <= ROWS_MAX)
    return;
  for (guint i = ROWS_MAX - 1; i < counts->len; i++)
    others.count += g_array_index(counts, Count, i).count;
  g_array_set_size(counts, ROWS_MAX - 1);
  g_array_append_val(counts, others);
}

/* Takes the counts over; the most frequent first. */
static void add_counts(const Builder *b, const char *heading, GArray *taken)
{
  g_autoptr(GArray) counts = taken;
  uint64_t sum = 0, most = 0;

  for (guint i = 0; i < counts->len; i++)
    sum += g_array_index(counts, Count, i).count;
  if (sum == 0)
    return;
  g_array_sort(counts, compare_counts);
  fold_others(counts);
  for (guint i = 0; i < counts->len; i++)
    most = MAX(most, g_array_index(counts, Count, i).count);
  add_heading(b, heading);
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

static void count(GArray *counts, Slice name, uint64_t number, Style style)
{
  const Count added = {name, number, style};

  if (number > 0)
    g_array_append_val(counts, added);
}

/* --- Sections --------------------------------------------------------------------------------- */

static void add_period(const Builder *b, const TraceStats *stats)
{
  Clock clock = clock_new(TIME_ABSOLUTE, b->input->utc);
  char text[TIME_TEXT_MAX];

  if (stats->first_ns == TIME_NONE)
    return;
  clock.digits = 3;
  add_fact(b, "from", keep(b, clock_format(&clock, stats->first_ns, text)));
  add_fact(b, "to", keep(b, clock_format(&clock, stats->last_ns, text)));
  add_fact(b, "length", keep(b, duration_format(stats->last_ns - stats->first_ns, text)));
}

static void add_input(const Builder *b)
{
  const TraceStats *stats = trace_counts(b->input->trace);
  char size[TIME_TEXT_MAX];

  add_heading(b, "Input");
  add_period(b, stats);
  add_fact(b, "packets", keep_number(b, stats->packets));
  add_fact(b, "octets", keep(b, size_format(stats->bytes, size)));
  add_number(b, "undecoded packets", stats->undecoded_packets);
  add_number(b, "lost fragments", stats->lost_fragments);
  add_number(b, "skipped octets", stats->skipped_octets);
  add_number(b, "calls given up", stats->evicted_calls);
}

static void add_messages(const Builder *b)
{
  const TallyCounts *counts = b->input->counts;

  add_heading(b, "Messages");
  add_fact(b, "messages", keep_number(b, counts->messages));
  add_fact(b, "requests", keep_number(b, counts->requests));
  add_fact(b, "responses", keep_number(b, counts->responses));
  add_number(b, "retransmissions", counts->retransmissions);
  add_number(b, "captured twice", counts->duplicates);
  add_number(b, "malformed", counts->malformed);
  add_number(b, "incomplete", counts->incomplete);
}

static void add_calls(const Builder *b)
{
  const TallyCounts *counts = b->input->counts;

  add_heading(b, "Calls");
  add_fact(b, "Call-IDs", keep_number(b, counts->calls));
  add_fact(b, "begun by INVITE", keep_number(b, counts->invites));
  add_number(b, "calling now", counts->states[CALL_STATE_CALLING]);
  add_number(b, "ringing now", counts->states[CALL_STATE_RINGING]);
  add_number(b, "in call now", counts->states[CALL_STATE_IN_CALL]);
}

static Style style_of_outcome(Outcome outcome)
{
  if (outcome == OUTCOME_ANSWERED)
    return STYLE_SUCCESS;
  return outcome == OUTCOME_FAILED || outcome == OUTCOME_UNANSWERED ? STYLE_FAILURE : STYLE_PLAIN;
}

static void add_outcomes(const Builder *b)
{
  GArray *counts = counts_new();

  for (Outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
    count(counts, slice_from_string(outcome_name(outcome)), b->input->counts->outcomes[outcome],
          style_of_outcome(outcome));
  add_counts(b, "Outcomes of calls", counts);
}

static void add_methods(const Builder *b)
{
  const GArray *methods = b->input->counts->methods;
  GArray *counts = counts_new();

  for (guint method = 0; method < methods->len; method++) {
    uint64_t number = g_array_index(methods, uint64_t, method);
    g_autoptr(GString) name = g_string_new(NULL);

    if (number == 0)
      continue;
    text_append_safe(name, trace_method_name(b->input->trace, (uint16_t) method),
                     b->input->charset);
    count(counts, keep(b, name->str), number, STYLE_REQUEST);
  }
  add_counts(b, "Methods", counts);
}

static void add_statuses(const Builder *b)
{
  GArray *counts = counts_new();

  for (unsigned status = 100; status < STATUS_MAX; status++) {
    const char *phrase = sip_status_text(status);
    g_autofree char *name = NULL;

    if (b->input->counts->statuses[status] == 0)
      continue;
    name = g_strdup_printf("%u%s%s", status, phrase ? " " : "", phrase ? phrase : "");
    count(counts, keep(b, name), b->input->counts->statuses[status], style_of_status(status));
  }
  add_counts(b, "Statuses", counts);
}

static void add_transports(const Builder *b)
{
  GArray *counts = counts_new();

  for (Transport transport = 0; transport < TRANSPORT_COUNT; transport++)
    count(counts, slice_from_string(transport_name(transport)),
          b->input->counts->transports[transport], STYLE_PLAIN);
  add_counts(b, "Transports", counts);
}

static Slice delay_text(const Builder *b, int64_t ns)
{
  char text[TIME_TEXT_MAX];

  return keep(b, duration_format(ns, text));
}

static void add_delay(const Builder *b, const char *name, const Delays *delays)
{
  static const double SHARES[STATS_VALUES - 1] = {0.5, 0.9, 0.99};
  StatsRow row = {.kind = STATS_DELAY, .name = keep(b, name)};

  if (delays->count == 0)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(SHARES); i++)
    row.values[i] = delay_text(b, delays_quantile(delays, SHARES[i]));
  row.values[STATS_VALUES - 1] = delay_text(b, delays->max_ns);
  g_array_append_val(b->rows, row);
}

static void add_delays(const Builder *b)
{
  const TallyCounts *counts = b->input->counts;
  const StatsRow titles = {.kind = STATS_DELAY,
                           .values = {SLICE("half"), SLICE("90%"), SLICE("99%"), SLICE("all")},
                           .style = STYLE_DIM};

  if (counts->ring.count + counts->setup.count + counts->duration.count == 0)
    return;
  add_heading(b, "Delays, at most");
  g_array_append_val(b->rows, titles);
  add_delay(b, "ring", &counts->ring);
  add_delay(b, "setup", &counts->setup);
  add_delay(b, "duration", &counts->duration);
}

/* As they come, not by how many they are. */
static void add_durations(const Builder *b)
{
  static const char *const NAMES[TALLY_SPANS] = {"below 10 s",   "below 1 min", "below 5 min",
                                                 "below 30 min", "below 2 h",   "longer"};
  const TallyCounts *counts = b->input->counts;
  uint64_t most = 1;

  if (counts->duration.count == 0)
    return;
  for (size_t i = 0; i < TALLY_SPANS; i++)
    most = MAX(most, counts->durations[i]);
  add_heading(b, "Durations of calls");
  for (size_t i = 0; i < TALLY_SPANS; i++) {
    const StatsRow row = {
      .kind = STATS_COUNT,
      .name = slice_from_string(NAMES[i]),
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

  if (input->is_whole)
    add_input(&b);
  add_calls(&b);
  add_outcomes(&b);
  add_delays(&b);
  add_durations(&b);
  add_messages(&b);
  add_methods(&b);
  add_statuses(&b);
  add_transports(&b);
  return b.rows;
}
