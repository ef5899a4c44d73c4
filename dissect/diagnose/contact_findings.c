/* In-dialog requests to an address that does not answer (RFC 3261 12.2.1.1), while the peer is seen
 * at another: a private Contact, mostly. */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum { TESTED_MAX = 8, WALK_MAX = 65536 };

static bool host_sends(const CallCase *c, uint32_t host)
{
  unsigned walked = 0;

  for (const Message *m = c->call->first; m && walked++ < WALK_MAX; m = m->next)
    if (call_case_same_host(c, m->src, host))
      return true;
  return c->call->messages > WALK_MAX;
}

/* The 2xx that the ACK is for was sent on nevertheless. */
static bool is_ack_in_vain(const CaseDialog *d, const CaseTransaction *ack)
{
  const CaseTransaction *invite = d->invite;

  return invite && ack->request->cseq == invite->final->cseq && invite->finals > 4 &&
         invite->last_final->time_ns > ack->request->time_ns;
}

static bool is_in_vain(const CallCase *c, const CaseDialog *d, const CaseTransaction *ct)
{
  if (!ct->request)
    return false;
  return ct->transaction->method == SIP_METHOD_ACK ? is_ack_in_vain(d, ct) : silence_is_of(c, ct);
}

static bool is_host(Slice uri_text, const Endpoint *endpoint)
{
  Endpoint named;
  SipUri uri;

  if (!sip_uri_parse(uri_text, &uri))
    return false;
  if (uri.host.len > 2 && uri.host.data[0] == '[')
    uri.host = slice_of(uri.host.data + 1, uri.host.len - 2);
  return endpoint_parse(uri.host, endpoint->port, &named) && endpoint_eq(&named, endpoint);
}

/* What named the address: the Contact of the peer, or a Record-Route; NULL: neither. */
static const char *named_by(CallCase *c, const Message *peers, const Endpoint *address)
{
  const SipMsg *sip = call_case_load(c, peers);
  SipHeaderRow row;

  if (!sip)
    return NULL;
  SipHeaderIter rows = sip_header_iter(sip);
  while (sip_header_next(&rows, &row)) {
    SipListIter values = sip_list(row.value);
    Slice value;
    while (row.header == SIP_HEADER_RECORD_ROUTE && sip_list_next(&values, &value))
      if (is_host(sip_addr_parse(value).uri, address))
        return "Record-Route";
  }
  return is_host(sip_addr_parse(sip->contact).uri, address) ? "Contact" : NULL;
}

static bool find_in(CallCase *c, const CaseDialog *d, const CaseTransaction *ct, FindingList *list)
{
  const Message *request = ct->request;
  bool is_callers = ct->transaction->from_tag == d->dialog->caller_tag;
  const Message *peers = is_callers ? d->invite->final : d->invite->request;
  const Endpoint *address = trace_endpoint(c->trace, request->dst);
  const char *header = peers ? named_by(c, peers, address) : NULL;

  if (!header || host_sends(c, request->dst))
    return false;
  bool is_hidden =
    endpoint_is_private(address) && !endpoint_is_private(trace_endpoint(c->trace, peers->src));
  Finding *finding = finding_add(
    list, FINDING_CONTACT_UNREACHABLE,
    "the %s of %s went to %s, which the %s of the %s names%s, and got no answer; the peer is seen "
    "at %s",
    say_method(c, request), say_endpoint(c, request->src), say_endpoint(c, request->dst), header,
    is_callers ? say_status(c, peers) : "INVITE", is_hidden ? _(", a private address") : "",
    say_endpoint(c, peers->src));
  call_case_prove(finding, peers);
  call_case_prove(finding, request);
  call_case_blame(c, finding, peers->src, 0);
  if (ct->last_request != request)
    call_case_prove(finding, ct->last_request);
  call_case_weaken(c, finding);
  return true;
}

void contact_findings_add(CallCase *c, FindingList *list)
{
  unsigned tested = 0;

  for (size_t i = 0; i < c->dialog_count; i++) {
    const CaseDialog *d = &c->dialogs[i];
    for (const CaseTransaction *ct = d->invite ? d->first : NULL; ct; ct = ct->next_in_dialog) {
      if (ct == d->invite || ct->response || !is_in_vain(c, d, ct))
        continue;
      if (tested++ == TESTED_MAX || find_in(c, d, ct, list))
        return;
    }
  }
}
