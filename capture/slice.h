/*
 * Slice: a run of bytes that belongs to someone else.
 *
 * Passed by value, never NUL-terminated, never owning.  A slice lives as long as the
 * bytes it points into: captured bytes as long as their batch, text of a call as long
 * as the call.  An absent slice has data == NULL; an empty one has len == 0.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
  const char *data;
  size_t len;
} Slice;

#define SLICE_NONE ((Slice){NULL, 0})
/* A slice of a string literal. */
#define SLICE(literal) ((Slice){"" literal, sizeof(literal) - 1})
/* For printf's "%.*s". */
#define SLICE_ARG(s) (int) (s).len, (s).data

static inline Slice slice_of(const char *data, size_t len)
{
  return (Slice){data, len};
}

static inline Slice slice_from_string(const char *text)
{
  return (Slice){text, text ? strlen(text) : 0};
}

static inline bool slice_eq(Slice a, Slice b)
{
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_bytes_eq_nocase(const char *a, const char *b, size_t len);

/* ASCII case is ignored, whatever the locale (RFC 3261 7.3.1). */
static inline bool slice_eq_nocase(Slice a, Slice b)
{
  return a.len == b.len && slice_bytes_eq_nocase(a.data, b.data, a.len);
}

bool slice_starts_with_nocase(Slice s, Slice prefix);

static inline bool slice_is_blank(char c)
{
  return (unsigned char) c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

/* Without SP, HTAB, CR and LF at both ends. */
static inline Slice slice_trim(Slice s)
{
  while (s.len > 0 && slice_is_blank(s.data[0])) {
    s.data++;
    s.len--;
  }
  while (s.len > 0 && slice_is_blank(s.data[s.len - 1]))
    s.len--;
  return s;
}

/* From `at` to the end; empty when `at` is past it. */
static inline Slice slice_from(Slice s, size_t at)
{
  if (at > s.len)
    at = s.len;
  return (Slice){at > 0 ? s.data + at : s.data, s.len - at};
}

/* The first `len` bytes, or all. */
static inline Slice slice_head(Slice s, size_t len)
{
  return (Slice){s.data, len < s.len ? len : s.len};
}

static inline bool slice_starts_with(Slice s, Slice prefix)
{
  return slice_eq(slice_head(s, prefix.len), prefix);
}

/* Position of `byte`, or s.len. */
static inline size_t slice_find(Slice s, char byte)
{
  const char *hit = s.len > 0 ? memchr(s.data, byte, s.len) : NULL;

  return hit ? (size_t) (hit - s.data) : s.len;
}

/* The bytes before the first `byte`; *s continues after it (empty when there was none). */
static inline Slice slice_cut(Slice *s, char byte)
{
  size_t at = slice_find(*s, byte);
  Slice head = {s->data, at};

  *s = slice_from(*s, at + 1);
  return head;
}

/* The next line without its CRLF or LF; *s continues after it. */
static inline Slice slice_take_line(Slice *s)
{
  Slice line = slice_cut(s, '\n');

  if (line.len > 0 && line.data[line.len - 1] == '\r')
    line.len--;
  return line;
}

/* The whole slice as a decimal number.  False on anything but digits and on overflow. */
bool slice_to_u16(Slice s, uint16_t *ret_value);
bool slice_to_u32(Slice s, uint32_t *ret_value);
bool slice_to_u64(Slice s, uint64_t *ret_value);

/* A NUL-terminated copy, freed with g_free. */
char *slice_dup(Slice s);

/* Of the words (NULL-terminated) the one that needs the fewest edits to become `typed`; NULL when
 * none is near. */
const char *nearest_word(const char *typed, const char *const *words);
