/* `messages` as JSON and CSV: written from the arrival, so nothing is read back. */
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
  X("status", value_if(r->sip->status >= 100, value_number(r->sip->status)))                       \
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

static const ValueColumn COLUMNS[] = {
#define COLUMN_KEY(key, value) VALUE_COLUMN(key),
  MESSAGE_COLUMNS(COLUMN_KEY)
#undef COLUMN_KEY
};

static void fill_values(const Row *r, Value values[G_N_ELEMENTS(COLUMNS)])
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
  Value values[G_N_ELEMENTS(COLUMNS)];

  fill_values(&row, values);
  json_row(&report->json, COLUMNS, values, G_N_ELEMENTS(COLUMNS));
}

void messages_begin_csv(Report *report)
{
  csv_header(report->out, COLUMNS, G_N_ELEMENTS(COLUMNS));
}

void messages_csv(Report *report, const Arrival *arrival, const Message *message)
{
  Row row = row_of(report, arrival, message);
  Value values[G_N_ELEMENTS(COLUMNS)];

  fill_values(&row, values);
  csv_row(report->out, values, G_N_ELEMENTS(COLUMNS));
}
