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
  /* How much the clocks of two taps may differ. */
  TAPS_MS = 10000,
  /* Distinct messages of one transaction that are compared with a new one, and messages before it
   * that may be the same packet. */
  COPY_WALK_MAX = 64,
  /* Transactions of one key that are told apart. */
  SAME_KEY_MAX = 8,
};

/* The newest of that key.  The call's newest is nearly always the one; a new call has none. */
static Transaction *transaction_of_key(const Trace *trace, const Call *call, const Key *key)
{
  if (!call->transactions)
    return NULL;
  if (key_eq(&call->last_transaction->key, key))
    return call->last_transaction;
  Transaction *t = record_table_find(trace->transactions, key);
  return t && t->call == call ? t : NULL;
}

/* RFC 3261 17.2.3: of a request the sent-by has to be equal, too.  Another From tag is another
 * client. */
static Transaction *find_for_request(const Trace *trace, const Call *call, const Key *key,
                                     const Arrival *arrival)
{
  Transaction *t = transaction_of_key(trace, call, key);

  for (unsigned walked = 0; t && walked < SAME_KEY_MAX; t = t->older, walked++)
    if (t->from_tag == arrival->from_tag && (!t->request || t->sent_by == arrival->sent_by))
      return t;
  return NULL;
}

/* RFC 3261 17.1.3: a response needs no more than the key; where that is not enough, the request
 * that it repeats most of. */
static Transaction *find_for_response(const Trace *trace, const Call *call, const Key *key,
                                      const Arrival *arrival)
{
  Transaction *newest = transaction_of_key(trace, call, key), *alike = NULL;
  unsigned walked = 0;

  for (Transaction *t = newest; t && walked++ < SAME_KEY_MAX; t = t->older) {
    if (t->from_tag != arrival->from_tag)
      continue;
    if (t->sent_by == arrival->sent_by)
      return t;
    if (!alike)
      alike = t;
  }
  return alike ? alike : newest;
}

/* A response has the Vias of its request. */
static uint16_t via_count_of(const Arrival *arrival)
{
  unsigned count = arrival->sip.via_count;

  return count > 0 ? (uint16_t) MIN(count, UINT16_MAX) : UINT16_MAX;
}

static Transaction *transaction_begin(Trace *trace, Call *call, const Message *message,
                                      const Arrival *arrival, const Key *key)
{
  Transaction *t = pool_take(&trace->transaction_pool);

  t->key = *key;
  t->call = call;
  t->older = transaction_of_key(trace, call, key);
  t->last_ns = message->time_ns;
  t->ringing_ns = TIME_NONE;
  t->from_tag = arrival->from_tag;
  t->sent_by = arrival->sent_by;
  t->via_count = via_count_of(arrival);
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

/* Could a message be sent twice with the same start-line and yet be two?  A provisional response
 * may rightly come with other content; an ACK for each 2xx. */
static bool needs_equal_bytes(const Message *message)
{
  return message_is_request(message) ? message->method == SIP_METHOD_ACK : message->status < 200;
}

/* The same request or answer, sent on the same hop (RFC 3261 17.1.1.2, 17.2.1, 13.3.1.4). */
static bool is_copy(const Message *a, const Message *b, const Transaction *t, uint32_t uri)
{
  if (a->src != b->src || a->dst != b->dst || a->method != b->method || a->status != b->status)
    return false;
  if (needs_equal_bytes(a))
    return a->octets_hash == b->octets_hash && a->len == b->len;
  if (message_is_request(a))
    return t->uri == uri;
  return a->status >= 300 || a->dialog == b->dialog;
}

static int64_t time_apart(const Message *a, const Message *b)
{
  return a->time_ns > b->time_ns ? a->time_ns - b->time_ns : b->time_ns - a->time_ns;
}

/* Were both captured, or copied to HEP by the same server? */
static bool is_same_tap(const Message *a, const Message *b)
{
  return a->is_copied == b->is_copied && (!a->is_copied || a->copier == b->copier);
}

static bool have_ip_ids(const Message *a, const Message *b)
{
  return !a->is_copied && !b->is_copied && a->ip_id != 0 && b->ip_id != 0;
}

/* The same packet captured again (on `any`, at two taps), not sent again.  Behind a router its TTL
 * is another one, which a host does not change when it sends again. */
static bool is_same_packet(const Message *a, const Message *b)
{
  int64_t apart = time_apart(a, b);

  if (!is_same_tap(a, b) || (have_ip_ids(a, b) && a->ip_id != b->ip_id))
    return false;
  if (!a->is_copied && a->ttl != b->ttl)
    return apart < TAPS_MS * MS;
  return apart < (have_ip_ids(a, b) ? DUPLICATE_MS : DUPLICATE_BLIND_MS) * MS;
}

/* The message of the call's last ones that is the same packet; or NULL.  `t`: whose copies are
 * looked at. */
static Message *find_packet(const Transaction *t, const Message *message, uint32_t uri)
{
  unsigned walked = 0;

  for (Message *m = t->call->last; m && walked++ < COPY_WALK_MAX; m = m->previous)
    if (m->transaction == t && !(m->flags & MESSAGE_DUPLICATE) && is_copy(m, message, t, uri) &&
        is_same_packet(m, message))
      return m;
  return NULL;
}

/* Could it be seen at both taps at about the same time? */
static bool may_be_seen_twice(const Message *a, const Message *b)
{
  bool is_whole = !((a->flags | b->flags) & MESSAGE_INCOMPLETE);

  return time_apart(a, b) < TAPS_MS * MS && (!is_whole || a->len == b->len);
}

/*
 * A message that was copied to HEP and captured as well, or copied by two servers, has no IP
 * identification that would tell it from one that was sent again.  But each of them sees all that
 * is sent, in order: the third of its kind that one of them shows is the third that was sent.
 * The message that this one is the sighting of; NULL when there is none.
 */
static Message *find_sighted(const Transaction *t, const Message *message, uint32_t uri)
{
  const Message *last_seen = NULL;
  bool has_other_tap = false, is_again = false;
  unsigned walked = 0, sent = 0, seen = 0;

  for (const Message *m = t->call->last; m && walked++ < COPY_WALK_MAX; m = m->previous) {
    if (m->transaction != t || !is_copy(m, message, t, uri) || !may_be_seen_twice(m, message))
      continue;
    sent += !(m->flags & MESSAGE_DUPLICATE);
    has_other_tap |= !is_same_tap(m, message);
    if (!is_same_tap(m, message) || (last_seen && is_same_packet(last_seen, m)))
      continue;
    last_seen = m;
    seen++;
    is_again |= is_same_packet(m, message);
  }
  seen -= is_again; /* the same packet, of which the first was a sighting */
  if (!has_other_tap || seen >= sent)
    return NULL;
  walked = 0;
  for (Message *m = t->call->last; m && walked++ < COPY_WALK_MAX; m = m->previous)
    if (m->transaction == t && is_copy(m, message, t, uri) && may_be_seen_twice(m, message) &&
        !(m->flags & MESSAGE_DUPLICATE) && sent-- == seen + 1)
      return m;
  return NULL;
}

/* The message that this one is another capture, or a copy, of; or NULL. */
static Message *find_original(const Transaction *t, const Message *message, uint32_t uri)
{
  Message *original = find_packet(t, message, uri);

  return original ? original : find_sighted(t, message, uri);
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

/* The call of that INVITE was ended by BYE: a script that is run again, with all identifiers. */
static bool is_run_again(const Transaction *t, const Message *message)
{
  const Dialog *d = t->final ? t->final->dialog : NULL;

  return t->method == SIP_METHOD_INVITE && !t->in_dialog && t->request && d &&
         d->bye_ns != TIME_NONE && message->time_ns > d->bye_ns;
}

/* One branch for two forks of a call (RFC 3261 12.2.1.1: each dialog has its own requests). */
static bool is_in_other_dialog(const Transaction *t, const Arrival *arrival)
{
  return t->request && t->request->dialog && !key_eq(&t->request->dialog->key, &arrival->dialog);
}

/* The dialog of the request came to its end, and there is another one with the same tags. */
static bool is_in_next_dialog(const Trace *trace, const Transaction *t, const Arrival *arrival)
{
  return t->request && t->request->dialog &&
         t->request->dialog != dialog_find(trace, t->call, arrival);
}

/* The key of another request: RFC 2543 has no branch, so the Request-URI has to be equal too
 * (RFC 3261 17.2.3); a request may have another's method in its CSeq. */
static bool is_other_request(const Transaction *t, const Message *message, const Arrival *arrival)
{
  return t->request &&
         (t->method != message->method || (arrival->rfc2543 && t->uri != arrival->uri));
}

/* Does the request begin another transaction, although it has the key of `t`? */
static bool is_new(const Trace *trace, const Transaction *t, const Message *message,
                   const Arrival *arrival)
{
  bool is_ack = message->method == SIP_METHOD_ACK;

  if ((!is_ack && is_other_request(t, message, arrival)) || is_in_other_dialog(t, arrival))
    return true;
  bool is_again = is_gone(t, message) || is_in_next_dialog(trace, t, arrival) ||
                  (!is_ack && (is_next_try(t, message) || is_run_again(t, message)));
  return is_again && !find_original(t, message, arrival->uri);
}

static void take_request(Transaction *t, Message *message, const Arrival *arrival)
{
  if (t->request)
    return;
  t->request = message;
  t->uri = arrival->uri;
  t->sent_by = arrival->sent_by;
  t->via_count = via_count_of(arrival);
  t->has_credentials = sip_msg_has(&arrival->sip, SIP_HEADER_AUTHORIZATION) ||
                       sip_msg_has(&arrival->sip, SIP_HEADER_PROXY_AUTHORIZATION);
}

static bool is_at_host(const Trace *trace, uint32_t a, uint32_t b)
{
  return a == b || is_same_host(trace_endpoint(trace, a), trace_endpoint(trace, b));
}

/* Did a message of this transaction go the way of this request, or an answer come back on it?
 * Ports may differ: a connection may have been opened anew. */
static bool is_on_hop(const Trace *trace, const Transaction *t, const Message *request)
{
  unsigned walked = 0;

  for (const Message *m = t->last; m && walked++ < COPY_WALK_MAX; m = m->previous_kind) {
    bool asks = message_is_request(m);
    if (is_at_host(trace, asks ? m->src : m->dst, request->src) &&
        is_at_host(trace, asks ? m->dst : m->src, request->dst))
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
  Transaction *invite = find_for_request(trace, call, &arrival->transaction, arrival);

  bool has_2xx = invite && invite->final && invite->final->status < 300;
  if (invite && !has_2xx && is_on_hop(trace, invite, message)) {
    invite->acked = true;
    return invite;
  }
  Transaction *t = find_for_request(trace, call, &arrival->second, arrival);
  if (!t || is_new(trace, t, message, arrival))
    t = transaction_begin(trace, call, message, arrival, &arrival->second);
  take_request(t, message, arrival);
  return t;
}

static Transaction *transaction_file_request(Trace *trace, Call *call, Message *message,
                                             const Arrival *arrival)
{
  Transaction *t = find_for_request(trace, call, &arrival->transaction, arrival);

  if (!t || is_new(trace, t, message, arrival))
    t = transaction_begin(trace, call, message, arrival, &arrival->transaction);
  take_request(t, message, arrival);
  return t;
}

/* RFC 3261 9.2: of the CANCEL that was answered. */
static void note_cancelled(const Trace *trace, Call *call, const Arrival *arrival)
{
  Transaction *invite = find_for_response(trace, call, &arrival->second, arrival);

  if (invite)
    invite->cancelled = true;
  else
    call->is_cancelled = true;
}

/* RFC 3261 8.2.6.2.  The branch is that of the transaction. */
static bool has_its_via(const Transaction *t, const Arrival *arrival)
{
  return t->request && t->via_count == 1 && arrival->sip.via_count == 1 &&
         arrival->sip.via_sent_by.len > 0 && arrival->sent_by == t->sent_by;
}

static Transaction *transaction_file_response(Trace *trace, Call *call, Message *message,
                                              const Arrival *arrival)
{
  Transaction *t = find_for_response(trace, call, &arrival->transaction, arrival);

  if (!t)
    t = transaction_begin(trace, call, message, arrival, &arrival->transaction);
  message->has_its_via = has_its_via(t, arrival);
  if (message->status < 200)
    t->provisional = MAX(t->provisional, message->status);
  else if (!t->final || (t->final->status >= 300 && message->status < 300))
    t->final = message;
  if (t->ringing_ns == TIME_NONE && message->status >= 180 && message->status < 190)
    t->ringing_ns = message->time_ns;
  if (message->method == SIP_METHOD_CANCEL && message->status >= 200 && message->status < 300)
    note_cancelled(trace, call, arrival);
  return t;
}

/* The chain holds the newest copy of each message: that is what the next one is compared with.  A
 * message whose rest never came is filed after copies that were sent later: it is no copy. */
const Message *transaction_link(Message *message, uint32_t uri)
{
  Transaction *t = message->transaction;
  Message **link = &t->last;
  unsigned walked = 0;

  while (*link && walked++ < COPY_WALK_MAX && !is_copy(*link, message, t, uri))
    link = &(*link)->previous_kind;
  if (!*link || walked > COPY_WALK_MAX) {
    message->previous_kind = t->last;
    t->last = message;
    return NULL;
  }
  Message *original = is_same_packet(*link, message) ? *link : find_original(t, message, uri);
  if (original) {
    message->flags |= MESSAGE_DUPLICATE;
    if (original->sightings < MESSAGE_SIGHTINGS_MAX)
      original->sightings++;
    message->sightings = original->sightings;
    return original;
  }
  if (message->frame < (*link)->frame)
    return NULL;
  message->flags |= MESSAGE_RETRANSMISSION;
  message->previous_kind = (*link)->previous_kind;
  *link = message;
  return NULL;
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
