#include "ui/report/json.h"

#include "ui/show/format.h"
#include "ui/show/text.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static void put_comma(Json *json)
{
  if (json->comma)
    out_char(json->out, ',');
  json->comma = true;
}

static void put_open(Json *json, char bracket)
{
  put_comma(json);
  out_char(json->out, bracket);
  json->comma = false;
}

static void put_close(Json *json, char bracket)
{
  out_char(json->out, bracket);
  json->comma = true;
}

void json_begin_object(Json *json)
{
  put_open(json, '{');
}

void json_end_object(Json *json)
{
  put_close(json, '}');
}

void json_begin_array(Json *json)
{
  put_open(json, '[');
}

void json_end_array(Json *json)
{
  put_close(json, ']');
}

/* May be in a string without an escape. */
static bool needs_no_escape(char c)
{
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void put_escape(Out *out, unsigned code)
{
  static const char SHORT[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                               ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
  char text[] = "\\u0000";

  if (code < sizeof SHORT && SHORT[code]) {
    text[1] = SHORT[code];
    out_write(out, slice_of(text, 2));
    return;
  }
  text[2] = "0123456789abcdef"[code >> 12 & 0xF];
  text[3] = "0123456789abcdef"[code >> 8 & 0xF];
  text[4] = "0123456789abcdef"[code >> 4 & 0xF];
  text[5] = "0123456789abcdef"[code & 0xF];
  out_write(out, slice_of(text, 6));
}

/* RFC 8259 7: beyond the BMP as a pair of surrogates. */
static void put_utf16(Out *out, unsigned code)
{
  if (code < 0x10000) {
    put_escape(out, code);
    return;
  }
  put_escape(out, 0xD800 + ((code - 0x10000) >> 10));
  put_escape(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
}

/* One character that is not plain; returns its length in bytes. */
static size_t put_special(Out *out, Slice s)
{
  size_t len;
  int32_t code = utf8_next(s, &len);

  if (code == UTF8_INVALID)
    out_write(out, out->reader == OUT_TERMINAL_ASCII ? SLICE("\\ufffd") : SLICE(REPLACEMENT));
  else if (code < 0xA0)
    put_escape(out, (unsigned) code);
  else if (out->reader == OUT_TERMINAL_ASCII ||
           (out->reader == OUT_TERMINAL && text_is_unsafe((gunichar) code)))
    put_utf16(out, (unsigned) code);
  else
    out_write(out, slice_head(s, len));
  return len;
}

static void put_string(Out *out, Slice s)
{
  out_char(out, '"');
  while (s.len > 0) {
    size_t plain = 0;

    while (plain < s.len && needs_no_escape(s.data[plain]))
      plain++;
    out_write(out, slice_head(s, plain));
    s = slice_from(s, plain);
    if (s.len > 0)
      s = slice_from(s, put_special(out, s));
  }
  out_char(out, '"');
}

void json_key(Json *json, const char *key)
{
  put_comma(json);
  out_char(json->out, '"');
  out_string(json->out, key);
  out_write(json->out, SLICE("\":"));
  json->comma = false;
}

void json_number(Json *json, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  put_comma(json);
  out_string(json->out, g_ascii_formatd(text, sizeof text, "%.15g",
                                        (double) (int64_t) (number * 1e4 + 0.5) / 1e4));
}

void json_key_text(Json *json, Slice key)
{
  put_comma(json);
  put_string(json->out, key);
  out_char(json->out, ':');
  json->comma = false;
}

void json_value(Json *json, FieldValue value)
{
  Out *out = json->out;
  char text[FIELD_VALUE_TEXT_MAX];

  put_comma(json);
  switch (value.type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    if (value.text.data)
      put_string(out, value.text);
    else
      out_write(out, SLICE("null"));
    break;
  case FIELD_TIME:
  case FIELD_ADDRESS:
    out_char(out, '"');
    out_write(out, field_value_format(&value, text));
    out_char(out, '"');
    break;
  case FIELD_INTEGER:
  case FIELD_DECIMAL:
  case FIELD_DURATION:
  case FIELD_BOOLEAN:
    out_write(out, field_value_format(&value, text));
    break;
  case FIELD_LIST:
    json->comma = false;
    out_char(out, '[');
    for (size_t i = 0; i < value.list.count; i++)
      json_value(json, value_text(value.list.items[i]));
    put_close(json, ']');
    break;
  }
}

void json_end_line(Json *json)
{
  out_char(json->out, '\n');
  json->comma = false;
}

void json_row(Json *json, const ValueColumn *columns, const FieldValue *values, size_t count)
{
  json_begin_object(json);
  for (size_t i = 0; i < count; i++) {
    out_write(json->out, json->comma ? columns[i].json : slice_from(columns[i].json, 1));
    json->comma = false;
    json_value(json, values[i]);
  }
  json_end_object(json);
  json_end_line(json);
}
