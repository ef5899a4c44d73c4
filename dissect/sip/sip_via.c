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

/* The first parameter of a name is used. */
static void keep_param(Slice *field, Slice value)
{
  if (!field->data)
    *field = value;
}

static void read_param(const SipParam *param, SipVia *via)
{
  switch (param->name.len) {
  case 3:
    if (sip_is(param->name, SLICE("ttl")))
      keep_param(&via->ttl, param->value);
    break;
  case 5:
    if (sip_is(param->name, SLICE("rport"))) {
      via->has_rport = true;
      keep_param(&via->rport, param->value);
    } else if (sip_is(param->name, SLICE("maddr"))) {
      keep_param(&via->maddr, param->value);
    }
    break;
  case 6:
    if (sip_is(param->name, SLICE("branch")))
      keep_param(&via->branch, param->value);
    break;
  case 8:
    if (sip_is(param->name, SLICE("received")))
      keep_param(&via->received, param->value);
    break;
  default:
    break;
  }
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

  SipParam param;
  for (Slice rest = via.params; sip_param_next(&rest, &param);)
    read_param(&param, &via);
  *ret_via = via;
  return true;
}

bool sip_branch_is_rfc3261(Slice branch)
{
  static const Slice COOKIE = {"z9hg4bk", 7};

  return branch.len > COOKIE.len &&
         (memcmp(branch.data, "z9hG4bK", COOKIE.len) == 0 || sip_starts(branch, COOKIE));
}
