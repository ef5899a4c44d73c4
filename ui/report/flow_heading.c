/* The heading of a call's ladder: which call, who called whom, what became of it, and when. */
#include "ui/report/reports.h"

/* Pieces of text, ", " between, that go on in a new line where the width ends. */
typedef struct {
  Report *report;
  unsigned used; /* columns of the line so far */
} Pieces;

static void put_piece(Pieces *pieces, Slice safe, Style style)
{
  enum { INDENT = 2, COMMA = 1 };
  const Look *look = &pieces->report->look;
  GString *text = pieces->report->text;
  g_autoptr(GString) piece = g_string_new(NULL);

  text_append_clipped(piece, safe, look->width - INDENT - COMMA, look->charset);
  unsigned width = text_width(slice_of(piece->str, piece->len));
  if (pieces->used > 0 && pieces->used + 2 * COMMA + 1 + width > look->width) {
    g_string_append(text, ",\n  ");
    pieces->used = INDENT;
  } else if (pieces->used > 0) {
    g_string_append(text, ", ");
    pieces->used += COMMA + 1;
  }
  report_append_styled(pieces->report, slice_of(piece->str, piece->len), style);
  pieces->used += width;
}

static void put_text(Pieces *pieces, const char *text)
{
  put_piece(pieces, slice_from_string(text), STYLE_PLAIN);
}

/* "ring 120 ms" */
static void put_interval(Pieces *pieces, const char *name, int64_t ns)
{
  char duration[TIME_TEXT_MAX];

  if (ns < 0)
    return;
  g_autofree char *text = g_strdup_printf("%s %s", name, duration_format(ns, duration));
  put_text(pieces, text);
}

static void put_count(Pieces *pieces, uint64_t count, const char *what)
{
  g_autofree char *text =
    g_strdup_printf("%" G_GUINT64_FORMAT " %s%s", count, what, count == 1 ? "" : "s");

  put_text(pieces, text);
}

static void append_title(Report *report, const Call *call)
{
  GString *text = report->text;

  style_begin(text, STYLE_HEADING, &report->look);
  g_string_append_printf(text, "Call %u  ", call->number);
  text_append_safe(text, call->call_id.data ? call->call_id : SLICE("(no Call-ID)"),
                   report->look.charset);
  style_end(text, STYLE_HEADING, &report->look);
  g_string_append_c(text, '\n');
}

/* "INVITE sip:alice@example.com -> sip:bob@example.com", on two lines where it is long. */
static void append_parties(Report *report, const Call *call)
{
  bool begun = call->method != SIP_METHOD_NONE;
  TextCharset charset = report->look.charset;
  GString *text = report->text;
  g_autoptr(GString) to = g_string_new(" -> ");
  size_t start = text->len;

  text_append_safe(
    text, begun ? trace_method_name(report->trace, call->method) : SLICE("responses"), charset);
  g_string_append_c(text, ' ');
  text_append_safe(text, call->from.data ? call->from : SLICE("?"), charset);
  text_append_safe(to, call->to.data ? call->to : SLICE("?"), charset);
  unsigned width = text_width(slice_of(text->str + start, text->len - start)) +
                   text_width(slice_of(to->str, to->len));
  if (width > report->look.width)
    g_string_append(text, "\n ");
  g_string_append_len(text, to->str, (gssize) to->len);
  g_string_append_c(text, '\n');
}

/* "answered (200 OK), completed" */
static void put_outcome(Pieces *pieces, const CallSummary *summary)
{
  const char *outcome = outcome_name(summary->outcome);
  const char *state = call_state_name(summary->state, summary->outcome);
  g_autoptr(GString) text = g_string_new(outcome);

  if (summary->decided_by) {
    Slice reason = report_reason(pieces->report, summary->decided_by);

    g_string_append_printf(text, reason.len > 0 ? " (%u " : " (%u", summary->status);
    text_append_safe(text, reason, pieces->report->look.charset);
    g_string_append_c(text, ')');
  }
  put_piece(pieces, slice_of(text->str, text->len),
            summary->status != 0 ? style_of_status(summary->status) : STYLE_PLAIN);
  if (state && strcmp(state, outcome) != 0)
    put_text(pieces, state);
}

void flow_put_heading(Report *report, const Call *call, size_t endpoints)
{
  CallSummary summary = call_summarize(call, trace_now(report->trace));
  Clock clock = clock_new(TIME_ABSOLUTE, report->options->utc);
  Pieces facts = {.report = report}, counts = {.report = report};
  char time[TIME_TEXT_MAX];

  append_title(report, call);
  append_parties(report, call);
  put_outcome(&facts, &summary);
  g_autofree char *started =
    g_strdup_printf("started %s", clock_format(&clock, call->start_ns, time));
  put_text(&facts, started);
  put_interval(&facts, "ring", summary.ring_ns);
  put_interval(&facts, "setup", summary.setup_ns);
  put_interval(&facts, "duration", summary.duration_ns);
  g_string_append_c(report->text, '\n');
  put_count(&counts, call->messages, "message");
  put_count(&counts, call->retransmissions, "retransmission");
  put_count(&counts, endpoints, "endpoint");
  g_string_append(report->text, "\n\n");
  report_put_line(report);
}
