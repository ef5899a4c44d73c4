#include "dissect/sip/sip_start.h"

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_msg.h"

static bool is_sp(char c)
{
  return c == ' ' || c == '\t';
}

static size_t span_sp(Slice s)
{
  size_t n = 0;

  while (n < s.len && is_sp(s.data[n]))
    n++;
  return n;
}

size_t sip_start_fillers(Slice octets)
{
  size_t n = 0;

  while (n < octets.len && (sip_char_is(octets.data[n], SIP_CHAR_BLANK) || octets.data[n] == '\0'))
    n++;
  return n;
}

/* Octets of "SIP/1*DIGIT.1*DIGIT" at the start, or 0. */
static size_t version_len(Slice s)
{
  if (s.len < 7 || !sip_starts(s, SLICE("sip/")))
    return 0;

  size_t major = sip_span(sip_from(s, 4), SIP_CHAR_DIGIT);
  size_t dot = 4 + major;
  if (major == 0 || dot >= s.len || s.data[dot] != '.')
    return 0;
  size_t minor = sip_span(sip_from(s, dot + 1), SIP_CHAR_DIGIT);
  return minor > 0 ? dot + 1 + minor : 0;
}

/* RFC 3261 7.1: compared as a string, so "SIP/02.0" is another version. */
static unsigned version_flaws(Slice version)
{
  if (slice_eq(version, SLICE("SIP/2.0")))
    return 0;
  return sip_is(version, SLICE("sip/2.0")) ? SIP_START_VERSION_CASE : SIP_START_VERSION;
}

static bool read_status(Slice rest, SipStart *start)
{
  size_t digits = sip_span(rest, SIP_CHAR_DIGIT);
  uint32_t status = 0;

  if (digits == 0)
    return false;
  bool fits = digits == 3 && slice_to_u32(sip_head(rest, 3), &status);
  start->status = fits && status >= 100 && status <= 699 ? status : SIP_STATUS_UNREADABLE;
  if (start->status != status)
    start->flaws |= SIP_START_STATUS;

  rest = sip_from(rest, digits);
  if (rest.len == 0 || rest.data[0] != ' ')
    start->flaws |= SIP_START_NO_REASON_SP;
  start->reason = sip_trim(rest);
  return true;
}

static bool read_response(Slice line, size_t version, bool cut, SipStart *start)
{
  Slice rest = sip_from(line, version);
  size_t blanks = span_sp(rest);

  if (blanks == 0)
    return false;
  start->flaws = version_flaws(sip_head(line, version));
  if (blanks > 1 || rest.data[0] != ' ')
    start->flaws |= SIP_START_SPACES;
  if (cut)
    start->flaws |= SIP_START_CUT;
  return read_status(sip_from(rest, blanks), start);
}

/* Where the last run of characters that are no blanks begins; `s` does not end in a blank. */
static size_t last_word(Slice s)
{
  size_t at = s.len;

  while (at > 0 && !is_sp(s.data[at - 1]))
    at--;
  return at;
}

/*
 * A request-line that ends before its version does.  Only what is hardly anything else counts:
 * a registered method and the beginning of a URI that SIP uses.
 */
static bool read_cut_request(Slice rest, SipStart *start)
{
  static const Slice SCHEMES[] = {{"sip:", 4}, {"sips:", 5}, {"tel:", 4}, {"urn:", 4}};

  if (sip_method_from_slice(start->method) == SIP_METHOD_OTHER)
    return false;
  for (size_t i = 0; i < sizeof(SCHEMES) / sizeof(SCHEMES[0]); i++)
    if (sip_starts(rest, SCHEMES[i])) {
      start->uri = sip_head(rest, sip_find(rest, ' '));
      start->flaws |= SIP_START_CUT;
      return true;
    }
  return false;
}

static bool read_request(Slice line, bool cut, SipStart *start)
{
  size_t method = sip_span(line, SIP_CHAR_TOKEN);
  Slice rest = sip_from(line, method);
  size_t blanks = span_sp(rest);

  if (method == 0 || blanks == 0)
    return false;
  start->is_request = true;
  start->method = sip_head(line, method);
  if (blanks > 1 || rest.data[0] != ' ')
    start->flaws |= SIP_START_SPACES;

  rest = sip_from(rest, blanks);
  Slice front = rest;
  while (front.len > 0 && sip_char_is(front.data[front.len - 1], SIP_CHAR_BLANK))
    front.len--;
  if (front.len != rest.len)
    start->flaws |= SIP_START_SPACES;
  size_t word = last_word(front);
  Slice version = sip_from(front, word);
  if (word < 2 || version_len(version) != version.len)
    return cut && read_cut_request(rest, start);

  Slice between = sip_head(front, word); /* Request-URI and what separates it */
  start->uri = sip_trim(between);
  start->flaws |= version_flaws(version);
  if (between.len - start->uri.len != 1 || between.data[between.len - 1] != ' ')
    start->flaws |= SIP_START_SPACES;
  return start->uri.len > 0;
}

bool sip_start_parse(Slice line, bool cut, SipStart *ret_start)
{
  size_t version = version_len(line);

  *ret_start = (SipStart){0};
  return version > 0 ? read_response(line, version, cut, ret_start)
                     : read_request(line, cut, ret_start);
}

/* Does a header field stand behind a status-line?  Without one it may be anything. */
static bool begins_with_header(Slice rest)
{
  size_t name = sip_span(rest, SIP_CHAR_TOKEN);

  if (name == 0)
    return false;
  rest = sip_from(rest, name);
  rest = sip_from(rest, span_sp(rest));
  return rest.len == 0 || rest.data[0] == ':';
}

/* What nearly every start-line looks like: "METHOD uri SIP/2.0" ... */
static bool is_plain_request(Slice line, size_t method)
{
  static const Slice VERSION = {" SIP/2.0", 8};

  return line.len > method + 1 + VERSION.len && line.data[method] == ' ' &&
         !sip_char_is(line.data[method + 1], SIP_CHAR_BLANK) &&
         memcmp(line.data + line.len - VERSION.len, VERSION.data, VERSION.len) == 0;
}

/* ... or "SIP/2.0 200 reason". */
static bool is_plain_response(Slice line)
{
  return line.len >= 12 && memcmp(line.data, "SIP/2.0 ", 8) == 0 &&
         sip_span(sip_from(line, 8), SIP_CHAR_DIGIT) == 3;
}

/* Cheap tests first: this sees every datagram, and most of them are media. */
bool sip_msg_is_likely(Slice octets)
{
  enum { FILLERS_MAX = 64 };
  SipStart start;

  if (octets.len == 0 || (unsigned char) octets.data[0] >= 0x80)
    return false;
  size_t fillers = sip_start_fillers(slice_head(octets, FILLERS_MAX));
  octets = sip_from(octets, fillers);
  if (octets.len == 0 || !sip_char_is(octets.data[0], SIP_CHAR_TOKEN))
    return false;
  size_t word = sip_span(octets, SIP_CHAR_TOKEN);
  if (word == octets.len || (octets.data[word] != '/' && !is_sp(octets.data[word])))
    return false;

  Slice rest = octets;
  Slice line = slice_take_line(&rest);
  if (is_plain_request(line, word))
    return true;
  if (is_plain_response(line))
    return begins_with_header(rest);
  bool cut = octets.data[octets.len - rest.len - 1] != '\n';
  if (!sip_start_parse(line, cut, &start))
    return false;
  return start.is_request || begins_with_header(rest);
}
