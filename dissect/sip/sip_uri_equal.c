/* Equality of URIs (RFC 3261 19.1.4): its rules fill a module of their own. */
#include "dissect/sip/sip_uri.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

/* RFC 2396 2.3: only these mean the same with and without %HH. */
static bool is_unreserved(char c)
{
  return g_ascii_isalnum(c) || (c != '\0' && strchr("-_.!~*'()", c));
}

/*
 * The character at the start, and how many octets stand for it.  What is escaped and reserved
 * is told from the character itself by a bit above the octet.
 */
static unsigned take_char(Slice *s)
{
  int high = s->len >= 3 && s->data[0] == '%' ? g_ascii_xdigit_value(s->data[1]) : -1;
  int low = high >= 0 ? g_ascii_xdigit_value(s->data[2]) : -1;

  if (low < 0) {
    unsigned plain = (unsigned char) s->data[0];
    *s = sip_from(*s, 1);
    return plain;
  }
  *s = sip_from(*s, 3);
  unsigned octet = (unsigned) (high << 4 | low);
  return is_unreserved((char) octet) ? octet : 0x100 | octet;
}

static unsigned fold_case(unsigned c, bool any_case)
{
  return any_case && c < 0x80 ? (unsigned char) sip_lower((char) c) : c;
}

bool sip_escaped_equal(Slice a, Slice b, bool any_case)
{
  while (a.len > 0 && b.len > 0)
    if (fold_case(take_char(&a), any_case) != fold_case(take_char(&b), any_case))
      return false;
  return a.len == 0 && b.len == 0;
}

/* RFC 3261 19.1.4: these in one URI only make it unequal. */
static bool counts_alone(Slice name)
{
  static const char *const NAMES[] = {"user", "ttl", "method", "maddr", "transport"};

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (sip_escaped_equal(name, slice_from_string(NAMES[i]), true))
      return true;
  return false;
}

static bool find_escaped(Slice params, Slice name, Slice *ret_value)
{
  SipParam param;

  while (sip_param_next(&params, &param))
    if (sip_escaped_equal(param.name, name, true)) {
      *ret_value = param.value;
      return true;
    }
  return false;
}

/* Both compare all parameters with all: more than this is not looked at, and unequal. */
enum { PARAMS_MAX = 64 };

static size_t count_params(Slice params)
{
  SipParam param;
  size_t count = 0;

  while (count <= PARAMS_MAX && sip_param_next(&params, &param))
    count++;
  return count;
}

/* Every parameter of `a` that is in `b` too is equal there, and none that counts is missing. */
static bool params_agree(Slice a, Slice b)
{
  SipParam param;
  Slice other;

  while (sip_param_next(&a, &param)) {
    if (!find_escaped(b, param.name, &other)) {
      if (counts_alone(param.name))
        return false;
      continue;
    }
    if (!sip_escaped_equal(param.value, other, true))
      return false;
  }
  return true;
}

static bool params_equal(Slice a, Slice b)
{
  if (count_params(a) > PARAMS_MAX || count_params(b) > PARAMS_MAX)
    return slice_eq(a, b);
  return params_agree(a, b) && params_agree(b, a);
}

/* Every header of `a` stands in `b` with the same value; "never ignored". */
static bool headers_within(Slice a, Slice b)
{
  while (a.len > 0) {
    Slice header = slice_cut(&a, '&');
    bool found = false;
    for (Slice rest = b; rest.len > 0 && !found;)
      found = sip_escaped_equal(header, slice_cut(&rest, '&'), false);
    if (!found)
      return false;
  }
  return true;
}

static bool headers_equal(Slice a, Slice b)
{
  enum { HEADERS_LEN_MAX = 4096 };

  if (slice_eq(a, b))
    return true;
  if (a.len > HEADERS_LEN_MAX || b.len > HEADERS_LEN_MAX)
    return false;
  return headers_within(a, b) && headers_within(b, a);
}

static bool both_absent_or_not(Slice a, Slice b)
{
  return (a.data == NULL) == (b.data == NULL);
}

static bool sip_uris_equal(const SipUri *a, const SipUri *b)
{
  return a->port == b->port && slice_eq_nocase(a->host, b->host) &&
         both_absent_or_not(a->user, b->user) && sip_escaped_equal(a->user, b->user, false) &&
         both_absent_or_not(a->password, b->password) &&
         sip_escaped_equal(a->password, b->password, false) && params_equal(a->params, b->params) &&
         headers_equal(a->headers, b->headers);
}

bool sip_uri_equal(Slice a, Slice b)
{
  SipUri uri_a, uri_b;

  if (slice_eq(a, b))
    return true;
  if (!sip_uri_parse(a, &uri_a) || !sip_uri_parse(b, &uri_b))
    return false;
  if (!slice_eq_nocase(uri_a.scheme, uri_b.scheme))
    return false;
  if (uri_a.kind == SIP_URI_SIP || uri_a.kind == SIP_URI_SIPS)
    return sip_uris_equal(&uri_a, &uri_b);
  return slice_eq(uri_a.opaque, uri_b.opaque);
}
