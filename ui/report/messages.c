/* `messages`: one row per message, written as it arrives, so nothing is read back. */
#include "capture/language.h"
#include "ui/report/csv.h"
#include "ui/report/rows.h"
#include "ui/report/subcommand.h"

/* X-macro: the key of a column, and its field. */
#define MESSAGE_COLUMNS(X)                                                                         \
  X("message", "message.number")                                                                   \
  X("frame", "message.frame")                                                                      \
  X("time", "message.time")                                                                        \
  X("src", "message.src")                                                                          \
  X("dst", "message.dst")                                                                          \
  X("transport", "message.transport")                                                              \
  X("kind", "message.kind")                                                                        \
  X("method", "message.method")                                                                    \
  X("uri", "message.uri")                                                                          \
  X("status", "message.status")                                                                    \
  X("reason", "message.reason")                                                                    \
  X("call_id", "message.call_id")                                                                  \
  X("cseq", "message.cseq")                                                                        \
  X("cseq_method", "message.cseq_method")                                                          \
  X("from_tag", "message.from_tag")                                                                \
  X("to_tag", "message.to_tag")                                                                    \
  X("branch", "message.branch")                                                                    \
  X("content_type", "message.content_type")                                                        \
  X("bytes", "message.bytes")                                                                      \
  X("call", "message.call")                                                                        \
  X("dialog", "message.dialog")                                                                    \
  X("transaction", "message.transaction")                                                          \
  X("retransmission", "message.retransmission")                                                    \
  X("duplicate", "message.duplicate")                                                              \
  X("complete", "message.complete")                                                                \
  X("sightings", "message.sightings")

ROW_SHAPE(MESSAGE, MESSAGE_COLUMNS)

static const FieldValue *values_of(Report *report, const Arrival *arrival, const Message *message)
{
  arena_reset(&report->values);
  field_look_at_parsed(&report->context, message, &arrival->sip);
  return report_row_values(report);
}

static void messages_json(Report *report, const Arrival *arrival, const Message *message)
{
  json_row(&report->json, MESSAGE_SHAPE.columns, values_of(report, arrival, message),
           MESSAGE_SHAPE.count);
}

static void messages_begin_csv(Report *report)
{
  csv_header(report->out, MESSAGE_SHAPE.columns, MESSAGE_SHAPE.count);
}

static void messages_csv(Report *report, const Arrival *arrival, const Message *message)
{
  csv_row(report->out, values_of(report, arrival, message), MESSAGE_SHAPE.count);
}

/* --- Text ---------------------------------------------------------------------------------------
 *
 * Columns of known width come first and the message last, so that it is the message that is cut
 * when a line is too long. */

/* WIDE: wide enough for dates and microseconds. */
enum { WIDE = 100, NUMBER_WIDTH = 4, TRANSPORT_WIDTH = 4, CALL_WIDTH = 4, MARKS_WIDTH = 1 };

/* Places in report->widths. */
enum { WIDTH_SRC, WIDTH_DST, WIDTH_TIME };

static void messages_begin_text(Report *report)
{
  report->clock.date = report->look.width >= WIDE;
  report->clock.digits = report->look.width >= WIDE ? 6 : 3;
}

/* Longer texts push what follows to the right. */
static void append_column(Report *report, Slice safe, unsigned width, TextAlign align)
{
  unsigned natural = text_width(safe);

  text_append_cell(report->text, safe, (TextCell){MAX(natural, width), align},
                   report->look.charset);
  g_string_append_c(report->text, ' ');
}

/* As wide as the widest so far: the rows are not known in advance. */
static void append_padded_endpoint(Report *report, uint32_t id, unsigned *width)
{
  Slice text = endpoint_set_text(&report->endpoints, id);

  *width = MAX(*width, (unsigned) text.len);
  append_column(report, text, *width, TEXT_LEFT);
}

/* Number, time, endpoints, transport, call and marks. */
static void append_front(Report *report, const Message *message)
{
  static const struct {
    unsigned flag;
    const char *mark;
  } MARKS[] = {{MESSAGE_RETRANSMISSION, "R"}, {MESSAGE_DUPLICATE, "D"}, {MESSAGE_INCOMPLETE, "!"}};
  char marks[G_N_ELEMENTS(MARKS) + 1] = "", text[TIME_TEXT_MAX];
  unsigned *time_width = &report->widths[WIDTH_TIME];

  append_column(report, slice_of(text, number_format(message->number, text)), NUMBER_WIDTH,
                TEXT_RIGHT);
  Slice time = slice_from_string(clock_format(&report->clock, message->time_ns, text));
  *time_width = MAX(*time_width, (unsigned) time.len);
  append_column(report, time, *time_width, TEXT_RIGHT);
  append_padded_endpoint(report, message->src, &report->widths[WIDTH_SRC]);
  g_string_append(report->text, "-> ");
  append_padded_endpoint(report, message->dst, &report->widths[WIDTH_DST]);
  append_column(report, slice_from_string(transport_name(message->transport)), TRANSPORT_WIDTH,
                TEXT_LEFT);
  g_snprintf(text, sizeof text, "#%u", message->transaction->call->number);
  append_column(report, slice_from_string(text), CALL_WIDTH, TEXT_LEFT);
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->flags & MARKS[i].flag)
      g_strlcat(marks, MARKS[i].mark, sizeof marks);
  append_column(report, slice_from_string(marks), MARKS_WIDTH, TEXT_LEFT);
}

/* "INVITE sip:bob@example.com", or "200 OK (INVITE)". */
static void append_what(GString *text, const SipMsg *sip, TextCharset charset)
{
  if (sip->is_request) {
    text_append_safe(text, sip->method_text, charset);
    g_string_append_c(text, ' ');
    text_append_safe(text, sip->uri, charset);
    return;
  }
  status_append(text, sip->status);
  g_string_append_c(text, ' ');
  text_append_safe(text, sip->reason, charset);
  g_string_append(text, " (");
  text_append_safe(text, sip->cseq_method_text, charset);
  g_string_append_c(text, ')');
}

/* Cuts the safe text from `start` on to `width` columns. */
static void cut_text(Report *report, size_t start, unsigned width)
{
  g_autofree char *whole = g_strdup(report->text->str + start);

  g_string_truncate(report->text, start);
  text_append_clipped(report->text, slice_from_string(whole), width, report->look.charset);
}

/* Cuts the line at the width of the output. */
static void cut_line(Report *report, size_t label_start)
{
  const GString *text = report->text;
  unsigned front = text_width(slice_of(text->str, label_start));
  unsigned label = text_width(slice_of(text->str + label_start, text->len - label_start));

  if (!report->look.fits || front + label <= report->look.width)
    return;
  if (front < report->look.width)
    cut_text(report, label_start, report->look.width - front);
  else
    cut_text(report, 0, report->look.width);
}

static void messages_text(Report *report, const Arrival *arrival, const Message *message)
{
  GString *text = report->text;
  Style style = style_of_status(message->status);

  append_front(report, message);
  size_t start = text->len;
  append_what(text, &arrival->sip, report->look.charset);
  cut_line(report, start);
  if (text->len > start) {
    g_autofree char *label = g_strdup(text->str + start);

    g_string_truncate(text, start);
    report_append_styled(report, slice_from_string(label), style);
  }
  g_string_append_c(text, '\n');
  report_put_line(report);
}

/* -------------------------------------------------------------------------------------------- */

static const ReportOps MESSAGES_TEXT = {
  .begin = messages_begin_text,
  .message = messages_text,
  .reads_once = true,
  .field_rows = &FIELD_ROWS_TEXT,
};

/* When -T itself asks for text: whole messages, not one row each. */
const ReportOps MESSAGES_WHOLE = {
  .message = messages_whole,
  .reads_once = true,
  .field_rows = &FIELD_ROWS_TEXT,
};

const ReportOps MESSAGES_JSON = {
  .for_programs = true,
  .schemas = (const ReportSchema[]){{"", "{" MESSAGE_COLUMNS(ROW_SCHEMA) "}"}, {NULL, NULL}},
  .message = messages_json,
  .shape = &MESSAGE_SHAPE,
  .reads_once = true,
  .field_rows = &FIELD_ROWS_JSON,
};

const ReportOps MESSAGES_CSV = {
  .for_programs = true,
  .begin = messages_begin_csv,
  .message = messages_csv,
  .shape = &MESSAGE_SHAPE,
  .reads_once = true,
  .field_rows = &FIELD_ROWS_CSV,
};

const Subcommand MESSAGES_SUBCOMMAND = {
  .name = "messages",
  .help = N_("one row per SIP message, in capture order"),
  .more =
    N_("In text, # is the number of the call; R marks a retransmission, D a packet that was\n"
       "captured twice, or copied to HEP as well, ! a message with missing bytes. -T text writes\n"
       "whole messages instead, as sngrep does to a .txt file: a line with time, source and\n"
       "destination, the message as it was sent, an empty line."),
  .takes = TAKES_REPORTING | TAKES_FILTER | TAKES_CALLS | TAKES_FIELDS | TAKES_TIMES,
  .formats =
    (const ReportFormat[]){
      {"text", &MESSAGES_WHOLE}, {"json", &MESSAGES_JSON}, {"csv", &MESSAGES_CSV}, {NULL, NULL}},
  .usual = &MESSAGES_TEXT,
};
