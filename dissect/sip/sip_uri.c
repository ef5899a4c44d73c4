#include "dissect/sip/sip_uri.h"

#include <glib.h>

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

static SipUriKind kind_of(Slice scheme)
{
  if (sip_is(scheme, SLICE("sip")))
    return SIP_URI_SIP;
  if (sip_is(scheme, SLICE("sips")))
    return SIP_URI_SIPS;
  return sip_is(scheme, SLICE("tel")) ? SIP_URI_TEL : SIP_URI_OTHER;
}

/* What a host name, IPv4 or IPv6 address is made of; underscores are met in the wild. */
static bool is_host(Slice host)
{
  bool reference = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
  Slice inner = reference ? slice_of(host.data + 1, host.len - 2) : host;

  for (size_t i = 0; i < inner.len; i++) {
    char c = inner.data[i];
    bool of_name = g_ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
    bool of_reference = c == ':' || c == '%';
    if (!of_name && !(reference && of_reference))
      return false;
  }
  return inner.len > 0;
}

static bool read_host_port(Slice text, SipUri *uri)
{
  size_t close = text.len > 0 && text.data[0] == '[' ? slice_find(text, ']') : 0;
  size_t colon = close + slice_find(slice_from(text, close), ':');

  uri->host = slice_head(text, colon);
  if (!is_host(uri->host))
    return false;
  return colon == text.len || slice_to_u16(slice_from(text, colon + 1), &uri->port);
}

/* hostport, parameters and headers. */
static bool read_place(Slice text, SipUri *uri)
{
  size_t question = slice_find(text, '?');
  Slice front = slice_head(text, question);

  if (question < text.len)
    uri->headers = slice_from(text, question + 1);
  uri->params = front;
  Slice place = sip_cut_params(&uri->params);
  return read_host_port(place, uri);
}

/* Only the '@' behind the userinfo is not escaped; ';' and '?' may stand in a user as they are. */
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

static bool is_scheme(Slice text)
{
  return text.len > 0 && g_ascii_isalpha(text.data[0]) &&
         sip_span(text, SIP_CHAR_SCHEME) == text.len;
}

static bool read_scheme(Slice text, SipUri *uri)
{
  size_t colon = slice_find(text, ':');

  if (colon == text.len || !is_scheme(slice_head(text, colon)))
    return false;
  uri->scheme = slice_head(text, colon);
  uri->opaque = slice_from(text, colon + 1);
  uri->kind = kind_of(uri->scheme);
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
