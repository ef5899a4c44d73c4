#include "dissect/trace/message_says.h"

#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_agent.h"
#include "dissect/sip/sip_reason.h"
#include "dissect/sip/sip_values.h"

/* Is the host of its Via another address than that? */
static bool is_elsewhere_by_via(const SipMsg *sip, const Endpoint *src)
{
  Endpoint sent_by;

  return endpoint_parse_host(sip_sent_by_host(sip->via_sent_by), &sent_by) &&
         !is_same_host(&sent_by, src);
}

/* Behind NAT: its Contact is a private address, but it came from a public one. */
static bool is_hidden_by_contact(const SipMsg *sip, const Endpoint *src)
{
  Endpoint contact;
  SipUri uri;

  return sip->contact.len > 0 && !endpoint_is_private(src) &&
         sip_uri_parse(sip_addr_parse(sip->contact).uri, &uri) &&
         endpoint_parse_host(uri.host, &contact) && endpoint_is_private(&contact);
}

static bool is_scanner(const SipMsg *sip)
{
  SipHeaderRow row;

  return sip_msg_find(sip, SIP_HEADER_USER_AGENT, &row) && sip_agent_scanner(row.value);
}

/* A body that is not decoded yet may be ISUP. */
static bool may_be_fault(const SipMsg *sip)
{
  SipReason reason;

  return sip->content.state != SIP_CONTENT_PLAIN ||
         (sip_msg_reason(sip, &reason) && sip_reason_is_error(&reason));
}

static uint16_t request_says(const SipMsg *sip, const Endpoint *src, SaysLook look)
{
  uint16_t says = 0;

  if (!look.is_close || is_elsewhere_by_via(sip, src) || is_hidden_by_contact(sip, src))
    says |= MESSAGE_SAYS_ELSEWHERE;
  if (look.begins_call && (!look.is_close || is_scanner(sip)))
    says |= MESSAGE_SAYS_SCANNER;
  if (sip->method == SIP_METHOD_BYE && (!look.is_close || may_be_fault(sip)))
    says |= MESSAGE_SAYS_FAULT;
  return says;
}

uint16_t message_says(const SipMsg *sip, const Endpoint *src, SaysLook look)
{
  static const struct {
    SipHeader header;
    uint16_t says;
  } ROWS[] = {
    {SIP_HEADER_REASON, MESSAGE_SAYS_WHY},
    {SIP_HEADER_WARNING, MESSAGE_SAYS_WHY},
    {SIP_HEADER_RETRY_AFTER, MESSAGE_SAYS_WHY},
    {SIP_HEADER_RECORD_ROUTE, MESSAGE_SAYS_ROUTE},
    {SIP_HEADER_SESSION_EXPIRES, MESSAGE_SAYS_EXPIRES},
    {SIP_HEADER_RSEQ, MESSAGE_SAYS_RSEQ},
    {SIP_HEADER_IDENTITY, MESSAGE_SAYS_IDENTITY},
  };
  uint16_t says = sip->is_request ? request_says(sip, src, look) : 0;

  for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++)
    if (sip_msg_has(sip, ROWS[i].header))
      says |= ROWS[i].says;
  if (sip->body.len > 0)
    says |= sip->content_type.len > 0 ? MESSAGE_SAYS_WHY : MESSAGE_SAYS_WHY | MESSAGE_SAYS_UNTYPED;
  if (sip->reason.len > 0 &&
      !slice_eq(sip->reason, slice_from_string(sip_status_text(sip->status))))
    says |= MESSAGE_SAYS_PHRASE;
  return says;
}
