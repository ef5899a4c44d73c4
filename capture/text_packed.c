#include "capture/text_packed.h"

#include "capture/text_line.h"

/* The next two dots, or more, from `at` on; text.len when there are none. */
static size_t find_dots(Slice text, size_t at, size_t *ret_count)
{
  const char *dots = at < text.len ? memmem(text.data + at, text.len - at, "..", 2) : NULL;
  size_t first = dots ? (size_t) (dots - text.data) : text.len, end = first;

  while (end < text.len && text.data[end] == '.')
    end++;
  *ret_count = end - first;
  return first;
}

bool text_packed_begins(Slice text)
{
  size_t count;
  size_t end = find_dots(text, 0, &count);
  Slice start;

  return end < text.len && text_line_start(slice_head(text, end), &start) &&
         start.data == text.data;
}

bool text_packed_split(Slice line, Slice *ret_heading, Slice *ret_message)
{
  static const char ARROW[] = " -> ";
  const char *arrow = line.len > 0 ? memmem(line.data, line.len, ARROW, strlen(ARROW)) : NULL;
  Slice rest = arrow ? slice_from(line, (size_t) (arrow - line.data) + strlen(ARROW)) : SLICE_NONE;

  slice_cut(&rest, ' ');
  if (rest.len > 0 && rest.data[0] == '[') /* flags of TCP */
    slice_cut(&rest, ' ');
  if (!text_packed_begins(rest))
    return false;
  *ret_heading = slice_head(line, (size_t) (rest.data - line.data) - 1);
  *ret_message = rest;
  return true;
}

/* May a line of the header begin here? */
static bool begins_field(Slice text)
{
  size_t unused;

  return text.len == 0 || text.data[0] == ' ' ||
         text_line_is_header(slice_head(text, find_dots(text, 0, &unused)));
}

Slice text_packed_line(Slice *rest, bool *in_body)
{
  size_t count;

  for (size_t at = 0; (at = find_dots(*rest, at, &count)) < rest->len; at += count) {
    size_t end = at + count % 2; /* the odd one is the text's own */
    bool is_empty = end == 0;
    if (!*in_body && !is_empty && count < 4 && !begins_field(slice_from(*rest, end + 2)))
      continue;
    Slice line = slice_head(*rest, end);
    *rest = slice_from(*rest, end + 2);
    *in_body |= is_empty;
    return line;
  }
  Slice line = *rest;
  *rest = SLICE_NONE;
  return line;
}
