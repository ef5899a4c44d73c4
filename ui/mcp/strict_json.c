#include "ui/mcp/strict_json.h"

#include <glib.h>

#include "dissect/sip/json_reader.h"

/* The code of an escape \uXXXX, which is known to be well formed; 0: it is another escape. */
static unsigned escape_code(Slice s)
{
  unsigned code = 0;

  if (s.len < 6 || s.data[0] != '\\' || s.data[1] != 'u')
    return 0;
  for (size_t i = 2; i < 6; i++)
    code = code << 4 | (unsigned) g_ascii_xdigit_value(s.data[i]);
  return code;
}

/* Half a surrogate pair ends json-glib with an assertion; NUL would end a text early. */
static bool escapes_are_whole(Slice s)
{
  while (s.len > 0) {
    size_t at = slice_find(s, '\\');
    s = slice_from(s, at);
    bool is_unicode = s.len >= 2 && s.data[1] == 'u';
    unsigned code = escape_code(s), low = escape_code(slice_from(s, 6));
    bool is_high = code >= 0xd800 && code < 0xdc00, has_low = low >= 0xdc00 && low < 0xe000;

    if ((is_unicode && code == 0) || (is_high && !has_low) || (code >= 0xdc00 && code < 0xe000))
      return false;
    s = slice_from(s, is_high ? 12 : is_unicode ? 6 : 2);
  }
  return true;
}

bool strict_json_is(Slice text)
{
  JsonReader reader = json_reader_of(text);
  JsonItem item;

  if (!g_utf8_validate(text.data, (gssize) text.len, NULL))
    return false;
  while (json_reader_next(&reader, &item))
    continue;
  return !reader.fault && reader.is_over && slice_trim(reader.rest).len == 0 &&
         escapes_are_whole(text);
}
