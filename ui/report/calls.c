/* `calls`: a row a Call-ID.  At the end, or live when a call is over. */
#include "ui/report/csv.h"
#include "ui/report/reports.h"
#include "ui/report/rows.h"

/* Live, a call that is over is printed after so long without a message of it. */
#define QUIET_NS INT64_C(1000000000)

/* All that a row is made of. */
typedef struct {
  Report *report;
  const Call *call;
  CallSummary summary;
} Row;

/* "invite"; "unknown" when only responses were seen. */
static Value kind(const Row *r)
{
  if (r->call->method == SIP_METHOD_NONE)
    return value_string("unknown");
  Slice name = arena_dup(&r->report->scratch, trace_method_name(r->report->trace, r->call->method));
  char *lower = arena_alloc(&r->report->scratch, name.len + 1);
  for (size_t i = 0; i < name.len; i++)
    lower[i] = g_ascii_tolower(name.data[i]);
  return value_text(slice_of(lower, name.len));
}

static Value unfolded(const Row *r, Slice value)
{
  return value_text(report_unfold(r->report, value));
}

static Value reason(const Row *r)
{
  const Message *message = r->summary.decided_by;

  return message ? value_text(report_reason(r->report, message)) : value_none();
}

static Value interval(int64_t ns)
{
  return value_if(ns >= 0, value_duration(ns));
}

static Value endpoints(const Row *r)
{
  EndpointSet *set = &r->report->endpoints;

  endpoint_set_of_call(set, r->call);
  return value_list(endpoint_set_texts(set, &r->report->scratch), endpoint_set_count(set));
}

/* X-macro: a column: its key, and the expression for its value in a Row *r. */
#define CALL_COLUMNS(X)                                                                            \
  X("call", value_number(r->call->number))                                                         \
  X("kind", kind(r))                                                                               \
  X("call_id", unfolded(r, r->call->call_id))                                                      \
  X("from", unfolded(r, r->call->from))                                                            \
  X("to", unfolded(r, r->call->to))                                                                \
  X("outcome", value_string(outcome_name(r->summary.outcome)))                                     \
  X("state", value_string(call_state_name(r->summary.state, r->summary.outcome)))                  \
  X("status", value_if(r->summary.status != 0, value_number(r->summary.status)))                   \
  X("reason", reason(r))                                                                           \
  X("start", value_time(r->call->start_ns))                                                        \
  X("end", value_time(r->call->end_ns))                                                            \
  X("ring_ms", interval(r->summary.ring_ns))                                                       \
  X("setup_ms", interval(r->summary.setup_ns))                                                     \
  X("duration_ms", interval(r->summary.duration_ns))                                               \
  X("messages", value_number(r->call->messages))                                                   \
  X("retransmissions", value_number(r->call->retransmissions))                                     \
  X("transactions", value_number(r->call->transaction_count))                                      \
  X("dialogs", value_number(r->call->dialog_count))                                                \
  X("endpoints", endpoints(r))

static const ValueColumn COLUMNS[] = {
#define COLUMN_KEY(key, value) VALUE_COLUMN(key),
  CALL_COLUMNS(COLUMN_KEY)
#undef COLUMN_KEY
};

static void fill_values(const Row *r, Value values[G_N_ELEMENTS(COLUMNS)])
{
  size_t count = 0;

#define COLUMN_VALUE(key, value) values[count++] = value;
  CALL_COLUMNS(COLUMN_VALUE)
#undef COLUMN_VALUE
}

static Row row_of(Report *report, const Call *call)
{
  return (Row){report, call, call_summarize(call, trace_now(report->trace))};
}

void calls_json_row(Report *report, const Call *call)
{
  Row row = row_of(report, call);
  Value values[G_N_ELEMENTS(COLUMNS)];

  fill_values(&row, values);
  json_row(&report->json, COLUMNS, values, G_N_ELEMENTS(COLUMNS));
}

void calls_begin_csv(Report *report)
{
  csv_header(report->out, COLUMNS, G_N_ELEMENTS(COLUMNS));
}

void calls_csv_row(Report *report, const Call *call)
{
  Row row = row_of(report, call);
  Value values[G_N_ELEMENTS(COLUMNS)];

  fill_values(&row, values);
  csv_row(report->out, values, G_N_ELEMENTS(COLUMNS));
}

static void print_call(Report *report, const Call *call)
{
  static void (*const ROWS[FORMAT_COUNT])(Report *, const Call *) = {
    [FORMAT_TEXT] = calls_text_row,
    [FORMAT_JSON] = calls_json_row,
    [FORMAT_CSV] = calls_csv_row,
  };

  ROWS[report->ops->format](report, call);
  arena_reset(&report->scratch);
}

static bool is_over(const Call *call, int64_t now_ns)
{
  CallSummary summary = call_summarize(call, now_ns);
  bool final = summary.state == CALL_STATE_COMPLETED || summary.state == CALL_STATE_OUTCOME ||
               (summary.state == CALL_STATE_NONE && summary.outcome != OUTCOME_UNANSWERED);

  return final && now_ns - call->end_ns > QUIET_NS;
}

/* Prints the calls that are over and keeps the others in their order. */
void calls_tick(Report *report, int64_t now_ns)
{
  unsigned kept = 0;

  for (; report->next_call < trace_call_count(report->trace); report->next_call++)
    g_array_append_val(report->open_calls, report->next_call);
  for (unsigned i = 0; i < report->open_calls->len; i++) {
    size_t index = g_array_index(report->open_calls, size_t, i);
    const Call *call = report_call_at(report, index);

    if (call && !is_over(call, now_ns))
      g_array_index(report->open_calls, size_t, kept++) = index;
    else if (call && report_wants_call(report, call))
      print_call(report, call);
  }
  g_array_set_size(report->open_calls, kept);
}

static void print_rows(Report *report)
{
  for (unsigned i = 0; i < report->rows->len && !out_is_over(report->out); i++)
    print_call(report, g_array_index(report->rows, ReportRow, i).call);
}

void calls_end(Report *report)
{
  if (report->rows) {
    print_rows(report);
    return;
  }
  for (unsigned i = 0; i < report->open_calls->len; i++) {
    const Call *call = report_call_at(report, g_array_index(report->open_calls, size_t, i));

    if (call)
      print_call(report, call);
  }
  for (size_t i = report->next_call; i < trace_call_count(report->trace); i++) {
    const Call *call = report_call_at(report, i);

    if (out_is_over(report->out))
      return;
    if (call)
      print_call(report, call);
  }
}
