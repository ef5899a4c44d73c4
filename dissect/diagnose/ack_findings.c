/* Acknowledgements that did not arrive: ACK (RFC 3261 13.3.1.4) and PRACK (RFC 3262 3). */
#include "capture/language.h"
#include "dissect/diagnose/losses.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_addr.h"
#include "dissect/sip/sip_values.h"

enum {
  SENT_AGAIN_MIN = 4, /* times */
  SAID_MAX = 4,
};

/* --- ACK -------------------------------------------------------------------------------------- */

/* The first ACK with the CSeq of that 2xx that went to its sender, or else the one that went
 * furthest from its client; those of other dialogs do not count. */
static const Message *find_ack(const CallCase *c, const CaseTransaction *invite, bool *ret_arrived)
{
  const Message *seen = NULL, *final = invite->final;

  *ret_arrived = false;
  for (const CaseTransaction *ct = c->transactions; ct < c->transactions + c->transaction_count;
       ct++) {
    const Message *ack = ct->transaction->method == SIP_METHOD_ACK ? ct->request : NULL;
    if (!ack || ack->cseq != final->cseq || (ack->dialog && ack->dialog != final->dialog))
      continue;
    if (call_case_same_host(c, ack->dst, final->src)) {
      *ret_arrived = true;
      return ack;
    }
    if (!seen || call_case_same_host(c, ack->src, seen->dst))
      seen = ack;
  }
  return seen;
}

/* Where the ACK has to go, if it cannot come from there (RFC 3261 12.2.1.1). */
static const char *say_hidden_contact(CallCase *c, const Message *final)
{
  const SipMsg *sip = call_case_load(c, final);
  SipUri uri;
  Endpoint contact;
  SipHeaderRow row;

  if (!sip || sip_msg_find(sip, SIP_HEADER_RECORD_ROUTE, &row) ||
      !sip_uri_parse(sip_addr_parse(sip->contact).uri, &uri) ||
      !endpoint_parse(uri.host, 5060, &contact) || !endpoint_is_private(&contact) ||
      endpoint_is_private(trace_endpoint(c->trace, final->src)))
    return "";
  return say(c, "; its Contact, %s, is private: the ACK cannot reach it", say_text(c, uri.host));
}

static const char *say_end(const CallCase *c, const CaseTransaction *invite)
{
  const CaseDialog *d = call_case_dialog(c, invite->final->dialog);

  if (!d || !d->bye || d->bye->request->time_ns < invite->final->time_ns)
    return "";
  const Message *bye = d->bye->request;
  return say(c, "; %s ended the call after %s", say_endpoint(c, bye->src),
             say_span(c, bye->time_ns - invite->final->time_ns));
}

/* How far the ACK came, or the 2xx that it was to be for. */
static const char *say_lost_at(CallCase *c, const CaseTransaction *invite, const Message *ack,
                               const Message **ret_proof)
{
  const Branch *b = forwarding_branch(&c->path->forwarding, invite->request);
  const Branch *up = b ? b->parent : NULL;

  *ret_proof = ack;
  if (ack)
    return say(c,
               call_case_same_host(c, ack->dst, invite->final->dst)
                 ? N_("; %s sent the ACK to %s, which did not send it on")
                 : N_("; the ACK of %s went to %s"),
               say_endpoint(c, ack->src), say_endpoint(c, ack->dst));
  if (up && !up->parent && branch_status(up) / 100 == 2) {
    *ret_proof = up->final->message;
    return say(c, "; %s got the 2xx from %s, and no ACK of it was captured",
               say_endpoint(c, up->from), say_endpoint(c, up->to));
  }
  return loss_of_response(c, invite->final, invite->last_final, ret_proof);
}

static void add_ack_missing(CallCase *c, const CaseTransaction *invite, const Message *ack,
                            FindingList *list)
{
  const Message *final = invite->final, *proof = NULL;
  const char *seen = say_lost_at(c, invite, ack, &proof);
  Finding *finding =
    finding_add(list, FINDING_ACK_MISSING, "%s sent its %s %s in %s, and no ACK came back%s%s%s",
                say_endpoint(c, final->src), say_status(c, final), say_times(c, invite->finals),
                say_span(c, invite->last_final->time_ns - final->time_ns), seen, say_end(c, invite),
                say_hidden_contact(c, final));

  call_case_prove(finding, final);
  call_case_prove(finding, invite->last_final);
  call_case_prove(finding, proof);
  call_case_blame(c, finding, final->dst, 0);
  if (finding)
    finding->decided = !invite->transaction->in_dialog;
  if (c->now_ns - final->time_ns < TIMEOUT_NS && say_end(c, invite)[0] == '\0')
    finding_weaken(finding, "the capture ends before the 2xx times out");
  call_case_weaken(c, finding);
}

/* --- PRACK ------------------------------------------------------------------------------------ */

static bool header_number(const SipMsg *sip, SipHeader header, uint32_t *ret_number)
{
  SipHeaderRow row;

  return sip && sip_msg_find(sip, header, &row) && slice_to_u32(row.value, ret_number);
}

static bool is_acknowledged(CallCase *c, const Message *response, uint32_t rseq)
{
  for (const CaseTransaction *ct = c->transactions; ct < c->transactions + c->transaction_count;
       ct++) {
    const SipMsg *sip =
      ct->transaction->method == SIP_METHOD_PRACK ? call_case_load(c, ct->request) : NULL;
    SipHeaderRow row;
    SipRack rack;
    if (ct->transaction->method != SIP_METHOD_PRACK || !ct->request)
      continue;
    /* One that cannot be read may be the one. */
    if (!sip || !sip_msg_find(sip, SIP_HEADER_RACK, &row) || !sip_rack_parse(row.value, &rack))
      return true;
    if (rack.rseq == rseq && rack.cseq.number == response->cseq)
      return true;
  }
  return false;
}

static void find_prack_missing(CallCase *c, const CaseTransaction *invite, FindingList *list)
{
  const Message *response = invite->repeated, *proof = NULL;
  uint32_t rseq;

  if (!header_number(call_case_load(c, response), SIP_HEADER_RSEQ, &rseq) ||
      is_acknowledged(c, response, rseq))
    return;
  Finding *finding =
    finding_add(list, FINDING_PRACK_MISSING,
                "%s sent its reliable %s (RSeq %u) %s, and no PRACK acknowledged it%s",
                say_endpoint(c, response->src), say_status(c, response), rseq,
                say_times(c, invite->repeats + 1), loss_of_response(c, response, response, &proof));
  call_case_prove(finding, invite->provisional);
  call_case_blame(c, finding, response->dst, 0);
  if (response != invite->provisional)
    call_case_prove(finding, response);
  call_case_prove(finding, proof);
  if (c->now_ns - response->time_ns < 4 * SECOND_NS)
    finding_weaken(finding, "the capture ends soon after");
  call_case_weaken(c, finding);
}

void ack_findings_add(CallCase *c, FindingList *list)
{
  unsigned acks = 0, pracks = 0;

  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    bool has_arrived;

    /* Without the INVITE, what its sender sends may not be captured at all. */
    if (ct->transaction->method != SIP_METHOD_INVITE || !ct->request)
      continue;
    if (ct->repeated && pracks < SAID_MAX) {
      pracks++;
      find_prack_missing(c, ct, list);
    }
    if (!ct->final || ct->final->status >= 300 || ct->finals <= SENT_AGAIN_MIN || acks == SAID_MAX)
      continue;
    acks++;
    const Message *ack = find_ack(c, ct, &has_arrived);
    if (!has_arrived)
      add_ack_missing(c, ct, ack, list);
  }
}
