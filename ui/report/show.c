/* `show`: messages whole, as they are filed. */
#include "dissect/sip/sip_check.h"
#include "ui/report/reports.h"

/* 2026/01/02, as sngrep writes it over a message. */
static void put_slashes(char *time)
{
  enum { YEAR_END = 4, MONTH_END = 7 };

  time[YEAR_END] = time[MONTH_END] = '/';
}

/* What sngrep writes over a message. */
static void append_when_and_where(Report *report, const Message *message)
{
  GString *text = report->text;
  char time[TIME_TEXT_MAX];

  clock_format(&report->clock, message->time_ns, time);
  if (report->clock.mode == TIME_ABSOLUTE)
    put_slashes(time);
  g_string_append(text, time);
  g_string_append_printf(text, " %s", endpoint_set_text(&report->endpoints, message->src).data);
  g_string_append_printf(text, " -> %s", endpoint_set_text(&report->endpoints, message->dst).data);
}

/* The same, and which message it is. */
static void append_heading(Report *report, const Message *message)
{
  GString *text = report->text;

  style_begin(text, STYLE_HEADING, &report->look);
  append_when_and_where(report, message);
  g_string_append_printf(text, " %s message %u call %u", transport_name(message->transport),
                         message->number, message->transaction->call->number);
  if (message->flags & MESSAGE_RETRANSMISSION)
    g_string_append(text, " retransmission");
  if (message->flags & MESSAGE_DUPLICATE)
    g_string_append(text, " duplicate");
  if (message->flags & MESSAGE_INCOMPLETE)
    g_string_append(text, " incomplete");
  style_end(text, STYLE_HEADING, &report->look);
  g_string_append_c(text, '\n');
}

/* Line by line, so that line ends stay and all else is made safe. */
static void append_safe_lines(Report *report, Slice octets)
{
  while (octets.len > 0) {
    text_append_safe(report->text, slice_take_line(&octets), report->look.charset);
    g_string_append_c(report->text, '\n');
  }
}

static void append_raw(Report *report, Slice octets)
{
  if (report->terminal || report->look.charset == TEXT_ASCII) {
    append_safe_lines(report, octets);
    return;
  }
  g_string_append_len(report->text, octets.data, (gssize) octets.len);
  if (octets.len > 0 && octets.data[octets.len - 1] != '\n')
    g_string_append_c(report->text, '\n');
}

/* Text as sngrep writes it to a file, which other programs read: the octets are as they were, but
 * for a terminal. */
void messages_whole(Report *report, const Arrival *arrival, const Message *message)
{
  Slice octets = arrival->raw.octets;

  append_when_and_where(report, message);
  g_string_append_c(report->text, '\n');
  if (report->terminal)
    append_safe_lines(report, octets);
  else
    g_string_append_len(report->text, octets.data, (gssize) octets.len);
  g_string_append(report->text, "\n\n");
  report_put_line(report);
}

void show_text(Report *report, const Arrival *arrival, const Message *message)
{
  const Options *options = report->options;

  if (options->output && !options->decode && !report->terminal) {
    messages_whole(report, arrival, message);
    return;
  }
  append_heading(report, message);
  if (options->decode)
    show_decoded(report, &arrival->sip);
  else
    append_raw(report, arrival->raw.octets);
  g_string_append_c(report->text, '\n');
  report_put_line(report);
}

static void put_fact(Json *json, const char *key, FieldValue value)
{
  json_key(json, key);
  json_value(json, value);
}

static void put_headers(Report *report, const SipMsg *sip)
{
  SipHeaderIter iter = sip_header_iter(sip);
  Json *json = &report->json;
  SipHeaderRow row;

  json_key(json, "headers");
  json_begin_array(json);
  while (sip_header_next(&iter, &row)) {
    json_begin_object(json);
    put_fact(json, "name", value_text(row.name));
    put_fact(json, "value", value_text(report_unfold(report, row.value)));
    json_end_object(json);
  }
  json_end_array(json);
}

static void put_anomaly(Json *json, const SipAnomaly *anomaly)
{
  const SipAnomalyInfo *info = sip_anomaly_info(anomaly->id);

  json_begin_object(json);
  put_fact(json, "id", value_string(info->id));
  put_fact(json, "severity", value_string(sip_severity_name(info->severity)));
  put_fact(json, "section", value_string(info->section));
  put_fact(json, "text", value_string(info->text));
  put_fact(json, "offset", value_number(anomaly->offset));
  json_end_object(json);
}

static void put_anomalies(Json *json, const SipMsg *sip)
{
  SipCheck check;

  sip_check(sip, &check);
  json_key(json, "anomalies");
  json_begin_array(json);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++)
    put_anomaly(json, &check.items[i]);
  json_end_array(json);
}

void show_json(Report *report, const Arrival *arrival, const Message *message)
{
  Json *json = &report->json;
  EndpointSet *endpoints = &report->endpoints;

  json_begin_object(json);
  put_fact(json, "message", value_number(message->number));
  put_fact(json, "frame", value_number(message->frame));
  put_fact(json, "time", value_time(message->time_ns));
  put_fact(json, "src", value_text(endpoint_set_text(endpoints, message->src)));
  put_fact(json, "dst", value_text(endpoint_set_text(endpoints, message->dst)));
  put_fact(json, "transport", value_string(transport_name(message->transport)));
  put_fact(json, "call", value_number(message->transaction->call->number));
  put_fact(json, "raw", value_text(arrival->raw.octets));
  put_headers(report, &arrival->sip);
  put_fact(json, "body", value_text(arrival->sip.body));
  put_anomalies(json, &arrival->sip);
  json_end_object(json);
  json_end_line(json);
}
