/* `messages`: a row a message, written from the arrival, so nothing is read back. */
#include "ui/report/csv.h"
#include "ui/report/reports.h"

/* All that a row is made of. */
typedef struct {
  Report *report;
  const SipMsg *sip;
  const Arrival *arrival;
  const Message *message;
  const Transaction *transaction;
} Row;

/* CSeq has a number that could be read. */
static bool has_cseq(const SipMsg *sip)
{
  unsigned kept = MIN(sip->anomaly_count, SIP_ANOMALIES_MAX);

  if (!sip->cseq_method_text.data || sip->cseq != 0)
    return sip->cseq_method_text.data != NULL;
  for (unsigned i = 0; i < kept; i++)
    if (sip->anomalies[i].id == SIP_ANOMALY_CSEQ_NUMBER)
      return false;
  return true;
}

static Value unfolded(const Row *r, Slice value)
{
  return value_text(report_unfold(r->report, value));
}

static Value endpoint(const Row *r, uint32_t id)
{
  return value_text(endpoint_set_text(&r->report->endpoints, id));
}

static Value flag(const Row *r, unsigned bit)
{
  return value_bool((r->message->flags & bit) != 0);
}

/* X-macro: a column: its key, and the expression for its value in a Row *r. */
#define MESSAGE_COLUMNS(X)                                                                         \
  X("message", value_number(r->message->number))                                                   \
  X("frame", value_number(r->message->frame))                                                      \
  X("time", value_time(r->message->time_ns))                                                       \
  X("src", endpoint(r, r->message->src))                                                           \
  X("dst", endpoint(r, r->message->dst))                                                           \
  X("transport", value_string(transport_name(r->message->transport)))                              \
  X("kind", value_string(r->sip->is_request ? "request" : "response"))                             \
  X("method", value_if(r->sip->is_request, value_text(r->sip->method_text)))                       \
  X("uri", value_if(r->sip->is_request, value_text(r->sip->uri)))                                  \
  X("status", value_if(!r->sip->is_request, value_number(r->sip->status)))                         \
  X("reason", value_if(!r->sip->is_request, value_text(r->sip->reason)))                           \
  X("call_id", unfolded(r, r->sip->call_id))                                                       \
  X("cseq", value_if(has_cseq(r->sip), value_number(r->sip->cseq)))                                \
  X("cseq_method", value_text(r->sip->cseq_method_text))                                           \
  X("from_tag", value_text(r->sip->from_tag))                                                      \
  X("to_tag", value_text(r->sip->to_tag))                                                          \
  X("branch", value_text(r->sip->via_branch))                                                      \
  X("content_type", unfolded(r, r->sip->content_type))                                             \
  X("bytes", value_number(r->message->len))                                                        \
  X("call", value_number(r->transaction->call->number))                                            \
  X("dialog", r->message->dialog ? value_number(r->message->dialog->number) : value_none())        \
  X("transaction", value_number(r->transaction->number))                                           \
  X("retransmission", flag(r, MESSAGE_RETRANSMISSION))                                             \
  X("duplicate", flag(r, MESSAGE_DUPLICATE))                                                       \
  X("complete", value_bool(!(r->message->flags & MESSAGE_INCOMPLETE)))

static const char *const KEYS[] = {
#define COLUMN_KEY(key, value) key,
  MESSAGE_COLUMNS(COLUMN_KEY)
#undef COLUMN_KEY
};

static void fill_values(const Row *r, Value values[G_N_ELEMENTS(KEYS)])
{
  size_t count = 0;

#define COLUMN_VALUE(key, value) values[count++] = value;
  MESSAGE_COLUMNS(COLUMN_VALUE)
#undef COLUMN_VALUE
}

static Row row_of(Report *report, const Arrival *arrival, const Message *message)
{
  return (Row){report, &arrival->sip, arrival, message, message->transaction};
}

void messages_json(Report *report, const Arrival *arrival, const Message *message)
{
  Row row = row_of(report, arrival, message);
  Value values[G_N_ELEMENTS(KEYS)];

  fill_values(&row, values);
  json_row(&report->json, KEYS, values, G_N_ELEMENTS(KEYS));
}

void messages_begin_csv(Report *report)
{
  csv_header(report->out, KEYS, G_N_ELEMENTS(KEYS));
}

void messages_csv(Report *report, const Arrival *arrival, const Message *message)
{
  Row row = row_of(report, arrival, message);
  Value values[G_N_ELEMENTS(KEYS)];

  fill_values(&row, values);
  csv_row(report->out, values, G_N_ELEMENTS(KEYS));
}

enum { NUMBER_WIDTH = 6, ENDPOINT_WIDTH = 21, TRANSPORT_WIDTH = 4, LABEL_WIDTH = 32 };

/* Longer texts push what follows to the right: nothing is cut where lines may be of any length. */
static void append_column(Report *report, Slice safe, unsigned width, TextAlign align)
{
  unsigned natural = text_width(safe);

  text_append_cell(report->text, safe, (TextCell){MAX(natural, width), align},
                   report->look.charset);
  g_string_append_c(report->text, ' ');
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
  g_string_append_printf(text, "%u ", sip->status);
  text_append_safe(text, sip->reason, charset);
  g_string_append(text, " (");
  text_append_safe(text, sip->cseq_method_text, charset);
  g_string_append_c(text, ')');
}

static void append_label(Report *report, const SipMsg *sip)
{
  GString *text = report->text;
  Style style = style_of_status(sip->is_request ? 0 : sip->status);

  style_begin(text, style, &report->look);
  size_t start = text->len;
  append_what(text, sip, report->look.charset);
  unsigned width = text_width(slice_of(text->str + start, text->len - start));
  style_end(text, style, &report->look);
  text_append_spaces(text, width < LABEL_WIDTH ? LABEL_WIDTH - width : 0);
}

static void append_marks(Report *report, const Message *message)
{
  static const struct {
    unsigned flag;
    const char *mark;
  } MARKS[] = {
    {MESSAGE_RETRANSMISSION, " R"}, {MESSAGE_DUPLICATE, " D"}, {MESSAGE_INCOMPLETE, " !"}};

  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (message->flags & MARKS[i].flag)
      g_string_append(report->text, MARKS[i].mark);
}

void messages_text(Report *report, const Arrival *arrival, const Message *message)
{
  char text[TIME_TEXT_MAX];
  const char *transport = transport_name(message->transport);

  append_column(report, slice_of(text, number_format(message->number, text)), NUMBER_WIDTH,
                TEXT_RIGHT);
  append_column(report, slice_from_string(clock_format(&report->clock, message->time_ns, text)), 0,
                TEXT_LEFT);
  append_column(report, endpoint_set_text(&report->endpoints, message->src), ENDPOINT_WIDTH,
                TEXT_LEFT);
  g_string_append(report->text, "-> ");
  append_column(report, endpoint_set_text(&report->endpoints, message->dst), ENDPOINT_WIDTH,
                TEXT_LEFT);
  append_column(report, slice_from_string(transport), TRANSPORT_WIDTH, TEXT_LEFT);
  append_label(report, &arrival->sip);
  g_string_append_printf(report->text, " call %u", message->transaction->call->number);
  append_marks(report, message);
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}
