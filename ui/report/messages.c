/* `messages` as JSON and CSV: written from the arrival, so nothing is read back. */
#include "ui/report/csv.h"
#include "ui/report/reports.h"

/* X-macro: a column: its key, and its field. */
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
  X("complete", "message.complete")

ROW_SHAPE(MESSAGE, MESSAGE_COLUMNS)

static const FieldValue *values_of(Report *report, const Arrival *arrival, const Message *message)
{
  arena_reset(&report->where.scratch);
  field_look_at_parsed(&report->where.context, message, &arrival->sip);
  return report_row_values(report);
}

void messages_json(Report *report, const Arrival *arrival, const Message *message)
{
  json_row(&report->json, MESSAGE_SHAPE.columns, values_of(report, arrival, message),
           MESSAGE_SHAPE.count);
}

void messages_begin_csv(Report *report)
{
  csv_header(report->out, MESSAGE_SHAPE.columns, MESSAGE_SHAPE.count);
}

void messages_csv(Report *report, const Arrival *arrival, const Message *message)
{
  csv_row(report->out, values_of(report, arrival, message), MESSAGE_SHAPE.count);
}
