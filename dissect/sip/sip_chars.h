/*
 * Characters of SIP's grammar (RFC 3261 25.1), for the parsers of this folder only: one table
 * look-up instead of chains of comparisons, and small inline helpers of the hot path.
 */
#pragma once

#include "capture/slice.h"

enum {
  SIP_CHAR_TOKEN = 1 << 0,   /* token */
  SIP_CHAR_BLANK = 1 << 1,   /* SP HTAB CR LF: what LWS is made of */
  SIP_CHAR_DIGIT = 1 << 2,   /* DIGIT */
  SIP_CHAR_URI = 1 << 3,     /* may stand in a URI */
  SIP_CHAR_SUSPECT = 1 << 4, /* has to be looked at in a Request-URI */
  SIP_CHAR_SCHEME = 1 << 5,  /* of a URI's scheme, behind its first letter */
};

extern const uint8_t SIP_CHARS[256];

static inline bool sip_char_is(char c, unsigned classes)
{
  return (SIP_CHARS[(unsigned char) c] & classes) != 0;
}

static inline char sip_lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}

/* slice_starts_with_nocase, inline, for a `prefix` in lower case. */
static inline bool sip_starts(Slice s, Slice prefix)
{
  if (s.len < prefix.len)
    return false;
  for (size_t i = 0; i < prefix.len; i++)
    if (sip_lower(s.data[i]) != prefix.data[i])
      return false;
  return true;
}

/* slice_eq_nocase, inline, for a `word` in lower case. */
static inline bool sip_is(Slice s, Slice word)
{
  return s.len == word.len && sip_starts(s, word);
}

/* Octets at the start that are of these classes. */
static inline size_t sip_span(Slice s, unsigned classes)
{
  size_t n = 0;

  while (n < s.len && sip_char_is(s.data[n], classes))
    n++;
  return n;
}

/* slice_trim, inline. */
static inline Slice sip_trim(Slice s)
{
  while (s.len > 0 && sip_char_is(s.data[0], SIP_CHAR_BLANK)) {
    s.data++;
    s.len--;
  }
  while (s.len > 0 && sip_char_is(s.data[s.len - 1], SIP_CHAR_BLANK))
    s.len--;
  return s;
}

/* slice_from, inline; `at` is not past the end. */
static inline Slice sip_from(Slice s, size_t at)
{
  return (Slice){at > 0 ? s.data + at : s.data, s.len - at};
}

/* slice_head, inline; `len` is not past the end. */
static inline Slice sip_head(Slice s, size_t len)
{
  return (Slice){s.data, len};
}

/* slice_find, inline. */
static inline size_t sip_find(Slice s, char byte)
{
  const char *hit = s.len > 0 ? memchr(s.data, byte, s.len) : NULL;

  return hit ? (size_t) (hit - s.data) : s.len;
}

/* Without LWS at the start. */
static inline Slice sip_skip_lws(Slice s)
{
  return s.len > 0 && sip_char_is(s.data[0], SIP_CHAR_BLANK)
           ? sip_from(s, sip_span(s, SIP_CHAR_BLANK))
           : s;
}
