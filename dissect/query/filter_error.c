#include "dissect/query/filter_error.h"

/* Of a longer expression as much is shown around the place. */
enum { SHOWN_MAX = 96, SHOWN_BEFORE = 48 };

static bool is_continuation(char c)
{
  return ((unsigned char) c & 0xc0) == 0x80;
}

/* One line, whatever was typed: characters take a column each, and no other line begins. */
static void append_on_one_line(GString *to, Slice s)
{
  for (size_t i = 0; i < s.len; i++)
    g_string_append_c(to, g_ascii_iscntrl(s.data[i]) ? ' ' : s.data[i]);
}

static size_t count_characters(Slice s)
{
  size_t count = 0;

  for (size_t i = 0; i < s.len; i++)
    count += !is_continuation(s.data[i]);
  return count;
}

/* From the first character to show. */
static size_t first_shown(Slice expression, size_t at)
{
  size_t first = expression.len > SHOWN_MAX && at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;

  while (first < at && first > 0 && is_continuation(expression.data[first]))
    first++;
  return first;
}

static void append_place(GString *to, Slice expression, size_t at)
{
  size_t first = first_shown(expression, at);
  Slice shown = slice_head(slice_from(expression, first), SHOWN_MAX);
  const char *before = first > 0 ? "..." : "";
  bool cut = first + shown.len < expression.len;

  while (cut && shown.len > 0 && is_continuation(shown.data[shown.len]))
    shown.len--;
  size_t column = strlen(before) + count_characters(slice_head(shown, at - first));
  g_string_append_printf(to, "\n  %s", before);
  append_on_one_line(to, shown);
  g_string_append_printf(to, "%s\n  %*s^", cut ? "..." : "", (int) column, "");
}

bool filter_fail(GError **error, Slice expression, size_t at, const char *format, ...)
{
  g_autoptr(GString) text = g_string_new(NULL);
  va_list arguments;

  va_start(arguments, format);
  g_autofree char *sentence = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  append_on_one_line(text, slice_from_string(sentence));
  append_place(text, expression, MIN(at, expression.len));
  g_set_error_literal(error, APP_ERROR, APP_ERROR_USAGE, text->str);
  return false;
}
