/* A message header by header: long names, values without folds, and the parts of those that have
 * any (RFC 3261 20). */
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_check.h"
#include "dissect/sip/sip_cseq.h"
#include "dissect/sip/sip_uri.h"
#include "dissect/sip/sip_values.h"
#include "dissect/sip/sip_via.h"
#include "ui/report/reports.h"

enum { PART_INDENT = 6, PART_WIDTH = 14 };

static void append_part(Report *report, const char *name, Slice value)
{
  if (!value.data)
    return;
  text_append_spaces(report->text, PART_INDENT);
  text_append_cell(report->text, slice_from_string(name), (TextCell){PART_WIDTH, TEXT_LEFT},
                   report->look.charset);
  text_append_safe(report->text, value, report->look.charset);
  g_string_append_c(report->text, '\n');
}

static void append_number_part(Report *report, const char *name, uint64_t number)
{
  char text[TIME_TEXT_MAX];

  append_part(report, name, slice_of(text, number_format(number, text)));
}

static Slice if_any(Slice s)
{
  return s.len > 0 ? s : SLICE_NONE;
}

/* ";name" and ";name=value", a line each. */
static void append_params(Report *report, Slice params)
{
  SipParam param;

  while (sip_param_next(&params, &param)) {
    Slice value = param.value.data ? param.value : SLICE("");

    text_append_spaces(report->text, PART_INDENT);
    g_string_append_c(report->text, ';');
    text_append_safe(report->text, param.name, report->look.charset);
    if (param.value.data)
      g_string_append(report->text, " = ");
    text_append_safe(report->text, value, report->look.charset);
    g_string_append_c(report->text, '\n');
  }
}

static void append_uri(Report *report, Slice text)
{
  SipUri uri;

  append_part(report, "URI", if_any(text));
  if (!sip_uri_parse(text, &uri))
    return;
  append_part(report, "scheme", uri.scheme);
  append_part(report, "user", uri.user);
  append_part(report, "host", if_any(uri.host));
  if (uri.port != 0)
    append_number_part(report, "port", uri.port);
}

static void append_addr(Report *report, Slice value)
{
  SipAddr addr = sip_addr_parse(value);

  append_part(report, "display name", if_any(sip_unquote(&report->scratch, addr.display)));
  append_uri(report, addr.uri);
  append_params(report, addr.params);
}

static void append_via(Report *report, Slice value)
{
  SipVia via;

  if (!sip_via_parse(value, &via)) {
    append_part(report, "value", value);
    return;
  }
  append_part(report, "transport", via.transport);
  append_part(report, "sent-by", via.sent_by);
  append_params(report, via.params);
}

static void append_cseq(Report *report, Slice value)
{
  SipCseq cseq;

  if (!sip_cseq_parse(value, &cseq))
    return;
  if (cseq.number_fits)
    append_number_part(report, "number", cseq.number);
  append_part(report, "method", cseq.method_text);
}

/* Header fields that are taken apart: what takes one value of theirs. */
static const struct {
  SipHeader header;
  void (*append)(Report *report, Slice value);
} DECODERS[] = {
  {SIP_HEADER_VIA, append_via},       {SIP_HEADER_FROM, append_addr},
  {SIP_HEADER_TO, append_addr},       {SIP_HEADER_CONTACT, append_addr},
  {SIP_HEADER_ROUTE, append_addr},    {SIP_HEADER_RECORD_ROUTE, append_addr},
  {SIP_HEADER_REFER_TO, append_addr}, {SIP_HEADER_REFERRED_BY, append_addr},
  {SIP_HEADER_REPLY_TO, append_addr}, {SIP_HEADER_CSEQ, append_cseq},
};

static void append_values(Report *report, SipHeader header, Slice value)
{
  const SipHeaderInfo *info = sip_header_info(header);
  SipListIter values = sip_list(value);
  size_t i = 0;
  Slice one;

  while (i < G_N_ELEMENTS(DECODERS) && DECODERS[i].header != header)
    i++;
  if (i == G_N_ELEMENTS(DECODERS))
    return;
  if (info->shape != SIP_HEADER_LIST) {
    DECODERS[i].append(report, value);
    return;
  }
  while (sip_list_next(&values, &one))
    DECODERS[i].append(report, one);
}

static void append_row(Report *report, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);
  Slice value = sip_unfold(&report->scratch, row->value);
  GString *text = report->text;

  g_string_append(text, "  ");
  style_begin(text, STYLE_REQUEST, &report->look);
  text_append_safe(text, info ? slice_from_string(info->name) : row->name, report->look.charset);
  style_end(text, STYLE_REQUEST, &report->look);
  g_string_append(text, ": ");
  text_append_safe(text, value, report->look.charset);
  g_string_append_c(text, '\n');
  append_values(report, row->header, value);
}

static void append_anomalies(Report *report, const SipMsg *sip)
{
  SipCheck check;

  sip_check(sip, &check);
  for (unsigned i = 0; i < MIN(check.count, SIP_CHECK_MAX); i++) {
    const SipAnomalyInfo *info = sip_anomaly_info(check.items[i].id);

    g_string_append_printf(report->text, "  ! %s: %s (%s, octet %u)\n",
                           sip_severity_name(info->severity), info->text, info->section,
                           check.items[i].offset);
  }
  if (check.count > SIP_CHECK_MAX)
    g_string_append_printf(report->text, "  ! and %u more\n", check.count - SIP_CHECK_MAX);
}

static void append_body(Report *report, Slice body)
{
  while (body.len > 0) {
    g_string_append(report->text, "  | ");
    text_append_safe(report->text, slice_take_line(&body), report->look.charset);
    g_string_append_c(report->text, '\n');
  }
}

void show_decoded(Report *report, const SipMsg *sip)
{
  SipHeaderIter iter = sip_header_iter(sip);
  SipHeaderRow row;

  text_append_safe(report->text, sip->start_line, report->look.charset);
  g_string_append_c(report->text, '\n');
  while (sip_header_next(&iter, &row))
    append_row(report, &row);
  append_body(report, sip->body);
  append_anomalies(report, sip);
}
