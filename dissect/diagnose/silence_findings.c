/* Requests that nothing answered (RFC 3261 17.1.1.2, 17.1.2.2). */
#include "capture/language.h"
#include "dissect/diagnose/losses.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"

enum {
  SAID_MAX = 8,           /* findings of a call: one per server and method */
  TESTED_MAX = 64,        /* requests without an answer */
  ANSWER_WALK_MAX = 4096, /* messages that are searched for an answer with other identifiers */
};

/* A capture that ends sooner than this after the request shows nothing. */
static const int64_t WAITED_NS = 4 * SECOND_NS;

static int64_t waited(const CallCase *c, const CaseTransaction *ct)
{
  return c->now_ns - ct->request->time_ns;
}

/* Peers that answer with a wrong branch or tag do answer. */
static bool is_answered_otherwise(const CallCase *c, const CaseTransaction *ct)
{
  unsigned walked = 0;

  for (const Message *m = ct->request->next; m && walked++ < ANSWER_WALK_MAX; m = m->next)
    if (!message_is_request(m) && m->method == ct->request->method &&
        m->cseq == ct->request->cseq && call_case_same_host(c, m->src, ct->request->dst) &&
        call_case_same_host(c, m->dst, ct->request->src))
      return true;
  return false;
}

/* An ACK is sent for a final response, which then was not captured. */
static bool is_acknowledged(const CallCase *c, const CaseTransaction *ct)
{
  const CaseTransaction *end = c->transactions + c->transaction_count;
  unsigned walked = 0;

  if (ct->ack)
    return true;
  for (const CaseTransaction *next = ct + 1;
       ct->transaction->method == SIP_METHOD_INVITE && next < end && walked++ < CALL_CASE_WALK_MAX;
       next++)
    if (next->transaction->method == SIP_METHOD_ACK && next->request &&
        next->transaction->cseq == ct->transaction->cseq &&
        next->transaction->from_tag == ct->transaction->from_tag &&
        call_case_same_host(c, next->request->src, ct->request->src) &&
        call_case_same_host(c, next->request->dst, ct->request->dst))
      return true;
  return false;
}

/* A stateless proxy answers nothing itself: the request that it forwarded, or NULL; of several, one
 * that got a final response. */
static const CaseTransaction *find_forwarded(const CallCase *c, const CaseTransaction *ct)
{
  const Transaction *t = ct->transaction;
  const CaseTransaction *found = NULL;
  unsigned walked = 0;

  for (const CaseTransaction *next = ct + 1;
       next < c->transactions + c->transaction_count && walked++ < CALL_CASE_WALK_MAX; next++)
    if (next->request && next->transaction->cseq == t->cseq &&
        next->transaction->method == t->method && next->transaction->from_tag == t->from_tag &&
        next->transaction->via_count > t->via_count &&
        call_case_same_host(c, next->request->src, ct->request->dst) &&
        (!found || (next->final && !found->final)))
      found = next;
  return found;
}

/* The server got a final response to the request that it forwarded, but the client sent its request
 * again more than T1, the estimate of a round trip, later: the response did not reach it. */
static bool is_response_lost(const CaseTransaction *ct, const CaseTransaction *forwarded)
{
  return forwarded->final && ct->last_request->time_ns - forwarded->final->time_ns > T1_NS;
}

/* Over UDP it has to be sent again; over others that is not done. */
bool silence_is_of(const CallCase *c, const CaseTransaction *ct)
{
  if (!ct->request || ct->response || ct->request->method == SIP_METHOD_ACK ||
      ct->request->method == SIP_METHOD_CANCEL || waited(c, ct) < WAITED_NS)
    return false;
  if (ct->request->transport == TRANSPORT_UDP ? ct->requests < 2 : waited(c, ct) < TIMEOUT_NS)
    return false;
  return !is_answered_otherwise(c, ct) && !is_acknowledged(c, ct);
}

const CaseTransaction *silence_downstream(const CallCase *c, const CaseTransaction *ct)
{
  uint32_t server = ct->request ? ct->request->dst : ct->final->src;

  for (size_t i = 0; i < c->attempt_count; i++) {
    const CaseTransaction *next = c->attempt[i];
    if (next->request && next->transaction->via_count > ct->transaction->via_count &&
        call_case_same_host(c, next->request->src, server) && silence_is_of(c, next))
      return next;
  }
  return NULL;
}

/* While it is sent again, its sender has got nothing; a sender that stopped had given up, or its
 * capture shows both directions. */
static void weaken(const CallCase *c, const CaseTransaction *ct, Finding *finding)
{
  bool gave_up = ct->requests >= 3 && c->now_ns - ct->last_request->time_ns > TIMEOUT_NS / 4;

  call_case_weaken(c, finding);
  if (waited(c, ct) < TIMEOUT_NS && !gave_up)
    finding_weaken(finding, "the capture ends before the request times out");
  if (capture_index_success(c->index, c->call, ct->request->time_ns,
                            ct->last_request->time_ns + TIMEOUT_NS / 4))
    finding_weaken(finding, "the caller tried again at once, and that was answered");
  if (c->summary->outcome == OUTCOME_ANSWERED)
    finding_weaken(finding, ct->transaction->in_dialog ? N_("the session went on")
                                                       : N_("it was answered elsewhere"));
}

static const char *sendings(const CallCase *c, const CaseTransaction *ct)
{
  int64_t took_ns = ct->last_request->time_ns - ct->request->time_ns;

  return ct->requests > 1
           ? say(c, "sent %s in %s", say_times(c, ct->requests), say_span(c, took_ns))
           : say(c, "no answer in %s", say_span(c, MIN(waited(c, ct), TIMEOUT_NS)));
}

/* `forwarded`: what the server made of the request, and whose response went no further; or NULL. */
static void add_silence(CallCase *c, const CaseTransaction *ct, const CaseTransaction *forwarded,
                        FindingList *list)
{
  const Message *request = ct->request;
  bool is_bye = request->method == SIP_METHOD_BYE;
  const char *lost =
    forwarded ? say(c, "; it had the %s from %s, and did not send it on",
                    say_status(c, forwarded->final), say_endpoint(c, forwarded->final->src))
              : "";
  Finding *finding =
    finding_add(list, is_bye ? FINDING_BYE_UNANSWERED : FINDING_NO_RESPONSE,
                "%s did not answer the %s of %s: %s%s", say_endpoint(c, request->dst),
                say_method(c, request), say_endpoint(c, request->src), sendings(c, ct), lost);

  call_case_prove(finding, request);
  call_case_blame(c, finding, request->dst, 0);
  if (ct->last_request != request)
    call_case_prove(finding, ct->last_request);
  if (forwarded)
    call_case_prove(finding, forwarded->final);
  if (finding && !is_bye)
    finding->decided = c->summary->outcome != OUTCOME_ANSWERED;
  if (forwarded && !loss_could_be_seen(c, request->dst, request->src))
    finding_weaken(finding, "nothing in that direction was captured on this hop");
  if (!is_bye)
    weaken(c, ct, finding);
  else
    call_case_weaken(c, finding);
}

/* Each server and method once: a client that tries again says nothing new. */
void silence_findings_add(CallCase *c, FindingList *list)
{
  const Message *said[SAID_MAX];
  unsigned count = 0, tested = 0;

  for (size_t i = 0; i < c->transaction_count && count < SAID_MAX && tested < TESTED_MAX; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    bool is_said = false;

    if (ct->response || !ct->request || ct->request->method == SIP_METHOD_ACK)
      continue;
    for (unsigned k = 0; k < count; k++)
      is_said |= said[k]->dst == ct->request->dst && said[k]->method == ct->request->method;
    if (is_said)
      continue;
    tested++;
    if (!silence_is_of(c, ct))
      continue;
    const CaseTransaction *forwarded = find_forwarded(c, ct);
    if (forwarded && !is_response_lost(ct, forwarded))
      continue;
    said[count++] = ct->request;
    add_silence(c, ct, forwarded, list);
  }
}
