#include "dissect/sip/sip_msg.h"

#include <glib.h>

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_plain.h"
#include "dissect/sip/sip_row.h"
#include "dissect/sip/sip_start.h"
#include "dissect/sip/sip_values.h"

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

static bool is_sp(char c)
{
  return c == ' ' || c == '\t';
}

static size_t span_sp(Slice s)
{
  size_t n = 0;

  while (n < s.len && is_sp(s.data[n]))
    n++;
  return n;
}

size_t sip_start_fillers(Slice bytes)
{
  size_t n = 0;

  while (n < bytes.len && (sip_char_is(bytes.data[n], SIP_CHAR_BLANK) || bytes.data[n] == '\0'))
    n++;
  return n;
}

/* Length of the "SIP/1*DIGIT.1*DIGIT" at the start, or 0. */
static size_t version_len(Slice s)
{
  if (s.len < 7 || !sip_starts(s, SLICE("sip/")))
    return 0;

  size_t major = sip_span(slice_from(s, 4), SIP_CHAR_DIGIT);
  size_t dot = 4 + major;
  if (major == 0 || dot >= s.len || s.data[dot] != '.')
    return 0;
  size_t minor = sip_span(slice_from(s, dot + 1), SIP_CHAR_DIGIT);
  return minor > 0 ? dot + 1 + minor : 0;
}

/* RFC 3261 7.1: compared as a string, so "SIP/02.0" is another version. */
static unsigned version_flaws(Slice version)
{
  if (slice_eq(version, SLICE("SIP/2.0")))
    return 0;
  return sip_is(version, SLICE("sip/2.0")) ? SIP_START_VERSION_CASE : SIP_START_VERSION;
}

static bool read_response(Slice line, size_t version, bool cut, SipStart *start)
{
  Slice rest = slice_from(line, version);
  size_t blanks = span_sp(rest);
  uint32_t status = 0;

  if (blanks == 0)
    return false;
  start->flaws = version_flaws(slice_head(line, version));
  if (blanks > 1 || rest.data[0] != ' ')
    start->flaws |= SIP_START_SPACES;
  if (cut)
    start->flaws |= SIP_START_CUT;

  rest = slice_from(rest, blanks);
  size_t digits = sip_span(rest, SIP_CHAR_DIGIT);
  if (digits == 0)
    return false;
  bool fits = digits == 3 && slice_to_u32(slice_head(rest, 3), &status);
  start->status = fits && status >= 100 && status <= 699 ? status : SIP_STATUS_UNREADABLE;
  if (start->status != status)
    start->flaws |= SIP_START_STATUS;

  rest = slice_from(rest, digits);
  if (rest.len == 0 || rest.data[0] != ' ')
    start->flaws |= SIP_START_NO_REASON_SP;
  start->reason = slice_trim(rest);
  return true;
}

/*
 * A request-line that ends before its version does.  Accepted only with a registered method and
 * the start of a URI that SIP uses, because other text looks like that, too.
 */
static bool read_cut_request(Slice rest, SipStart *start)
{
  static const Slice SCHEMES[] = {{"sip:", 4}, {"sips:", 5}, {"tel:", 4}, {"urn:", 4}};

  if (sip_method_from_slice(start->method) == SIP_METHOD_OTHER)
    return false;
  for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++)
    if (sip_starts(rest, SCHEMES[i])) {
      start->uri = slice_head(rest, slice_find(rest, ' '));
      start->flaws |= SIP_START_CUT;
      return true;
    }
  return false;
}

static bool read_request(Slice line, bool cut, SipStart *start)
{
  size_t method = sip_span(line, SIP_CHAR_TOKEN);
  Slice rest = slice_from(line, method);
  size_t blanks = span_sp(rest);

  if (method == 0 || blanks == 0)
    return false;
  start->is_request = true;
  start->method = slice_head(line, method);
  if (blanks > 1 || rest.data[0] != ' ')
    start->flaws |= SIP_START_SPACES;

  rest = slice_from(rest, blanks);
  Slice front = rest;
  while (front.len > 0 && sip_char_is(front.data[front.len - 1], SIP_CHAR_BLANK))
    front.len--;
  if (front.len != rest.len)
    start->flaws |= SIP_START_SPACES;
  size_t word = front.len; /* where the last word begins */
  while (word > 0 && !is_sp(front.data[word - 1]))
    word--;
  Slice version = slice_from(front, word);
  if (word < 2 || version_len(version) != version.len)
    return cut && read_cut_request(rest, start);

  Slice between = slice_head(front, word); /* the Request-URI and its separators */
  start->uri = slice_trim(between);
  start->flaws |= version_flaws(version);
  if (between.len - start->uri.len != 1 || between.data[between.len - 1] != ' ')
    start->flaws |= SIP_START_SPACES;
  return start->uri.len > 0;
}

bool sip_start_parse(Slice line, bool cut, SipStart *ret_start)
{
  size_t version = version_len(line);

  *ret_start = (SipStart){0};
  return version > 0 ? read_response(line, version, cut, ret_start)
                     : read_request(line, cut, ret_start);
}

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

/* The slow half of read_uri, for a URI that has at least one suspect character. */
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
    uri = slice_trim(slice_of(uri.data + 1, uri.len - 2));
  }
  msg->uri = uri;
  for (size_t i = 0; i < uri.len; i++)
    classes |= SIP_CHARS[(unsigned char) uri.data[i]];
  if (classes & SIP_CHAR_SUSPECT)
    check_uri_chars(msg);
  size_t scheme = sip_span(uri, SIP_CHAR_SCHEME); /* RFC 3261 25.1: absoluteURI */
  if (scheme == 0 || scheme == uri.len || uri.data[scheme] != ':')
    add_anomaly(msg, SIP_ANOMALY_URI_SCHEME, uri.data);
}

/* Takes the start-line from *rest.  False when the first line is not one. */
static bool read_start(SipMsg *msg, Slice *rest)
{
  SipStart start;
  size_t before = rest->len;

  msg->start_line = slice_take_line(rest);
  bool cut = msg->raw.data[before - rest->len - 1] != '\n';
  if (!sip_start_parse(msg->start_line, cut, &start))
    return false;

  for (size_t i = 0; start.flaws != 0 && i < G_N_ELEMENTS(START_ANOMALIES); i++)
    if (start.flaws & START_ANOMALIES[i].flaw)
      add_anomaly(msg, START_ANOMALIES[i].id, msg->start_line.data);
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

static void read_top_via(SipMsg *msg, Slice value)
{
  SipVia via;

  msg->via = value;
  if (sip_via_parse(value, &via)) {
    msg->via_transport = via.transport;
    msg->via_sent_by = via.sent_by;
    msg->via_branch = via.branch;
    msg->plain = msg->plain && via.plain;
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
  if (sip_branch_is_rfc3261(msg->via_branch))
    return;
  if (!msg->via_branch.data)
    add_anomaly(msg, SIP_ANOMALY_VIA_NO_BRANCH, msg->via.data);
  else if (!sip_starts(msg->via_branch, SLICE("z9hg4bk")))
    add_anomaly(msg, SIP_ANOMALY_VIA_NO_COOKIE, msg->via_branch.data);
  else
    add_anomaly(msg, SIP_ANOMALY_VIA_COOKIE_ONLY, msg->via_branch.data);
}

static void read_one_via(SipMsg *msg, Slice value)
{
  SipVia via;

  msg->via_count++;
  if (!msg->via.data)
    read_top_via(msg, value);
  else if (msg->plain && (!sip_via_parse(value, &via) || via.bad_sent_by || !via.plain))
    msg->plain = false;
}

static void read_via(SipMsg *msg, Slice value)
{
  SipListIter iter = sip_list(value);
  Slice item;

  if (memchr(value.data, ',', value.len) == NULL) { /* nearly always */
    read_one_via(msg, value);
    return;
  }
  while (sip_list_next(&iter, &item))
    if (item.len > 0)
      read_one_via(msg, item);
    else
      msg->plain = false;
}

static void read_tag(SipMsg *msg, Slice value, Slice *ret_tag)
{
  if (msg->plain && sip_addr_is_plain(value, ret_tag))
    return;
  *ret_tag = sip_addr_tag_of(value);
  msg->plain = false;
}

static void read_from(SipMsg *msg, Slice value)
{
  msg->from = value;
  read_tag(msg, value, &msg->from_tag);
}

static void read_to(SipMsg *msg, Slice value)
{
  msg->to = value;
  read_tag(msg, value, &msg->to_tag);
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

/* RFC 3261 20.12. */
static void read_content_encoding(SipMsg *msg, Slice value)
{
  if (!msg->content_encoding.data && !slice_eq_nocase(value, SLICE("identity")))
    msg->content_encoding = value;
}

static void read_content_length(SipMsg *msg, Slice value)
{
  msg->has_content_length = slice_to_u64(value, &msg->content_length);
  if (!msg->has_content_length)
    add_anomaly(msg, SIP_ANOMALY_CONTENT_LENGTH, value.data);
}

/* The header fields that SipMsg keeps. */
static void (*const READERS[])(SipMsg *msg, Slice value) = {
  [SIP_HEADER_VIA] = read_via,
  [SIP_HEADER_FROM] = read_from,
  [SIP_HEADER_TO] = read_to,
  [SIP_HEADER_CALL_ID] = read_call_id,
  [SIP_HEADER_CSEQ] = read_cseq,
  [SIP_HEADER_CONTACT] = read_contact,
  [SIP_HEADER_CONTENT_TYPE] = read_content_type,
  [SIP_HEADER_CONTENT_LENGTH] = read_content_length,
  [SIP_HEADER_CONTENT_ENCODING] = read_content_encoding,
};

static void read_row(SipMsg *msg, const SipHeaderRow *row)
{
  uint64_t bit = row->header < 64 ? UINT64_C(1) << row->header & SIP_MSG_READS : 0;

  if (!row->name.data) {
    bool folded = is_sp(row->row.data[0]);
    add_anomaly(msg, folded ? SIP_ANOMALY_START_LINE_FOLDED : SIP_ANOMALY_NO_COLON, row->row.data);
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

/* The names of SIP_MSG_READS in their usual spelling, with their colon; OTHER for all else. */
static inline SipHeader plain_name(Slice rest, size_t *ret_colon)
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

/*
 * Reads a row of the usual form: a name, a colon, and a value on one line that ends in CRLF.
 * Returns its length, or 0 when sip_row_take has to read it.
 */
static size_t plain_row(Slice rest, SipHeaderRow *ret_row)
{
  const char *lf = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;

  if (!lf || lf == rest.data || lf[-1] != '\r')
    return 0;
  size_t len = (size_t) (lf - rest.data) + 1, colon;
  if (len < rest.len && (rest.data[len] == ' ' || rest.data[len] == '\t'))
    return 0;
  ret_row->header = plain_name(slice_of(rest.data, len), &colon);
  if (ret_row->header == SIP_HEADER_OTHER) {
    const char *at = memchr(rest.data, ':', len);
    if (!at || at == rest.data || sip_char_is(at[-1], SIP_CHAR_BLANK)) /* HCOLON */
      return 0;
    colon = (size_t) (at - rest.data);
    ret_row->header = sip_header_from_slice(slice_of(rest.data, colon));
  }
  ret_row->name = slice_of(rest.data, colon);
  ret_row->row = slice_of(rest.data, len);
  ret_row->value = slice_trim(slice_of(rest.data + colon + 1, len - colon - 3));
  return len;
}

/* As sip_row_take; most rows are of the usual form. */
static SipRowKind take_row(Slice *rest, SipHeaderRow *ret_row, bool *lf_only)
{
  size_t len = plain_row(*rest, ret_row);

  if (len == 0)
    return sip_row_take(rest, ret_row, lf_only);
  *rest = slice_of(rest->data + len, rest->len - len);
  return SIP_ROW_FIELD;
}

/* Was there a row of that header field before? */
static bool note_row(SipMsg *msg, const SipHeaderRow *row)
{
  bool again = sip_msg_has(msg, row->header);
  size_t at = (size_t) (row->row.data - msg->raw.data);

  msg->rows[row->header / 64] |= UINT64_C(1) << (row->header % 64);
  if (msg->place_count < SIP_PLACES_MAX && at <= UINT16_MAX) {
    msg->places[msg->place_count++] = (SipRowPlace){(uint16_t) at, (uint16_t) row->header};
    msg->placed_len = at + row->row.len;
  }
  return again;
}

/* Reads all rows.  True when the empty line was reached. */
static bool read_rows(SipMsg *msg, Slice *rest)
{
  SipHeaderRow row = {SIP_HEADER_OTHER};
  bool lf_only = false;
  SipRowKind kind = SIP_ROW_FIELD;

  msg->placed_len = msg->raw.len - rest->len;
  while (kind == SIP_ROW_FIELD) {
    kind = take_row(rest, &row, &lf_only);
    if (kind != SIP_ROW_FIELD && kind != SIP_ROW_CUT)
      continue;
    bool again = note_row(msg, &row);
    if (kind == SIP_ROW_CUT)
      continue;
    read_row(msg, &row);
    msg->plain = msg->plain && sip_row_is_plain(&row, again);
  }
  if (lf_only)
    add_anomaly(msg, SIP_ANOMALY_LF_ONLY, NULL);
  return kind == SIP_ROW_EMPTY;
}

/* --- missing header fields, and the body --- */

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
  msg->content.bytes = msg->body;
  if (msg->body.len > 0 && msg->content_encoding.data)
    msg->content.state = SIP_CONTENT_ENCODED;
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

static SipResult parse(Slice bytes, bool on_stream, bool may_be_plain, SipMsg *msg)
{
  size_t fillers = sip_start_fillers(bytes);
  Slice rest = slice_from(bytes, fillers);

  memset(msg, 0, offsetof(SipMsg, anomalies)); /* anomaly_count says how many are set */
  msg->raw = rest;
  if (rest.len == 0 || !read_start(msg, &rest))
    return SIP_BAD;
  if (fillers > 0)
    add_anomaly(msg, SIP_ANOMALY_FILLER, msg->raw.data);

  msg->plain = may_be_plain && (!msg->is_request || sip_uri_is_plain(msg->uri));
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

SipResult sip_msg_parse(Slice bytes, bool on_stream, SipMsg *ret_msg)
{
  return parse(bytes, on_stream, true, ret_msg);
}

SipResult sip_msg_parse_again(Slice bytes, bool on_stream, SipMsg *ret_msg)
{
  return parse(bytes, on_stream, false, ret_msg);
}

/* --- rows --- */

SipHeaderIter sip_header_iter(const SipMsg *msg)
{
  Slice block = slice_head(msg->raw, msg->header_len);
  size_t start = msg->start_line.data ? (size_t) (msg->start_line.data - block.data) : 0;

  block = slice_from(block, start);
  slice_take_line(&block);
  return (SipHeaderIter){.rest = block};
}

SipHeaderIter sip_header_iter_of(const SipMsg *msg, const SipHeader *headers, size_t count)
{
  SipHeaderIter iter = {.msg = msg};

  for (size_t i = 0; i < count; i++)
    iter.wanted[headers[i] / 64] |= UINT64_C(1) << (headers[i] % 64);
  return iter;
}

static bool is_wanted(const SipHeaderIter *iter, unsigned header)
{
  return iter->wanted[header / 64] >> (header % 64) & 1;
}

/* To the next row that is wanted; once there is none with a place, to the rows without. */
static void skip_rows(SipHeaderIter *iter)
{
  const SipMsg *msg = iter->msg;
  Slice block = slice_head(msg->raw, msg->header_len);

  for (; iter->place < msg->place_count; iter->place++)
    if (is_wanted(iter, msg->places[iter->place].header)) {
      iter->rest = slice_from(block, msg->places[iter->place++].at);
      return;
    }
  if (iter->place++ == msg->place_count)
    iter->rest = slice_from(block, msg->placed_len);
}

bool sip_header_next(SipHeaderIter *iter, SipHeaderRow *ret_row)
{
  SipHeaderRow row;
  bool lf_only;

  do {
    if (iter->msg && iter->place <= iter->msg->place_count)
      skip_rows(iter);
    SipRowKind kind = take_row(&iter->rest, &row, &lf_only);
    if (kind == SIP_ROW_NONE || kind == SIP_ROW_EMPTY)
      return false;
  } while (iter->msg && !is_wanted(iter, row.header));
  *ret_row = row;
  return true;
}

bool sip_msg_find(const SipMsg *msg, SipHeader header, SipHeaderRow *ret_row)
{
  if (!sip_msg_has(msg, header))
    return false;
  SipHeaderIter iter = sip_header_iter_of(msg, &header, 1);
  SipHeaderRow row;
  while (sip_header_next(&iter, &row))
    if (row.name.data) {
      *ret_row = row;
      return true;
    }
  return false;
}

/* --- the quick test for datagrams --- */

/* Does a header field follow?  A status-line without one may be anything. */
static bool begins_with_header(Slice rest)
{
  size_t name = sip_span(rest, SIP_CHAR_TOKEN);

  if (name == 0)
    return false;
  rest = slice_from(rest, name);
  rest = slice_from(rest, span_sp(rest));
  return rest.len == 0 || rest.data[0] == ':';
}

/* The usual start-lines: "METHOD uri SIP/2.0" ... */
static bool is_plain_request(Slice line, size_t method)
{
  static const Slice VERSION = {" SIP/2.0", 8};

  return line.len > method + 1 + VERSION.len && line.data[method] == ' ' &&
         !sip_char_is(line.data[method + 1], SIP_CHAR_BLANK) &&
         memcmp(line.data + line.len - VERSION.len, VERSION.data, VERSION.len) == 0;
}

/* ... or "SIP/2.0 200 reason". */
static bool is_plain_response(Slice line)
{
  return line.len >= 12 && memcmp(line.data, "SIP/2.0 ", 8) == 0 &&
         sip_span(slice_from(line, 8), SIP_CHAR_DIGIT) == 3;
}

/* Cheap tests first: every datagram is tested, and most of them are media. */
bool sip_msg_is_likely(Slice bytes)
{
  enum { FILLERS_MAX = 64 };
  SipStart start;

  if (bytes.len == 0 || (unsigned char) bytes.data[0] >= 0x80)
    return false;
  size_t fillers = sip_start_fillers(slice_head(bytes, FILLERS_MAX));
  bytes = slice_from(bytes, fillers);
  if (bytes.len == 0 || !sip_char_is(bytes.data[0], SIP_CHAR_TOKEN))
    return false;
  size_t word = sip_span(bytes, SIP_CHAR_TOKEN);
  if (word == bytes.len || (bytes.data[word] != '/' && !is_sp(bytes.data[word])))
    return false;

  Slice rest = bytes;
  Slice line = slice_take_line(&rest);
  if (is_plain_request(line, word))
    return true;
  if (is_plain_response(line))
    return begins_with_header(rest);
  bool cut = bytes.data[bytes.len - rest.len - 1] != '\n';
  if (!sip_start_parse(line, cut, &start))
    return false;
  return start.is_request || begins_with_header(rest);
}
