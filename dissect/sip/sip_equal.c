#include "dissect/sip/sip_equal.h"

#include <glib.h>

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_uri.h"
#include "dissect/sip/sip_values.h"

typedef enum {
  KIND_TOKENS,      /* words, then parameters: most header fields */
  KIND_TEXT,        /* free text, or a case-sensitive word */
  KIND_ADDR,        /* name-addr or addr-spec */
  KIND_FROM_TO,     /* the same, but extension parameters in one only are ignored (20.20) */
  KIND_CREDENTIALS, /* scheme, then parameters between commas */
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

/* Reads a value as its characters mean: any LWS is one SP, tokens may be in any case. */
typedef struct {
  Slice rest;
  bool any_case; /* outside of quoted strings; LWS beside a separator means nothing then */
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
  cursor->last = '"'; /* a separator, and no backslash */
  return (unsigned char) c;
}

/* LWS between two characters of tokens is one SP, and nothing otherwise. */
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

  cursor->rest = sip_from(cursor->rest, blanks);
  if (blanks > 0 && blank_counts(cursor)) {
    cursor->last = ' ';
    return ' ';
  }
  if (cursor->rest.len == 0)
    return CURSOR_END;
  char c = cursor->rest.data[0];
  cursor->rest = sip_from(cursor->rest, 1);
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

/* Each is looked for among the others: more than this are compared as they stand. */
enum { PARAMS_MAX = 64 };

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

/* All of `a` are in `b`; with `ignore_alone` only a tag has to be. */
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

static bool tokens_equal(Slice a, Slice b)
{
  return words_equal(sip_cut_params(&a), sip_cut_params(&b), true) &&
         params_equal(a, b, sip_param_next, false);
}

static bool credentials_equal(Slice a, Slice b)
{
  return slice_eq_nocase(sip_take_token(&a), sip_take_token(&b)) &&
         params_equal(a, b, sip_auth_param_next, false);
}

bool sip_value_equal(SipHeader header, Slice a, Slice b)
{
  g_assert(header < SIP_HEADER_COUNT);
  switch ((Kind) KINDS[header]) {
  case KIND_TOKENS:
    return tokens_equal(a, b);
  case KIND_TEXT:
    return words_equal(a, b, false);
  case KIND_ADDR:
    return addrs_equal(a, b, false);
  case KIND_FROM_TO:
    return addrs_equal(a, b, true);
  case KIND_CREDENTIALS:
    return credentials_equal(a, b);
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
