#include "dissect/sip/sip_check.h"

#include <glib.h>

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_coding.h"
#include "dissect/sip/sip_plain.h"
#include "dissect/sip/sip_row.h"
#include "dissect/sip/sip_values.h"

typedef struct {
  const SipMsg *msg;
  SipCheck *out;
  uint64_t seen[(SIP_HEADER_COUNT + 63) / 64]; /* like SipMsg.seen, for all header fields */
} Checker;

static void report(Checker *checker, SipAnomalyId id, const char *at)
{
  SipCheck *out = checker->out;
  SipSeverity severity = sip_anomaly_info(id)->severity;

  if (out->count < SIP_CHECK_MAX)
    out->items[out->count] = (SipAnomaly){id, (uint32_t) (at - checker->msg->raw.data)};
  out->count++;
  if (severity > out->worst)
    out->worst = severity;
}

/* --- parts of values --- */

/* The names of one value's parameters; only the first PARAMS_MAX are compared. */
enum { PARAMS_MAX = 32 };

typedef struct {
  Slice names[PARAMS_MAX];
  unsigned count;
} ParamNames;

static bool seen_before(ParamNames *names, Slice name)
{
  for (unsigned i = 0; i < names->count; i++)
    if (slice_eq_nocase(names->names[i], name))
      return true;
  if (names->count < PARAMS_MAX)
    names->names[names->count++] = name;
  return false;
}

/* RFC 3261 7.3.1: a parameter name occurs once in a value, and is not empty. */
static void check_params(Checker *checker, Slice params)
{
  ParamNames names;
  SipParam param;
  const char *empty = NULL;

  names.count = 0;
  if (params.data && (params.len == 0 || params.data[params.len - 1] == ';'))
    empty = params.data;
  while (sip_param_next(&params, &param)) {
    if (param.name.len == 0)
      empty = param.name.data;
    else if (seen_before(&names, param.name))
      report(checker, SIP_ANOMALY_PARAM_TWICE, param.name.data);
    if (param.extra.data)
      report(checker, SIP_ANOMALY_PARAM_SPACES, param.extra.data);
  }
  if (empty)
    report(checker, SIP_ANOMALY_EMPTY_PARAM, empty);
}

/* RFC 3261 25.1: delta-seconds, maybe followed by parameters or a comment. */
static void check_seconds(Checker *checker, Slice value)
{
  uint32_t seconds;
  size_t digits = sip_span(value, SIP_CHAR_DIGIT);
  Slice after = sip_skip_lws(slice_from(value, digits));
  bool ended = after.len == 0 || after.data[0] == ';' || after.data[0] == '(';

  if (!ended || !slice_to_u32(slice_head(value, digits), &seconds))
    report(checker, SIP_ANOMALY_DELTA_SECONDS, value.data);
}

static const struct {
  unsigned flaw;
  SipAnomalyId id;
} ADDR_ANOMALIES[] = {
  {SIP_ADDR_QUOTE_OPEN, SIP_ANOMALY_QUOTE_OPEN},     {SIP_ADDR_ANGLE_OPEN, SIP_ANOMALY_ANGLE_OPEN},
  {SIP_ADDR_DISPLAY_NAME, SIP_ANOMALY_DISPLAY_NAME}, {SIP_ADDR_TRAILING, SIP_ANOMALY_ADDR_TRAILING},
  {SIP_ADDR_SPACES, SIP_ANOMALY_ADDR_SPACES},        {SIP_ADDR_EMPTY, SIP_ANOMALY_URI_SYNTAX},
};

static SipAddr check_addr(Checker *checker, Slice value)
{
  SipAddr addr = sip_addr_parse(value);

  for (size_t i = 0; i < G_N_ELEMENTS(ADDR_ANOMALIES); i++)
    if (addr.flaws & ADDR_ANOMALIES[i].flaw)
      report(checker, ADDR_ANOMALIES[i].id, value.data);
  if (addr.uri.len > 0) {
    SipUri uri;

    if (!sip_uri_parse(addr.uri, &uri))
      report(checker, SIP_ANOMALY_URI_SYNTAX, addr.uri.data);
    else if (uri.kind == SIP_URI_SIP || uri.kind == SIP_URI_SIPS)
      check_params(checker, uri.params);
  }
  if (!addr.bracketed &&
      (slice_find(addr.uri, ',') < addr.uri.len || slice_find(addr.uri, '?') < addr.uri.len))
    report(checker, SIP_ANOMALY_ADDR_BRACKETS, value.data);
  check_params(checker, addr.params);
  return addr;
}

/* --- header fields --- */

static void check_one_addr(Checker *checker, const SipHeaderRow *row)
{
  check_addr(checker, row->value);
}

static void check_addr_list(Checker *checker, const SipHeaderRow *row)
{
  SipListIter iter = sip_list(row->value);
  Slice value;

  while (sip_list_next(&iter, &value))
    if (value.len > 0)
      check_addr(checker, value);
}

/* RFC 3261 20.34: a route is a name-addr. */
static void check_route(Checker *checker, const SipHeaderRow *row)
{
  SipListIter iter = sip_list(row->value);
  Slice value;

  while (sip_list_next(&iter, &value))
    if (value.len > 0 && !check_addr(checker, value).bracketed)
      report(checker, SIP_ANOMALY_ROUTE_BRACKETS, value.data);
}

/* RFC 3261 10.2.2: "*" is the only value, in a REGISTER with Expires: 0. */
static void check_star(Checker *checker, const SipHeaderRow *row)
{
  SipHeaderRow expires;
  uint32_t seconds;
  bool removes = checker->msg->method == SIP_METHOD_REGISTER && row->value.len == 1 &&
                 sip_msg_find(checker->msg, SIP_HEADER_EXPIRES, &expires) &&
                 slice_to_u32(expires.value, &seconds) && seconds == 0;

  if (!removes)
    report(checker, SIP_ANOMALY_CONTACT_STAR, row->value.data);
}

static void check_contact(Checker *checker, const SipHeaderRow *row)
{
  SipListIter iter = sip_list(row->value);
  Slice value, expires;

  while (sip_list_next(&iter, &value)) {
    if (slice_eq(value, SLICE("*"))) {
      check_star(checker, row);
      continue;
    }
    if (value.len == 0)
      continue;
    SipAddr addr = check_addr(checker, value);
    if (sip_param_find(addr.params, SLICE("expires"), &expires) && expires.data)
      check_seconds(checker, expires);
  }
}

static void check_via(Checker *checker, const SipHeaderRow *row)
{
  SipListIter iter = sip_list(row->value);
  Slice value;
  SipVia via;

  while (sip_list_next(&iter, &value)) {
    bool top = value.data == checker->msg->via.data;
    if (value.len == 0)
      continue;
    bool read = sip_via_parse(value, &via);
    if (!top && (!read || via.bad_sent_by))
      report(checker, SIP_ANOMALY_VIA_LOWER_SYNTAX, value.data);
    if (!read)
      continue;
    check_params(checker, via.params);
    if (slice_eq(via.host, SLICE("255.255.255.255")))
      report(checker, SIP_ANOMALY_VIA_BROADCAST, via.host.data);
  }
}

static void check_max_forwards(Checker *checker, const SipHeaderRow *row)
{
  uint32_t hops;

  if (!slice_to_u32(row->value, &hops) || hops > 255)
    report(checker, SIP_ANOMALY_MAX_FORWARDS, row->value.data);
  else if (hops == 0)
    report(checker, SIP_ANOMALY_MAX_FORWARDS_ZERO, row->value.data);
}

static void check_seconds_row(Checker *checker, const SipHeaderRow *row)
{
  check_seconds(checker, row->value);
}

/* In `pattern` 'a' is any letter, 'd' any digit, all else itself. */
static bool matches_pattern(Slice text, Slice pattern)
{
  if (text.len != pattern.len)
    return false;
  for (size_t i = 0; i < text.len; i++) {
    char p = pattern.data[i], c = text.data[i];
    bool ok = p == 'a' ? g_ascii_isalpha(c) : p == 'd' ? g_ascii_isdigit(c) : p == c;
    if (!ok)
      return false;
  }
  return true;
}

static void check_date(Checker *checker, const SipHeaderRow *row)
{
  static const Slice RFC1123 = {"aaa, dd aaa dddd dd:dd:dd GMT", 29};
  static const Slice ISO8601 = {"dddd-dd-ddTdd:dd:dd", 19};

  if (matches_pattern(row->value, RFC1123))
    return;
  bool local = matches_pattern(slice_head(row->value, ISO8601.len), ISO8601);
  report(checker, local ? SIP_ANOMALY_DATE_LOCAL : SIP_ANOMALY_DATE, row->value.data);
}

static void check_warning(Checker *checker, const SipHeaderRow *row)
{
  SipListIter iter = sip_list(row->value);
  Slice value;

  while (sip_list_next(&iter, &value))
    if (value.len > 0 && sip_span(value, SIP_CHAR_DIGIT) != 3)
      report(checker, SIP_ANOMALY_WARN_CODE, value.data);
}

/*
 * RFC 3261 7.3.1: credentials and challenges are never combined; a second scheme looks like a
 * parameter name of two words.
 */
static void check_credentials(Checker *checker, const SipHeaderRow *row)
{
  ParamNames names;
  Slice rest = row->value;
  SipParam param;

  names.count = 0;
  sip_take_token(&rest);
  while (sip_auth_param_next(&rest, &param)) {
    if (sip_span(param.name, SIP_CHAR_TOKEN) < param.name.len) {
      report(checker, SIP_ANOMALY_CREDENTIALS_MERGED, param.name.data);
      return;
    }
    if (param.name.len > 0 && param.value.data && seen_before(&names, param.name))
      report(checker, SIP_ANOMALY_PARAM_TWICE, param.name.data);
    if (param.extra.data)
      report(checker, SIP_ANOMALY_CREDENTIALS_COMMA, param.extra.data);
  }
}

/* One value with parameters. */
static void check_value_params(Checker *checker, const SipHeaderRow *row)
{
  Slice value = row->value;

  sip_cut_params(&value);
  check_params(checker, value);
}

static void check_seconds_params(Checker *checker, const SipHeaderRow *row)
{
  check_seconds(checker, row->value);
  check_value_params(checker, row);
}

static void check_rack(Checker *checker, const SipHeaderRow *row)
{
  SipRack rack;

  if (!sip_rack_parse(row->value, &rack))
    report(checker, SIP_ANOMALY_RACK_SYNTAX, row->value.data);
}

static void (*const CHECKS[SIP_HEADER_COUNT])(Checker *checker, const SipHeaderRow *row) = {
  [SIP_HEADER_AUTHORIZATION] = check_credentials,
  [SIP_HEADER_CONTACT] = check_contact,
  [SIP_HEADER_CONTENT_DISPOSITION] = check_value_params,
  [SIP_HEADER_CONTENT_TYPE] = check_value_params,
  [SIP_HEADER_DATE] = check_date,
  [SIP_HEADER_DIVERSION] = check_addr_list,
  [SIP_HEADER_EVENT] = check_value_params,
  [SIP_HEADER_EXPIRES] = check_seconds_row,
  [SIP_HEADER_FROM] = check_one_addr,
  [SIP_HEADER_HISTORY_INFO] = check_addr_list,
  [SIP_HEADER_MAX_FORWARDS] = check_max_forwards,
  [SIP_HEADER_MIN_EXPIRES] = check_seconds_row,
  [SIP_HEADER_MIN_SE] = check_seconds_row,
  [SIP_HEADER_P_ASSERTED_IDENTITY] = check_addr_list,
  [SIP_HEADER_P_PREFERRED_IDENTITY] = check_addr_list,
  [SIP_HEADER_PATH] = check_route,
  [SIP_HEADER_PROXY_AUTHENTICATE] = check_credentials,
  [SIP_HEADER_PROXY_AUTHORIZATION] = check_credentials,
  [SIP_HEADER_RACK] = check_rack,
  [SIP_HEADER_RECORD_ROUTE] = check_route,
  [SIP_HEADER_REFER_TO] = check_one_addr,
  [SIP_HEADER_REFERRED_BY] = check_one_addr,
  [SIP_HEADER_REMOTE_PARTY_ID] = check_addr_list,
  [SIP_HEADER_REPLY_TO] = check_one_addr,
  [SIP_HEADER_RETRY_AFTER] = check_seconds_row,
  [SIP_HEADER_ROUTE] = check_route,
  [SIP_HEADER_SERVICE_ROUTE] = check_route,
  [SIP_HEADER_SESSION_EXPIRES] = check_seconds_params,
  [SIP_HEADER_SUBSCRIPTION_STATE] = check_value_params,
  [SIP_HEADER_TO] = check_one_addr,
  [SIP_HEADER_VIA] = check_via,
  [SIP_HEADER_WARNING] = check_warning,
  [SIP_HEADER_WWW_AUTHENTICATE] = check_credentials,
};

/* --- rows and header block --- */

/* Reports at most one per row. */
static void check_empty_values(Checker *checker, const SipHeaderRow *row)
{
  SipListIter iter = sip_list(row->value);
  Slice value;

  if (!sip_list_may_have_gap(row->value))
    return;
  while (sip_list_next(&iter, &value))
    if (value.len == 0) {
      report(checker, SIP_ANOMALY_EMPTY_VALUE, row->value.data);
      return;
    }
}

/* Does it mean something in this kind of message? */
static bool has_meaning(const SipMsg *msg, SipHeader header)
{
  SipHeaderWhere where = sip_header_info(header)->where;

  if (header == SIP_HEADER_SIP_ETAG && msg->method == SIP_METHOD_NOTIFY) /* RFC 5839 5.3 */
    return true;
  return where != (msg->is_request ? SIP_HEADER_IN_RESPONSE : SIP_HEADER_IN_REQUEST);
}

static void check_row(Checker *checker, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);

  if (row->name.data && !sip_is_token(row->name))
    report(checker, SIP_ANOMALY_HEADER_NAME, row->row.data);
  if (!info)
    return;
  if (!has_meaning(checker->msg, row->header))
    report(checker, SIP_ANOMALY_HEADER_IGNORED, row->row.data);
  if (info->shape == SIP_HEADER_LIST)
    check_empty_values(checker, row);
  if (info->shape == SIP_HEADER_ONCE) {
    /* sip_msg_parse reports those that it reads. */
    uint64_t bit = UINT64_C(1) << (row->header % 64);
    uint64_t *seen = &checker->seen[row->header / 64];
    bool is_read = row->header < 64 && (bit & SIP_MSG_READS) != 0;

    if (*seen & bit && !is_read)
      report(checker, SIP_ANOMALY_HEADER_TWICE, row->row.data);
    *seen |= bit;
  }
  if (CHECKS[row->header])
    CHECKS[row->header](checker, row);
}

static void check_bare_cr(Checker *checker, Slice header)
{
  while (slice_find(header, '\r') < header.len) {
    const char *cr = header.data + slice_find(header, '\r');
    header = slice_from(header, (size_t) (cr - header.data) + 1);
    if (header.len == 0 || header.data[0] != '\n') {
      report(checker, SIP_ANOMALY_BARE_CR, cr);
      return;
    }
  }
}

/* RFC 3261 7: the header is UTF-8; NUL is a valid character of it. */
static void check_utf8(Checker *checker, Slice header)
{
  const char *bad;

  while (!g_utf8_validate(header.data, (gssize) header.len, &bad)) {
    size_t at = (size_t) (bad - header.data);
    if (*bad != '\0') {
      report(checker, SIP_ANOMALY_UTF8, bad);
      return;
    }
    header = slice_from(header, at + 1);
  }
}

/* RFC 3261 19.1.1; sip_msg_parse reports a URI without a scheme. */
static void check_request_uri(Checker *checker)
{
  const SipMsg *msg = checker->msg;
  SipUri uri;
  bool is_sip = slice_starts_with_nocase(msg->uri, SLICE("sip:")) ||
                slice_starts_with_nocase(msg->uri, SLICE("sips:"));

  if (is_sip && !sip_uri_parse(msg->uri, &uri))
    report(checker, SIP_ANOMALY_URI_SYNTAX, msg->uri.data);
}

/* RFC 3261 20.12, RFC 2046 5.1.1.  Where it is encoded, the place is where the body begins. */
static void check_decoded(Checker *checker, const SipMsg *decoded)
{
  const SipContent *content = &decoded->content;
  Slice body = decoded->body;
  const char *no_boundary = sip_msg_no_boundary(decoded);

  if (no_boundary)
    report(checker, SIP_ANOMALY_NO_BOUNDARY,
           content->state == SIP_CONTENT_PLAIN ? no_boundary : body.data);
  if (content->state == SIP_CONTENT_UNKNOWN)
    report(checker, SIP_ANOMALY_CONTENT_UNKNOWN, body.data);
  if (content->state == SIP_CONTENT_CUT)
    report(checker, SIP_ANOMALY_CONTENT_CUT, body.data);
  if (content->state == SIP_CONTENT_DAMAGED && decoded->complete)
    report(checker, SIP_ANOMALY_CONTENT_DAMAGED, body.data + content->fault);
}

static void check_content(Checker *checker)
{
  SipMsg decoded;
  Arena arena;

  if (checker->msg->content.state != SIP_CONTENT_ENCODED) {
    check_decoded(checker, checker->msg);
    return;
  }
  decoded = *checker->msg;
  arena_init(&arena, 4096);
  sip_msg_decode(&decoded, &arena);
  check_decoded(checker, &decoded);
  arena_clear(&arena);
}

bool sip_has_error(const SipMsg *msg)
{
  SipCheck found;
  Checker checker = {.msg = msg, .out = &found};
  SipHeaderIter iter = sip_header_iter(msg);
  SipHeaderRow row;

  if (msg->plain)
    return msg->worst == SIP_SEVERITY_ERROR;
  found.count = 0;
  found.worst = msg->worst;
  check_request_uri(&checker);
  while (found.worst < SIP_SEVERITY_ERROR && sip_header_next(&iter, &row))
    check_row(&checker, &row);
  return found.worst == SIP_SEVERITY_ERROR;
}

void sip_check(const SipMsg *msg, SipCheck *ret_check)
{
  enum { DATAGRAM_MAX = 1300 }; /* RFC 3261 18.1.1, when the path MTU is unknown */
  Checker checker = {.msg = msg, .out = ret_check};
  Slice header = slice_head(msg->raw, msg->header_len);
  SipHeaderIter iter = sip_header_iter(msg);
  SipHeaderRow row;

  *ret_check = (SipCheck){.count = msg->anomaly_count, .worst = msg->worst};
  if (ret_check->count > SIP_ANOMALIES_MAX)
    ret_check->count = SIP_ANOMALIES_MAX;
  memcpy(ret_check->items, msg->anomalies, ret_check->count * sizeof msg->anomalies[0]);

  check_bare_cr(&checker, header);
  check_utf8(&checker, header);
  check_request_uri(&checker);
  /* RFC 3261 26.2.2: sips requires TLS on each hop. */
  bool secure = slice_starts_with_nocase(msg->via_transport, SLICE("TLS")) ||
                slice_eq_nocase(msg->via_transport, SLICE("WSS"));
  if (slice_starts_with_nocase(msg->uri, SLICE("sips:")) && msg->via_transport.data && !secure)
    report(&checker, SIP_ANOMALY_SIPS_INSECURE, msg->uri.data);
  while (sip_header_next(&iter, &row))
    check_row(&checker, &row);
  check_content(&checker);
  if (msg->is_request && msg->raw.len > DATAGRAM_MAX && sip_is(msg->via_transport, SLICE("udp")))
    report(&checker, SIP_ANOMALY_LARGE_DATAGRAM, msg->raw.data);
}

size_t sip_anomaly_len(const SipMsg *msg, const SipAnomaly *anomaly)
{
  static const char ENDS[] = " \t\r\n;:,<>\"";
  Slice rest = slice_from(msg->raw, anomaly->offset);
  size_t len = 0;

  while (len < rest.len && !memchr(ENDS, rest.data[len], sizeof ENDS - 1))
    len++;
  return len > 0 ? len : MIN(rest.len, (size_t) 1);
}
