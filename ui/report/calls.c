/* `calls`: one row per call, at the end, or live once a call is over. */
#include "capture/language.h"
#include "ui/report/csv.h"
#include "ui/report/rows.h"
#include "ui/report/subcommand.h"
#include "ui/show/call_columns.h"

/* X-macro: the key of a column, and its field. */
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
  arena_reset(&report->values);
  field_look_at_call(&report->context, call);
  return report_row_values(report);
}

static bool calls_json_row(Report *report, const Call *call)
{
  json_row(&report->json, CALL_SHAPE.columns, values_of(report, call), CALL_SHAPE.count);
  return false;
}

static void calls_begin_csv(Report *report)
{
  csv_header(report->out, CALL_SHAPE.columns, CALL_SHAPE.count);
}

static bool calls_csv_row(Report *report, const Call *call)
{
  csv_row(report->out, values_of(report, call), CALL_SHAPE.count);
  return false;
}

/* --- Text: a table ------------------------------------------------------------------------------
 *
 * Columns are as wide as their values.  If they do not fit, addresses are shortened, then columns
 * are dropped.  Live, the rows are not known in advance: columns have their usual widths. */

typedef enum {
  COLUMN_NUMBER,
  COLUMN_START,
  COLUMN_DURATION,
  COLUMN_KIND,
  COLUMN_FROM,
  COLUMN_TO,
  COLUMN_OUTCOME,
  COLUMN_MESSAGES,
  COLUMN_COUNT,
} Column;

G_STATIC_ASSERT((int) COLUMN_COUNT <= (int) REPORT_COLUMNS_MAX);

static const struct {
  const char *title;
  TextAlign align;
  unsigned usual; /* width, live */
  unsigned most;  /* longer values are cut; 0: never */
} COLUMNS[COLUMN_COUNT] = {
  [COLUMN_NUMBER] = {N_("Call"), TEXT_RIGHT, 5, 0},
  [COLUMN_START] = {N_("Start"), TEXT_LEFT, 12, 0},
  [COLUMN_DURATION] = {N_("Duration"), TEXT_RIGHT, 8, 0},
  [COLUMN_KIND] = {N_("Kind"), TEXT_LEFT, 9, 12},
  [COLUMN_FROM] = {N_("From"), TEXT_LEFT, 24, 64},
  [COLUMN_TO] = {N_("To"), TEXT_LEFT, 24, 64},
  [COLUMN_OUTCOME] = {N_("Outcome"), TEXT_LEFT, 14, 0},
  [COLUMN_MESSAGES] = {N_("Msgs"), TEXT_RIGHT, 5, 0},
};

/* Columns that are dropped, in this order, when there is no room for all. */
static const Column SPARE[] = {COLUMN_DURATION, COLUMN_KIND, COLUMN_START, COLUMN_MESSAGES};

/* WIDE: wide enough for dates and microseconds. */
enum { WIDE = 120, ADDRESS_MIN = 12 };

typedef struct {
  const Call *call;
  CallSummary summary;
} Row;

static void append_number(GString *to, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  number_format(number, text);
  g_string_append(to, text);
}

static void append_kind(const Report *report, const Call *call, GString *to)
{
  const char *exchange = call_exchange_kind(call);
  Slice kind = call->method == SIP_METHOD_NONE ? SLICE("unknown")
               : exchange                      ? slice_from_string(exchange)
                                               : trace_method_name(report->trace, call->method);

  text_append_safe(to, kind, report->look.charset);
  g_string_ascii_down(to);
}

static void append_value(Report *report, const Row *row, Column column, GString *to)
{
  const Call *call = row->call;
  const CallSummary *summary = &row->summary;
  char text[TIME_TEXT_MAX];

  switch (column) {
  case COLUMN_NUMBER:
    append_number(to, call->number);
    break;
  case COLUMN_START:
    g_string_append(to, clock_format(&report->clock, call->start_ns, text));
    break;
  case COLUMN_DURATION:
    if (summary->duration_ns >= 0)
      g_string_append(to, duration_format(summary->duration_ns, text));
    break;
  case COLUMN_KIND:
    append_kind(report, call, to);
    break;
  case COLUMN_FROM:
    text_append_safe(to, call_uri_shown(report_call_text(report, call, CALL_TEXT_FROM)),
                     report->look.charset);
    break;
  case COLUMN_TO:
    text_append_safe(to, call_uri_shown(report_call_text(report, call, CALL_TEXT_TO)),
                     report->look.charset);
    break;
  case COLUMN_OUTCOME: /* "busy 486", "in-call 200": the state, if there is one */
    g_string_append(to, _(call_result_name(summary)));
    if (summary->status == 0)
      break;
    g_string_append_c(to, ' ');
    append_number(to, summary->status);
    break;
  case COLUMN_MESSAGES:
    append_number(to, call->messages);
    break;
  case COLUMN_COUNT:
    break;
  }
}

static Row call_row(const Report *report, const Call *call)
{
  return (Row){call, call_summarize(call, trace_now(report->trace))};
}

static void note_width(Report *report, Column column, Slice safe)
{
  unsigned width = text_width(safe), most = COLUMNS[column].most;

  width = most > 0 ? MIN(width, most) : width;
  report->widths[column] = MAX(report->widths[column], width);
}

static bool calls_measure(Report *report, const Call *call)
{
  Row row = call_row(report, call);
  g_autoptr(GString) text = g_string_new(NULL);

  for (Column column = 0; !report->setup.live && column < COLUMN_COUNT; column++) {
    g_string_truncate(text, 0);
    append_value(report, &row, column, text);
    note_width(report, column, slice_of(text->str, text->len));
  }
  return false;
}

/* What all other columns and the spaces between columns leave. */
static unsigned room_for_addresses(const Report *report)
{
  unsigned taken = 1;

  for (Column column = 0; column < COLUMN_COUNT; column++)
    if (report->widths[column] > 0 && column != COLUMN_FROM && column != COLUMN_TO)
      taken += report->widths[column] + 1;
  return report->look.width > taken ? report->look.width - taken : 0;
}

/* A column of width 0 is not shown. */
static void fit_widths(Report *report)
{
  unsigned *from = &report->widths[COLUMN_FROM], *to = &report->widths[COLUMN_TO];
  unsigned least = MIN(*from, ADDRESS_MIN) + MIN(*to, ADDRESS_MIN);

  for (size_t i = 0; i < G_N_ELEMENTS(SPARE) && room_for_addresses(report) < least; i++)
    report->widths[SPARE[i]] = 0;
  unsigned room = MAX(room_for_addresses(report), least);
  if (*from + *to <= room)
    return;
  /* The shorter one keeps what it needs, up to a half. */
  unsigned half = room / 2;
  *from = *to < half ? room - *to : MIN(*from, room - half);
  *to = room - *from;
}

static void append_cell(Report *report, Column column, Slice safe, Style style)
{
  TextCell cell = {report->widths[column], COLUMNS[column].align};

  if (cell.width == 0)
    return;
  if (report->text->len > 0)
    g_string_append_c(report->text, ' ');
  if (COLUMNS[column].most == 0)
    cell.width = MAX(cell.width, text_width(safe));
  style_begin(report->text, style, &report->look);
  text_append_cell(report->text, safe, cell, report->look.charset);
  style_end(report->text, style, &report->look);
}

static void put_titles(Report *report)
{
  for (Column column = 0; column < COLUMN_COUNT; column++)
    append_cell(report, column, slice_from_string(_(COLUMNS[column].title)), STYLE_HEADING);
  report_put_row(report);
}

static void begin_clock(Report *report)
{
  report->clock = clock_new(report->setup.time, report->setup.utc);
  report->clock.date = report->look.width >= WIDE;
  report->clock.digits = report->look.width >= WIDE ? 6 : 3;
}

static void calls_begin_text(Report *report)
{
  begin_clock(report);
  for (Column column = 0; column < COLUMN_COUNT; column++)
    note_width(report, column, slice_from_string(_(COLUMNS[column].title)));
  if (!report->setup.live)
    return;
  for (Column column = 0; column < COLUMN_COUNT; column++)
    report->widths[column] = MAX(report->widths[column], COLUMNS[column].usual);
  fit_widths(report);
  put_titles(report);
}

static bool calls_text_row(Report *report, const Call *call)
{
  Row row = call_row(report, call);
  g_autoptr(GString) text = g_string_new(NULL);

  for (Column column = 0; column < COLUMN_COUNT; column++) {
    Style style = column == COLUMN_START ? STYLE_DIM : STYLE_PLAIN;

    if (column == COLUMN_OUTCOME && row.summary.status != 0)
      style = style_of_outcome(row.summary.status);
    g_string_truncate(text, 0);
    append_value(report, &row, column, text);
    append_cell(report, column, slice_of(text->str, text->len), style);
  }
  report_put_row(report);
  return false;
}

/* Live, they were printed at the beginning. */
static void calls_put_titles(Report *report)
{
  if (report->setup.live)
    return;
  begin_clock(report); /* deltas start again when the rows are put */
  fit_widths(report);
  put_titles(report);
}

/* -------------------------------------------------------------------------------------------- */

const ReportOps CALLS_TEXT = {
  .begin = calls_begin_text,
  .tick = report_tick_calls,
  .measure = calls_measure,
  .heading = calls_put_titles,
  .call = calls_text_row,
  .field_rows = &FIELD_ROWS_TEXT,
};

const ReportOps CALLS_JSON = {
  .for_programs = true,
  .schemas = (const ReportSchema[]){{"", "{" CALL_COLUMNS(ROW_SCHEMA) "}"}, {NULL, NULL}},
  .tick = report_tick_calls,
  .call = calls_json_row,
  .shape = &CALL_SHAPE,
  .field_rows = &FIELD_ROWS_JSON,
};

const ReportOps CALLS_CSV = {
  .for_programs = true,
  .begin = calls_begin_csv,
  .tick = report_tick_calls,
  .call = calls_csv_row,
  .shape = &CALL_SHAPE,
  .field_rows = &FIELD_ROWS_CSV,
};

const Subcommand CALLS_SUBCOMMAND = {
  .name = "calls",
  .help = N_("one row per call, registration, subscription, ping or message exchange"),
  .more = N_(
    "A row is everything with one Call-ID; of GB/T 28181 a query with its answers. In a live\n"
    "capture a row is printed once its call is over and has been silent for a second; the others\n"
    "follow at the end, as do all rows with --columns or --sort. With --columns the keys of JSON\n"
    "and CSV are the field names, durations are in milliseconds, and fields that may have several\n"
    "values are arrays."),
  .takes =
    TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_FIELDS | TAKES_TIMES | TAKES_CONVERSATIONS,
  .formats =
    (const ReportFormat[]){
      {"text", &CALLS_TEXT}, {"json", &CALLS_JSON}, {"csv", &CALLS_CSV}, {NULL, NULL}},
};
