/*
 * Which call a message belongs to, when one Call-ID is used for several of them: by gateways and
 * load scripts, against RFC 3261 8.1.1.4.
 *
 * An INVITE outside of dialogs begins another call when the one before was begun by another method,
 * or when its attempts are over and the From tag is new.  What overlaps is one call: forks, the
 * legs of a B2BUA that keeps the Call-ID, authentication, redirection.  All else goes to the call
 * of its transaction or dialog, or to the newest.  Exchanges of GB/T 28181 are told apart by what
 * they ask (exchange.c).
 */
#include "dissect/trace/trace_private.h"

#define MS INT64_C(1000000)

enum {
  /* 64*T1: after a final response, the ACK does not come later (RFC 3261 17.2.1, 13.3.1.4). */
  FINAL_MS = 32000,
  /* Timer C: nor does a final response (RFC 3261 16.6). */
  SILENT_MS = 180000,
  /* Transactions of one key, and calls of one Call-ID, that are looked at. */
  KEY_WALK_MAX = 8,
  CALL_WALK_MAX = 32,
};

void call_link(Trace *trace, Call *call)
{
  Call *newest = record_table_find(trace->calls_by_id, call);

  if (newest) {
    call_make_rare(call)->older = newest;
    call_make_rare(newest)->newer = call;
  } else {
    trace->stats.call_ids += call_text_kept(call, CALL_TEXT_ID).len > 0;
  }
  record_table_put(trace->calls_by_id, call);
  trace->call_count++;
}

void call_unlink(Trace *trace, Call *call)
{
  Call *older = call_rare(call)->older, *newer = call_rare(call)->newer;

  if (older)
    call_make_rare(older)->newer = newer;
  if (newer)
    call_make_rare(newer)->older = older;
  else if (older)
    record_table_put(trace->calls_by_id, older);
  else
    record_table_remove(trace->calls_by_id, call);
  trace->call_count--;
}

uint16_t call_kind_of(uint16_t method)
{
  switch (method) {
  case SIP_METHOD_ACK:
  case SIP_METHOD_BYE:
  case SIP_METHOD_CANCEL:
  case SIP_METHOD_PRACK:
  case SIP_METHOD_UPDATE:
  case SIP_METHOD_INFO:
    return SIP_METHOD_INVITE;
  default:
    return method;
  }
}

/* --- Attempts --- */

static bool is_dialog_over(const Dialog *d)
{
  return d && (d->acked_ns != TIME_NONE || d->bye_ns != TIME_NONE);
}

/* A dialog that the ACK alone shows belongs to no message of the INVITE's transaction. */
static const Dialog *dialog_of(const Transaction *t)
{
  const Dialog *d = t->final ? t->final->dialog : t->last->dialog, *last = t->call->last_dialog;

  if (!d && last && last->midway && last->cseq == t->cseq && last->caller_tag == t->from_tag)
    d = last;
  return d;
}

static bool is_over(const Transaction *t, int64_t now_ns)
{
  if (t->method != SIP_METHOD_INVITE || t->in_dialog || t->acked || is_dialog_over(dialog_of(t)))
    return true;
  return now_ns - t->last_ns > (t->final ? FINAL_MS : SILENT_MS) * MS;
}

Transaction *call_pending(Call *call, int64_t now_ns)
{
  Transaction *t = call->over ? call->over->next : call->transactions;

  for (; t && is_over(t, now_ns); t = t->next)
    call->over = t;
  return t;
}

bool call_is_retry(const Trace *trace, const Call *call, const Endpoint *src, int64_t now_ns)
{
  const Transaction *last = call->last_decider;

  if (!last || !last->final || now_ns - last->last_ns > FINAL_MS * MS ||
      !is_same_host(trace_endpoint(trace, call->client), src))
    return false;
  unsigned status = last->final->status;
  return status == 401 || status == 407 || status / 100 == 3;
}

static bool is_tag_known(const Call *call, uint64_t from_tag)
{
  if (!call->has_caller)
    return call->last_dialog && call->last_dialog->caller_tag == from_tag;
  const uint64_t *others = call_rare(call)->other_tags;
  return call->caller_tag == from_tag || others[0] == from_tag || others[1] == from_tag;
}

/* Does an INVITE outside of dialogs, if it is no copy, begin another call than the newest? */
static bool begins_call(const Trace *trace, Call *newest, const Arrival *arrival)
{
  int64_t now_ns = arrival->raw.time_ns;

  if (newest->method != SIP_METHOD_INVITE)
    return newest->method != SIP_METHOD_NONE;
  if (is_tag_known(newest, arrival->from_tag))
    return false;
  if (!newest->has_caller)
    return is_dialog_over(newest->last_dialog);
  return !call_pending(newest, now_ns) && !call_is_retry(trace, newest, &arrival->raw.src, now_ns);
}

/* --- The call of a message --- */

static Call *call_of_key(const Trace *trace, const Key *key, const Arrival *arrival)
{
  const Transaction *newest = record_table_find(trace->transactions, key);
  unsigned walked = 0;

  for (const Transaction *t = newest; t && walked++ < KEY_WALK_MAX; t = t->older)
    if (t->from_tag == arrival->from_tag)
      return t->call;
  return newest && !arrival->sip.is_request ? newest->call : NULL;
}

/* That of its transaction, or of its INVITE's. */
static Call *call_of_transaction(const Trace *trace, const Arrival *arrival)
{
  SipMethod method = arrival->sip.is_request ? arrival->sip.method : arrival->sip.cseq_method;
  Call *call = call_of_key(trace, &arrival->transaction, arrival);

  if (!call && (method == SIP_METHOD_ACK || method == SIP_METHOD_CANCEL))
    call = call_of_key(trace, &arrival->second, arrival);
  return call;
}

static Call *call_of_dialog(const Trace *trace, const Arrival *arrival)
{
  const Dialog *d = record_table_find(trace->dialogs, &arrival->dialog);

  return d ? d->call : NULL;
}

/* A NOTIFY may come before its dialog is known (RFC 6665 4.1.2.4). */
static Call *call_of_method(Call *newest, SipMethod method)
{
  uint16_t kind = call_kind_of((uint16_t) method);
  unsigned walked = 0;

  for (Call *call = newest; call && walked++ < CALL_WALK_MAX; call = call_rare(call)->older)
    if (call->method == kind || (kind == SIP_METHOD_NOTIFY && call->method == SIP_METHOD_SUBSCRIBE))
      return call;
  return newest;
}

/* Of an exchange, or of a Call-ID that is the further one of an exchange. */
static Call *call_of_exchange(const Trace *trace, const Arrival *arrival, Call *newest)
{
  Call *call = call_of_transaction(trace, arrival);

  return call || arrival->gb == GB_NONE ? call : exchange_find(trace, arrival, newest);
}

Call *call_find(const Trace *trace, const Arrival *arrival)
{
  const SipMsg *sip = &arrival->sip;
  Call *newest = record_table_find(trace->calls_by_id, &arrival->call);
  Call *named = newest ? NULL : exchange_of_name(trace, &arrival->call);
  bool is_exchange = named || arrival->gb != GB_NONE || (newest && newest->gb != GB_NONE);

  if (G_UNLIKELY(is_exchange)) {
    Call *call = call_of_exchange(trace, arrival, newest ? newest : named);
    if (call || arrival->gb != GB_NONE)
      return call;
    newest = newest ? newest : named;
  }
  bool is_initial = sip->is_request && sip->method == SIP_METHOD_INVITE && sip->to_tag.len == 0;
  bool begins = newest && is_initial && begins_call(trace, newest, arrival);

  if (!newest || (!begins && !call_rare(newest)->older))
    return newest;
  Call *call = call_of_transaction(trace, arrival);
  if (!call && !is_initial)
    call = call_of_dialog(trace, arrival);
  if (call || begins)
    return call;
  return is_initial ? newest
                    : call_of_method(newest, sip->is_request ? sip->method : sip->cseq_method);
}
