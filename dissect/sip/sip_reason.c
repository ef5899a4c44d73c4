#include "dissect/sip/sip_reason.h"

#include "dissect/sip/isup.h"
#include "dissect/sip/sip_values.h"

static bool parse_reason(Slice value, SipReason *ret_reason)
{
  Slice params = value, cause = SLICE_NONE, text = SLICE_NONE;
  SipReason reason = {.protocol = slice_trim(sip_cut_params(&params))};

  if (!sip_param_find(params, SLICE("cause"), &cause) || !slice_to_u32(cause, &reason.cause))
    return false;
  if (sip_param_find(params, SLICE("text"), &text))
    reason.text = text;
  *ret_reason = reason;
  return true;
}

/* SIP-I: the REL in a BYE or final response has the cause, with or without a Reason. */
static bool isup_reason(const SipMsg *sip, SipReason *ret_reason)
{
  uint32_t cause;

  if (!sip_msg_isup_cause(sip, &cause))
    return false;
  *ret_reason = (SipReason){.protocol = SLICE("Q.850"), .cause = cause, .is_of_isup = true};
  return true;
}

bool sip_msg_reason(const SipMsg *msg, SipReason *ret_reason)
{
  SipHeaderIter rows = sip_header_iter_of(msg, &(SipHeader){SIP_HEADER_REASON}, 1);
  SipHeaderRow row;

  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (sip_list_next(&values, &value))
      if (parse_reason(value, ret_reason))
        return true;
  }
  return isup_reason(msg, ret_reason);
}

bool sip_reason_is_q850(const SipReason *reason)
{
  return slice_eq_nocase(reason->protocol, SLICE("Q.850"));
}

/* ITU-T Q.850 2.2.7.1: class "normal event" but for those that say that it was not delivered. */
bool sip_reason_is_error(const SipReason *reason)
{
  if (sip_reason_is_q850(reason))
    return reason->cause >= 32 || reason->cause == 27 || reason->cause == 25;
  if (slice_eq_nocase(reason->protocol, SLICE("SIP")))
    return reason->cause >= 400 && reason->cause != 486 && reason->cause != 487 &&
           reason->cause != 600 && reason->cause != 603;
  return false;
}
