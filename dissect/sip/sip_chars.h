/*
 * Characters of SIP's grammar (RFC 3261 25.1), for the parsers of SIP: one table lookup instead
 * of chains of comparisons, and small inline helpers for the hot path.
 */
#pragma once

#include "capture/slice.h"

enum {
  SIP_CHAR_TOKEN = 1 << 0,   /* token */
  SIP_CHAR_BLANK = 1 << 1,   /* SP HTAB CR LF: the characters of LWS */
  SIP_CHAR_DIGIT = 1 << 2,   /* DIGIT */
  SIP_CHAR_URI = 1 << 3,     /* allowed in a URI */
  SIP_CHAR_SUSPECT = 1 << 4, /* in a Request-URI: needs the slow check */
  SIP_CHAR_SCHEME = 1 << 5,  /* of a URI's scheme, after its first letter */
  SIP_CHAR_USER = 1 << 6,    /* usual in the user of a URI */
  SIP_CHAR_HOST = 1 << 7,    /* of a host name or IPv4 address; underscores occur in practice */
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

/* slice_starts_with_nocase, inline, for a lower-case `prefix`. */
static inline bool sip_starts(Slice s, Slice prefix)
{
  if (s.len < prefix.len)
    return false;
  for (size_t i = 0; i < prefix.len; i++)
    if (sip_lower(s.data[i]) != prefix.data[i])
      return false;
  return true;
}

/* slice_eq_nocase, inline, for a lower-case `word`. */
static inline bool sip_is(Slice s, Slice word)
{
  return s.len == word.len && sip_starts(s, word);
}

/* Length of the start of `s` that is of these classes. */
static inline size_t sip_span(Slice s, unsigned classes)
{
  size_t n = 0;

  for (; s.len - n >= 4; n += 4) { /* the length is tested once for four */
    if (!sip_char_is(s.data[n], classes))
      return n;
    if (!sip_char_is(s.data[n + 1], classes))
      return n + 1;
    if (!sip_char_is(s.data[n + 2], classes))
      return n + 2;
    if (!sip_char_is(s.data[n + 3], classes))
      return n + 3;
  }
  while (n < s.len && sip_char_is(s.data[n], classes))
    n++;
  return n;
}

/* Without LWS at the start. */
static inline Slice sip_skip_lws(Slice s)
{
  return s.len > 0 && sip_char_is(s.data[0], SIP_CHAR_BLANK)
           ? slice_from(s, sip_span(s, SIP_CHAR_BLANK))
           : s;
}
