#include "dissect/sip/sip_values.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"

/* Bits of SipListIter.alone. */
enum { ALONE_QUOTE = 1 << 0, ALONE_ANGLE = 1 << 1, ALONE_PAREN = 1 << 2 };

size_t sip_quoted_len(Slice s)
{
  if (s.len == 0 || s.data[0] != '"')
    return 0;
  for (size_t i = 1; i < s.len; i++) {
    if (s.data[i] == '"')
      return i + 1;
    if (s.data[i] == '\\')
      i++;
  }
  return 0;
}

/* Of a comment, which may hold comments; 0 when it is never closed. */
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

static size_t angle_len(Slice s)
{
  size_t close = sip_find(s, '>');

  return close < s.len ? close + 1 : 0;
}

/* Octets of what starts here and belongs together, at least 1. */
static size_t group_len(Slice s, uint8_t *alone)
{
  uint8_t kind;
  size_t len;

  switch (s.data[0]) {
  case '"':
    kind = ALONE_QUOTE;
    len = *alone & kind ? 0 : sip_quoted_len(s);
    break;
  case '<':
    kind = ALONE_ANGLE;
    len = *alone & kind ? 0 : angle_len(s);
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

/* Octets before the first `mark` outside of groups. */
static size_t find_outside(Slice s, char mark, uint8_t *alone)
{
  size_t i = 0;

  while (i < s.len && s.data[i] != mark)
    i += group_len(sip_from(s, i), alone);
  return i;
}

SipListIter sip_list(Slice value)
{
  value = sip_trim(value);
  return (SipListIter){.rest = value, .ended = value.len == 0};
}

bool sip_list_next(SipListIter *iter, Slice *ret_value)
{
  if (iter->ended)
    return false;

  size_t end = find_outside(iter->rest, ',', &iter->alone);
  *ret_value = sip_trim(sip_head(iter->rest, end));
  iter->ended = end == iter->rest.len;
  iter->rest = slice_from(iter->rest, end + 1);
  return true;
}

/*
 * Where a parameter that starts here ends: quoted strings may hold the separator.  A quote
 * behind a backslash opens nothing; so at most one search for a closing quote fails in all
 * parameters of a value.
 */
static size_t param_len(Slice s, char separator)
{
  size_t plain = sip_find(s, separator);
  size_t i = sip_find(sip_head(s, plain), '"');

  if (i == plain) /* nearly always */
    return plain;
  while (i < s.len && s.data[i] != separator) {
    bool opens = s.data[i] == '"' && (i == 0 || s.data[i - 1] != '\\');
    size_t quoted = opens ? sip_quoted_len(sip_from(s, i)) : 0;
    if (opens && quoted == 0)
      return i + sip_find(sip_from(s, i), separator);
    i += quoted > 0 ? quoted : 1;
  }
  return i;
}

static bool next_param(Slice *params, char separator, SipParam *ret_param)
{
  if (params->len == 0)
    return false;

  size_t end = param_len(*params, separator);
  Slice text = sip_head(*params, end);
  size_t equals = sip_find(text, '=');
  ret_param->name = sip_trim(sip_head(text, equals));
  ret_param->value = equals < text.len ? sip_trim(sip_from(text, equals + 1)) : SLICE_NONE;
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
  size_t at = sip_find(*value, ';');
  Slice front = sip_head(*value, at);

  *value = at < value->len ? sip_from(*value, at + 1) : SLICE_NONE;
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

  *s = sip_from(rest, len);
  return sip_head(rest, len);
}

bool sip_take_mark(Slice *s, char mark)
{
  Slice rest = sip_skip_lws(*s);

  if (rest.len == 0 || rest.data[0] != mark)
    return false;
  *s = sip_skip_lws(sip_from(rest, 1));
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
  if (sip_find(inner, '\\') == inner.len)
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
  if (sip_find(value, '\n') == value.len)
    return value;

  char *copy = arena_alloc(arena, value.len);
  size_t len = 0;
  for (size_t i = 0; i < value.len; i++) {
    if (value.data[i] != '\n') {
      copy[len++] = value.data[i];
      continue;
    }
    /* A fold is the blanks before and behind its line end as well. */
    while (len > 0 && sip_char_is(copy[len - 1], SIP_CHAR_BLANK))
      len--;
    while (i + 1 < value.len && sip_char_is(value.data[i + 1], SIP_CHAR_BLANK))
      i++;
    copy[len++] = ' ';
  }
  return slice_of(copy, len);
}

/* The octet that "%HH" at the start of `s` stands for, or -1. */
static int escaped_octet(Slice s)
{
  if (s.len < 3 || s.data[0] != '%')
    return -1;

  int high = g_ascii_xdigit_value(s.data[1]);
  int low = g_ascii_xdigit_value(s.data[2]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

Slice sip_unescape(Arena *arena, Slice text)
{
  if (sip_find(text, '%') == text.len)
    return text;

  char *copy = arena_alloc(arena, text.len);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    int octet = escaped_octet(sip_from(text, i));
    copy[len++] = octet < 0 ? text.data[i] : (char) octet;
    i += octet < 0 ? 0 : 2;
  }
  return slice_of(copy, len);
}
