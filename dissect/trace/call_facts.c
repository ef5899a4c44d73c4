#include "dissect/trace/call_facts.h"

/* A 401 or 407 asks to try again. */
static bool is_refusal(const Message *m)
{
  return m->method == SIP_METHOD_INVITE && m->status >= 300 && m->status != 401 && m->status != 407;
}

static void note_ending(CallFacts *facts, const Message *m)
{
  bool is_request = message_is_request(m);

  if (is_request && m->method == SIP_METHOD_BYE && facts->bye_count < CALL_BYES_MAX)
    facts->byes[facts->bye_count++] = m;
  else if (is_request && m->method == SIP_METHOD_CANCEL && !facts->cancel)
    facts->cancel = m;
  else if (is_refusal(m) && facts->refusal_count < CALL_REFUSALS_MAX)
    facts->refusals[facts->refusal_count++] = m;
}

/* An INVITE that begins another attempt offers anew; its hops have the same CSeq. */
static bool is_new_offer(const CallFacts *facts, const Message *m)
{
  bool refused = !facts->answer || facts->answer->status < 200;

  return !facts->offer || (message_is_request(m) && refused && m->cseq != facts->offer->cseq);
}

static void note_answer(CallFacts *facts, const Message *m)
{
  if (!facts->answer || (facts->answer->status < 200 && m->status >= 200))
    facts->answer = m;
}

/* Where the INVITE was not captured, a response is taken for the answer, which it nearly always
 * is. */
static void note_invite_sdp(CallFacts *facts, const Message *m)
{
  bool responds = !message_is_request(m);

  if (m->transaction->in_dialog || m->status >= 300)
    return;
  if (responds &&
      (!m->transaction->request || (facts->offer && message_is_request(facts->offer)))) {
    note_answer(facts, m);
  } else if (is_new_offer(facts, m)) {
    facts->offer = m;
    facts->answer = NULL;
  }
}

/* RFC 3264, RFC 3261 13.2.1: the offer is in the INVITE and its answer in a response, or the offer
 * in a response and its answer in ACK or PRACK. */
static void note_sdp(CallFacts *facts, const Message *m)
{
  if (!(m->flags & MESSAGE_HAS_SDP))
    return;
  if (m->method == SIP_METHOD_INVITE)
    note_invite_sdp(facts, m);
  bool acknowledges =
    message_is_request(m) && (m->method == SIP_METHOD_ACK || m->method == SIP_METHOD_PRACK);
  if (acknowledges && facts->offer && !message_is_request(facts->offer) && !facts->answer)
    facts->answer = m;
}

void call_facts_note(CallFacts *facts, const Call *call, const Message *message)
{
  bool begins = message_is_request(message) && message->method == call->method;

  facts->transports |= 1U << message->transport;
  facts->duplicates += (message->flags & MESSAGE_DUPLICATE) != 0;
  if (!facts->began && begins)
    facts->began = message;
  if (!facts->callee && message->status > 100)
    facts->callee = message;
  note_sdp(facts, message);
  if (!(message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)))
    note_ending(facts, message);
}
