#include "ui/show/message_raw.h"

#include "ui/show/gb_text.h"
#include "ui/show/raw_spans.h"

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

/* What is shown of it: "→" or "^I". Returns its columns. */
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

/* Columns of the octets of other than ASCII that stand at the start, as they are drawn. */
static unsigned wide_width(Slice s, TextCharset charset, size_t *ret_len)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  utf8_next(s, ret_len);
  text_append_safe(safe, slice_head(s, *ret_len), charset);
  return text_width(slice_of(safe->str, safe->len));
}

/* The character at the start of `s`, should it be one of a body that is no UTF-8; else 0. */
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

/* The columns of the character at the start, and its octets. */
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

/* The octets that fit into `width` columns. */
static size_t fit(const MessageRaw *raw, Slice s, unsigned width, unsigned *ret_width)
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

/* --- lines --- */

typedef struct {
  MessageRaw *raw;
  const RawOptions *options;
  GArray *lines;
} Layout;

static bool has_room(const Layout *layout)
{
  return layout->options->line_max == 0 || layout->lines->len < layout->options->line_max;
}

/* What of the rest of a line goes on one line of the screen. */
static size_t take_line(const Layout *layout, Slice rest, bool wrapped)
{
  unsigned width = layout->options->width, indent = wrapped ? layout->raw->indent : 0;
  unsigned used;
  size_t len = fit(layout->raw, rest, width > 0 ? width - indent : G_MAXUINT, &used);

  layout->raw->width = MAX(layout->raw->width, used + indent);
  if (len == rest.len)
    return len;
  if (len == 0) { /* no room for a wide one: draws over the edge rather than never */
    char_width(layout->raw, rest, &len);
    return MIN(len, rest.len);
  }
  return text_break(rest, len);
}

static void add_lines(const Layout *layout, Slice text)
{
  bool wrapped = false;

  do {
    size_t len = take_line(layout, text, wrapped);
    RawLine line = {octets_of(layout->raw->raw, slice_head(text, len)), wrapped};
    g_array_append_val(layout->lines, line);
    text = slice_from(text, len);
    wrapped = true;
  } while (text.len > 0 && has_room(layout));
}

static void build_lines(const Layout *layout)
{
  Slice rest = layout->raw->raw;

  while (rest.len > 0 && has_room(layout))
    add_lines(layout, slice_take_line(&rest));
  layout->raw->cut = !has_room(layout) && rest.len > 0;
}

MessageRaw message_raw_build(Arena *arena, const SipMsg *sip, const RawOptions *options)
{
  MessageRaw raw = {.raw = sip->raw, .charset = options->charset};
  g_autoptr(GArray) lines = g_array_new(false, false, sizeof(RawLine));
  g_autoptr(GArray) spans = raw_spans_build(sip);
  Layout layout = {&raw, options, lines};

  if (gb_text_is_body(sip)) {
    raw.codes = gb_text_decode(arena, sip->body);
    raw.codes_offset = octets_of(sip->raw, sip->body).offset;
    raw.codes_end = raw.codes_offset + sip->body.len;
  }
  raw.indent = options->width >= NARROW ? WRAP_INDENT : 0;
  build_lines(&layout);
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
  Octets octets = raw->lines[line].octets;
  size_t before = offset > octets.offset ? offset - octets.offset : 0;
  unsigned width;

  fit(raw, slice_head(octets_slice(raw->raw, octets), before), G_MAXUINT, &width);
  return line_start(raw, line) + width;
}

size_t message_raw_offset(const MessageRaw *raw, size_t line, unsigned column)
{
  Octets octets = raw->lines[line].octets;
  unsigned start = line_start(raw, line), width;

  return octets.offset +
         fit(raw, octets_slice(raw->raw, octets), column > start ? column - start : 0, &width);
}

/* --- pieces --- */

/* The span of that octet. */
static const RawSpan *span_at(const MessageRaw *raw, size_t offset)
{
  size_t low = 0, high = raw->span_count;

  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (raw->spans[middle].octets.offset <= offset)
      low = middle;
    else
      high = middle;
  }
  return raw->spans + low;
}

RawPieces message_raw_pieces(const MessageRaw *raw, size_t line)
{
  Octets octets = raw->lines[line].octets;

  return (RawPieces){
    .raw = raw,
    .rest = octets_slice(raw->raw, octets),
    .span = span_at(raw, octets.offset),
    .column = line_start(raw, line),
  };
}

static bool take_control(RawPieces *pieces, RawPiece *ret_piece)
{
  unsigned width = control_glyph(pieces->rest.data[0], pieces->raw->charset, pieces->glyph);

  *ret_piece = (RawPiece){slice_from_string(pieces->glyph), pieces->column, width, STYLE_DIM};
  pieces->rest = slice_from(pieces->rest, 1);
  pieces->column += width;
  return true;
}

/* A character that is no UTF-8 in the message. */
static bool take_body_char(RawPieces *pieces, uint32_t code, size_t len, RawPiece *ret_piece)
{
  size_t more;

  pieces->glyph[g_unichar_to_utf8(code, pieces->glyph)] = '\0';
  Slice text = slice_from_string(pieces->glyph);
  unsigned width = wide_width(text, pieces->raw->charset, &more);
  *ret_piece = (RawPiece){text, pieces->column, width, pieces->span->style};
  pieces->rest = slice_from(pieces->rest, len);
  pieces->column += width;
  return true;
}

/* Octets up to `end`, or to what is drawn by itself; a character is never divided, even where a
 * body ends inside of it. */
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
  Slice rest = pieces->rest;
  size_t offset, end, len = 0;
  unsigned width;

  if (rest.len == 0)
    return false;
  if (is_control(rest.data[0]))
    return take_control(pieces, ret_piece);
  offset = octets_of(pieces->raw->raw, rest).offset;
  while (!octets_has(pieces->span->octets, offset))
    pieces->span++;
  uint32_t code = body_code(pieces->raw, rest, &len);
  if (code > 0)
    return take_body_char(pieces, code, len, ret_piece);
  end = pieces->span->octets.offset + pieces->span->octets.len - offset;
  len = piece_len(pieces->raw, rest, MIN(end, rest.len));
  fit(pieces->raw, slice_head(rest, len), G_MAXUINT, &width);
  *ret_piece = (RawPiece){slice_head(rest, len), pieces->column, width, pieces->span->style};
  pieces->rest = slice_from(rest, len);
  pieces->column += width;
  return true;
}
