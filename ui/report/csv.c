#include "ui/report/csv.h"

#include "ui/show/format.h"
#include "ui/show/text.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static bool holds_any(Slice s, const char *set)
{
  for (size_t i = 0; i < s.len; i++)
    if (s.data[i] != '\0' && strchr(set, s.data[i]))
      return true;
  return false;
}

/* In a terminal a CR in a value would write over the columns before it. */
static bool is_control(const Out *out, int32_t code)
{
  bool is_space = code == '\t' || code == '\r' || code == '\n';

  return (code < 0x20 && (!is_space || out->reader != OUT_PROGRAM)) ||
         (code >= 0x7F && code < 0xA0);
}

static void put_character(Out *out, Slice bytes, int32_t code)
{
  bool control = is_control(out, code);

  if (code == '"')
    out_write(out, SLICE("\"\""));
  else if (out->reader == OUT_TERMINAL_ASCII && (control || code < 0 || code >= 0x80))
    out_char(out, '?');
  else if (out->reader == OUT_TERMINAL && code >= 0xA0 && text_is_unsafe((gunichar) code))
    out_write(out, SLICE(REPLACEMENT));
  else if (control) /* UTF8_INVALID is among them */
    out_write(out, SLICE(REPLACEMENT));
  else
    out_write(out, bytes);
}

/* "+4930123": a telephone number is written as it is; at worst it is read as a number. */
static bool is_phone_number(Slice s)
{
  size_t digits = 1;

  while (digits < s.len && g_ascii_isdigit(s.data[digits]))
    digits++;
  return s.len > 1 && s.data[0] == '+' && digits == s.len;
}

static void put_special_text(Out *out, Slice s)
{
  bool formula = s.len > 0 && holds_any(slice_head(s, 1), "=+-@\t\r\n") && !is_phone_number(s);
  bool quote = holds_any(s, ",\"\r\n\t");

  if (quote)
    out_char(out, '"');
  if (formula)
    out_char(out, '\'');
  while (s.len > 0) {
    size_t len;
    int32_t code = utf8_next(s, &len);

    put_character(out, slice_head(s, len), code);
    s = slice_from(s, len);
  }
  if (quote)
    out_char(out, '"');
}

/* May be anywhere in a field without quotes. */
static bool needs_no_quotes(char c)
{
  return g_ascii_isalnum(c) || c == '.' || c == ':' || c == '/' || c == ';' || c == '_';
}

static void put_csv_text(Out *out, Slice s)
{
  size_t plain = 0;

  while (plain < s.len && needs_no_quotes(s.data[plain]))
    plain++;
  if (plain == s.len)
    out_write(out, s);
  else
    put_special_text(out, s);
}

static void put_csv_value(Out *out, const FieldValue *value)
{
  char text[FIELD_VALUE_TEXT_MAX];

  switch (value->type) {
  case FIELD_STRING:
  case FIELD_ENUM:
    put_csv_text(out, value->text);
    break;
  case FIELD_INTEGER:
  case FIELD_DECIMAL:
  case FIELD_DURATION:
  case FIELD_TIME:
  case FIELD_ADDRESS:
  case FIELD_BOOLEAN:
    out_write(out, field_value_format(value, text));
    break;
  case FIELD_LIST:
    for (size_t i = 0; i < value->list.count; i++) {
      if (i > 0)
        out_char(out, ' ');
      put_csv_text(out, value->list.items[i]);
    }
    break;
  }
}

void csv_header(Out *out, const ValueColumn *columns, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      out_char(out, ',');
    out_write(out, columns[i].key);
  }
  out_write(out, SLICE("\r\n"));
}

void csv_row(Out *out, const FieldValue *values, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      out_char(out, ',');
    put_csv_value(out, &values[i]);
  }
  out_write(out, SLICE("\r\n"));
}
