/* Filing messages into calls, and what a call adds up from them: counters, deciders, facts. */
#include "dissect/sip/sip_addr.h"
#include "dissect/trace/call_facts.h"
#include "dissect/trace/trace_private.h"

enum {
  /* What a small call needs in all: itself, its strings, three messages with their transaction. */
  CALL_ARENA_FIRST = 816,
  /* More transactions than these are not asked what became of the call: the newest decide. */
  CALL_DECIDERS_MAX = 1024,
};

G_STATIC_ASSERT(TRANSPORT_COUNT <= 8); /* Call.transports has a bit for each */

static void call_name_parties(Call *call, const SipMsg *sip)
{
  call->from = arena_dup(&call->arena, sip_addr_parse(sip->from).uri);
  call->to = arena_dup(&call->arena, sip_addr_parse(sip->to).uri);
}

static Call *call_begin(Trace *trace, const Arrival *arrival)
{
  Arena arena;

  arena_init(&arena, CALL_ARENA_FIRST);
  Call *call = arena_new(&arena, Call);
  call->arena = arena;
  call->id = arrival->call;
  if (arrival->sip.call_id.len > 0)
    call->call_id = arena_dup(&call->arena, arrival->sip.call_id);
  call_name_parties(call, &arrival->sip);
  call->start_ns = call->end_ns = arrival->raw.time_ns;
  call->invite_ns = call->ringing_ns = call->answer_ns = call->stray_bye_ns = TIME_NONE;
  call->longest_ns = -1;
  g_ptr_array_add(trace->calls, call);
  call->number = trace->calls->len;
  record_table_put(trace->calls_by_id, call);
  trace->stats.call_ids += call->call_id.len > 0;
  return call;
}

Call *call_find(const Trace *trace, const Arrival *arrival)
{
  return record_table_find(trace->calls_by_id, &arrival->call);
}

Call *call_file(Trace *trace, const Arrival *arrival)
{
  Call *call = call_find(trace, arrival);

  return call ? call : call_begin(trace, arrival);
}

/* --- Counters -------------------------------------------------------------------------------- */

/* Does the request begin the call although another came before it?  A Call-ID that starts with a
 * request that cannot begin anything had its beginning before the capture, or it comes late.  A
 * NOTIFY may overtake what asked for it (RFC 6665 4.1.2.4). */
static bool begins_late(const Call *call, const Message *message)
{
  bool is_never_first = call->method == SIP_METHOD_ACK || call->method == SIP_METHOD_BYE ||
                        call->method == SIP_METHOD_CANCEL || call->method == SIP_METHOD_PRACK ||
                        call->method == SIP_METHOD_UPDATE || call->method == SIP_METHOD_INFO;

  if (message->method == SIP_METHOD_INVITE)
    return is_never_first;
  return message->method == SIP_METHOD_SUBSCRIBE && call->method == SIP_METHOD_NOTIFY &&
         !(message->flags & MESSAGE_HAS_TO_TAG);
}

static void note_request(Trace *trace, Call *call, const Message *message, const SipMsg *sip)
{
  bool is_invite = message->method == SIP_METHOD_INVITE;

  if (call->method == SIP_METHOD_NONE || begins_late(call, message)) {
    trace->stats.invite_calls += is_invite;
    call->method = message->method;
    /* A re-INVITE may be the callee's. */
    if (!(message->flags & MESSAGE_HAS_TO_TAG))
      call_name_parties(call, sip);
  }
  if (is_invite && call->invite_ns == TIME_NONE)
    call->invite_ns = message->time_ns;
  /* RFC 3261 15: a BYE before the answer ends the INVITE as a CANCEL does. */
  if (message->method == SIP_METHOD_CANCEL ||
      (message->method == SIP_METHOD_BYE && call->answer_ns == TIME_NONE))
    call->cancelled = true;
}

static void note_response(Call *call, const Message *message)
{
  const Transaction *t = message->transaction;
  bool is_2xx = message->status >= 200 && message->status < 300;

  if (t->method == SIP_METHOD_INVITE && message->status < 200)
    call->provisional = true;
  if (t->method == SIP_METHOD_INVITE && is_2xx && !t->in_dialog &&
      (!call->answered || t->number < call->answered->number))
    call->answered = t;
  if (message->method != SIP_METHOD_INVITE || t->in_dialog)
    return;
  if (message->status >= 180 && message->status < 190 && call->ringing_ns == TIME_NONE)
    call->ringing_ns = message->time_ns;
  if (is_2xx && call->answer_ns == TIME_NONE)
    call->answer_ns = message->time_ns;
}

void call_note(Trace *trace, Call *call, Message *message, const SipMsg *sip)
{
  if (call->last)
    call->last->next = message;
  else
    call->first = message;
  message->previous = call->last;
  call->last = message;
  call->messages++;
  call->retransmissions += (message->flags & MESSAGE_RETRANSMISSION) != 0;
  call->duplicates += (message->flags & MESSAGE_DUPLICATE) != 0;
  call->transports |= (uint8_t) (1U << message->transport);
  call->start_ns = MIN(call->start_ns, message->time_ns);
  call->end_ns = MAX(call->end_ns, message->time_ns);
  if (message_is_request(message))
    note_request(trace, call, message, sip);
  else
    note_response(call, message);
}

int64_t dialog_duration(const Dialog *d)
{
  int64_t to = d->bye_ns != TIME_NONE ? d->bye_ns : d->call->stray_bye_ns;
  bool is_acked = d->acked_ns != TIME_NONE && d->acked_ns <= to;

  if (d->method != SIP_METHOD_INVITE || d->answer_unseen)
    return -1;
  return time_span(is_acked ? d->acked_ns : d->confirmed_ns, to);
}

/* An ACK that was captured after the BYE shortens its dialog; of very many that is not noticed. */
void call_note_late_ack(Call *call)
{
  if (call->dialog_count > CALL_DIALOGS_MAX)
    return;
  call->longest_ns = -1;
  call->open_dialog = call->dialogs;
}

void call_note_duration(Call *call, const Dialog *d)
{
  if (d->bye_ns != TIME_NONE)
    call->longest_ns = MAX(call->longest_ns, dialog_duration(d));
  for (; call->open_dialog->next && call->open_dialog->bye_ns != TIME_NONE;
       call->open_dialog = call->open_dialog->next)
    call->longest_ns = MAX(call->longest_ns, dialog_duration(call->open_dialog));
}

/* --- Deciders -------------------------------------------------------------------------------- */

bool transaction_is_inner_leg(const Transaction *t, const Transaction *outer)
{
  return t->request && outer->request && t->from_tag != outer->from_tag &&
         t->request->src != outer->request->src &&
         (!outer->final || outer->final->number > t->request->number);
}

/* Another hop or fork of the same attempt, farther from the caller. */
static bool is_farther(const Transaction *t, const Transaction *outer)
{
  return outer->request && t->cseq == outer->cseq && t->from_tag == outer->from_tag &&
         (!t->request || t->via_count > outer->via_count);
}

/* When there are too many the oldest goes, unless it goes before the next one. */
static void drop_decider(Call *call)
{
  Transaction *oldest = call->deciders, *next = oldest->next_decider;
  bool stays = is_farther(next, oldest) || transaction_is_inner_leg(next, oldest);
  Transaction **link = stays ? &oldest->next_decider : &call->deciders;

  *link = (*link)->next_decider;
  call->decider_count--;
}

static void add_decider(Call *call, Transaction *t)
{
  bool is_invite = t->method == SIP_METHOD_INVITE;

  if (t->method != call->deciding || (is_invite && t->in_dialog && call->has_initial))
    return;
  if (is_invite && t->request && !(t->request->flags & MESSAGE_HAS_TO_TAG))
    call->has_initial = true; /* it is never taken for a re-INVITE later */
  if (call->last_decider)
    call->last_decider->next_decider = t;
  else
    call->deciders = t;
  call->last_decider = t;
  t->next_decider = NULL;
  if (++call->decider_count > CALL_DECIDERS_MAX)
    drop_decider(call);
}

/* The method that begins a call may change when more of the call is seen, but hardly ever. */
void call_note_decider(Call *call, Transaction *begun)
{
  uint16_t deciding = call->method;

  if (deciding == SIP_METHOD_NONE)
    deciding = call->transactions->method;
  else if (deciding == SIP_METHOD_ACK)
    deciding = SIP_METHOD_INVITE;
  if (deciding == call->deciding) {
    if (begun)
      add_decider(call, begun);
    return;
  }
  call->deciding = deciding;
  call->deciders = call->last_decider = NULL;
  call->decider_count = 0;
  call->has_initial = false;
  for (Transaction *t = call->transactions; t; t = t->next)
    add_decider(call, t);
}

/* --- Facts ----------------------------------------------------------------------------------- */

static void note_ending(CallFacts *facts, const Message *m)
{
  bool is_request = message_is_request(m);
  /* A 401 or 407 asks to try again. */
  bool is_refusal =
    m->method == SIP_METHOD_INVITE && m->status >= 300 && m->status != 401 && m->status != 407;

  if (is_request && m->method == SIP_METHOD_BYE && facts->bye_count < CALL_BYES_MAX)
    facts->byes[facts->bye_count++] = m;
  else if (is_request && m->method == SIP_METHOD_CANCEL && !facts->cancel)
    facts->cancel = m;
  else if (is_refusal && facts->refusal_count < CALL_REFUSALS_MAX)
    facts->refusals[facts->refusal_count++] = m;
}

/* Where the INVITE was not captured, a response is taken for the answer, which it nearly always
 * is.  An INVITE that begins another attempt offers anew; its hops have the same CSeq. */
static void note_invite_sdp(CallFacts *facts, const Message *m)
{
  bool is_request = message_is_request(m);
  bool is_early = !facts->answer || facts->answer->status < 200;

  if (m->transaction->in_dialog || m->status >= 300)
    return;
  if (!is_request &&
      (!m->transaction->request || (facts->offer && message_is_request(facts->offer)))) {
    if (!facts->answer || (is_early && m->status >= 200))
      facts->answer = m;
  } else if (!facts->offer || (is_request && is_early && m->cseq != facts->offer->cseq)) {
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

static void note_endpoint(CallFacts *facts, uint32_t id, const Message *m)
{
  if (facts->beyond)
    return;
  for (unsigned i = 0; i < facts->endpoint_count; i++)
    if (facts->endpoints[i] == id)
      return;
  if (facts->endpoint_count == CALL_ENDPOINTS_MAX)
    facts->beyond = m;
  else
    facts->endpoints[facts->endpoint_count++] = id;
}

static void note_fork(CallFacts *facts, const Dialog *d)
{
  unsigned known = MIN(facts->attempt_count, CALL_ATTEMPTS_MAX), at = 0;

  while (at < known &&
         (facts->attempts[at].from_tag != d->caller_tag || facts->attempts[at].cseq != d->cseq))
    at++;
  if (at == known) {
    at = facts->attempt_count++ % CALL_ATTEMPTS_MAX;
    facts->attempts[at] = (CallAttempt){d->caller_tag, d->cseq, 0};
  }
  facts->attempts[at].dialogs++;
  facts->forks = MAX(facts->forks, facts->attempts[at].dialogs);
}

static void note_facts(CallFacts *facts, const Message *m)
{
  bool begins = message_is_request(m) && m->method == facts->method;

  if (!facts->began && begins)
    facts->began = m;
  if (!facts->callee && m->status > 100)
    facts->callee = m;
  note_sdp(facts, m);
  if (!(m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)))
    note_ending(facts, m);
  note_endpoint(facts, m->src, m);
  note_endpoint(facts, m->dst, m);
}

static void collect_facts(CallFacts *facts, const Call *call)
{
  *facts = (CallFacts){.method = call->method};
  for (const Dialog *d = call->dialogs; d; d = d->next)
    if (d->is_fork)
      note_fork(facts, d);
  for (const Message *m = call->first; m; m = m->next)
    note_facts(facts, m);
}

void call_note_fork(Dialog *dialog)
{
  if (dialog->is_fork)
    return;
  dialog->is_fork = true;
  if (dialog->call->facts)
    note_fork(dialog->call->facts, dialog);
}

void call_note_facts(Call *call, const Message *message)
{
  CallFacts *facts = call->facts;

  if (facts && facts->method == call->method) {
    note_facts(facts, message);
  } else if (facts) {
    collect_facts(facts, call);
  } else if (call->messages >= CALL_FACTS_KEPT_FROM) {
    call->facts = arena_new(&call->arena, CallFacts);
    collect_facts(call->facts, call);
  }
}

const CallFacts *call_facts(const Call *call, Arena *scratch)
{
  if (call->facts)
    return call->facts;
  CallFacts *facts = arena_alloc(scratch, sizeof *facts);
  collect_facts(facts, call);
  return facts;
}

/* --- Its end --------------------------------------------------------------------------------- */

void call_free(Call *call)
{
  if (!call)
    return;
  Arena arena = call->arena; /* the call lies in it */
  arena_clear(&arena);
}

void call_evict(Trace *trace, Call *call)
{
  for (Transaction *t = call->transactions; t; t = t->next)
    if (record_table_find(trace->transactions, t) == t)
      record_table_remove(trace->transactions, t);
  for (Dialog *d = call->dialogs; d; d = d->next)
    if (record_table_find(trace->dialogs, d) == d)
      record_table_remove(trace->dialogs, d);
  record_table_remove(trace->calls_by_id, call);
  trace->calls->pdata[call->number - 1] = NULL;
  trace->messages -= call->messages;
  call_free(call);
}
