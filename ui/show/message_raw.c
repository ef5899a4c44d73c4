#include "ui/show/message_raw.h"

#include "dissect/sip/gb_text.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/text.h"

enum {
  WRAP_INDENT = 4,
  NARROW = 24,
  CONTROL_PICTURES = 0x2400,
  DELETE_PICTURE = 0x2421,
  REPLACEMENT = 0xFFFD
};

static bool is_control(char c)
{
  return (unsigned char) c < 0x20 || c == 0x7F;
}

/* How a control character is drawn: "→" or "^I".  Returns its columns. */
static unsigned control_glyph(char c, TextCharset charset, char glyph[8])
{
  gunichar picture = CONTROL_PICTURES + (gunichar) (unsigned char) c;

  if (charset == TEXT_ASCII) {
    glyph[0] = '^';
    glyph[1] = (char) (c ^ 0x40);
    glyph[2] = '\0';
    return 2;
  }
  if (c == 0x7F)
    picture = DELETE_PICTURE;
  else if (c == '\t')
    picture = 0x2192;
  glyph[g_unichar_to_utf8(picture, glyph)] = '\0';
  return 1;
}

/* Columns of the character at the start, which is not ASCII; *ret_len: its bytes. */
static unsigned wide_width(Slice s, TextCharset charset, size_t *ret_len)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  utf8_next(s, ret_len);
  text_append_safe(safe, slice_head(s, *ret_len), charset);
  return text_width(slice_of(safe->str, safe->len));
}

/* The character at the start of `s` if it is in a body that is not UTF-8; else 0. */
static uint32_t body_code(const MessageRaw *raw, Slice s, size_t *ret_len)
{
  size_t offset = octets_of(raw->raw, s).offset;
  uint32_t code;

  if (!raw->codes || offset < raw->codes_offset || offset >= raw->codes_end ||
      (unsigned char) s.data[0] < 0x80)
    return 0;
  code = raw->codes[offset - raw->codes_offset];
  *ret_len = code > 0 ? gb_text_char_len(slice_from(raw->raw, offset)) : 1;
  return code > 0 ? code : REPLACEMENT;
}

/* Columns of the character at the start; *ret_len: its bytes. */
static unsigned char_width(const MessageRaw *raw, Slice s, size_t *ret_len)
{
  char utf8[8];
  uint32_t code;
  size_t len;

  *ret_len = 1;
  if (is_control(s.data[0]))
    return raw->charset == TEXT_ASCII ? 2 : 1;
  if ((unsigned char) s.data[0] < 0x80)
    return 1;
  code = body_code(raw, s, ret_len);
  if (code == 0)
    return wide_width(s, raw->charset, ret_len);
  return wide_width(slice_of(utf8, (size_t) g_unichar_to_utf8(code, utf8)), raw->charset, &len);
}

/* The number of bytes that fit into `width` columns. */
static size_t fit_glyphs(const MessageRaw *raw, Slice s, unsigned width, unsigned *ret_width)
{
  unsigned used = 0;
  size_t at = 0;

  while (at < s.len) {
    size_t len;
    unsigned more = char_width(raw, slice_from(s, at), &len);
    if (more > width - used)
      break;
    used += more;
    at += MIN(len, s.len - at);
  }
  *ret_width = used;
  return at;
}

/* --- colours of the bytes --- */

/* Reads the message word by word, not with the parsers: malformed parts get colours, too. */
typedef struct {
  GArray *spans;
  Slice raw;
  const char *after; /* the end of the last span */
  Slice name;        /* of the parameter whose value is next, if any */
  bool in_params;    /* after a ';' */
  bool quote_alone;  /* no quote that follows is closed */
  bool angle_alone;  /* the same for < */
} Lexer;

/* Extends the last span if it has the same style. */
static void add_span(Lexer *lexer, Slice text, Style style)
{
  Octets bytes = octets_of(lexer->raw, text);
  RawSpan *last =
    lexer->spans->len > 0 ? &g_array_index(lexer->spans, RawSpan, lexer->spans->len - 1) : NULL;

  if (bytes.len == 0)
    return;
  lexer->after = text.data + text.len;
  if (last && last->style == style) {
    last->octets.len += bytes.len;
    return;
  }
  RawSpan span = {bytes, style};
  g_array_append_val(lexer->spans, span);
}

/* Takes the first `len` bytes of *rest as a span. */
static void take_span(Lexer *lexer, Slice *rest, size_t len, Style style)
{
  add_span(lexer, slice_head(*rest, len), style);
  *rest = slice_from(*rest, len);
}

/* The same identifier has the same colour in every message. */
static Style style_of_identifier(Slice text)
{
  return STYLE_CYCLE_1 + (text_hash(text) >> 8) % STYLE_CYCLE_COUNT;
}

static bool is_uri_scheme(Slice word)
{
  static const char *const SCHEMES[] = {"sip", "sips", "tel", "urn", "http", "https", "mailto"};

  for (size_t i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
    if (slice_eq_nocase(word, slice_from_string(SCHEMES[i])))
      return true;
  return false;
}

/* A word: the name of a parameter, its value, a URI without brackets, or another. */
static void color_word(Lexer *lexer, Slice *rest, size_t len)
{
  Slice word = slice_head(*rest, len);
  size_t after = len;

  while (after < rest->len && (rest->data[after] == ' ' || rest->data[after] == '\t'))
    after++; /* RFC 3261 25.1: blanks may precede EQUAL */
  if (len < rest->len && rest->data[len] == ':' && is_uri_scheme(word)) {
    while (len < rest->len && !memchr(";,> \t\r\n\"", rest->data[len], 8))
      len++;
    take_span(lexer, rest, len, STYLE_URI);
  } else if (lexer->name.data) {
    bool identifies =
      slice_eq_nocase(lexer->name, SLICE("tag")) || slice_eq_nocase(lexer->name, SLICE("branch"));
    take_span(lexer, rest, len, identifies ? style_of_identifier(word) : STYLE_PARAMETER);
    lexer->name = SLICE_NONE;
  } else if (after < rest->len && rest->data[after] == '=') {
    take_span(lexer, rest, len, STYLE_PARAMETER);
    lexer->name = word;
  } else {
    take_span(lexer, rest, len, lexer->in_params ? STYLE_PARAMETER : STYLE_PLAIN);
  }
}

/* A separator, with the quoted text or the URI in brackets that follows it. */
static void take_separator(Lexer *lexer, Slice *rest)
{
  Style style = rest->data[0] == '=' ? STYLE_PARAMETER : STYLE_PLAIN;
  size_t len = 1, close = 0;

  switch (rest->data[0]) {
  case '<':
    close = lexer->angle_alone ? rest->len : slice_find(*rest, '>');
    lexer->angle_alone |= close == rest->len;
    lexer->in_params = false;
    break;
  case '"':
    len = lexer->quote_alone ? 0 : sip_quoted_len(*rest);
    lexer->quote_alone |= len == 0;
    len = MAX(len, 1);
    style = lexer->name.data ? STYLE_PARAMETER : STYLE_PLAIN;
    lexer->name = SLICE_NONE;
    break;
  case ';':
  case ',':
    lexer->in_params = rest->data[0] == ';';
    lexer->name = SLICE_NONE;
    break;
  default:
    break;
  }
  take_span(lexer, rest, len, style);
  if (close > 0 && close <= rest->len)
    take_span(lexer, rest, close - 1, STYLE_URI);
}

/* Length of a word, which may contain bytes that are not ASCII. */
static size_t word_len(Slice s)
{
  size_t len = 0;

  while (len < s.len && (g_ascii_isalnum(s.data[len]) || memchr("-.!%*_+`'~", s.data[len], 10) ||
                         (unsigned char) s.data[len] >= 0x80))
    len++;
  return len;
}

static void lex_header(Lexer *lexer, const SipHeaderRow *row)
{
  Slice rest = row->row;

  if (!row->name.data) {
    take_span(lexer, &rest, rest.len, STYLE_WARNING);
    return;
  }
  take_span(lexer, &rest, slice_find(rest, ':'), STYLE_NAME);
  take_span(lexer, &rest, 1, STYLE_DIM);
  lexer->in_params = false;
  lexer->name = SLICE_NONE;
  lexer->quote_alone = lexer->angle_alone = false;
  if (row->header == SIP_HEADER_CALL_ID)
    take_span(lexer, &rest, rest.len, style_of_identifier(row->value));
  while (rest.len > 0) {
    size_t len = word_len(rest);
    if (len > 0)
      color_word(lexer, &rest, len);
    else
      take_separator(lexer, &rest);
  }
}

/* A span from the last one up to `end`. */
static void fill_to(Lexer *lexer, const char *end, Style style)
{
  if (end > lexer->after)
    add_span(lexer, slice_of(lexer->after, (size_t) (end - lexer->after)), style);
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

static void add_body_line(Lexer *lexer, Slice line, bool multipart)
{
  size_t colon = multipart ? word_len(line) : 0;

  if (line.len >= 2 && g_ascii_isalpha(line.data[0]) && line.data[1] == '=') {
    bool attribute = line.data[0] == 'a';
    take_span(lexer, &line, 2, STYLE_SDP);
    if (attribute)
      take_span(lexer, &line, MIN(slice_find(line, ':') + 1, line.len), STYLE_PARAMETER);
  } else if (line.len > 0 && line.data[0] == '<') {
    while (line.len > 0) { /* <tags> and the text between them */
      take_span(lexer, &line, slice_find(line, '<'), STYLE_PLAIN);
      take_span(lexer, &line, MIN(slice_find(line, '>') + 1, line.len), STYLE_NAME);
    }
  } else if (multipart && slice_starts_with(line, SLICE("--"))) {
    take_span(lexer, &line, line.len, STYLE_DIM);
  } else if (colon > 0 && colon < line.len && line.data[colon] == ':') {
    take_span(lexer, &line, colon, STYLE_NAME);
  }
  take_span(lexer, &line, line.len, STYLE_PLAIN);
}

/* GArray of RawSpan; freed with g_array_unref. */
static GArray *lex_message(const SipMsg *sip)
{
  Lexer lexer = {
    .raw = sip->raw,
    .after = sip->raw.data,
    .spans = g_array_new(false, false, sizeof(RawSpan)),
  };
  SipHeaderIter iter = sip_header_iter(sip);
  SipHeaderRow row;

  add_start_line(&lexer, sip);
  fill_to(&lexer, iter.rest.data, STYLE_PLAIN);
  while (sip_header_next(&iter, &row))
    lex_header(&lexer, &row);
  fill_to(&lexer, sip->raw.data + sip->header_len, STYLE_PLAIN);
  bool multipart = slice_starts_with_nocase(sip->content_type, SLICE("multipart"));
  Slice rest = sip->body;
  while (rest.len > 0) {
    Slice line = slice_head(rest, MIN(slice_find(rest, '\n') + 1, rest.len));
    add_body_line(&lexer, line, multipart);
    rest = slice_from(rest, line.len);
  }
  fill_to(&lexer, sip->raw.data + sip->raw.len, STYLE_WARNING);
  return lexer.spans;
}

/* --- lines --- */

typedef struct {
  MessageRaw *raw;
  const RawOptions *options;
  GArray *lines;
} Layout;

static bool has_line_room(const Layout *layout)
{
  return layout->options->line_max == 0 || layout->lines->len < layout->options->line_max;
}

/* How much of the rest of a line fits on one line of the screen. */
static size_t fit_wrapped(const Layout *layout, Slice rest, bool wrapped)
{
  unsigned width = layout->options->width, indent = wrapped ? layout->raw->indent : 0;
  unsigned used;
  size_t len = fit_glyphs(layout->raw, rest, width > 0 ? width - indent : G_MAXUINT, &used);

  layout->raw->width = MAX(layout->raw->width, used + indent);
  if (len == rest.len)
    return len;
  if (len == 0) { /* no room for a wide character: drawn over the edge rather than never */
    char_width(layout->raw, rest, &len);
    return MIN(len, rest.len);
  }
  return text_break(rest, len);
}

MessageRaw message_raw_build(Arena *arena, const SipMsg *sip, const RawOptions *options)
{
  MessageRaw raw = {.raw = sip->raw, .charset = options->charset};
  g_autoptr(GArray) lines = g_array_new(false, false, sizeof(RawLine));
  g_autoptr(GArray) spans = lex_message(sip);
  Layout layout = {&raw, options, lines};
  Slice rest = sip->raw;

  if (!sip_msg_is_decoded(sip) && gb_text_is_body(sip->content_type, sip->body)) {
    raw.codes = gb_text_decode(arena, sip->body);
    raw.codes_offset = octets_of(sip->raw, sip->body).offset;
    raw.codes_end = raw.codes_offset + sip->body.len;
  }
  raw.indent = options->width >= NARROW ? WRAP_INDENT : 0;
  while (rest.len > 0 && has_line_room(&layout)) {
    Slice text = slice_take_line(&rest);
    bool wrapped = false;

    do {
      size_t len = fit_wrapped(&layout, text, wrapped);
      RawLine line = {octets_of(layout.raw->raw, slice_head(text, len)), wrapped};
      g_array_append_val(layout.lines, line);
      text = slice_from(text, len);
      wrapped = true;
    } while (text.len > 0 && has_line_room(&layout));
  }
  raw.cut = rest.len > 0;
  raw.line_count = lines->len;
  raw.lines = arena_copy(arena, lines->data, lines->len * sizeof(RawLine));
  raw.span_count = spans->len;
  raw.spans = arena_copy(arena, spans->data, spans->len * sizeof(RawSpan));
  return raw;
}

/* --- places --- */

size_t message_raw_line_at(const MessageRaw *raw, size_t offset)
{
  size_t low = 0, high = raw->line_count;

  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (raw->lines[middle].octets.offset <= offset)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static unsigned line_start(const MessageRaw *raw, size_t line)
{
  return raw->lines[line].wrapped ? raw->indent : 0;
}

unsigned message_raw_column(const MessageRaw *raw, size_t line, size_t offset)
{
  Octets bytes = raw->lines[line].octets;
  size_t before = offset > bytes.offset ? offset - bytes.offset : 0;
  unsigned width;

  fit_glyphs(raw, slice_head(octets_slice(raw->raw, bytes), before), G_MAXUINT, &width);
  return line_start(raw, line) + width;
}

size_t message_raw_offset(const MessageRaw *raw, size_t line, unsigned column)
{
  Octets bytes = raw->lines[line].octets;
  unsigned start = line_start(raw, line), width;

  return bytes.offset + fit_glyphs(raw, octets_slice(raw->raw, bytes),
                                   column > start ? column - start : 0, &width);
}

/* --- pieces --- */

RawPieces message_raw_pieces(const MessageRaw *raw, size_t line)
{
  Octets bytes = raw->lines[line].octets;
  size_t low = 0, high = raw->span_count;

  while (high - low > 1) { /* the span of the first byte */
    size_t middle = low + (high - low) / 2;
    if (raw->spans[middle].octets.offset <= bytes.offset)
      low = middle;
    else
      high = middle;
  }
  return (RawPieces){
    .raw = raw,
    .rest = octets_slice(raw->raw, bytes),
    .span = raw->spans + low,
    .column = line_start(raw, line),
  };
}

/* Length up to `end`, or to a character that is drawn by itself.  Never divides a character, even
 * where a body ends inside it. */
static size_t piece_len(const MessageRaw *raw, Slice rest, size_t end)
{
  size_t len = 0, more;

  while (len < end && !is_control(rest.data[len]) &&
         body_code(raw, slice_from(rest, len), &more) == 0)
    len++;
  while (len == end && end < rest.len && ((unsigned char) rest.data[end] & 0xC0) == 0x80 &&
         body_code(raw, slice_from(rest, end), &more) == 0)
    len = ++end;
  return len;
}

bool message_raw_piece_next(RawPieces *pieces, RawPiece *ret_piece)
{
  const MessageRaw *raw = pieces->raw;
  Slice rest = pieces->rest, text = SLICE_NONE;
  Style style = STYLE_DIM;
  size_t len = 1, more;
  unsigned width;

  if (rest.len == 0)
    return false;
  if (is_control(rest.data[0])) {
    width = control_glyph(rest.data[0], raw->charset, pieces->glyph);
    text = slice_from_string(pieces->glyph);
  } else {
    size_t offset = octets_of(raw->raw, rest).offset;
    uint32_t code = body_code(raw, rest, &len);

    while (!octets_has(pieces->span->octets, offset))
      pieces->span++;
    style = pieces->span->style;
    if (code > 0) { /* of a body that is not UTF-8 */
      pieces->glyph[g_unichar_to_utf8(code, pieces->glyph)] = '\0';
      text = slice_from_string(pieces->glyph);
      width = wide_width(text, raw->charset, &more);
    } else {
      size_t end = pieces->span->octets.offset + pieces->span->octets.len - offset;
      len = piece_len(raw, rest, MIN(end, rest.len));
      text = slice_head(rest, len);
      fit_glyphs(raw, text, G_MAXUINT, &width);
    }
  }
  *ret_piece = (RawPiece){text, pieces->column, width, style};
  pieces->rest = slice_from(rest, len);
  pieces->column += width;
  return true;
}

/* --- hex dump --- */

/* Columns between offset, hex and text; there is one more blank in the middle of the hex. */
enum { GAP = 2, HEX_WIDTH = 3, DIGITS_MIN = 4 };

HexLayout hex_layout(size_t len, unsigned width)
{
  static const unsigned WIDTHS[] = {32, 16, 8, 4};
  HexLayout layout = {.len = len, .digits = DIGITS_MIN};

  while (layout.digits < 8 && len >> (4 * layout.digits) > 0)
    layout.digits += 2;
  for (size_t i = 0; i < G_N_ELEMENTS(WIDTHS); i++) {
    layout.per_row = WIDTHS[i];
    layout.hex = layout.digits + GAP;
    layout.text = layout.hex + layout.per_row * HEX_WIDTH - 1 + (layout.per_row > 4) + GAP;
    layout.width = layout.text + layout.per_row;
    if (layout.width <= width)
      break;
  }
  layout.row_count = (len + layout.per_row - 1) / layout.per_row;
  return layout;
}

size_t hex_row_of(const HexLayout *layout, size_t offset)
{
  return offset / layout->per_row;
}

unsigned hex_column(const HexLayout *layout, unsigned index)
{
  bool after_middle = layout->per_row > 4 && index >= layout->per_row / 2;

  return layout->hex + index * HEX_WIDTH + (after_middle ? 1 : 0);
}

void hex_append_row(GString *to, const HexLayout *layout, Slice bytes, size_t row)
{
  size_t start = row * layout->per_row, base = to->len;
  Slice line = slice_head(slice_from(bytes, start), layout->per_row);

  g_string_append_printf(to, "%0*zx", (int) layout->digits, start);
  for (unsigned i = 0; i < line.len; i++) {
    while (to->len - base < hex_column(layout, i))
      g_string_append_c(to, ' ');
    g_string_append_printf(to, "%02x", (unsigned char) line.data[i]);
  }
  while (to->len - base < layout->text)
    g_string_append_c(to, ' ');
  for (size_t i = 0; i < line.len; i++)
    g_string_append_c(to, g_ascii_isprint(line.data[i]) ? line.data[i] : '.');
}

bool hex_run_on(const HexLayout *layout, Octets bytes, size_t row, HexRun *ret_run)
{
  Octets whole = {(uint32_t) (row * layout->per_row), layout->per_row};
  Octets common = octets_common(whole, bytes);

  if (common.len == 0)
    return false;
  *ret_run = (HexRun){row, common.offset - whole.offset, common.len};
  return true;
}

bool hex_offset_at(const HexLayout *layout, size_t row, unsigned column, size_t *ret_offset)
{
  for (unsigned i = 0; i < layout->per_row; i++) {
    size_t offset = row * layout->per_row + i;
    unsigned x = hex_column(layout, i);
    bool hit = (column >= x && column < x + 2) || column == layout->text + i;

    if (hit && offset < layout->len) {
      *ret_offset = offset;
      return true;
    }
  }
  return false;
}

/* --- for the clipboard --- */

static void append_lines(GString *to, Slice bytes)
{
  while (bytes.len > 0) {
    g_autoptr(GString) line = g_string_new(NULL);
    text_append_safe(line, slice_take_line(&bytes), TEXT_UTF8);
    g_string_append_len(to, line->str, (gssize) line->len);
    g_string_append_c(to, '\n');
  }
}

void message_copy_append(GString *to, const SipMsg *sip)
{
  Slice body = slice_from(sip->raw, sip->header_len);
  bool is_gb = !sip_msg_is_decoded(sip) && gb_text_is_body(sip->content_type, sip->body);
  Arena arena;

  append_lines(to, slice_head(sip->raw, sip->header_len));
  arena_init(&arena, 1024);
  append_lines(to, is_gb ? gb_text_to_utf8(&arena, body) : body);
  arena_clear(&arena);
}

void message_copy_append_hex(GString *to, Slice bytes)
{
  for (size_t i = 0; i < bytes.len; i++)
    g_string_append_printf(to, "%s%02x", i > 0 ? " " : "", (unsigned char) bytes.data[i]);
}
