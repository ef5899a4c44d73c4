#include "dissect/query/text_search.h"

#include <glib.h>

static void set_skip(TextSearch *search, char lower, uint8_t skip)
{
  search->skip[(uint8_t) lower] = skip;
  search->skip[(uint8_t) g_ascii_toupper(lower)] = skip;
}

TextSearch *text_search_new(Arena *arena, Slice needle)
{
  TextSearch *search = arena_new(arena, TextSearch);
  char *lower = arena_alloc(arena, needle.len);

  g_assert(needle.len > 0);
  for (size_t i = 0; i < needle.len; i++)
    lower[i] = g_ascii_tolower(needle.data[i]);
  search->needle = slice_of(lower, needle.len);
  memset(search->skip, (int) MIN(needle.len, UINT8_MAX), sizeof search->skip);
  search->skip_last = search->skip[0];
  for (size_t i = 0; i + 1 < needle.len; i++) {
    uint8_t skip = (uint8_t) MIN(needle.len - 1 - i, UINT8_MAX);

    set_skip(search, lower[i], skip);
    if (lower[i] == lower[needle.len - 1])
      search->skip_last = skip;
  }
  set_skip(search, lower[needle.len - 1], 0);
  return search;
}

/* Compares all but the last byte, which the caller has compared. */
static bool is_at(const TextSearch *search, const char *place)
{
  for (size_t i = 0; i + 1 < search->needle.len; i++)
    if (g_ascii_tolower(place[i]) != search->needle.data[i])
      return false;
  return true;
}

size_t text_search_find(const TextSearch *search, Slice in)
{
  size_t len = search->needle.len;

  for (size_t end = len; end <= in.len;) {
    uint8_t skip = search->skip[(uint8_t) in.data[end - 1]];

    if (skip == 0 && is_at(search, in.data + end - len))
      return end - len;
    end += skip > 0 ? skip : search->skip_last;
  }
  return in.len;
}

size_t text_search_find_after(const TextSearch *search, Slice in, size_t from)
{
  size_t len = search->needle.len, start = MIN(from >= len ? from - len + 1 : 0, in.len);

  return start + text_search_find(search, slice_from(in, start));
}

size_t text_search_find_before(const TextSearch *search, Slice in, size_t end)
{
  size_t last = in.len;

  for (size_t at = 0; at < MIN(end, in.len); at++) {
    at += text_search_find(search, slice_from(in, at));
    if (at < MIN(end, in.len))
      last = at;
  }
  return last;
}

bool text_search_finds(const TextSearch *search, Slice in)
{
  return text_search_find(search, in) < in.len;
}
