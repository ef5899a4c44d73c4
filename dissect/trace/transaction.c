/* RFC 3261 17.1.3, 17.2.3: which transaction a message belongs to, and whether it is a copy. */
#include "dissect/trace/trace_private.h"

#define MS INT64_C(1000000)

enum {
  /* 64*T1: how long a transaction may last; a finished one that is silent for longer is gone. */
  TRANSACTION_MS = 32000,
  /* Nothing but an INVITE is sent again later than T2 after the last copy (RFC 3261 17.1.2.2):
   * 4 s, and 16 s where 3GPP TS 24.229 7.7 applies. */
  REGULAR_GAP_MS = 20000,
  /* Copies of one packet come within this; retransmissions not before T1 (500 ms). */
  DUPLICATE_MS = 400,
  /* The same without an IP identification to tell them apart. */
  DUPLICATE_BLIND_MS = 50,
  /* Distinct messages of one transaction that are compared with a new one. */
  COPY_WALK_MAX = 64,
};

/* The call's newest is nearly always the one; a new call has none in the table. */
static Transaction *transaction_find(const Trace *trace, const Call *call, const Key *key)
{
  if (!call->transactions)
    return NULL;
  if (key_eq(&call->last_transaction->key, key))
    return call->last_transaction;
  return record_table_find(trace->transactions, key);
}

static Transaction *transaction_begin(Trace *trace, Call *call, const Message *message,
                                      const Arrival *arrival, const Key *key)
{
  Transaction *t = arena_new(&call->arena, Transaction);

  t->key = *key;
  t->call = call;
  t->last_ns = message->time_ns;
  t->from_tag = arrival->from_tag;
  t->number = ++trace->transaction_number;
  t->cseq = message->cseq;
  t->method = message->method;
  t->rfc2543 = arrival->rfc2543;
  if (call->last_transaction)
    call->last_transaction->next = t;
  else
    call->transactions = t;
  call->last_transaction = t;
  call->transaction_count++;
  methods_count(trace->methods.transactions, t->method);
  record_table_put(trace->transactions, t);
  return t;
}

/* A request with the key of a transaction that is long gone: a peer that always uses the same
 * branch begins another.  An INVITE may wait long for its answer. */
static bool is_gone(const Transaction *t, const Message *message)
{
  int64_t silent_ns = message->time_ns - t->last_ns;

  if (!t->request)
    return false;
  if (t->method != SIP_METHOD_INVITE)
    return silent_ns > REGULAR_GAP_MS * MS;
  return t->final && silent_ns > TRANSACTION_MS * MS;
}

/* The same peer tries again what was refused, with the same branch and CSeq: with credentials, so
 * that the bytes differ, or after its ACK, which ends an INVITE (RFC 3261 17.1.1.2). */
static bool is_next_try(const Transaction *t, const Message *message)
{
  const Message *old = t->request;

  if (!old || !t->final || t->final->status < 300 || t->final->dst != message->src ||
      old->src != message->src || old->dst != message->dst)
    return false;
  if (!((old->flags | message->flags) & MESSAGE_INCOMPLETE) && old->len != message->len)
    return true;
  return t->acked && message->time_ns - t->last_ns > DUPLICATE_MS * MS;
}

/* One branch for two forks of a call (RFC 3261 12.2.1.1: each dialog has its own requests). */
static bool is_in_other_dialog(const Transaction *t, const Arrival *arrival)
{
  return t->request && t->request->dialog && !key_eq(&t->request->dialog->key, &arrival->dialog);
}

/* The key of another request: RFC 2543 has no branch, so the Request-URI has to be equal too
 * (RFC 3261 17.2.3); a request may have another's method in its CSeq. */
static bool is_other_request(const Transaction *t, const Message *message, const Arrival *arrival)
{
  return t->request &&
         (t->method != message->method || (arrival->rfc2543 && t->uri != arrival->uri) ||
          is_in_other_dialog(t, arrival));
}

static void take_request(Transaction *t, Message *message, const Arrival *arrival)
{
  if (t->request)
    return;
  t->request = message;
  t->uri = arrival->uri;
  t->via_count = (uint16_t) MIN(arrival->sip.via_count, UINT16_MAX);
}

static bool is_same_host(const Trace *trace, uint32_t a, uint32_t b)
{
  const Endpoint *x = trace_endpoint(trace, a), *y = trace_endpoint(trace, b);

  return a == b || (x->family == y->family && memcmp(x->address, y->address, 16) == 0);
}

/* Did a message of this transaction go the way of this request, or an answer come back on it?
 * Ports may differ: a connection may have been opened anew. */
static bool is_on_hop(const Trace *trace, const Transaction *t, const Message *request)
{
  unsigned walked = 0;

  for (const Message *m = t->last; m && walked++ < COPY_WALK_MAX; m = m->previous_kind) {
    bool asks = message_is_request(m);
    if (is_same_host(trace, asks ? m->src : m->dst, request->src) &&
        is_same_host(trace, asks ? m->dst : m->src, request->dst))
      return true;
  }
  return false;
}

/* RFC 3261 17.1.1.3: the ACK of a non-2xx belongs to its INVITE; that of a 2xx is a transaction
 * of its own (13.2.2.4), also when a peer uses the INVITE's branch again; so is one with the Via of
 * another hop, which its receiver cannot match. */
static Transaction *transaction_file_ack(Trace *trace, Call *call, Message *message,
                                         const Arrival *arrival)
{
  Transaction *invite = transaction_find(trace, call, &arrival->transaction);

  bool has_2xx = invite && invite->final && invite->final->status < 300;
  if (invite && !has_2xx && is_on_hop(trace, invite, message)) {
    invite->acked = true;
    return invite;
  }
  Transaction *t = transaction_find(trace, call, &arrival->second);
  if (!t || is_gone(t, message) || is_in_other_dialog(t, arrival))
    t = transaction_begin(trace, call, message, arrival, &arrival->second);
  take_request(t, message, arrival);
  return t;
}

static Transaction *transaction_file_request(Trace *trace, Call *call, Message *message,
                                             const Arrival *arrival)
{
  Transaction *t = transaction_find(trace, call, &arrival->transaction);

  if (!t || is_gone(t, message) || is_next_try(t, message) || is_other_request(t, message, arrival))
    t = transaction_begin(trace, call, message, arrival, &arrival->transaction);
  take_request(t, message, arrival);
  return t;
}

static Transaction *transaction_file_response(Trace *trace, Call *call, Message *message,
                                              const Arrival *arrival)
{
  Transaction *t = transaction_find(trace, call, &arrival->transaction);

  if (!t)
    t = transaction_begin(trace, call, message, arrival, &arrival->transaction);
  if (message->status < 200)
    t->provisional = MAX(t->provisional, message->status);
  else if (!t->final || (t->final->status >= 300 && message->status < 300))
    t->final = message;
  return t;
}

/* Could a message be sent twice with the same start-line and yet be two?  A provisional response
 * may rightly come with other content; an ACK for each 2xx. */
static bool needs_equal_bytes(const Message *message)
{
  return message_is_request(message) ? message->method == SIP_METHOD_ACK : message->status < 200;
}

/* The same request or answer, sent on the same hop (RFC 3261 17.1.1.2, 17.2.1, 13.3.1.4). */
static bool is_copy(const Message *a, const Message *b, const Transaction *t, uint64_t uri)
{
  if (a->src != b->src || a->dst != b->dst || a->method != b->method || a->status != b->status)
    return false;
  if (needs_equal_bytes(a))
    return a->octets_hash == b->octets_hash && a->len == b->len;
  if (message_is_request(a))
    return t->uri == uri;
  return a->status >= 300 || a->dialog == b->dialog;
}

/* The same packet captured again (on `any`, at two taps), not sent again. */
static bool is_same_packet(const Message *a, const Message *b)
{
  int64_t apart = a->time_ns > b->time_ns ? a->time_ns - b->time_ns : b->time_ns - a->time_ns;

  if (a->ip_id != 0 && b->ip_id != 0)
    return a->ip_id == b->ip_id && apart < DUPLICATE_MS * MS;
  return apart < DUPLICATE_BLIND_MS * MS;
}

/* The chain holds the newest copy of each message: that is what the next one is compared with.  A
 * message whose rest never came is filed after copies that were sent later: it is no copy. */
void transaction_link(Message *message, uint64_t uri)
{
  Transaction *t = message->transaction;
  Message **link = &t->last;
  unsigned walked = 0;

  while (*link && walked++ < COPY_WALK_MAX && !is_copy(*link, message, t, uri))
    link = &(*link)->previous_kind;
  if (!*link || walked > COPY_WALK_MAX) {
    message->previous_kind = t->last;
    t->last = message;
    return;
  }
  if (is_same_packet(*link, message)) {
    message->flags |= MESSAGE_DUPLICATE;
    return;
  }
  if (message->frame < (*link)->frame)
    return;
  message->flags |= MESSAGE_RETRANSMISSION;
  message->previous_kind = (*link)->previous_kind;
  *link = message;
}

void transaction_file(Trace *trace, Call *call, Message *message, const Arrival *arrival)
{
  Transaction *t;

  if (!message_is_request(message))
    t = transaction_file_response(trace, call, message, arrival);
  else if (message->method == SIP_METHOD_ACK)
    t = transaction_file_ack(trace, call, message, arrival);
  else
    t = transaction_file_request(trace, call, message, arrival);
  message->transaction = t;
  t->last_ns = MAX(t->last_ns, message->time_ns);
}
