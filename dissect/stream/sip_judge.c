#include "dissect/stream/sip_judge.h"

#include <glib.h>

#include "capture/hash.h"
#include "dissect/sip/sip_msg.h"

enum {
  IN_ROW_MAX = 4,   /* messages with foreign bytes before each, in what seemed to be SIP */
  IN_SYNC_MAX = 64, /* messages in sync: more cannot become clearer */
};

/* Of a request, and of the responses to it: branch and CSeq.  0: none, as without a branch. */
static uint32_t key_of(const SipMsg *sip)
{
  uint64_t seed = (uint64_t) sip->cseq << 8 | (uint64_t) sip->cseq_method;

  if (sip->via_branch.len == 0 || sip->method == SIP_METHOD_ACK)
    return 0;
  return (uint32_t) hash_bytes(sip->via_branch.data, sip->via_branch.len, seed) | 1;
}

static bool has_request(const SipJudgeSide *side, uint32_t key)
{
  for (unsigned i = 0; i < MIN(side->request_count, (unsigned) SIP_JUDGE_REQUESTS); i++)
    if (side->requests[i] == key)
      return true;
  return false;
}

static SipVerdict decide(SipJudge *judge, SipVerdict verdict, bool final)
{
  judge->verdict = verdict;
  judge->final = final;
  return verdict;
}

/* RFC 3261 18.1.1: the sender writes the transport that it uses. */
static bool names_other_transport(Slice transport)
{
  return slice_eq_nocase(transport, SLICE("UDP")) || slice_eq_nocase(transport, SLICE("SCTP")) ||
         slice_eq_nocase(transport, SLICE("TLS-SCTP")) ||
         slice_eq_nocase(transport, SLICE("DTLS-UDP"));
}

static bool is_sip_port(uint16_t port)
{
  return port == 5060 || port == 5061;
}

/* The host of "192.0.2.1:5060" or "[2001:db8::1]". */
static Slice host_of(Slice sent_by)
{
  if (slice_starts_with(sent_by, SLICE("[")))
    return slice_head(slice_from(sent_by, 1), slice_find(slice_from(sent_by, 1), ']'));
  return slice_trim(slice_head(sent_by, slice_find(sent_by, ':')));
}

/* Does it come from its client, or go to it?  What is quoted first is mostly what somebody else has
 * sent.  A client behind NAT, or with a name in its Via, shows itself by the answer only. */
static bool is_at_home(const SipMsg *sip, const SipExhibit *exhibit)
{
  const Endpoint *client = sip->is_request ? &exhibit->src : &exhibit->dst;
  Endpoint named;

  return is_sip_port(exhibit->src.port) || is_sip_port(exhibit->dst.port) ||
         (endpoint_parse(host_of(sip->via_sent_by), client->port, &named) &&
          is_same_host(&named, client));
}

static void note_place(SipJudge *judge, SipJudgeSide *side, SipBefore before)
{
  judge->messages++;
  side->after_foreign += before == SIP_BEFORE_FOREIGN;
  judge->after_rest += before == SIP_BEFORE_REST;
  judge->after_foreign += before == SIP_BEFORE_FOREIGN;
  judge->in_row = before == SIP_BEFORE_FOREIGN ? judge->in_row + 1 : 0;
  judge->in_sync += before == SIP_BEFORE_NOTHING;
}

static bool is_wrapped(const SipJudgeSide *side)
{
  return side->messages > 1 && side->after_foreign > 0;
}

/* A prelude comes once in a direction, and so does the rest of a message; what wraps every message
 * is another protocol, which may well carry them both ways. */
static SipVerdict weigh_answered(SipJudge *judge)
{
  if (judge->verdict == SIP_VERDICT_SIP || judge->in_sync > 0)
    return decide(judge, SIP_VERDICT_SIP, true);
  if (is_wrapped(&judge->sides[0]) || is_wrapped(&judge->sides[1]))
    return decide(judge, SIP_VERDICT_QUOTES, false);
  return judge->verdict;
}

SipVerdict sip_judge_see(SipJudge *judge, const SipExhibit *exhibit)
{
  SipJudgeSide *own = &judge->sides[exhibit->side], *peer = &judge->sides[1 - exhibit->side];
  SipMsg sip;

  if (judge->final || sip_msg_parse(exhibit->octets, true, &sip) == SIP_BAD)
    return judge->verdict;
  own->messages++;
  uint32_t key = key_of(&sip);
  if (key != 0 && sip.is_request)
    own->requests[own->request_count++ % SIP_JUDGE_REQUESTS] = key;
  if (!sip.is_request && has_request(own, key)) /* which has none without a key */
    return decide(judge, SIP_VERDICT_QUOTES, true);
  judge->answered |= !sip.is_request && has_request(peer, key);
  note_place(judge, own, exhibit->before);
  if (judge->answered)
    return weigh_answered(judge);

  bool other_transport = names_other_transport(sip.via_transport);
  judge->other_transport |= other_transport;
  judge->no_via |= sip.via_transport.len == 0;
  judge->cut |= exhibit->cut;
  bool may_answer = exhibit->peer_is_captured && peer->messages == 0;
  if (judge->verdict == SIP_VERDICT_OPEN && exhibit->before == SIP_BEFORE_NOTHING &&
      !other_transport && (!may_answer || is_at_home(&sip, exhibit)))
    return decide(judge, SIP_VERDICT_SIP, false);
  if (judge->verdict != SIP_VERDICT_SIP)
    return judge->verdict;
  if (judge->in_row >= IN_ROW_MAX && may_answer)
    return decide(judge, SIP_VERDICT_QUOTES, false);
  return decide(judge, SIP_VERDICT_SIP, judge->in_sync >= IN_SYNC_MAX);
}

SipVerdict sip_judge_close(SipJudge *judge, bool peer_is_captured)
{
  bool both_sides = judge->sides[0].messages > 0 && judge->sides[1].messages > 0;
  unsigned astray = judge->after_rest + judge->after_foreign;
  bool quotes = judge->other_transport && !both_sides && peer_is_captured;

  if (judge->verdict != SIP_VERDICT_OPEN)
    return judge->verdict;
  if (judge->messages <= 1)
    quotes |= astray > 0 &&
              (judge->other_transport || judge->no_via || (judge->after_foreign > 0 && judge->cut));
  else if (!judge->answered)
    quotes |= astray == judge->messages && judge->after_foreign * 2 >= judge->messages;
  return decide(judge, quotes ? SIP_VERDICT_QUOTES : SIP_VERDICT_SIP, false);
}
