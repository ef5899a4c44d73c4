/* `calls`: a row a Call-ID.  At the end, or live when a call is over. */
#include "ui/report/csv.h"
#include "ui/report/reports.h"

/* Live, a call that is over is printed after so long without a message of it. */
#define QUIET_NS INT64_C(1000000000)

/* X-macro: a column: its key, and its field. */
#define CALL_COLUMNS(X)                                                                            \
  X("call", "call.number")                                                                         \
  X("kind", "call.kind")                                                                           \
  X("call_id", "call.id")                                                                          \
  X("from", "call.from")                                                                           \
  X("to", "call.to")                                                                               \
  X("outcome", "call.outcome")                                                                     \
  X("state", "call.state")                                                                         \
  X("status", "call.status")                                                                       \
  X("reason", "call.reason")                                                                       \
  X("start", "call.start")                                                                         \
  X("end", "call.end")                                                                             \
  X("ring_ms", "call.ring")                                                                        \
  X("setup_ms", "call.setup")                                                                      \
  X("duration_ms", "call.duration")                                                                \
  X("messages", "call.messages")                                                                   \
  X("retransmissions", "call.retransmissions")                                                     \
  X("transactions", "call.transactions")                                                           \
  X("dialogs", "call.dialogs")                                                                     \
  X("endpoints", "call.endpoints")

ROW_SHAPE(CALL, CALL_COLUMNS)

static const FieldValue *values_of(Report *report, const Call *call)
{
  arena_reset(&report->where.scratch);
  field_look_at_call(&report->where.context, call);
  return report_row_values(report);
}

bool calls_json_row(Report *report, const Call *call)
{
  json_row(&report->json, CALL_SHAPE.columns, values_of(report, call), CALL_SHAPE.count);
  return false;
}

void calls_begin_csv(Report *report)
{
  csv_header(report->out, CALL_SHAPE.columns, CALL_SHAPE.count);
}

bool calls_csv_row(Report *report, const Call *call)
{
  csv_row(report->out, values_of(report, call), CALL_SHAPE.count);
  return false;
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
      (void) report->ops->call(report, call); /* rows are put at once */
    arena_reset(&report->scratch);
  }
  g_array_set_size(report->open_calls, kept);
}
