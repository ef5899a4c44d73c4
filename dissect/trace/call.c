#include "dissect/sip/sip_addr.h"
#include "dissect/trace/trace_private.h"

/* What a small call needs in all: itself, its strings, three messages with their transaction. */
enum { CALL_ARENA_FIRST = 864 };

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
  call->hash = arrival->call_hash;
  if (arrival->sip.call_id.len > 0)
    call->call_id = arena_dup(&call->arena, arrival->sip.call_id);
  call_name_parties(call, &arrival->sip);
  call->start_ns = call->end_ns = arrival->raw.time_ns;
  call->invite_ns = call->ringing_ns = call->answer_ns = call->stray_bye_ns = TIME_NONE;
  g_ptr_array_add(trace->calls, call);
  call->number = trace->calls->len;
  record_table_put(trace->calls_by_id, call);
  trace->stats.call_ids += call->call_id.len > 0;
  return call;
}

Call *call_find(const Trace *trace, const Arrival *arrival)
{
  Slice id = arrival->sip.call_id;
  const Call probe = {.hash = arrival->call_hash, .call_id = id.len > 0 ? id : SLICE_NONE};

  return record_table_find(trace->calls_by_id, &probe);
}

Call *call_file(Trace *trace, const Arrival *arrival)
{
  Call *call = call_find(trace, arrival);

  return call ? call : call_begin(trace, arrival);
}

/* Requests that cannot begin anything: a Call-ID that starts with one had its beginning before the
 * capture, or it comes late. */
static bool is_never_first(uint16_t method)
{
  return method == SIP_METHOD_ACK || method == SIP_METHOD_BYE || method == SIP_METHOD_CANCEL ||
         method == SIP_METHOD_PRACK || method == SIP_METHOD_UPDATE || method == SIP_METHOD_INFO;
}

/* Does the request begin the call although another came before it?  A NOTIFY may overtake what
 * asked for it (RFC 6665 4.1.2.4). */
static bool begins_late(const Call *call, const Message *message)
{
  if (message->method == SIP_METHOD_INVITE)
    return is_never_first(call->method);
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
  if (message->method != SIP_METHOD_INVITE || message->transaction->in_dialog)
    return;
  if (message->status >= 180 && message->status < 190 && call->ringing_ns == TIME_NONE)
    call->ringing_ns = message->time_ns;
  if (message->status >= 200 && message->status < 300 && call->answer_ns == TIME_NONE)
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
  call->start_ns = MIN(call->start_ns, message->time_ns);
  call->end_ns = MAX(call->end_ns, message->time_ns);
  if (message_is_request(message))
    note_request(trace, call, message, sip);
  else
    note_response(call, message);
}

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
    record_table_remove(trace->dialogs, d);
  record_table_remove(trace->calls_by_id, call);
  trace->calls->pdata[call->number - 1] = NULL;
  trace->messages -= call->messages;
  call_free(call);
}
