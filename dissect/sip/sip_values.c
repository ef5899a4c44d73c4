#include "dissect/sip/sip_values.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"

/* --- characters --- */

/* The classes of each byte, as in the enum of sip_chars.h.  RFC 3261 25.1, RFC 2396 2. */
const uint8_t SIP_CHARS[256] = {
  /* clang-format off */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 00 */
  0x10, 0x12, 0x12, 0x10, 0x10, 0x12, 0x10, 0x10, /* 08 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 10 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 18 */
  0x12, 0x49, 0x10, 0x48, 0x48, 0x49, 0x48, 0x49, /* 20 */
  0x48, 0x48, 0x49, 0x69, 0x08, 0xe9, 0xe9, 0x48, /* 28 */
  0xed, 0xed, 0xed, 0xed, 0xed, 0xed, 0xed, 0xed, /* 30 */
  0xed, 0xed, 0x08, 0x08, 0x10, 0x48, 0x10, 0x18, /* 38 */
  0x08, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, /* 40 */
  0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, /* 48 */
  0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, /* 50 */
  0xe9, 0xe9, 0xe9, 0x08, 0x10, 0x08, 0x10, 0xc9, /* 58 */
  0x11, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, /* 60 */
  0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, /* 68 */
  0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, 0xe9, /* 70 */
  0xe9, 0xe9, 0xe9, 0x10, 0x10, 0x10, 0x49, 0x10, /* 78 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 80 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 88 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 90 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* 98 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* a0 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* a8 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* b0 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* b8 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* c0 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* c8 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* d0 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* d8 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* e0 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* e8 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* f0 */
  0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, /* f8 */
  /* clang-format on */
};

/* --- lists and parameters --- */

/* Bits of SipListIter.alone. */
enum { ALONE_QUOTE = 1 << 0, ALONE_ANGLE = 1 << 1, ALONE_PAREN = 1 << 2 };

size_t sip_quoted_len(Slice s)
{
  if (s.len == 0 || s.data[0] != '"')
    return 0;
  size_t quote = 1 + slice_find(slice_from(s, 1), '"');
  if (quote == s.len)
    return 0;
  size_t escape = slice_find(slice_head(s, quote), '\\');
  if (escape == quote) /* nearly always */
    return quote + 1;
  for (size_t i = escape; i < s.len; i++) {
    if (s.data[i] == '"')
      return i + 1;
    if (s.data[i] == '\\')
      i++;
  }
  return 0;
}

/* Length of a comment, which may contain comments; 0 when it is never closed. */
static size_t comment_len(Slice s)
{
  size_t depth = 0;

  for (size_t i = 0; i < s.len; i++) {
    if (s.data[i] == '\\')
      i++;
    else if (s.data[i] == '(')
      depth++;
    else if (s.data[i] == ')' && --depth == 0)
      return i + 1;
  }
  return 0;
}

/* Length of the quoted string, <> or comment that starts here; 1 for any other character. */
static size_t group_len(Slice s, uint8_t *alone)
{
  uint8_t kind;
  size_t len, close;

  switch (s.data[0]) {
  case '"':
    kind = ALONE_QUOTE;
    len = *alone & kind ? 0 : sip_quoted_len(s);
    break;
  case '<':
    kind = ALONE_ANGLE;
    close = *alone & kind ? s.len : slice_find(s, '>');
    len = close < s.len ? close + 1 : 0;
    break;
  case '(':
    kind = ALONE_PAREN;
    len = *alone & kind ? 0 : comment_len(s);
    break;
  default:
    return 1;
  }
  if (len == 0)
    *alone = (uint8_t) (*alone | kind);
  return len > 0 ? len : 1;
}

SipListIter sip_list(Slice value)
{
  value = slice_trim(value);
  return (SipListIter){.rest = value, .ended = value.len == 0};
}

bool sip_list_next(SipListIter *iter, Slice *ret_value)
{
  if (iter->ended)
    return false;

  size_t end = 0;
  while (end < iter->rest.len && iter->rest.data[end] != ',')
    end += group_len(slice_from(iter->rest, end), &iter->alone);
  *ret_value = slice_trim(slice_head(iter->rest, end));
  iter->ended = end == iter->rest.len;
  iter->rest = slice_from(iter->rest, end + 1);
  return true;
}

/*
 * Length of the parameter that starts here: quoted strings may contain the separator.  A quote
 * after a backslash opens nothing, so at most one search for a closing quote fails in all
 * parameters of a value.
 */
static size_t param_len(Slice s, char separator)
{
  size_t plain = slice_find(s, separator);
  size_t i = slice_find(slice_head(s, plain), '"');

  if (i == plain) /* nearly always */
    return plain;
  while (i < s.len && s.data[i] != separator) {
    bool opens = s.data[i] == '"' && (i == 0 || s.data[i - 1] != '\\');
    size_t quoted = opens ? sip_quoted_len(slice_from(s, i)) : 0;
    if (opens && quoted == 0)
      return i + slice_find(slice_from(s, i), separator);
    i += quoted > 0 ? quoted : 1;
  }
  return i;
}

/* A token, maybe "=" and a token, then the separator or the end: nearly all parameters. */
static bool next_plain_param(Slice *params, char separator, SipParam *ret_param)
{
  size_t name = sip_span(*params, SIP_CHAR_TOKEN), end = name;
  bool has_value = name < params->len && params->data[name] == '=';

  if (has_value)
    end = name + 1 + sip_span(slice_from(*params, name + 1), SIP_CHAR_TOKEN);
  if (end < params->len && params->data[end] != separator)
    return false;
  ret_param->name = slice_head(*params, name);
  ret_param->value = has_value ? slice_of(params->data + name + 1, end - name - 1) : SLICE_NONE;
  ret_param->extra = SLICE_NONE;
  *params = slice_from(*params, end + 1);
  return true;
}

/* RFC 3261 25.1: white space ends a value, which is a token, a host or a quoted string. */
static size_t value_len(Slice text)
{
  size_t len = sip_quoted_len(text);

  while (len < text.len && !sip_char_is(text.data[len], SIP_CHAR_BLANK))
    len++;
  return len;
}

static bool next_param(Slice *params, char separator, SipParam *ret_param)
{
  if (params->len == 0)
    return false;
  if (next_plain_param(params, separator, ret_param))
    return true;

  size_t end = param_len(*params, separator);
  Slice text = slice_head(*params, end);
  size_t equals = slice_find(text, '=');
  *ret_param = (SipParam){.name = slice_trim(slice_head(text, equals))};
  if (equals < text.len) {
    text = slice_trim(slice_from(text, equals + 1));
    ret_param->value = slice_head(text, value_len(text));
    if (ret_param->value.len < text.len)
      ret_param->extra = slice_trim(slice_from(text, ret_param->value.len));
  }
  *params = slice_from(*params, end + 1);
  return true;
}

bool sip_param_next(Slice *params, SipParam *ret_param)
{
  return next_param(params, ';', ret_param);
}

bool sip_auth_param_next(Slice *params, SipParam *ret_param)
{
  return next_param(params, ',', ret_param);
}

Slice sip_cut_params(Slice *value)
{
  size_t at = slice_find(*value, ';');
  Slice front = slice_head(*value, at);

  *value = at < value->len ? slice_from(*value, at + 1) : SLICE_NONE;
  return front;
}

bool sip_param_find(Slice params, Slice name, Slice *ret_value)
{
  SipParam param;

  while (sip_param_next(&params, &param))
    if (slice_eq_nocase(param.name, name)) {
      *ret_value = param.value;
      return true;
    }
  return false;
}

Slice sip_take_token(Slice *s)
{
  Slice rest = sip_skip_lws(*s);
  size_t len = sip_span(rest, SIP_CHAR_TOKEN);

  *s = slice_from(rest, len);
  return slice_head(rest, len);
}

bool sip_take_mark(Slice *s, char mark)
{
  Slice rest = sip_skip_lws(*s);

  if (rest.len == 0 || rest.data[0] != mark)
    return false;
  *s = sip_skip_lws(slice_from(rest, 1));
  return true;
}

bool sip_is_token(Slice s)
{
  return s.len > 0 && sip_span(s, SIP_CHAR_TOKEN) == s.len;
}

Slice sip_unquote(Arena *arena, Slice quoted)
{
  if (quoted.len < 2 || sip_quoted_len(quoted) != quoted.len)
    return quoted;

  Slice inner = slice_of(quoted.data + 1, quoted.len - 2);
  if (slice_find(inner, '\\') == inner.len)
    return inner;
  char *copy = arena_alloc(arena, inner.len);
  size_t len = 0;
  for (size_t i = 0; i < inner.len; i++) {
    if (inner.data[i] == '\\' && i + 1 < inner.len)
      i++;
    copy[len++] = inner.data[i];
  }
  return slice_of(copy, len);
}

Slice sip_unfold(Arena *arena, Slice value)
{
  if (slice_find(value, '\n') == value.len)
    return value;

  char *copy = arena_alloc(arena, value.len);
  size_t len = 0;
  for (size_t i = 0; i < value.len; i++) {
    if (value.data[i] != '\n') {
      copy[len++] = value.data[i];
      continue;
    }
    /* The blanks before and after the line end belong to the fold. */
    while (len > 0 && sip_char_is(copy[len - 1], SIP_CHAR_BLANK))
      len--;
    while (i + 1 < value.len && sip_char_is(value.data[i + 1], SIP_CHAR_BLANK))
      i++;
    copy[len++] = ' ';
  }
  return slice_of(copy, len);
}

/* The byte that "%HH" at the start of `s` encodes, or -1. */
static int escaped_byte(Slice s)
{
  if (s.len < 3 || s.data[0] != '%')
    return -1;

  int high = g_ascii_xdigit_value(s.data[1]);
  int low = g_ascii_xdigit_value(s.data[2]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

Slice sip_unescape(Arena *arena, Slice text)
{
  if (slice_find(text, '%') == text.len)
    return text;

  char *copy = arena_alloc(arena, text.len);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    int byte = escaped_byte(slice_from(text, i));
    copy[len++] = byte < 0 ? text.data[i] : (char) byte;
    i += byte < 0 ? 0 : 2;
  }
  return slice_of(copy, len);
}

/* --- CSeq and RAck --- */

/* Takes 1*DIGIT LWS from the start of *s. */
static bool take_number_text(Slice *s, Slice *ret_digits)
{
  size_t len = sip_span(*s, SIP_CHAR_DIGIT);
  Slice after = sip_skip_lws(slice_from(*s, len));

  if (len == 0 || after.len + len == s->len)
    return false;
  *ret_digits = slice_head(*s, len);
  *s = after;
  return true;
}

bool sip_cseq_parse(Slice value, SipCseq *ret_cseq)
{
  SipCseq cseq = {0};
  Slice digits;

  value = slice_trim(value);
  if (!take_number_text(&value, &digits) || value.len == 0 ||
      sip_span(value, SIP_CHAR_TOKEN) != value.len)
    return false;
  cseq.number_fits = slice_to_u32(digits, &cseq.number);
  cseq.method_text = value;
  cseq.method = sip_method_from_slice(value);
  *ret_cseq = cseq;
  return true;
}

bool sip_rack_parse(Slice value, SipRack *ret_rack)
{
  SipRack rack = {0};
  Slice digits;

  value = slice_trim(value);
  if (!take_number_text(&value, &digits) || !slice_to_u32(digits, &rack.rseq) ||
      !sip_cseq_parse(value, &rack.cseq))
    return false;
  *ret_rack = rack;
  return true;
}

/* --- Via --- */

/* transport LWS */
static bool read_transport(Slice *rest, SipVia *via)
{
  via->transport = sip_take_token(rest);

  Slice after = sip_skip_lws(*rest);
  bool separated = after.len < rest->len;
  *rest = after;
  return separated && via->transport.len > 0;
}

/* protocol "/" version "/" transport LWS */
static bool read_protocol(Slice *rest, SipVia *via)
{
  if (rest->len > 8 && memcmp(rest->data, "SIP/2.0/", 8) == 0) { /* nearly always */
    via->protocol = slice_head(*rest, 3);
    via->version = slice_head(slice_from(*rest, 4), 3);
    *rest = slice_from(*rest, 8);
    return read_transport(rest, via);
  }
  via->protocol = sip_take_token(rest);
  if (!sip_take_mark(rest, '/'))
    return false;
  via->version = sip_take_token(rest);
  if (!sip_take_mark(rest, '/'))
    return false;
  return read_transport(rest, via) && via->protocol.len > 0 && via->version.len > 0;
}

/* Where a parameter is kept, or NULL. */
static Slice *via_field_of(Slice name, SipVia *via)
{
  switch (name.len) {
  case 3:
    return sip_is(name, SLICE("ttl")) ? &via->ttl : NULL;
  case 5:
    if (sip_is(name, SLICE("rport")))
      return &via->rport;
    return sip_is(name, SLICE("maddr")) ? &via->maddr : NULL;
  case 6:
    return sip_is(name, SLICE("branch")) ? &via->branch : NULL;
  case 8:
    return sip_is(name, SLICE("received")) ? &via->received : NULL;
  default:
    return NULL;
  }
}

/* The first parameter of a name is used. */
static void read_via_params(SipVia *via)
{
  bool plain = true;
  unsigned others = 0;
  SipParam param;

  for (Slice rest = via->params; sip_param_next(&rest, &param);) {
    Slice *field = via_field_of(param.name, via);
    bool is_rport = field == &via->rport;
    others += field == NULL;
    plain =
      plain && param.name.len > 0 && !param.extra.data && (!field || is_rport || param.value.data);
    if ((field && field->data) || (is_rport && via->has_rport))
      plain = false;
    else if (field)
      *field = param.value;
    via->has_rport |= is_rport;
  }
  via->plain =
    plain && others <= 1 &&
    (!via->params.data || (via->params.len > 0 && via->params.data[via->params.len - 1] != ';'));
}

/* Of host [ COLON port ]; its length where there is none. */
static size_t find_colon(Slice sent_by)
{
  bool reference = sent_by.len > 0 && sent_by.data[0] == '[';
  size_t close = reference ? slice_find(sent_by, ']') : 0;

  return close + slice_find(slice_from(sent_by, close), ':');
}

Slice sip_sent_by_host(Slice sent_by)
{
  return slice_trim(slice_head(sent_by, find_colon(sent_by)));
}

/* host [ COLON port ] */
static bool read_sent_by(Slice sent_by, SipVia *via)
{
  size_t colon = find_colon(sent_by);
  Slice host = slice_trim(slice_head(sent_by, colon));

  via->sent_by = sent_by;
  if (host.len == 0 || sip_span(host, SIP_CHAR_TOKEN | SIP_CHAR_URI) < host.len)
    return false;
  if (colon < sent_by.len && !slice_to_u16(slice_trim(slice_from(sent_by, colon + 1)), &via->port))
    return false;
  via->host = host;
  return true;
}

bool sip_via_parse(Slice value, SipVia *ret_via)
{
  *ret_via = (SipVia){0};
  if (!read_protocol(&value, ret_via))
    return false;
  ret_via->params = value;
  ret_via->bad_sent_by = !read_sent_by(slice_trim(sip_cut_params(&ret_via->params)), ret_via);
  if (ret_via->sent_by.len == 0)
    return false;
  read_via_params(ret_via);
  return true;
}

bool sip_branch_is_rfc3261(Slice branch)
{
  static const Slice COOKIE = {"z9hg4bk", 7};

  return branch.len > COOKIE.len &&
         (memcmp(branch.data, "z9hG4bK", COOKIE.len) == 0 || sip_starts(branch, COOKIE));
}
