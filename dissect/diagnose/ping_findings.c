/* OPTIONS pings (RFC 3261 11): the peer that does not answer them any more, and that is back. */
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"

/* Calls that are looked back for the last ping with an answer. */
enum { PINGS_BACK_MAX = 1024 };

typedef enum {
  PING_UNKNOWN,
  PING_ANSWERED,
  PING_SILENT,
} PingState;

static PingState state_of(const CallCase *c, const CaseTransaction *ct)
{
  if (ct->response)
    return PING_ANSWERED;
  return silence_is_of(c, ct) ? PING_SILENT : PING_UNKNOWN;
}

/* Of a call that is not the case's: its last ping. */
static const Transaction *last_ping(const Call *call)
{
  const Transaction *t = call ? call->last_transaction : NULL;

  return t && t->method == SIP_METHOD_OPTIONS && t->request ? t : NULL;
}

static bool is_answered(const Transaction *t)
{
  return t->final || t->provisional > 0;
}

/* How long before `ct` the peer did answer for the last time; -1 if that was not seen. */
static int64_t silent_for(CallCase *c, const CaseTransaction *ct)
{
  const Call *call = c->call;

  for (const CaseTransaction *before = ct; before-- > c->transactions;)
    if (before->response && before->request)
      return ct->request->time_ns - before->response->time_ns;
  for (unsigned i = 0; i < PINGS_BACK_MAX; i++) {
    call = capture_index_ping_before(c->index, call);
    const Transaction *t = last_ping(call);
    if (!t)
      return -1;
    if (is_answered(t))
      return ct->request->time_ns - t->last_ns;
  }
  return -1;
}

static void add_change(CallCase *c, const CaseTransaction *ct, PingState state, FindingList *list)
{
  int64_t silent_ns = silent_for(c, ct);
  const Message *request = ct->request;

  if (silent_ns < 0)
    return;
  Finding *finding =
    state == PING_SILENT
      ? finding_add(list, FINDING_PEER_DOWN,
                    "%s does not answer the pings of %s any more; it last did %s before this one",
                    say_endpoint(c, request->dst), say_endpoint(c, request->src),
                    say_span(c, silent_ns))
      : finding_add(
          list, FINDING_PEER_UP, "%s answers the pings of %s again, %s after its last answer",
          say_endpoint(c, request->dst), say_endpoint(c, request->src), say_span(c, silent_ns));
  call_case_prove(finding, request);
  call_case_blame(c, finding, request->dst, 0);
  call_case_prove(finding, ct->response);
  call_case_weaken(c, finding);
}

/* A peer that pings under one Call-ID has all its pings in one call. */
void ping_findings_add(CallCase *c, FindingList *list)
{
  if (c->call->method != SIP_METHOD_OPTIONS)
    return;
  const Transaction *before = last_ping(capture_index_ping_before(c->index, c->call));
  PingState last = !before ? PING_UNKNOWN : is_answered(before) ? PING_ANSWERED : PING_SILENT;
  for (size_t i = 0; i < c->transaction_count; i++) {
    const CaseTransaction *ct = &c->transactions[i];
    PingState state = PING_UNKNOWN;

    if (ct->request && ct->transaction->method == SIP_METHOD_OPTIONS && !ct->transaction->in_dialog)
      state = state_of(c, ct);
    if (state == PING_UNKNOWN)
      continue;
    if (last != PING_UNKNOWN && state != last)
      add_change(c, ct, state, list);
    last = state;
  }
}
