#include "dissect/sip/sip_resync.h"

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_start.h"

enum {
  METHOD_MAX = 32, /* octets; the longest registered one has 9 */
  NAME_MAX = 64,   /* octets of a header name; the longest registered one has 29 */
};

/* What of a line is there; could it go on as a start-line? */
static bool may_become_start_line(Slice octets)
{
  size_t word = sip_span(slice_head(octets, METHOD_MAX + 1), SIP_CHAR_TOKEN);

  if (word == 0 || word > METHOD_MAX)
    return false;
  if (word == octets.len)
    return true;
  if (octets.data[word] == '/')
    return word == 3 && sip_starts(octets, SLICE("sip/"));
  return octets.data[word] == ' ';
}

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

SipResync sip_resync_check(Slice octets, size_t line_end, bool lenient)
{
  SipStart start;

  if (!may_become_start_line(octets))
    return SIP_RESYNC_NO;
  if (line_end == 0)
    return SIP_RESYNC_MORE;
  Slice rest = octets;
  Slice line = slice_take_line(&rest);
  if (!sip_start_parse(line, false, &start))
    return SIP_RESYNC_NO;
  if (!lenient && !is_strict(line, &start))
    return SIP_RESYNC_NO;
  return check_header(rest);
}
