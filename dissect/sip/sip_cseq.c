#include "dissect/sip/sip_cseq.h"

#include "dissect/sip/sip_chars.h"

/* 1*DIGIT LWS at the start; *s goes on behind both. */
static bool take_digits(Slice *s, Slice *ret_digits)
{
  size_t len = sip_span(*s, SIP_CHAR_DIGIT);
  Slice behind = sip_skip_lws(sip_from(*s, len));

  if (len == 0 || behind.len + len == s->len)
    return false;
  *ret_digits = sip_head(*s, len);
  *s = behind;
  return true;
}

bool sip_cseq_parse(Slice value, SipCseq *ret_cseq)
{
  SipCseq cseq = {0};
  Slice digits;

  value = sip_trim(value);
  if (!take_digits(&value, &digits) || value.len == 0 ||
      sip_span(value, SIP_CHAR_TOKEN) != value.len)
    return false;
  cseq.number_fits = slice_to_u32(digits, &cseq.number);
  cseq.method_text = value;
  cseq.method = sip_method_from_slice(value);
  *ret_cseq = cseq;
  return true;
}

bool sip_rack_parse(Slice value, SipRack *ret_rack)
{
  SipRack rack = {0};
  Slice digits;

  value = sip_trim(value);
  if (!take_digits(&value, &digits) || !slice_to_u32(digits, &rack.rseq) ||
      !sip_cseq_parse(value, &rack.cseq))
    return false;
  *ret_rack = rack;
  return true;
}
