#include "dissect/sip/json_reader.h"

#include "capture/language.h"

#include <glib.h>

static bool fail(JsonReader *reader, const char *fault)
{
  reader->fault = fault;
  return false;
}

static char next_char(const JsonReader *reader)
{
  return reader->rest.len > 0 ? reader->rest.data[0] : '\0';
}

static void skip_blanks(JsonReader *reader)
{
  while (reader->rest.len > 0 && memchr(" \t\r\n", reader->rest.data[0], 4))
    reader->rest = slice_from(reader->rest, 1);
}

static Slice take(JsonReader *reader, size_t len)
{
  Slice taken = slice_head(reader->rest, len);

  reader->rest = slice_from(reader->rest, len);
  return taken;
}

/* Length of the escape at the start of `s`, which begins with a backslash; 0: it is none. */
static size_t escape_len(Slice s)
{
  enum { UNICODE_LEN = 6 };

  if (s.len >= 2 && s.data[1] != '\0' && strchr("\"\\/bfnrt", s.data[1]))
    return 2;
  if (s.len < UNICODE_LEN || s.data[1] != 'u')
    return 0;
  for (size_t i = 2; i < UNICODE_LEN; i++)
    if (!g_ascii_isxdigit(s.data[i]))
      return 0;
  return UNICODE_LEN;
}

static bool take_string(JsonReader *reader, Slice *ret_text)
{
  Slice inside = slice_from(reader->rest, 1);
  size_t len = 0;

  while (len < inside.len && inside.data[len] != '"') {
    if ((unsigned char) inside.data[len] < 0x20)
      return fail(reader, N_("a control character in a string"));
    size_t step = inside.data[len] == '\\' ? escape_len(slice_from(inside, len)) : 1;
    if (step == 0)
      return fail(reader, N_("an unknown escape in a string"));
    len += step;
  }
  if (len >= inside.len)
    return fail(reader, N_("a string that does not end"));
  *ret_text = slice_head(inside, len);
  take(reader, len + 2);
  return true;
}

static size_t count_digits(Slice s, size_t at)
{
  size_t len = 0;

  while (at + len < s.len && g_ascii_isdigit(s.data[at + len]))
    len++;
  return len;
}

/* RFC 8259 6; 0: it is no number. */
static size_t number_len(Slice s)
{
  size_t at = s.len > 0 && s.data[0] == '-' ? 1 : 0;
  size_t digits = count_digits(s, at);

  if (digits == 0 || (digits > 1 && s.data[at] == '0'))
    return 0;
  at += digits;
  if (at < s.len && s.data[at] == '.') {
    digits = count_digits(s, at + 1);
    if (digits == 0)
      return 0;
    at += 1 + digits;
  }
  if (at < s.len && (s.data[at] | 0x20) == 'e') {
    size_t sign = at + 1 < s.len && (s.data[at + 1] == '+' || s.data[at + 1] == '-') ? 1 : 0;
    digits = count_digits(s, at + 1 + sign);
    if (digits == 0)
      return 0;
    at += 1 + sign + digits;
  }
  return at;
}

static bool take_word(JsonReader *reader, JsonItem *item)
{
  static const Slice WORDS[] = {{"true", 4}, {"false", 5}, {"null", 4}};
  size_t len = number_len(reader->rest);

  item->kind = JSON_NUMBER;
  for (size_t i = 0; len == 0 && i < G_N_ELEMENTS(WORDS); i++)
    if (slice_starts_with(reader->rest, WORDS[i])) {
      item->kind = JSON_WORD;
      len = WORDS[i].len;
    }
  if (len == 0)
    return fail(reader, reader->rest.len > 0 ? N_("no value") : N_("the text ends too early"));
  item->value = take(reader, len);
  return true;
}

static bool open_container(JsonReader *reader, JsonItem *item, bool is_object)
{
  if (reader->depth == JSON_DEPTH_MAX)
    return fail(reader, N_("too many objects and arrays in one another"));
  uint64_t bit = UINT64_C(1) << reader->depth++;
  reader->objects = is_object ? reader->objects | bit : reader->objects & ~bit;
  reader->is_first = true;
  item->kind = is_object ? JSON_OBJECT : JSON_ARRAY;
  item->value = take(reader, 1);
  return true;
}

static bool take_value(JsonReader *reader, JsonItem *item)
{
  char c = next_char(reader);

  if (c == '{' || c == '[')
    return open_container(reader, item, c == '{');
  bool ok = c == '"' ? take_string(reader, &item->value) : take_word(reader, item);
  if (c == '"')
    item->kind = JSON_STRING;
  reader->is_first = false;
  reader->is_over = reader->depth == 0;
  return ok;
}

static bool take_name(JsonReader *reader, JsonItem *item)
{
  if (next_char(reader) != '"')
    return fail(reader, N_("no name of a member"));
  if (!take_string(reader, &item->name))
    return false;
  skip_blanks(reader);
  if (next_char(reader) != ':')
    return fail(reader, N_("no ':' after a name"));
  take(reader, 1);
  skip_blanks(reader);
  return true;
}

bool json_reader_next(JsonReader *reader, JsonItem *ret_item)
{
  JsonItem item = {.kind = JSON_END};

  skip_blanks(reader);
  if (reader->fault)
    return false;
  if (reader->is_over)
    return reader->rest.len == 0 ? false : fail(reader, N_("text after the value"));
  bool is_object = reader->depth > 0 && (reader->objects >> (reader->depth - 1) & 1);
  if (reader->depth > 0 && next_char(reader) == (is_object ? '}' : ']')) {
    item.value = take(reader, 1);
    reader->is_first = false;
    reader->is_over = --reader->depth == 0;
    *ret_item = item;
    return true;
  }
  if (reader->depth > 0 && !reader->is_first) {
    if (next_char(reader) != ',')
      return fail(reader, reader->rest.len > 0 ? N_("no ',' after a value")
                                               : N_("the text ends too early"));
    take(reader, 1);
    skip_blanks(reader);
  }
  if ((is_object && !take_name(reader, &item)) || !take_value(reader, &item))
    return false;
  *ret_item = item;
  return true;
}

/* --- Escapes (RFC 8259 7) --------------------------------------------------------------------- */

static gunichar hex_of(const char *digits)
{
  gunichar value = 0;

  for (unsigned i = 0; i < 4; i++)
    value = value << 4 | (gunichar) g_ascii_xdigit_value(digits[i]);
  return value;
}

/* Takes \uXXXX, two of them for a surrogate pair; one of a pair alone is U+FFFD. */
static gunichar take_unicode(Slice *rest)
{
  gunichar code = hex_of(rest->data + 2);

  *rest = slice_from(*rest, 6);
  if (code < 0xd800 || code > 0xdfff)
    return code;
  bool has_low = code < 0xdc00 && slice_starts_with(*rest, SLICE("\\u")) && escape_len(*rest) == 6;
  gunichar low = has_low ? hex_of(rest->data + 2) : 0;
  if (low < 0xdc00 || low > 0xdfff)
    return 0xfffd;
  *rest = slice_from(*rest, 6);
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

Slice json_unescape(Arena *arena, Slice text)
{
  static const char FROM[] = "bfnrt", TO[] = "\b\f\n\r\t";

  if (slice_find(text, '\\') == text.len)
    return text;
  g_autoptr(GString) plain = g_string_sized_new(text.len);
  while (text.len > 0) {
    size_t len = slice_find(text, '\\');
    g_string_append_len(plain, text.data, (gssize) len);
    text = slice_from(text, len);
    size_t escape = text.len > 0 ? escape_len(text) : 0;
    if (escape == 2) {
      const char *at = strchr(FROM, text.data[1]);
      g_string_append_c(plain, at ? TO[at - FROM] : text.data[1]);
      text = slice_from(text, 2);
    } else if (escape > 2) {
      g_string_append_unichar(plain, take_unicode(&text));
    } else if (text.len > 0) {
      g_string_append_c(plain, text.data[0]);
      text = slice_from(text, 1);
    }
  }
  return arena_dup(arena, slice_of(plain->str, plain->len));
}
