/* `calls` as a table.  Columns have fixed widths, so that a row can be printed as soon as it is
 * known; addresses share what the others leave. */
#include "ui/report/reports.h"

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

static const struct {
  const char *title;
  unsigned width; /* 0: shares the rest */
  TextAlign align;
} COLUMNS[COLUMN_COUNT] = {
  [COLUMN_NUMBER] = {"Call", 5, TEXT_RIGHT},     [COLUMN_START] = {"Start", 12, TEXT_LEFT},
  [COLUMN_DURATION] = {"Length", 7, TEXT_RIGHT}, [COLUMN_KIND] = {"Kind", 9, TEXT_LEFT},
  [COLUMN_FROM] = {"From", 0, TEXT_LEFT},        [COLUMN_TO] = {"To", 0, TEXT_LEFT},
  [COLUMN_OUTCOME] = {"Outcome", 14, TEXT_LEFT}, [COLUMN_MESSAGES] = {"Msgs", 5, TEXT_RIGHT},
};

/* From this width on there is room for dates and microseconds. */
enum { WIDE = 120, WIDE_START = 26, ADDRESS_MIN = 6, ADDRESS_MAX = 48 };

static unsigned column_width(const Report *report, Column column)
{
  unsigned fixed = COLUMN_COUNT - 1; /* the blanks between */

  if (column == COLUMN_START && report->clock.date)
    return WIDE_START;
  if (COLUMNS[column].width > 0)
    return COLUMNS[column].width;
  for (Column c = 0; c < COLUMN_COUNT; c++)
    if (COLUMNS[c].width > 0)
      fixed += column_width(report, c);
  unsigned rest = report->look.width > fixed ? (report->look.width - fixed) / 2 : 0;
  return CLAMP(rest, ADDRESS_MIN, ADDRESS_MAX);
}

static void append_cell(Report *report, Column column, Slice safe, Style style)
{
  TextCell cell = {column_width(report, column), COLUMNS[column].align};

  if (column > 0)
    g_string_append_c(report->text, ' ');
  /* A number is never cut. */
  if (cell.align == TEXT_RIGHT)
    cell.width = MAX(cell.width, text_width(safe));
  style_begin(report->text, style, &report->look);
  text_append_cell(report->text, safe, cell, report->look.charset);
  style_end(report->text, style, &report->look);
}

static void append_number(Report *report, Column column, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  append_cell(report, column, slice_of(text, number_format(number, text)), STYLE_PLAIN);
}

/* Text of the network, without the scheme that nearly all addresses share. */
static void append_address(Report *report, Column column, Slice address)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  if (slice_starts_with_nocase(address, SLICE("sip:")))
    address = slice_from(address, 4);
  text_append_safe(safe, address, report->look.charset);
  append_cell(report, column, slice_of(safe->str, safe->len), STYLE_PLAIN);
}

static void append_kind(Report *report, const Call *call)
{
  g_autoptr(GString) safe = g_string_new(NULL);
  Slice name = trace_method_name(report->trace, call->method);

  text_append_safe(safe, call->method == SIP_METHOD_NONE ? SLICE("unknown") : name,
                   report->look.charset);
  g_string_ascii_down(safe);
  append_cell(report, COLUMN_KIND, slice_of(safe->str, safe->len), STYLE_PLAIN);
}

/* "busy 486", "in-call 200": the state, where there is one. */
static void append_outcome(Report *report, const CallSummary *summary)
{
  const char *state = call_state_name(summary->state, summary->outcome);
  g_autoptr(GString) text = g_string_new(state ? state : outcome_name(summary->outcome));

  if (summary->status != 0)
    g_string_append_printf(text, " %u", summary->status);
  append_cell(report, COLUMN_OUTCOME, slice_of(text->str, text->len),
              summary->status != 0 ? style_of_status(summary->status) : STYLE_PLAIN);
}

void calls_begin_text(Report *report)
{
  report->clock.date = report->look.width >= WIDE;
  report->clock.digits = report->look.width >= WIDE ? 6 : 3;
  for (Column column = 0; column < COLUMN_COUNT; column++)
    append_cell(report, column, slice_from_string(COLUMNS[column].title), STYLE_HEADING);
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}

void calls_text_row(Report *report, const Call *call)
{
  CallSummary summary = call_summarize(call, trace_now(report->trace));
  char start[TIME_TEXT_MAX], length[TIME_TEXT_MAX] = "";

  clock_format(&report->clock, call->start_ns, start);
  if (summary.duration_ns >= 0)
    duration_format(summary.duration_ns, length);
  append_number(report, COLUMN_NUMBER, call->number);
  append_cell(report, COLUMN_START, slice_from_string(start), STYLE_DIM);
  append_cell(report, COLUMN_DURATION, slice_from_string(length), STYLE_PLAIN);
  append_kind(report, call);
  append_address(report, COLUMN_FROM, call->from);
  append_address(report, COLUMN_TO, call->to);
  append_outcome(report, &summary);
  append_number(report, COLUMN_MESSAGES, call->messages);
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}
