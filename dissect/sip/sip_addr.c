#include "dissect/sip/sip_addr.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

/* Tokens and blanks, or a quoted string (RFC 3261 25.1); UTF-8 is common and accepted. */
static bool is_display_name(Slice text)
{
  if (text.len > 0 && text.data[0] == '"')
    return sip_quoted_len(text) == text.len;
  for (size_t i = 0; i < text.len; i++)
    if (!sip_char_is(text.data[i], SIP_CHAR_TOKEN | SIP_CHAR_BLANK) &&
        (unsigned char) text.data[i] < 0x80)
      return false;
  return true;
}

/*
 * Position of the '<' of a name-addr, or value.len.  A ';' before it begins the parameters of an
 * addr-spec.  A quote that is never closed counts as an ordinary character.
 */
static size_t find_angle(Slice value, uint8_t *flaws)
{
  size_t i = 0;

  while (i < value.len && value.data[i] != '<' && value.data[i] != ';') {
    size_t quoted = 0;
    if (value.data[i] == '"' && !(*flaws & SIP_ADDR_QUOTE_OPEN)) {
      quoted = sip_quoted_len(slice_from(value, i));
      if (quoted == 0)
        *flaws |= SIP_ADDR_QUOTE_OPEN;
    }
    i += quoted > 0 ? quoted : 1;
  }
  return i < value.len && value.data[i] == '<' ? i : value.len;
}

/* addr-spec: parameters after the first ';' belong to the header field (RFC 3261 20.10). */
static void read_addr_spec(Slice text, SipAddr *addr)
{
  addr->params = text;
  addr->uri = slice_trim(sip_cut_params(&addr->params));
}

static void read_bracketed(Slice text, SipAddr *addr)
{
  size_t close = slice_find(text, '>');

  if (close == text.len) {
    addr->flaws |= SIP_ADDR_ANGLE_OPEN;
    read_addr_spec(text, addr);
    return;
  }
  Slice inner = slice_head(text, close);
  addr->uri = slice_trim(inner);
  addr->bracketed = true;
  if (addr->uri.len != inner.len)
    addr->flaws |= SIP_ADDR_SPACES;

  Slice rest = slice_trim(slice_from(text, close + 1));
  if (rest.len == 0)
    return;
  if (rest.data[0] != ';')
    addr->flaws |= SIP_ADDR_TRAILING;
  sip_cut_params(&rest);
  addr->params = rest;
}

SipAddr sip_addr_parse(Slice value)
{
  SipAddr addr = {0};

  value = slice_trim(value);
  size_t angle = find_angle(value, &addr.flaws);
  if (angle == value.len) {
    read_addr_spec(value, &addr);
  } else {
    addr.display = slice_trim(slice_head(value, angle));
    if (!is_display_name(addr.display) && !(addr.flaws & SIP_ADDR_QUOTE_OPEN))
      addr.flaws |= SIP_ADDR_DISPLAY_NAME;
    read_bracketed(slice_from(value, angle + 1), &addr);
  }
  if (addr.uri.len == 0)
    addr.flaws |= SIP_ADDR_EMPTY;
  return addr;
}

Slice sip_addr_tag(const SipAddr *addr)
{
  SipParam param;

  for (Slice rest = addr->params; sip_param_next(&rest, &param);)
    if (sip_is(param.name, SLICE("tag")))
      return param.value;
  return SLICE_NONE;
}

/* A URI in <>, maybe after a display name, and nothing after it but the tag: nearly all values. */
static bool find_usual_tag(Slice value, Slice *ret_tag)
{
  static const Slice TAG = {";tag=", 5};
  size_t angle = sip_quoted_len(value);

  angle += sip_span(slice_from(value, angle), SIP_CHAR_TOKEN | SIP_CHAR_BLANK);
  if (angle == value.len || value.data[angle] != '<')
    return false;
  Slice rest = slice_from(value, angle);
  size_t close = slice_find(rest, '>');
  if (close == rest.len)
    return false;
  rest = slice_from(rest, close + 1);
  *ret_tag = rest.len == 0 ? SLICE_NONE : slice_from(rest, TAG.len);
  return rest.len == 0 || (slice_starts_with(rest, TAG) && sip_is_token(*ret_tag));
}

Slice sip_addr_tag_of(Slice value)
{
  Slice tag;

  if (find_usual_tag(value, &tag))
    return tag;
  SipAddr addr = sip_addr_parse(value);
  return sip_addr_tag(&addr);
}

/* --- URIs --- */

static SipUriKind scheme_kind(Slice scheme)
{
  if (sip_is(scheme, SLICE("sip")))
    return SIP_URI_SIP;
  if (sip_is(scheme, SLICE("sips")))
    return SIP_URI_SIPS;
  return sip_is(scheme, SLICE("tel")) ? SIP_URI_TEL : SIP_URI_OTHER;
}

/* The characters of a host name, IPv4 or IPv6 address. */
static bool is_host(Slice host)
{
  bool reference = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
  Slice inner = reference ? slice_of(host.data + 1, host.len - 2) : host;

  for (size_t i = 0; i < inner.len; i++) {
    bool of_reference = inner.data[i] == ':' || inner.data[i] == '%';
    if (!sip_char_is(inner.data[i], SIP_CHAR_HOST) && !(reference && of_reference))
      return false;
  }
  return inner.len > 0;
}

/* hostport, parameters and headers. */
static bool read_place(Slice text, SipUri *uri)
{
  size_t question = slice_find(text, '?');

  if (question < text.len)
    uri->headers = slice_from(text, question + 1);
  uri->params = slice_head(text, question);
  text = sip_cut_params(&uri->params);

  size_t close = text.len > 0 && text.data[0] == '[' ? slice_find(text, ']') : 0;
  size_t colon = close + slice_find(slice_from(text, close), ':');

  uri->host = slice_head(text, colon);
  if (!is_host(uri->host))
    return false;
  return colon == text.len || slice_to_u16(slice_from(text, colon + 1), &uri->port);
}

/* The first '@' ends the userinfo, since others are escaped; a user may contain ';' and '?'. */
static bool read_sip(SipUri *uri)
{
  size_t at = slice_find(uri->opaque, '@');

  if (at == uri->opaque.len)
    return read_place(uri->opaque, uri);

  Slice info = slice_head(uri->opaque, at);
  size_t colon = slice_find(info, ':');
  uri->user = slice_head(info, colon);
  if (colon < info.len)
    uri->password = slice_from(info, colon + 1);
  return read_place(slice_from(uri->opaque, at + 1), uri);
}

static bool read_scheme(Slice text, SipUri *uri)
{
  size_t colon = slice_find(text, ':');

  if (colon == text.len || !g_ascii_isalpha(text.data[0]) ||
      sip_span(text, SIP_CHAR_SCHEME) != colon)
    return false;
  uri->scheme = slice_head(text, colon);
  uri->opaque = slice_from(text, colon + 1);
  uri->kind = scheme_kind(uri->scheme);
  return true;
}

bool sip_uri_parse(Slice text, SipUri *ret_uri)
{
  SipUri uri = {0};

  if (!read_scheme(text, &uri))
    return false;
  if (uri.kind == SIP_URI_TEL) {
    uri.params = uri.opaque;
    uri.user = sip_cut_params(&uri.params);
  }
  bool is_sip = uri.kind == SIP_URI_SIP || uri.kind == SIP_URI_SIPS;
  if (is_sip && !read_sip(&uri))
    return false;
  *ret_uri = uri;
  return true;
}

Slice sip_uri_user(Slice text)
{
  SipUri uri = {0};

  if (!read_scheme(text, &uri))
    return SLICE_NONE;
  if (uri.kind == SIP_URI_TEL)
    return slice_head(uri.opaque, slice_find(uri.opaque, ';'));
  if (uri.kind == SIP_URI_OTHER)
    return SLICE_NONE;
  size_t at = slice_find(uri.opaque, '@');
  return at < uri.opaque.len ? slice_head(uri.opaque, slice_find(slice_head(uri.opaque, at), ':'))
                             : SLICE_NONE;
}
