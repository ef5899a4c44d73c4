#include "ui/show/call_noise.h"

#include <glib.h>

#include "dissect/sip/sip_values.h"

/* They are about hops, which are compared as the path, or about one message. */
bool call_noise_is_header(SipHeader header)
{
  static const SipHeader NOISE[] = {SIP_HEADER_VIA,           SIP_HEADER_RECORD_ROUTE,
                                    SIP_HEADER_CALL_ID,       SIP_HEADER_CSEQ,
                                    SIP_HEADER_DATE,          SIP_HEADER_TIMESTAMP,
                                    SIP_HEADER_SESSION_ID,    SIP_HEADER_CONTENT_LENGTH,
                                    SIP_HEADER_CONTENT_ID,    SIP_HEADER_P_CHARGING_VECTOR,
                                    SIP_HEADER_TARGET_DIALOG, SIP_HEADER_IDENTITY_INFO,
                                    SIP_HEADER_RSEQ,          SIP_HEADER_RACK,
                                    SIP_HEADER_SIP_ETAG,      SIP_HEADER_SIP_IF_MATCH,
                                    SIP_HEADER_ORIGINATION_ID};

  for (size_t i = 0; i < G_N_ELEMENTS(NOISE); i++)
    if (NOISE[i] == header)
      return true;
  return false;
}

/* Parameters of header fields, URIs and credentials that are new in every call or packet. */
static bool is_noisy_parameter(Slice name)
{
  static const char *const NAMES[] = {
    "tag",           "branch",   "received", "rport", "nonce",  "cnonce",   "nc",      "opaque",
    "response",      "gr",       "ob",       "epid",  "to-tag", "from-tag", "call-id", "icid",
    "+sip.instance", "rinstance"};

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (slice_eq_nocase(name, slice_from_string(NAMES[i])))
      return true;
  return false;
}

static bool is_word_byte(char c)
{
  return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '=' || c == '~' || c == '+';
}

static size_t word_length(Slice s)
{
  size_t len = 0;

  while (len < s.len && is_word_byte(s.data[len]))
    len++;
  return len;
}

/* Longer than a telephone number (E.164: 15 digits), or hexadecimal. */
static bool looks_like_id(Slice word)
{
  enum { ID_MIN = 16, HEX_MIN = 8 };
  size_t digits = 0, hexadecimal = 0;

  for (size_t i = 0; i < word.len; i++) {
    digits += g_ascii_isdigit(word.data[i]) != 0;
    hexadecimal += g_ascii_isxdigit(word.data[i]) || word.data[i] == '-';
  }
  return (word.len >= ID_MIN && digits > 0) ||
         (word.len >= HEX_MIN && hexadecimal == word.len && digits > 0 && digits < word.len);
}

/* The bytes of a parameter's name or value; quotes may hide its end. */
static size_t parameter_length(Slice s)
{
  size_t len = 0;

  while (len < s.len && !memchr(";,>?", s.data[len], 4)) {
    size_t quoted = s.data[len] == '"' ? sip_quoted_len(slice_from(s, len)) : 0;
    len += quoted > 0 ? quoted : 1;
  }
  return len;
}

/* The length of a port at `at` (":5060" after a host), or 0. */
static size_t port_length(Slice all, size_t at)
{
  enum { PORT_DIGITS = 5 };
  static const char *const SCHEMES[] = {"sip", "sips", "tel", "urn"};
  size_t start = at, len = 1;

  while (start > 0 && g_ascii_isalnum(all.data[start - 1]))
    start--;
  const Slice word = {all.data + start, at - start};
  for (size_t i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
    if (slice_eq_nocase(word, slice_from_string(SCHEMES[i])))
      return 0;
  while (at + len < all.len && g_ascii_isdigit(all.data[at + len]))
    len++;
  bool ends = at + len == all.len || memchr(";,>? \t", all.data[at + len], 6);
  return len > 1 && len <= PORT_DIGITS + 1 && ends ? len : 0;
}

/* The length of a noisy parameter with the separator before it, or 0. */
static size_t noise_length(Slice rest)
{
  Slice after = slice_from(rest, 1);

  if (!memchr(";, ?", rest.data[0], 4))
    return 0;
  Slice parameter = slice_head(after, parameter_length(after));
  Slice name = slice_trim(slice_head(parameter, slice_find(parameter, '=')));
  return is_noisy_parameter(name) ? 1 + parameter.len : 0;
}

Slice call_noise_plain_value(Arena *arena, SipHeader header, Slice value)
{
  enum { LONG_VALUE = 2048 }; /* compared as it is: the cost grows by the square of the length */
  bool hides_ids = header == SIP_HEADER_OTHER || header == SIP_HEADER_CONTACT;
  g_autoptr(GString) plain = g_string_sized_new(value.len);

  if (value.len > LONG_VALUE)
    return value;
  for (size_t at = 0; at < value.len;) {
    Slice rest = slice_from(value, at);
    char c = rest.data[0];
    size_t noise = c == ':' ? port_length(value, at) : noise_length(rest);
    if (noise > 0) {
      at += noise;
    } else if (hides_ids && is_word_byte(c)) {
      Slice word = slice_head(rest, word_length(rest));
      if (looks_like_id(word))
        g_string_append_c(plain, '*');
      else
        g_string_append_len(plain, word.data, (gssize) word.len);
      at += word.len;
    } else {
      g_string_append_c(plain, c);
      at++;
    }
  }
  return arena_dup(arena, slice_of(plain->str, plain->len));
}

/* "m=audio 4000 RTP/AVP 0": whether there is a port, but not which. */
static Slice plain_media(Arena *arena, Slice line)
{
  Slice rest = line, kind = slice_cut(&rest, ' '), port = slice_cut(&rest, ' ');
  g_autofree char *plain = g_strdup_printf("%.*s %s %.*s", SLICE_ARG(kind),
                                           slice_eq(port, SLICE("0")) ? "0" : "*", SLICE_ARG(rest));

  return arena_dup(arena, slice_from_string(plain));
}

Slice call_noise_plain_sdp(Arena *arena, Slice line)
{
  static const char *const NOISE[] = {
    "o=",          "s=",          "t=",        "y=",       "a=ssrc",
    "a=candidate", "a=ice-ufrag", "a=ice-pwd", "a=msid",   "a=rtcp:",
    "a=cname",     "a=tls-id",    "a=label",   "a=extmap", "a=remote-candidates"};

  for (size_t i = 0; i < G_N_ELEMENTS(NOISE); i++)
    if (slice_starts_with(line, slice_from_string(NOISE[i])))
      return SLICE_NONE;
  if (slice_starts_with(line, SLICE("m=")))
    return plain_media(arena, line);
  if (slice_starts_with(line, SLICE("a=fingerprint:")))
    return slice_head(line, slice_find(line, ' '));
  if (!slice_starts_with(line, SLICE("a=crypto:")))
    return line;
  slice_cut(&line, ' '); /* its tag */
  return slice_head(line, slice_find(line, ' '));
}
