#include "dissect/sip/sip_equal.h"

#include <glib.h>

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

/* Each parameter is compared with all others: longer lists are compared as text. */
enum { PARAMS_MAX = 64 };

/* --- URIs --- */

/*
 * Takes one character, escaped or not.  RFC 2396 2.3: only unreserved characters mean the same
 * with and without %HH; an escape of any other one gets a bit above the byte.
 */
static unsigned take_char(Slice *s, bool any_case)
{
  int high = s->len >= 3 && s->data[0] == '%' ? g_ascii_xdigit_value(s->data[1]) : -1;
  int low = high >= 0 ? g_ascii_xdigit_value(s->data[2]) : -1;

  unsigned code = low < 0 ? (unsigned char) s->data[0] : (unsigned) (high << 4 | low);
  char c = (char) code;
  bool reserved = low >= 0 && !g_ascii_isalnum(c) && (c == '\0' || !strchr("-_.!~*'()", c));
  *s = slice_from(*s, low < 0 ? 1 : 3);
  if (reserved)
    return 0x100 | (unsigned char) c;
  return (unsigned char) (any_case ? sip_lower(c) : c);
}

bool sip_escaped_equal(Slice a, Slice b, bool any_case)
{
  while (a.len > 0 && b.len > 0)
    if (take_char(&a, any_case) != take_char(&b, any_case))
      return false;
  return a.len == 0 && b.len == 0;
}

/* RFC 3261 19.1.4: a parameter that must not be in one URI only. */
static bool matters_alone(Slice name)
{
  static const char *const NAMES[] = {"user", "ttl", "method", "maddr", "transport"};

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (sip_escaped_equal(name, slice_from_string(NAMES[i]), true))
      return true;
  return false;
}

static bool find_uri_param(Slice params, Slice name, Slice *ret_value)
{
  SipParam param;

  while (sip_param_next(&params, &param))
    if (sip_escaped_equal(param.name, name, true)) {
      *ret_value = param.value;
      return true;
    }
  return false;
}

static size_t count_params(Slice params)
{
  SipParam param;
  size_t count = 0;

  while (count <= PARAMS_MAX && sip_param_next(&params, &param))
    count++;
  return count;
}

/* Every parameter of `a` is equal in `b`, or missing there and does not matter. */
static bool uri_params_within(Slice a, Slice b)
{
  SipParam param;
  Slice other;

  while (sip_param_next(&a, &param)) {
    bool found = find_uri_param(b, param.name, &other);
    if (found ? !sip_escaped_equal(param.value, other, true) : matters_alone(param.name))
      return false;
  }
  return true;
}

static bool uri_params_equal(Slice a, Slice b)
{
  if (count_params(a) > PARAMS_MAX || count_params(b) > PARAMS_MAX)
    return slice_eq(a, b);
  return uri_params_within(a, b) && uri_params_within(b, a);
}

/* Every header of `a` is in `b`, with the same value: they are "never ignored". */
static bool uri_headers_within(Slice a, Slice b)
{
  while (a.len > 0) {
    Slice header = slice_cut(&a, '&');
    bool found = false;
    for (Slice rest = b; rest.len > 0 && !found;)
      found = sip_escaped_equal(header, slice_cut(&rest, '&'), false);
    if (!found)
      return false;
  }
  return true;
}

static bool uri_headers_equal(Slice a, Slice b)
{
  enum { HEADERS_LEN_MAX = 4096 };

  if (slice_eq(a, b))
    return true;
  if (a.len > HEADERS_LEN_MAX || b.len > HEADERS_LEN_MAX)
    return false;
  return uri_headers_within(a, b) && uri_headers_within(b, a);
}

/* An absent user is not an empty one. */
static bool user_parts_equal(Slice a, Slice b)
{
  return (a.data == NULL) == (b.data == NULL) && sip_escaped_equal(a, b, false);
}

bool sip_uri_equal(Slice a, Slice b)
{
  SipUri uri_a, uri_b;

  if (slice_eq(a, b))
    return true;
  if (!sip_uri_parse(a, &uri_a) || !sip_uri_parse(b, &uri_b))
    return false;
  if (!slice_eq_nocase(uri_a.scheme, uri_b.scheme))
    return false;
  if (uri_a.kind == SIP_URI_SIP || uri_a.kind == SIP_URI_SIPS)
    return uri_a.port == uri_b.port && slice_eq_nocase(uri_a.host, uri_b.host) &&
           user_parts_equal(uri_a.user, uri_b.user) &&
           user_parts_equal(uri_a.password, uri_b.password) &&
           uri_params_equal(uri_a.params, uri_b.params) &&
           uri_headers_equal(uri_a.headers, uri_b.headers);
  return slice_eq(uri_a.opaque, uri_b.opaque);
}

/* --- how the values of each header field are compared --- */

typedef enum {
  KIND_TOKENS,      /* tokens, then parameters: most header fields */
  KIND_TEXT,        /* free text, or a case-sensitive word */
  KIND_ADDR,        /* name-addr or addr-spec */
  KIND_FROM_TO,     /* the same, but extension parameters of one alone are ignored (20.20) */
  KIND_CREDENTIALS, /* scheme, then comma-separated parameters */
} Kind;

static const uint8_t KINDS[SIP_HEADER_COUNT] = {
  [SIP_HEADER_AUTHORIZATION] = KIND_CREDENTIALS,
  [SIP_HEADER_CALL_ID] = KIND_TEXT,
  [SIP_HEADER_CONTACT] = KIND_ADDR,
  [SIP_HEADER_CSEQ] = KIND_TEXT,
  [SIP_HEADER_DIVERSION] = KIND_ADDR,
  [SIP_HEADER_FROM] = KIND_FROM_TO,
  [SIP_HEADER_HISTORY_INFO] = KIND_ADDR,
  [SIP_HEADER_IN_REPLY_TO] = KIND_TEXT,
  [SIP_HEADER_ORGANIZATION] = KIND_TEXT,
  [SIP_HEADER_P_ASSERTED_IDENTITY] = KIND_ADDR,
  [SIP_HEADER_P_ASSOCIATED_URI] = KIND_ADDR,
  [SIP_HEADER_P_CALLED_PARTY_ID] = KIND_ADDR,
  [SIP_HEADER_P_PREFERRED_IDENTITY] = KIND_ADDR,
  [SIP_HEADER_P_SERVED_USER] = KIND_ADDR,
  [SIP_HEADER_PATH] = KIND_ADDR,
  [SIP_HEADER_PROXY_AUTHENTICATE] = KIND_CREDENTIALS,
  [SIP_HEADER_PROXY_AUTHORIZATION] = KIND_CREDENTIALS,
  [SIP_HEADER_RACK] = KIND_TEXT,
  [SIP_HEADER_RECORD_ROUTE] = KIND_ADDR,
  [SIP_HEADER_REFER_TO] = KIND_ADDR,
  [SIP_HEADER_REFERRED_BY] = KIND_ADDR,
  [SIP_HEADER_REMOTE_PARTY_ID] = KIND_ADDR,
  [SIP_HEADER_REPLY_TO] = KIND_ADDR,
  [SIP_HEADER_ROUTE] = KIND_ADDR,
  [SIP_HEADER_SERVER] = KIND_TEXT,
  [SIP_HEADER_SERVICE_ROUTE] = KIND_ADDR,
  [SIP_HEADER_SUBJECT] = KIND_TEXT,
  [SIP_HEADER_TO] = KIND_FROM_TO,
  [SIP_HEADER_USER_AGENT] = KIND_TEXT,
  [SIP_HEADER_WWW_AUTHENTICATE] = KIND_CREDENTIALS,
};

/* --- characters --- */

/* Reads a value by meaning: any LWS is one SP, the case of tokens does not matter. */
typedef struct {
  Slice rest;
  bool any_case; /* outside of quoted strings; then LWS next to a separator is dropped, too */
  bool quoted;
  char last;
} Cursor;

enum { CURSOR_END = -1 };

static int quoted_char(Cursor *cursor, char c)
{
  if (c == '\\' && cursor->last != '\\') {
    cursor->last = c;
    return c;
  }
  if (c == '"' && cursor->last != '\\')
    cursor->quoted = false;
  cursor->last = '"'; /* a separator, not a backslash */
  return (unsigned char) c;
}

/* Does the LWS before the rest count?  Among tokens only between two of their characters. */
static bool blank_counts(const Cursor *cursor)
{
  if (cursor->rest.len == 0 || cursor->last == '\0')
    return false;
  return !cursor->any_case || (sip_char_is(cursor->last, SIP_CHAR_TOKEN) &&
                               sip_char_is(cursor->rest.data[0], SIP_CHAR_TOKEN));
}

static int next_char(Cursor *cursor)
{
  size_t blanks = cursor->quoted ? 0 : sip_span(cursor->rest, SIP_CHAR_BLANK);

  cursor->rest = slice_from(cursor->rest, blanks);
  if (blanks > 0 && blank_counts(cursor)) {
    cursor->last = ' ';
    return ' ';
  }
  if (cursor->rest.len == 0)
    return CURSOR_END;
  char c = cursor->rest.data[0];
  cursor->rest = slice_from(cursor->rest, 1);
  if (cursor->quoted)
    return quoted_char(cursor, c);
  cursor->quoted = cursor->any_case && c == '"';
  cursor->last = c;
  return (unsigned char) (cursor->any_case ? sip_lower(c) : c);
}

static bool words_equal(Slice a, Slice b, bool any_case)
{
  Cursor left = {.rest = a, .any_case = any_case}, right = {.rest = b, .any_case = any_case};
  int c;

  do {
    c = next_char(&left);
    if (c != next_char(&right))
      return false;
  } while (c != CURSOR_END);
  return true;
}

/* --- parameters --- */

typedef struct {
  SipParam items[PARAMS_MAX];
  unsigned count;
  bool too_many;
} Params;

static void read_params(Slice text, bool (*next)(Slice *, SipParam *), Params *ret_params)
{
  SipParam param;

  ret_params->count = 0;
  ret_params->too_many = false;
  while (next(&text, &param)) {
    ret_params->too_many = ret_params->count == PARAMS_MAX;
    if (ret_params->too_many)
      return;
    ret_params->items[ret_params->count++] = param;
  }
}

static const SipParam *find_param(const Params *params, Slice name)
{
  for (unsigned i = 0; i < params->count; i++)
    if (slice_eq_nocase(params->items[i].name, name))
      return &params->items[i];
  return NULL;
}

/* All parameters of `a` are in `b`; with `ignore_alone` only the tag must be. */
static bool params_within(const Params *a, const Params *b, bool ignore_alone)
{
  for (unsigned i = 0; i < a->count; i++) {
    const SipParam *param = &a->items[i];
    const SipParam *other = find_param(b, param->name);
    if (!other && ignore_alone && !slice_eq_nocase(param->name, SLICE("tag")))
      continue;
    if (!other || (param->value.data == NULL) != (other->value.data == NULL) ||
        !words_equal(param->value, other->value, true))
      return false;
  }
  return true;
}

static bool params_equal(Slice a, Slice b, bool (*next)(Slice *, SipParam *), bool ignore_alone)
{
  Params left, right;

  read_params(a, next, &left);
  read_params(b, next, &right);
  if (left.too_many || right.too_many)
    return words_equal(a, b, true);
  return params_within(&left, &right, ignore_alone) && params_within(&right, &left, ignore_alone);
}

/* --- values --- */

/* RFC 3261 20.20: display name and brackets do not count. */
static bool addrs_equal(Slice a, Slice b, bool ignore_alone)
{
  SipAddr left = sip_addr_parse(a), right = sip_addr_parse(b);

  return left.flaws == right.flaws && sip_uri_equal(left.uri, right.uri) &&
         params_equal(left.params, right.params, sip_param_next, ignore_alone);
}

bool sip_value_equal(SipHeader header, Slice a, Slice b)
{
  g_assert(header < SIP_HEADER_COUNT);
  switch ((Kind) KINDS[header]) {
  case KIND_TOKENS:
    return words_equal(sip_cut_params(&a), sip_cut_params(&b), true) &&
           params_equal(a, b, sip_param_next, false);
  case KIND_TEXT:
    return words_equal(a, b, false);
  case KIND_ADDR:
    return addrs_equal(a, b, false);
  case KIND_FROM_TO:
    return addrs_equal(a, b, true);
  case KIND_CREDENTIALS:
    return slice_eq_nocase(sip_take_token(&a), sip_take_token(&b)) &&
           params_equal(a, b, sip_auth_param_next, false);
  }
  g_assert_not_reached();
}

/* --- header fields --- */

/* The values of all rows of a header field, in order. */
typedef struct {
  SipHeaderIter rows;
  SipListIter list;
  SipHeader header;
  bool is_list;
} Values;

static Values values_of(const SipMsg *msg, SipHeader header)
{
  return (Values){
    .rows = sip_header_iter(msg),
    .list = {.ended = true},
    .header = header,
    .is_list = sip_header_info(header)->shape == SIP_HEADER_LIST,
  };
}

static bool next_value(Values *values, Slice *ret_value)
{
  SipHeaderRow row;

  while (!sip_list_next(&values->list, ret_value)) {
    do {
      if (!sip_header_next(&values->rows, &row))
        return false;
    } while (row.header != values->header);
    if (!values->is_list) {
      *ret_value = row.value;
      return true;
    }
    values->list = sip_list(row.value);
  }
  return true;
}

bool sip_header_equal(const SipMsg *a, const SipMsg *b, SipHeader header)
{
  g_assert(sip_header_info(header));
  Values left = values_of(a, header), right = values_of(b, header);
  Slice left_value, right_value;

  while (next_value(&left, &left_value))
    if (!next_value(&right, &right_value) || !sip_value_equal(header, left_value, right_value))
      return false;
  return !next_value(&right, &right_value);
}
