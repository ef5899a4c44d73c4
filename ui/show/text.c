#include "ui/show/text.h"

#include <glib.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */
#define ELLIPSIS "\xE2\x80\xA6"    /* U+2026 */

/* A limit for combining characters: more than in any language. */
enum { HEAD_BYTES_PER_COLUMN = 64 };

/* Well-formed sequences by their first byte: how many follow, and the range of the first of them
 * (Unicode 3.9, table 3-7). */
static const struct {
  uint8_t first, last;
  uint8_t more;
  uint8_t low, high;
} LEADS[] = {
  {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
  {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
  {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

static int32_t utf8_next_long(Slice s, size_t *ret_len)
{
  const uint8_t *bytes = (const uint8_t *) s.data;
  size_t lead = 0;

  *ret_len = 1;
  while (lead < G_N_ELEMENTS(LEADS) && bytes[0] > LEADS[lead].last)
    lead++;
  if (lead == G_N_ELEMENTS(LEADS) || bytes[0] < LEADS[lead].first)
    return UTF8_INVALID;

  uint8_t low = LEADS[lead].low, high = LEADS[lead].high;
  int32_t code = bytes[0] & (0x3F >> LEADS[lead].more);
  for (size_t i = 1; i <= LEADS[lead].more; i++) {
    if (i >= s.len || bytes[i] < low || bytes[i] > high)
      return UTF8_INVALID;
    *ret_len = i + 1;
    code = code << 6 | (bytes[i] & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return code;
}

int32_t utf8_next(Slice s, size_t *ret_len)
{
  uint8_t first = (uint8_t) s.data[0];

  if (first >= 0x80)
    return utf8_next_long(s, ret_len);
  *ret_len = 1;
  return first;
}

/* Printable ASCII: safe, and one column wide. */
static bool is_printable_ascii(char c)
{
  return c >= 0x20 && c < 0x7F;
}

/* Are all of these eight?  A byte below 0x20 borrows into its highest bit, 0x7F carries into it. */
static bool are_printable_ascii(const char *eight)
{
  const uint64_t ONES = UINT64_C(0x0101010101010101);
  uint64_t bytes;

  memcpy(&bytes, eight, sizeof bytes);
  return ((bytes | (bytes - 0x20 * ONES) | (bytes + ONES)) & 0x80 * ONES) == 0;
}

/* How many characters at the start are, of at most `most`. */
static size_t printable_len(Slice s, size_t most)
{
  size_t len = 0, end = MIN(s.len, most);

  while (end - len >= sizeof(uint64_t) && are_printable_ascii(s.data + len))
    len += sizeof(uint64_t);
  while (len < end && is_printable_ascii(s.data[len]))
    len++;
  return len;
}

bool text_is_unsafe(gunichar c)
{
  GUnicodeType type = g_unichar_type(c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
         type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Appends a run of plain characters (at most `most`, not 0) or one other character; returns the
 * rest. */
static Slice take_safe(Slice s, size_t most, GString *to, TextCharset charset)
{
  size_t len = printable_len(s, most);

  if (len > 0) {
    g_string_append_len(to, s.data, (gssize) len);
  } else if (s.data[0] == '\r' || s.data[0] == '\n') { /* one space, with the blanks around */
    while (len < s.len && slice_is_blank(s.data[len]))
      len++;
    if (to->len > 0 && to->str[to->len - 1] != ' ')
      g_string_append_c(to, ' ');
  } else if (s.data[0] == '\t') {
    len = 1;
    g_string_append_c(to, ' ');
  } else {
    int32_t code = utf8_next(s, &len);
    Slice bytes = slice_head(s, len);
    bool bad = code == UTF8_INVALID || text_is_unsafe((gunichar) code);
    if (charset == TEXT_ASCII && (bad || code >= 0x80))
      g_string_append_c(to, '?');
    else if (bad && code >= 0 && code < 0x20) /* control pictures, from U+2400 */
      g_string_append_unichar(to, 0x2400 + (gunichar) code);
    else if (bad)
      g_string_append(to, REPLACEMENT);
    else
      g_string_append_len(to, bytes.data, (gssize) bytes.len);
  }
  return slice_from(s, len);
}

void text_append_safe(GString *to, Slice s, TextCharset charset)
{
  while (s.len > 0)
    s = take_safe(s, s.len, to, charset);
}

void text_append_markup(GString *to, Slice raw)
{
  g_autoptr(GString) safe = g_string_new(NULL);

  text_append_safe(safe, raw, TEXT_UTF8);
  g_autofree char *escaped = g_markup_escape_text(safe->str, (gssize) safe->len);
  g_string_append(to, escaped);
}

size_t text_fit(Slice safe, unsigned width, unsigned *ret_width)
{
  size_t at = printable_len(safe, width); /* most text, to its end */
  unsigned used = (unsigned) at;

  while (at < safe.len) {
    unsigned more = 1;
    size_t len = 1;

    if (!is_printable_ascii(safe.data[at])) {
      int32_t code = utf8_next(slice_from(safe, at), &len);
      bool hidden = code < 0 || g_unichar_iszerowidth((gunichar) code);
      more = hidden ? 0 : g_unichar_iswide((gunichar) code) ? 2 : 1;
    }
    if (more > width - used)
      break;
    used += more;
    at += len;
  }
  *ret_width = used;
  return at;
}

unsigned text_width(Slice safe)
{
  unsigned width;

  text_fit(safe, G_MAXINT, &width);
  return width;
}

void text_append_safe_head(GString *to, Slice s, unsigned width, TextCharset charset)
{
  const uint64_t len_max = to->len + (uint64_t) HEAD_BYTES_PER_COLUMN * ((uint64_t) width + 1);
  size_t used = 0;

  while (s.len > 0 && used <= width && to->len < len_max) {
    size_t before = to->len;

    s = take_safe(s, width + 1 - used, to, charset);
    used += text_width(slice_of(to->str + before, to->len - before));
  }
}

static bool is_wide(Slice text, size_t at)
{
  size_t len;
  int32_t code = utf8_next(slice_from(text, at), &len);

  return code >= 0 && g_unichar_iswide((gunichar) code);
}

/* Is the first character of `text` one of these? */
static bool begins_with_one_of(Slice text, Slice characters)
{
  size_t len;

  utf8_next(text, &len);
  return memmem(characters.data, characters.len, text.data, len) != NULL;
}

static bool is_continuation(char c)
{
  return ((unsigned char) c & 0xC0) == 0x80;
}

/* May a line end before the byte at `at`, which is not the first?  Before a blank, and beside a
 * wide character where punctuation stays with the word that it belongs to. */
static bool may_break(Slice text, size_t at)
{
  size_t before = at - 1;

  if (text.data[at] == ' ')
    return true;
  while (before > 0 && is_continuation(text.data[before]))
    before--;
  return !is_continuation(text.data[at]) && (is_wide(text, at) || is_wide(text, before)) &&
         !begins_with_one_of(slice_from(text, at), SLICE("，。；：、？！）》")) &&
         !begins_with_one_of(slice_from(text, before), SLICE("（《"));
}

Slice text_take_words(Slice *rest, unsigned width)
{
  unsigned used;
  size_t fits = text_fit(*rest, width, &used);

  if (fits == 0 && rest->len > 0)
    utf8_next(*rest, &fits);
  size_t cut = fits;
  while (fits < rest->len && cut > 0 && !may_break(*rest, cut))
    cut--;
  Slice words = slice_head(*rest, cut > 0 ? cut : fits);
  *rest = slice_trim(slice_from(*rest, words.len));
  return words;
}

unsigned text_append_clipped(GString *to, Slice safe, unsigned width, TextCharset charset)
{
  unsigned used;

  if (text_fit(safe, width, &used) == safe.len) {
    g_string_append_len(to, safe.data ? safe.data : "", (gssize) safe.len);
    return used;
  }
  if (width == 0)
    return 0;
  g_string_append_len(to, safe.data, (gssize) text_fit(safe, width - 1, &used));
  g_string_append(to, charset == TEXT_ASCII ? "~" : ELLIPSIS);
  return used + 1;
}

void text_append_ends(GString *to, Slice safe, unsigned width, TextCharset charset)
{
  unsigned whole = text_width(safe), left = width / 2, used;

  if (whole <= width || width == 0) {
    text_append_clipped(to, safe, width, charset);
    return;
  }
  g_string_append_len(to, safe.data, (gssize) text_fit(safe, left, &used));
  g_string_append(to, charset == TEXT_ASCII ? "~" : ELLIPSIS);
  unsigned skipped = whole - (width - left - 1);
  size_t before = text_fit(safe, skipped, &used);
  if (used < skipped) /* a wide character is cut */
    before = text_fit(safe, skipped + 1, &used);
  Slice end = slice_from(safe, before);
  g_string_append_len(to, end.data, (gssize) end.len);
}

static void insert_spaces(GString *to, size_t at, unsigned count)
{
  size_t after = to->len - at;

  g_string_set_size(to, to->len + count);
  memmove(to->str + at + count, to->str + at, after);
  memset(to->str + at, ' ', count);
}

void text_append_spaces(GString *to, unsigned count)
{
  insert_spaces(to, to->len, count);
}

void text_append_cell(GString *to, Slice safe, TextCell cell, TextCharset charset)
{
  size_t start = to->len;
  unsigned used = text_append_clipped(to, safe, cell.width, charset);
  unsigned before = cell.align == TEXT_LEFT    ? 0
                    : cell.align == TEXT_RIGHT ? cell.width - used
                                               : (cell.width - used) / 2;

  insert_spaces(to, start, before);
  text_append_spaces(to, cell.width - used - before);
}

size_t text_break(Slice text, size_t fits)
{
  for (size_t at = fits; at > fits - fits / 3; at--)
    if (memchr(" ,;>?&\t", text.data[at - 1], 7))
      return at;
  return fits;
}

uint32_t text_hash(Slice text)
{
  uint32_t hash = 2166136261U; /* FNV-1a */

  for (size_t i = 0; i < text.len; i++)
    hash = (hash ^ (unsigned char) text.data[i]) * 16777619U;
  return hash;
}
