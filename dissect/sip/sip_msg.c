#include "dissect/sip/sip_msg.h"

#include <glib.h>

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_cseq.h"
#include "dissect/sip/sip_row.h"
#include "dissect/sip/sip_start.h"
#include "dissect/sip/sip_uri.h"
#include "dissect/sip/sip_values.h"
#include "dissect/sip/sip_via.h"

static void add_anomaly(SipMsg *msg, SipAnomalyId id, const char *at)
{
  SipSeverity severity = sip_anomaly_info(id)->severity;

  if (msg->anomaly_count < SIP_ANOMALIES_MAX)
    msg->anomalies[msg->anomaly_count] = (SipAnomaly){id, at ? (uint32_t) (at - msg->raw.data) : 0};
  msg->anomaly_count++;
  if (severity > msg->worst)
    msg->worst = severity;
}

/* --- start-line --- */

static const struct {
  unsigned flaw;
  SipAnomalyId id;
} START_ANOMALIES[] = {
  {SIP_START_SPACES, SIP_ANOMALY_START_LINE_SPACES},
  {SIP_START_CUT, SIP_ANOMALY_START_LINE_CUT},
  {SIP_START_VERSION_CASE, SIP_ANOMALY_VERSION_CASE},
  {SIP_START_VERSION, SIP_ANOMALY_VERSION_OTHER},
  {SIP_START_STATUS, SIP_ANOMALY_STATUS_RANGE},
  {SIP_START_NO_REASON_SP, SIP_ANOMALY_REASON_SPACE},
};

static void note_start_flaws(SipMsg *msg, unsigned flaws)
{
  for (size_t i = 0; flaws != 0 && i < G_N_ELEMENTS(START_ANOMALIES); i++)
    if (flaws & START_ANOMALIES[i].flaw)
      add_anomaly(msg, START_ANOMALIES[i].id, msg->start_line.data);
}

static void read_method(SipMsg *msg, Slice text)
{
  msg->method_text = text;
  msg->method = sip_method_from_slice(text);
  if (msg->method != SIP_METHOD_OTHER)
    return;
  for (unsigned i = SIP_METHOD_OTHER + 1; i < SIP_METHOD_COUNT; i++)
    if (slice_eq_nocase(text, slice_from_string(sip_method_name((SipMethod) i)))) {
      add_anomaly(msg, SIP_ANOMALY_METHOD_CASE, text.data);
      return;
    }
  add_anomaly(msg, SIP_ANOMALY_METHOD_UNKNOWN, text.data);
}

/* RFC 3261 25.1: an absoluteURI begins with a scheme. */
static bool has_scheme(Slice uri)
{
  size_t len = sip_span(uri, SIP_CHAR_SCHEME);

  return len > 0 && len < uri.len && uri.data[len] == ':';
}

/* Characters of a Request-URI that deserve a look, after the quick test for them. */
static void check_uri_chars(SipMsg *msg)
{
  Slice uri = msg->uri;
  bool blank = false, foreign = false;
  SipUri parts;

  for (size_t i = 0; i < uri.len; i++) {
    blank |= sip_char_is(uri.data[i], SIP_CHAR_BLANK);
    foreign |= !sip_char_is(uri.data[i], SIP_CHAR_URI | SIP_CHAR_BLANK);
  }
  if (blank)
    add_anomaly(msg, SIP_ANOMALY_URI_SPACES, uri.data);
  if (foreign)
    add_anomaly(msg, SIP_ANOMALY_URI_CHARS, uri.data);
  if (sip_uri_parse(uri, &parts) && parts.headers.data)
    add_anomaly(msg, SIP_ANOMALY_URI_HEADERS, parts.headers.data);
}

static void read_uri(SipMsg *msg, Slice uri)
{
  unsigned classes = 0;

  if (uri.len > 2 && uri.data[0] == '<' && uri.data[uri.len - 1] == '>') {
    add_anomaly(msg, SIP_ANOMALY_URI_BRACKETS, uri.data);
    uri = sip_trim(slice_of(uri.data + 1, uri.len - 2));
  }
  msg->uri = uri;
  for (size_t i = 0; i < uri.len; i++)
    classes |= SIP_CHARS[(unsigned char) uri.data[i]];
  if (classes & SIP_CHAR_SUSPECT)
    check_uri_chars(msg);
  if (!has_scheme(uri))
    add_anomaly(msg, SIP_ANOMALY_URI_SCHEME, uri.data);
}

/* Takes the start-line from *rest.  False when it is none. */
static bool read_start(SipMsg *msg, Slice *rest)
{
  SipStart start;
  size_t before = rest->len;

  msg->start_line = slice_take_line(rest);
  bool cut = msg->raw.data[before - rest->len - 1] != '\n';
  if (!sip_start_parse(msg->start_line, cut, &start))
    return false;

  note_start_flaws(msg, start.flaws);
  msg->is_request = start.is_request;
  msg->status = start.status;
  msg->reason = start.reason;
  if (start.is_request) {
    read_method(msg, start.method);
    read_uri(msg, start.uri);
  }
  return true;
}

/* --- header fields --- */

static void note_via_branch(SipMsg *msg)
{
  if (sip_branch_is_rfc3261(msg->via_branch))
    return;
  if (!msg->via_branch.data)
    add_anomaly(msg, SIP_ANOMALY_VIA_NO_BRANCH, msg->via.data);
  else if (!sip_starts(msg->via_branch, SLICE("z9hg4bk")))
    add_anomaly(msg, SIP_ANOMALY_VIA_NO_COOKIE, msg->via_branch.data);
  else
    add_anomaly(msg, SIP_ANOMALY_VIA_COOKIE_ONLY, msg->via_branch.data);
}

static void read_top_via(SipMsg *msg, Slice value)
{
  SipVia via;

  msg->via = value;
  if (sip_via_parse(value, &via)) {
    msg->via_transport = via.transport;
    msg->via_sent_by = via.sent_by;
    msg->via_branch = via.branch;
    if (via.bad_sent_by)
      add_anomaly(msg, SIP_ANOMALY_VIA_SYNTAX, via.sent_by.data);
    if (!sip_is(via.protocol, SLICE("sip")) || !slice_eq(via.version, SLICE("2.0")))
      add_anomaly(msg, SIP_ANOMALY_VIA_VERSION, value.data);
  } else {
    add_anomaly(msg, SIP_ANOMALY_VIA_SYNTAX, value.data);
    sip_cut_params(&value);
    if (!sip_param_find(value, SLICE("branch"), &msg->via_branch))
      msg->via_branch = SLICE_NONE;
  }
  note_via_branch(msg);
}

static void read_via(SipMsg *msg, Slice value)
{
  SipListIter iter = sip_list(value);
  Slice item;

  if (memchr(value.data, ',', value.len) == NULL) { /* nearly always */
    msg->via_count++;
    if (!msg->via.data)
      read_top_via(msg, value);
    return;
  }
  while (sip_list_next(&iter, &item)) {
    if (item.len == 0)
      continue;
    msg->via_count++;
    if (!msg->via.data)
      read_top_via(msg, item);
  }
}

static void read_from(SipMsg *msg, Slice value)
{
  msg->from = value;
  msg->from_tag = sip_addr_tag_of(value);
}

static void read_to(SipMsg *msg, Slice value)
{
  msg->to = value;
  msg->to_tag = sip_addr_tag_of(value);
}

static void read_call_id(SipMsg *msg, Slice value)
{
  msg->call_id = value;
  if (value.len == 0)
    add_anomaly(msg, SIP_ANOMALY_NO_CALL_ID, value.data);
}

static void read_cseq(SipMsg *msg, Slice value)
{
  SipCseq cseq;

  if (!sip_cseq_parse(value, &cseq)) {
    add_anomaly(msg, SIP_ANOMALY_CSEQ_SYNTAX, value.data);
    return;
  }
  msg->cseq = cseq.number;
  msg->cseq_method = cseq.method;
  msg->cseq_method_text = cseq.method_text;
  if (!cseq.number_fits)
    add_anomaly(msg, SIP_ANOMALY_CSEQ_NUMBER, value.data);
  else if (cseq.number > INT32_MAX)
    add_anomaly(msg, SIP_ANOMALY_CSEQ_LARGE, value.data);
  if (msg->is_request && !slice_eq(cseq.method_text, msg->method_text))
    add_anomaly(msg, SIP_ANOMALY_CSEQ_METHOD, cseq.method_text.data);
}

static void read_contact(SipMsg *msg, Slice value)
{
  if (!msg->contact.data)
    msg->contact = value;
}

static void read_content_type(SipMsg *msg, Slice value)
{
  msg->content_type = value;
}

static void read_content_length(SipMsg *msg, Slice value)
{
  msg->has_content_length = slice_to_u64(value, &msg->content_length);
  if (!msg->has_content_length)
    add_anomaly(msg, SIP_ANOMALY_CONTENT_LENGTH, value.data);
}

/* The header fields that SipMsg wants. */
static void (*const READERS[])(SipMsg *msg, Slice value) = {
  [SIP_HEADER_VIA] = read_via,
  [SIP_HEADER_FROM] = read_from,
  [SIP_HEADER_TO] = read_to,
  [SIP_HEADER_CALL_ID] = read_call_id,
  [SIP_HEADER_CSEQ] = read_cseq,
  [SIP_HEADER_CONTACT] = read_contact,
  [SIP_HEADER_CONTENT_TYPE] = read_content_type,
  [SIP_HEADER_CONTENT_LENGTH] = read_content_length,
};

static void note_no_colon(SipMsg *msg, const SipHeaderRow *row)
{
  bool folded = row->row.data[0] == ' ' || row->row.data[0] == '\t';

  add_anomaly(msg, folded ? SIP_ANOMALY_START_LINE_FOLDED : SIP_ANOMALY_NO_COLON, row->row.data);
}

static void read_row(SipMsg *msg, const SipHeaderRow *row)
{
  uint64_t bit = row->header < 64 ? UINT64_C(1) << row->header & SIP_MSG_READS : 0;

  if (!row->name.data) {
    note_no_colon(msg, row);
    return;
  }
  if (msg->seen & bit & ~(SIP_BIT(VIA) | SIP_BIT(CONTACT))) {
    bool length = row->header == SIP_HEADER_CONTENT_LENGTH;
    add_anomaly(msg, length ? SIP_ANOMALY_TWO_CONTENT_LENGTHS : SIP_ANOMALY_HEADER_TWICE,
                row->name.data);
    return;
  }
  msg->seen |= bit;
  if (row->header < G_N_ELEMENTS(READERS) && READERS[row->header])
    READERS[row->header](msg, row->value);
}

/* Those of SIP_MSG_READS as nearly everybody writes them, with their colon; OTHER for all else. */
static SipHeader plain_name(Slice rest, size_t *ret_colon)
{
#define TRY(name, id)                                                                              \
  if (rest.len > sizeof(name) && memcmp(rest.data, name ":", sizeof(name)) == 0) {                 \
    *ret_colon = sizeof(name) - 1;                                                                 \
    return SIP_HEADER_##id;                                                                        \
  }
  switch (rest.data[0]) {
  case 'V':
    TRY("Via", VIA);
    break;
  case 'F':
    TRY("From", FROM);
    break;
  case 'T':
    TRY("To", TO);
    break;
  case 'C':
    TRY("Call-ID", CALL_ID);
    TRY("CSeq", CSEQ);
    TRY("Contact", CONTACT);
    TRY("Content-Length", CONTENT_LENGTH);
    TRY("Content-Type", CONTENT_TYPE);
    break;
  case 'M':
    TRY("Max-Forwards", MAX_FORWARDS);
    break;
  default:
    break;
  }
#undef TRY
  return SIP_HEADER_OTHER;
}

/* The letters that names in SIP_MSG_READS begin with, compact forms too. */
static const bool READ_LETTERS[256] = {
  ['C'] = true, ['c'] = true, ['F'] = true, ['f'] = true, ['I'] = true, ['i'] = true, ['L'] = true,
  ['l'] = true, ['M'] = true, ['m'] = true, ['T'] = true, ['t'] = true, ['V'] = true, ['v'] = true,
};

/*
 * The octets of a row as nearly all are: a name, a colon, a value on one line that ends in CRLF.
 * 0 when the row has to be looked at by sip_row_take.  The header is OTHER when it is none of
 * SIP_MSG_READS.
 */
static size_t plain_row(Slice rest, SipHeaderRow *ret_row)
{
  const char *lf = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;

  if (!lf || lf == rest.data || lf[-1] != '\r')
    return 0;
  size_t len = (size_t) (lf - rest.data) + 1, colon;
  if (len < rest.len && (rest.data[len] == ' ' || rest.data[len] == '\t'))
    return 0;
  ret_row->header = plain_name(sip_head(rest, len), &colon);
  if (ret_row->header == SIP_HEADER_OTHER) {
    bool passed = !READ_LETTERS[(unsigned char) rest.data[0]] &&
                  sip_char_is(rest.data[0], SIP_CHAR_TOKEN) && memchr(rest.data, ':', len);
    return passed ? len : 0;
  }
  ret_row->name = sip_head(rest, colon);
  ret_row->row = sip_head(rest, len);
  ret_row->value = sip_trim(slice_of(rest.data + colon + 1, len - colon - 1));
  return len;
}

/* All rows.  True when the empty line was reached. */
static bool read_rows(SipMsg *msg, Slice *rest)
{
  SipHeaderRow row = {SIP_HEADER_OTHER};
  bool lf_only = false;
  SipRowKind kind = SIP_ROW_FIELD;

  while (kind == SIP_ROW_FIELD) {
    size_t len = plain_row(*rest, &row);
    if (len > 0)
      *rest = sip_from(*rest, len);
    else
      kind = sip_row_take(rest, &row, &lf_only);
    if (kind == SIP_ROW_FIELD && (len == 0 || row.header != SIP_HEADER_OTHER))
      read_row(msg, &row);
  }
  if (lf_only)
    add_anomaly(msg, SIP_ANOMALY_LF_ONLY, NULL);
  return kind == SIP_ROW_EMPTY;
}

/* --- what is missing, and the body --- */

static const struct {
  uint64_t bit;
  SipAnomalyId id;
} MANDATORY[] = {
  {SIP_BIT(VIA), SIP_ANOMALY_NO_VIA},         {SIP_BIT(FROM), SIP_ANOMALY_NO_FROM},
  {SIP_BIT(TO), SIP_ANOMALY_NO_TO},           {SIP_BIT(CALL_ID), SIP_ANOMALY_NO_CALL_ID},
  {SIP_BIT(CSEQ), SIP_ANOMALY_NO_CSEQ},       {SIP_BIT(MAX_FORWARDS), SIP_ANOMALY_NO_MAX_FORWARDS},
  {SIP_BIT(CONTACT), SIP_ANOMALY_NO_CONTACT},
};

/* RFC 3261 8.1.1, 8.1.1.8, 8.2.6.2. */
static void note_missing(SipMsg *msg)
{
  uint64_t wanted = SIP_BIT(VIA) | SIP_BIT(FROM) | SIP_BIT(TO) | SIP_BIT(CALL_ID) | SIP_BIT(CSEQ);

  if (msg->is_request)
    wanted |= SIP_BIT(MAX_FORWARDS);
  if (msg->method == SIP_METHOD_INVITE)
    wanted |= SIP_BIT(CONTACT);
  uint64_t missing = wanted & ~msg->seen;
  for (size_t i = 0; missing != 0 && i < G_N_ELEMENTS(MANDATORY); i++)
    if (missing & MANDATORY[i].bit)
      add_anomaly(msg, MANDATORY[i].id, NULL);

  if (msg->from.data && msg->from_tag.len == 0)
    add_anomaly(msg, SIP_ANOMALY_NO_FROM_TAG, msg->from.data);
  if (msg->status > 100 && msg->to.data && msg->to_tag.len == 0)
    add_anomaly(msg, SIP_ANOMALY_NO_TO_TAG, msg->to.data);
}

/* RFC 3261 18.3. */
static void read_body(SipMsg *msg, bool on_stream)
{
  Slice rest = slice_from(msg->raw, msg->header_len);

  msg->body = rest;
  if (msg->has_content_length && msg->content_length < rest.len)
    msg->body = slice_head(rest, (size_t) msg->content_length);
  msg->extra = rest.len - msg->body.len;
  msg->complete = !msg->has_content_length || msg->content_length <= rest.len;

  if (!msg->complete)
    add_anomaly(msg, SIP_ANOMALY_BODY_CUT, rest.data + rest.len);
  if (msg->extra > 0)
    add_anomaly(msg, SIP_ANOMALY_EXTRA_OCTETS, rest.data + msg->body.len);
  if (on_stream && !(msg->seen & SIP_BIT(CONTENT_LENGTH)))
    add_anomaly(msg, SIP_ANOMALY_NO_CONTENT_LENGTH, NULL);
  if (msg->body.len > 0 && !msg->content_type.data)
    add_anomaly(msg, SIP_ANOMALY_NO_CONTENT_TYPE, msg->body.data);
}

SipResult sip_msg_parse(Slice octets, bool on_stream, SipMsg *ret_msg)
{
  SipMsg *msg = ret_msg;
  size_t fillers = sip_start_fillers(octets);
  Slice rest = sip_from(octets, fillers);

  memset(msg, 0, offsetof(SipMsg, anomalies)); /* those beyond anomaly_count mean nothing */
  msg->raw = rest;
  if (rest.len == 0 || !read_start(msg, &rest))
    return SIP_BAD;
  if (fillers > 0)
    add_anomaly(msg, SIP_ANOMALY_FILLER, msg->raw.data);

  bool ended = read_rows(msg, &rest);
  msg->header_len = msg->raw.len - rest.len;
  if (!ended) {
    msg->header_len = msg->raw.len;
    msg->body = slice_from(msg->raw, msg->header_len);
    add_anomaly(msg, SIP_ANOMALY_NO_EMPTY_LINE, msg->body.data);
    return on_stream ? SIP_MORE : SIP_OK;
  }
  note_missing(msg);
  read_body(msg, on_stream);
  return SIP_OK;
}
