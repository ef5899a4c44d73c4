#include "dissect/sip/sip_via.h"

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

/* transport LWS */
static bool read_transport(Slice *rest, SipVia *via)
{
  via->transport = sip_take_token(rest);

  Slice after = sip_skip_lws(*rest);
  bool separated = after.len < rest->len;
  *rest = after;
  return separated && via->transport.len > 0;
}

/* protocol "/" version "/" transport LWS */
static bool read_protocol(Slice *rest, SipVia *via)
{
  if (rest->len > 8 && memcmp(rest->data, "SIP/2.0/", 8) == 0) { /* nearly always */
    via->protocol = slice_head(*rest, 3);
    via->version = slice_head(slice_from(*rest, 4), 3);
    *rest = slice_from(*rest, 8);
    return read_transport(rest, via);
  }
  via->protocol = sip_take_token(rest);
  if (!sip_take_mark(rest, '/'))
    return false;
  via->version = sip_take_token(rest);
  if (!sip_take_mark(rest, '/'))
    return false;
  return read_transport(rest, via) && via->protocol.len > 0 && via->version.len > 0;
}

/* host [ COLON port ] */
static void read_sent_by(Slice sent_by, SipVia *via)
{
  bool reference = sent_by.len > 0 && sent_by.data[0] == '[';
  size_t close = reference ? slice_find(sent_by, ']') : 0;
  size_t colon = close + slice_find(slice_from(sent_by, close), ':');
  Slice host = slice_trim(slice_head(sent_by, colon));

  via->sent_by = sent_by;
  via->bad_sent_by =
    host.len == 0 || sip_span(host, SIP_CHAR_TOKEN | SIP_CHAR_URI) < host.len ||
    (colon < sent_by.len && !slice_to_u16(slice_trim(slice_from(sent_by, colon + 1)), &via->port));
  if (!via->bad_sent_by)
    via->host = host;
}

/* Where a parameter is kept, or NULL. */
static Slice *field_of(Slice name, SipVia *via)
{
  switch (name.len) {
  case 3:
    return sip_is(name, SLICE("ttl")) ? &via->ttl : NULL;
  case 5:
    if (sip_is(name, SLICE("rport")))
      return &via->rport;
    return sip_is(name, SLICE("maddr")) ? &via->maddr : NULL;
  case 6:
    return sip_is(name, SLICE("branch")) ? &via->branch : NULL;
  case 8:
    return sip_is(name, SLICE("received")) ? &via->received : NULL;
  default:
    return NULL;
  }
}

/* The first parameter of a name is used. */
static void read_params(SipVia *via)
{
  bool plain = true;
  unsigned others = 0;
  SipParam param;

  for (Slice rest = via->params; sip_param_next(&rest, &param);) {
    Slice *field = field_of(param.name, via);
    bool is_rport = field == &via->rport;
    others += field == NULL;
    plain =
      plain && param.name.len > 0 && !param.extra.data && (!field || is_rport || param.value.data);
    if ((field && field->data) || (is_rport && via->has_rport))
      plain = false;
    else if (field)
      *field = param.value;
    via->has_rport |= is_rport;
  }
  via->plain =
    plain && others <= 1 &&
    (!via->params.data || (via->params.len > 0 && via->params.data[via->params.len - 1] != ';'));
}

bool sip_via_parse(Slice value, SipVia *ret_via)
{
  SipVia via = {0};

  if (!read_protocol(&value, &via))
    return false;
  via.params = value;
  read_sent_by(slice_trim(sip_cut_params(&via.params)), &via);
  if (via.sent_by.len == 0)
    return false;

  read_params(&via);
  *ret_via = via;
  return true;
}

bool sip_branch_is_rfc3261(Slice branch)
{
  static const Slice COOKIE = {"z9hg4bk", 7};

  return branch.len > COOKIE.len &&
         (memcmp(branch.data, "z9hG4bK", COOKIE.len) == 0 || sip_starts(branch, COOKIE));
}
