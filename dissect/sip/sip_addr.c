#include "dissect/sip/sip_addr.h"

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_values.h"

/* Tokens and blanks, or a quoted string (RFC 3261 25.1); most implementations take UTF-8 too. */
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
 * Where the '<' of a name-addr stands, or value.len.  A ';' before it begins the parameters of
 * an addr-spec.  A quote that is never closed is taken for an ordinary character.
 */
static size_t find_angle(Slice value, uint8_t *flaws)
{
  size_t i = 0;

  while (i < value.len && value.data[i] != '<' && value.data[i] != ';') {
    size_t quoted = 0;
    if (value.data[i] == '"' && !(*flaws & SIP_ADDR_QUOTE_OPEN)) {
      quoted = sip_quoted_len(sip_from(value, i));
      if (quoted == 0)
        *flaws |= SIP_ADDR_QUOTE_OPEN;
    }
    i += quoted > 0 ? quoted : 1;
  }
  return i < value.len && value.data[i] == '<' ? i : value.len;
}

/* addr-spec: from the first ';' on the parameters are the header's (RFC 3261 20.10). */
static void read_addr_spec(Slice text, SipAddr *addr)
{
  addr->params = text;
  addr->uri = sip_trim(sip_cut_params(&addr->params));
}

/* What stands behind '>'. */
static void read_params(Slice text, SipAddr *addr)
{
  text = sip_trim(text);
  if (text.len == 0)
    return;
  if (text.data[0] != ';')
    addr->flaws |= SIP_ADDR_TRAILING;
  sip_cut_params(&text);
  addr->params = text;
}

static void read_bracketed(Slice text, SipAddr *addr)
{
  size_t close = sip_find(text, '>');

  if (close == text.len) {
    addr->flaws |= SIP_ADDR_ANGLE_OPEN;
    read_addr_spec(text, addr);
    return;
  }
  Slice inner = sip_head(text, close);
  addr->uri = sip_trim(inner);
  addr->bracketed = true;
  if (addr->uri.len != inner.len)
    addr->flaws |= SIP_ADDR_SPACES;
  read_params(sip_from(text, close + 1), addr);
}

SipAddr sip_addr_parse(Slice value)
{
  SipAddr addr = {0};

  value = sip_trim(value);
  size_t angle = find_angle(value, &addr.flaws);
  if (angle == value.len) {
    read_addr_spec(value, &addr);
  } else {
    addr.display = sip_trim(sip_head(value, angle));
    if (!is_display_name(addr.display) && !(addr.flaws & SIP_ADDR_QUOTE_OPEN))
      addr.flaws |= SIP_ADDR_DISPLAY_NAME;
    read_bracketed(sip_from(value, angle + 1), &addr);
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

/* Behind the '>' that ends the URI of an ordinary name-addr; absent when it is another form. */
static Slice behind_plain_uri(Slice value)
{
  if (value.len > 0 && value.data[0] == '"')
    value = sip_from(value, sip_quoted_len(value));
  size_t angle = sip_find(value, '<');
  Slice display = sip_head(value, angle);

  if (angle == value.len || sip_find(display, '"') < angle || sip_find(display, ';') < angle)
    return SLICE_NONE;
  Slice rest = sip_from(value, angle);
  size_t close = sip_find(rest, '>');
  return close < rest.len ? sip_from(rest, close + 1) : SLICE_NONE;
}

Slice sip_addr_tag_of(Slice value)
{
  static const Slice TAG = {";tag=", 5};
  Slice rest = behind_plain_uri(value);

  if (rest.len > TAG.len && memcmp(rest.data, TAG.data, TAG.len) == 0) { /* nearly always */
    rest = sip_from(rest, TAG.len);
    size_t len = sip_span(rest, SIP_CHAR_TOKEN);
    if (len > 0 && (len == rest.len || rest.data[len] == ';'))
      return sip_head(rest, len);
  }
  if (rest.data && rest.len == 0)
    return SLICE_NONE;
  SipAddr addr = sip_addr_parse(value);
  return sip_addr_tag(&addr);
}
