#include "dissect/stream/sip_resync.h"

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_names.h"
#include "dissect/sip/sip_start.h"

enum {
  METHOD_MAX = 32, /* octets; the longest registered one has 9 */
  NAME_MAX = 64,   /* octets of a header name; the longest registered one has 29 */
};

/* Exactly METHOD SP scheme ":" ... SP SIP/2.0, or SIP/2.0 SP 3DIGIT. */
static bool is_strict(Slice line, const SipStart *start)
{
  enum { LOOSE = SIP_START_SPACES | SIP_START_VERSION_CASE | SIP_START_VERSION | SIP_START_STATUS };

  if (start->flaws & LOOSE)
    return false;
  if (!start->is_request)
    return slice_starts_with(line, SLICE("SIP/2.0 "));
  size_t scheme = sip_span(start->uri, SIP_CHAR_SCHEME);
  return start->method.len <= METHOD_MAX && scheme > 0 && scheme < start->uri.len &&
         start->uri.data[scheme] == ':' && slice_find(start->uri, ' ') == start->uri.len;
}

/* token HCOLON (RFC 3261 25.1). */
static SipResync check_header(Slice octets)
{
  Slice head = slice_head(octets, NAME_MAX);
  size_t at = sip_span(head, SIP_CHAR_TOKEN);

  if (at == 0 && octets.len > 0)
    return SIP_RESYNC_NO;
  while (at < head.len && (head.data[at] == ' ' || head.data[at] == '\t'))
    at++;
  if (at < head.len)
    return head.data[at] == ':' ? SIP_RESYNC_YES : SIP_RESYNC_NO;
  return at < NAME_MAX ? SIP_RESYNC_MORE : SIP_RESYNC_NO;
}

SipResync sip_resync_check(Slice octets, bool lenient)
{
  SipStart start;
  Slice line = slice_take_line(&octets);

  if (!sip_start_parse(line, false, &start))
    return SIP_RESYNC_NO;
  if (!lenient && !is_strict(line, &start))
    return SIP_RESYNC_NO;
  return check_header(octets);
}

bool sip_resync_is_tail(Slice line)
{
  Slice word = slice_head(line, sip_span(line, SIP_CHAR_TOKEN));
  bool is_end = false;

  for (SipMethod method = SIP_METHOD_OTHER + 1; method < SIP_METHOD_COUNT; method++) {
    Slice name = slice_from_string(sip_method_name(method));
    if (slice_eq(name, word))
      return false;
    is_end |=
      word.len > 0 && name.len > word.len && slice_eq(slice_from(name, name.len - word.len), word);
  }
  return is_end;
}

/* Octets of the registered method that ends the word, or 0. */
static size_t method_at_end(Slice word)
{
  for (SipMethod method = SIP_METHOD_OTHER + 1; method < SIP_METHOD_COUNT; method++) {
    Slice name = slice_from_string(sip_method_name(method));
    if (word.len >= name.len && slice_eq(slice_from(word, word.len - name.len), name))
      return name.len;
  }
  return 0;
}

/* Where the word that ends before `end` begins. */
static size_t word_before(Slice line, size_t end)
{
  while (end > 0 && line.data[end - 1] != ' ')
    end--;
  return end;
}

static size_t find_request(Slice line)
{
  size_t version = word_before(line, line.len);
  size_t uri = version > 0 ? word_before(line, version - 1) : 0;
  SipStart start;

  if (uri == 0)
    return 0;
  size_t method = method_at_end(slice_head(line, uri - 1));
  Slice rest = slice_from(line, uri - 1 - method);
  if (method == 0 || !sip_start_parse(rest, false, &start) || !is_strict(rest, &start))
    return 0;
  return uri - 1 - method;
}

static size_t find_response(Slice line)
{
  static const char VERSION[] = "SIP/2.0 ";
  const char *hit = line.data;
  SipStart start;

  while ((hit = memmem(hit, line.len - (size_t) (hit - line.data), VERSION, strlen(VERSION)))) {
    Slice rest = slice_from(line, (size_t) (hit - line.data));
    if (sip_start_parse(rest, false, &start) && !start.is_request && is_strict(rest, &start))
      return (size_t) (hit - line.data);
    hit++;
  }
  return 0;
}

size_t sip_resync_find(Slice line)
{
  if (slice_starts_with(line, SLICE("SIP/2.0 ")))
    return 0;
  size_t request = find_request(line);

  return request > 0 ? request : find_response(line);
}
