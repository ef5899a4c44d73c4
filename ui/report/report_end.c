/* The end of a report, when all was read: in steps, so that a screen can go on meanwhile. */
#include "ui/report/reports.h"

#include "ui/report/call_flow.h"
#include "ui/report/columns.h"
#include "ui/report/rows.h"

/* Calls that are asked for at the end, chosen or not: those in order, those that a live report has
 * left open and those it never looked at, or all. */
static size_t call_count(const Report *report)
{
  if (report->rows)
    return report->rows->len;
  if (report->choice)
    return message_choice_call_count(report->choice, report->trace);
  return report->open_calls->len + (trace_call_count(report->trace) - report->next_call);
}

/* NULL when it is not chosen, or was evicted. */
static const Call *call_at(Report *report, size_t index)
{
  const GArray *open = report->open_calls;

  if (report->rows)
    return g_array_index(report->rows, ReportRow, index).call;
  if (report->choice)
    return message_choice_call_at(report->choice, report->trace, index);
  if (index < open->len)
    return report_call_at(report, g_array_index(open, size_t, index));
  return report_call_at(report, report->next_call + index - open->len);
}

static void begin_phase(Report *report, ReportPhase phase)
{
  report->ending.phase = phase;
  report->ending.next = 0;
  report->ending.count = call_count(report);
  if (phase == REPORT_PUTS_MESSAGES)
    report->ending.count =
      report->messages ? message_list_count(report->messages) : report->rows->len;
}

/* Messages that came one by one are all put. */
static void begin_messages(Report *report)
{
  if (report->choice)
    report->messages = message_list_new(report->trace, report->choice);
  begin_phase(report, report->choice ? REPORT_COLLECTS : REPORT_PUTS_MESSAGES);
}

static void begin(Report *report)
{
  if (!report->ops->message)
    where_end(&report->where);
  if (!report->choice && (report->waits || report_is_ordered(report)))
    report->rows = rows_new(report);
  if (report->options->columns) {
    columns_print(report, report->rows);
    begin_phase(report, REPORT_IS_DONE);
  } else if (report->waits) {
    begin_messages(report);
  } else {
    begin_phase(report, report->ops->measure ? REPORT_MEASURES : REPORT_PUTS_CALLS);
  }
}

static void collect(Report *report)
{
  if (!message_list_step(report->messages))
    begin_phase(report, REPORT_PUTS_MESSAGES);
}

static void measure_next(Report *report)
{
  ReportEnding *ending = &report->ending;

  if (ending->next < ending->count) {
    const Call *call = call_at(report, ending->next++);
    if (call)
      report->ops->measure(report, call);
    return;
  }
  if (report->ops->heading)
    report->ops->heading(report);
  begin_phase(report, REPORT_PUTS_CALLS);
}

static void end(Report *report)
{
  if (report->ops->end)
    report->ops->end(report);
  report->ending.phase = REPORT_IS_DONE;
}

static void put_next_call(Report *report)
{
  ReportEnding *ending = &report->ending;

  if (!report->ops->call || ending->next >= ending->count || out_is_over(report->out)) {
    end(report);
    return;
  }
  const Call *call = call_at(report, ending->next);
  if (call && report->ops->call(report, call))
    return;
  ending->next++;
  ending->put += call != NULL;
  g_clear_pointer(&report->flow, call_flow_free);
  arena_reset(&report->scratch);
}

/* A message that is read again, as if it had just come. */
static void put_again(Report *report, const Message *message)
{
  Arrival arrival = {.raw = {.ref = message->ref, .time_ns = message->time_ns}};
  SipMsg *sip = &arrival.sip;

  if (!report_load(report, message, sip))
    return;
  /* `raw` begins behind fillers (RFC 3261 7.5) and ends where the octets do */
  arrival.raw.octets = slice_of(sip->raw.data + sip->raw.len - message->len, message->len);
  report->ops->message(report, &arrival, message);
  report->ending.put++;
  arena_reset(&report->scratch);
}

static void put_next_message(Report *report)
{
  ReportEnding *ending = &report->ending;

  if (ending->next >= ending->count || out_is_over(report->out)) {
    end(report);
    return;
  }
  const Message *message = report->messages
                             ? message_list_at(report->messages, ending->next)
                             : g_array_index(report->rows, ReportRow, ending->next).message;
  ending->next++;
  if (message)
    put_again(report, message);
}

bool report_end_step(Report *report, int64_t until_us)
{
  static void (*const PHASES[])(Report *) = {
    [REPORT_BEGINS] = begin,
    [REPORT_COLLECTS] = collect,
    [REPORT_MEASURES] = measure_next,
    [REPORT_PUTS_CALLS] = put_next_call,
    [REPORT_PUTS_MESSAGES] = put_next_message,
  };

  while (report->ending.phase != REPORT_IS_DONE) {
    PHASES[report->ending.phase](report);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return report->ending.phase != REPORT_IS_DONE;
}

void report_end(Report *report)
{
  while (report_end_step(report, INT64_MAX))
    continue;
}

double report_end_progress(const Report *report)
{
  /* Of the work, where messages are collected first. */
  const double COLLECTING = report->messages ? 0.25 : 0;
  const ReportEnding *ending = &report->ending;

  switch (ending->phase) {
  case REPORT_BEGINS:
  case REPORT_MEASURES:
    return 0;
  case REPORT_COLLECTS:
    return COLLECTING * message_list_progress(report->messages);
  case REPORT_PUTS_CALLS:
  case REPORT_PUTS_MESSAGES:
    return COLLECTING +
           (1 - COLLECTING) * (double) ending->next / (double) MAX(ending->count, (size_t) 1);
  case REPORT_IS_DONE:
    break;
  }
  return 1;
}
