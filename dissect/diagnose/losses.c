#include "dissect/diagnose/losses.h"

#include "capture/language.h"
#include "dissect/diagnose/sentence.h"

bool loss_could_be_seen(const CallCase *c, uint32_t from, uint32_t to)
{
  const CallReading *reading = &c->path->reading;

  for (size_t i = 0; i < reading->count; i++) {
    const Message *m = reading->items[i].message;
    if (call_case_same_host(c, m->src, from) && call_case_same_host(c, m->dst, to))
      return true;
  }
  return false;
}

/* What ends the sending of a request was captured, and it was sent all the same.  T1 is the
 * estimate of a round trip: sooner than that the two may have crossed. */
static const char *say_unheard(CallCase *c, const Message *last, const Message *answer,
                               const char *name, const Message **ret_proof)
{
  *ret_proof = answer;
  return say(c, ": %s, captured %s before the last of them, did not reach %s or was not accepted",
             name, say_span(c, last->time_ns - answer->time_ns), say_endpoint(c, last->src));
}

static bool is_unheard(const Message *last, const Message *answer)
{
  return answer && last->time_ns - answer->time_ns > T1_NS;
}

const char *loss_of_request(CallCase *c, const CaseTransaction *ct, const Message **ret_proof)
{
  const Message *last = ct->last_request;
  const Branch *b = forwarding_branch(&c->path->forwarding, ct->request);
  /* RFC 3261 17.1.2.2: after a 1xx, other requests than INVITE go on. */
  const Message *answer = ct->request->method == SIP_METHOD_INVITE ? ct->response : ct->final;

  if (is_unheard(last, answer))
    return say_unheard(c, last, answer, say(c, "the %s", say_status(c, answer)), ret_proof);
  if (b && b->children && b->children->request->message->time_ns < last->time_ns)
    return _(": it had arrived, and its response was slow");
  return _(": the earlier ones were lost, or the response was slow");
}

/* The hop on which a proxy has to send on what it gets as the only one it asked; NULL without. */
static const Branch *hop_onward(const Branch *b)
{
  const Branch *up = b ? b->parent : NULL;

  if (!up || b->hidden > 0 || b->regenerated || up->children != up->last_child)
    return NULL;
  return up;
}

static bool has_response_of(const Branch *b, unsigned status)
{
  return status >= 200 ? b->final != NULL : b->final || b->provisional;
}

const char *loss_of_response(CallCase *c, const Message *response, const Message *last,
                             const Message **ret_proof)
{
  const CaseTransaction *ct = call_case_transaction(c, response->transaction);
  const Branch *up = hop_onward(forwarding_branch(&c->path->forwarding, response));
  bool is_final = response->method == SIP_METHOD_INVITE && response->status >= 200;
  const Message *ack = is_final && ct ? call_case_ack(c, ct) : NULL;

  if (is_unheard(last, ack) && call_case_same_host(c, ack->dst, response->src))
    return say_unheard(c, last, ack, _("its ACK"), ret_proof);
  if (!up || ack || has_response_of(up, response->status) ||
      !loss_could_be_seen(c, up->to, up->from))
    return "";
  *ret_proof = up->request->message;
  return say(c, "; %s did not send it on to %s: it was lost before %s, or discarded there",
             say_endpoint(c, up->to), say_endpoint(c, up->from), say_endpoint(c, up->to));
}
