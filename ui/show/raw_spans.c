#include "ui/show/raw_spans.h"

#include "dissect/sip/sip_values.h"

/* What follows in the value of a header field. */
typedef struct {
  GArray *spans;
  Slice raw;
  const char *behind; /* all that has a span */
  Slice name;         /* of the parameter whose value comes, if any */
  bool in_params;     /* behind a ; */
  bool quote_alone;   /* no quote, no < that comes has a partner */
  bool angle_alone;
} Lexer;

/* Goes on with the span before where it has the same style. */
static void add(Lexer *lexer, Slice text, Style style)
{
  Octets octets = octets_of(lexer->raw, text);
  RawSpan *last =
    lexer->spans->len > 0 ? &g_array_index(lexer->spans, RawSpan, lexer->spans->len - 1) : NULL;

  if (octets.len == 0)
    return;
  lexer->behind = text.data + text.len;
  if (last && last->style == style) {
    last->octets.len += octets.len;
    return;
  }
  RawSpan span = {octets, style};
  g_array_append_val(lexer->spans, span);
}

/* The first `len` octets; *rest goes on behind them. */
static void take(Lexer *lexer, Slice *rest, size_t len, Style style)
{
  add(lexer, slice_head(*rest, len), style);
  *rest = slice_from(*rest, len);
}

/* --- values of header fields --- */

/* The same identifier has the same colour in every message. */
static Style style_of_identifier(Slice text)
{
  return STYLE_CYCLE_1 + (text_hash(text) >> 8) % STYLE_CYCLE_COUNT;
}

static bool is_identifier(Slice name)
{
  return slice_eq_nocase(name, SLICE("tag")) || slice_eq_nocase(name, SLICE("branch"));
}

static bool is_scheme(Slice word)
{
  static const char *const SCHEMES[] = {"sip", "sips", "tel", "urn", "http", "https", "mailto"};

  for (size_t i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
    if (slice_eq_nocase(word, slice_from_string(SCHEMES[i])))
      return true;
  return false;
}

/* Octets of an addr-spec without brackets. */
static size_t uri_len(Slice s)
{
  size_t len = 0;

  while (len < s.len && !memchr(";,> \t\r\n\"", s.data[len], 8))
    len++;
  return len;
}

static size_t angle_len(Lexer *lexer, Slice s)
{
  size_t close = lexer->angle_alone ? s.len : slice_find(s, '>');

  lexer->angle_alone |= close == s.len;
  return close < s.len ? close : 0;
}

/* <...>: what is in it. */
static void take_angle(Lexer *lexer, Slice *rest)
{
  size_t len = angle_len(lexer, *rest);

  lexer->in_params = false;
  take(lexer, rest, 1, STYLE_PLAIN);
  if (len > 0)
    take(lexer, rest, len - 1, STYLE_URI);
}

static void take_quoted(Lexer *lexer, Slice *rest)
{
  size_t len = lexer->quote_alone ? 0 : sip_quoted_len(*rest);

  lexer->quote_alone |= len == 0;
  take(lexer, rest, MAX(len, 1), lexer->name.data ? STYLE_PARAMETER : STYLE_PLAIN);
  lexer->name = SLICE_NONE;
}

/* Blanks may stand before it (RFC 3261 25.1: EQUAL). */
static bool begins_with_equals(Slice s)
{
  size_t at = 0;

  while (at < s.len && (s.data[at] == ' ' || s.data[at] == '\t'))
    at++;
  return at < s.len && s.data[at] == '=';
}

/* A word: the name of a parameter, its value, a URI without brackets, or another. */
static void take_word(Lexer *lexer, Slice *rest, size_t len)
{
  Slice word = slice_head(*rest, len);
  bool named = begins_with_equals(slice_from(*rest, len));

  if (len < rest->len && rest->data[len] == ':' && is_scheme(word)) {
    take(lexer, rest, uri_len(*rest), STYLE_URI);
  } else if (lexer->name.data) {
    Style style = is_identifier(lexer->name) ? style_of_identifier(word) : STYLE_PARAMETER;
    take(lexer, rest, len, style);
    lexer->name = SLICE_NONE;
  } else if (named) {
    take(lexer, rest, len, STYLE_PARAMETER);
    lexer->name = word;
  } else {
    take(lexer, rest, len, lexer->in_params ? STYLE_PARAMETER : STYLE_PLAIN);
  }
}

static void take_mark(Lexer *lexer, Slice *rest)
{
  switch (rest->data[0]) {
  case '<':
    take_angle(lexer, rest);
    return;
  case '"':
    take_quoted(lexer, rest);
    return;
  case ';':
    lexer->in_params = true;
    lexer->name = SLICE_NONE;
    break;
  case ',':
    lexer->in_params = false;
    lexer->name = SLICE_NONE;
    break;
  default:
    break;
  }
  take(lexer, rest, 1, rest->data[0] == '=' ? STYLE_PARAMETER : STYLE_PLAIN);
}

/* Octets of a word, which may hold what is not of ASCII. */
static size_t word_len(Slice s)
{
  size_t len = 0;

  while (len < s.len && (g_ascii_isalnum(s.data[len]) || memchr("-.!%*_+`'~", s.data[len], 10) ||
                         (unsigned char) s.data[len] >= 0x80))
    len++;
  return len;
}

static void add_value(Lexer *lexer, Slice rest)
{
  while (rest.len > 0) {
    size_t len = word_len(rest);
    if (len > 0)
      take_word(lexer, &rest, len);
    else
      take_mark(lexer, &rest);
  }
}

/* --- rows --- */

static void add_row(Lexer *lexer, const SipHeaderRow *row)
{
  Slice rest = row->row;

  if (!row->name.data) {
    take(lexer, &rest, rest.len, STYLE_WARNING);
    return;
  }
  take(lexer, &rest, slice_find(rest, ':'), STYLE_NAME);
  take(lexer, &rest, 1, STYLE_DIM);
  lexer->in_params = false;
  lexer->name = SLICE_NONE;
  lexer->quote_alone = lexer->angle_alone = false;
  if (row->header == SIP_HEADER_CALL_ID)
    take(lexer, &rest, rest.len, style_of_identifier(row->value));
  else
    add_value(lexer, rest);
}

/* What lies between the last span and that octet. */
static void fill_to(Lexer *lexer, const char *end, Style style)
{
  if (end > lexer->behind)
    add(lexer, slice_of(lexer->behind, (size_t) (end - lexer->behind)), style);
}

static void add_start_line(Lexer *lexer, const SipMsg *sip)
{
  Slice line = sip->start_line;

  if (!sip->is_request) {
    fill_to(lexer, line.data + slice_find(line, ' '), STYLE_DIM);
    fill_to(lexer, line.data + line.len, style_of_status(sip->status));
    return;
  }
  if (sip->uri.data) {
    fill_to(lexer, line.data + slice_find(line, ' '), STYLE_REQUEST);
    fill_to(lexer, sip->uri.data, STYLE_PLAIN);
    fill_to(lexer, sip->uri.data + sip->uri.len, STYLE_URI);
  }
  fill_to(lexer, line.data + line.len, STYLE_DIM);
}

/* --- bodies --- */

static bool is_sdp_line(Slice line)
{
  return line.len >= 2 && g_ascii_isalpha(line.data[0]) && line.data[1] == '=';
}

/* "m=", and of an attribute its name. */
static void add_sdp_line(Lexer *lexer, Slice line)
{
  bool attribute = line.data[0] == 'a';

  take(lexer, &line, 2, STYLE_SDP);
  if (attribute)
    take(lexer, &line, MIN(slice_find(line, ':') + 1, line.len), STYLE_PARAMETER);
  take(lexer, &line, line.len, STYLE_PLAIN);
}

/* <tags> and what is between them. */
static void add_xml_line(Lexer *lexer, Slice line)
{
  while (line.len > 0) {
    take(lexer, &line, slice_find(line, '<'), STYLE_PLAIN);
    take(lexer, &line, MIN(slice_find(line, '>') + 1, line.len), STYLE_NAME);
  }
}

static void add_body_line(Lexer *lexer, Slice line, bool multipart)
{
  size_t colon = multipart ? word_len(line) : 0;

  if (is_sdp_line(line)) {
    add_sdp_line(lexer, line);
  } else if (line.len > 0 && line.data[0] == '<') {
    add_xml_line(lexer, line);
  } else if (multipart && slice_starts_with(line, SLICE("--"))) {
    take(lexer, &line, line.len, STYLE_DIM);
  } else {
    if (colon > 0 && colon < line.len && line.data[colon] == ':')
      take(lexer, &line, colon, STYLE_NAME);
    take(lexer, &line, line.len, STYLE_PLAIN);
  }
}

static void add_body(Lexer *lexer, const SipMsg *sip)
{
  bool multipart = slice_starts_with_nocase(sip->content_type, SLICE("multipart"));
  Slice rest = sip->body;

  while (rest.len > 0) {
    Slice line = slice_head(rest, MIN(slice_find(rest, '\n') + 1, rest.len));
    add_body_line(lexer, line, multipart);
    rest = slice_from(rest, line.len);
  }
}

GArray *raw_spans_build(const SipMsg *sip)
{
  Lexer lexer = {
    .raw = sip->raw,
    .behind = sip->raw.data,
    .spans = g_array_new(false, false, sizeof(RawSpan)),
  };
  SipHeaderIter iter = sip_header_iter(sip);
  SipHeaderRow row;

  add_start_line(&lexer, sip);
  fill_to(&lexer, iter.rest.data, STYLE_PLAIN);
  while (sip_header_next(&iter, &row))
    add_row(&lexer, &row);
  fill_to(&lexer, sip->raw.data + sip->header_len, STYLE_PLAIN);
  add_body(&lexer, sip);
  fill_to(&lexer, sip->raw.data + sip->raw.len, STYLE_WARNING);
  return lexer.spans;
}
