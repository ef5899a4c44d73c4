/*
 * Exchanges of GB/T 28181: a query and its answers are MESSAGEs with Call-IDs of their own, and one
 * row.  They are found by command, serial number, device and hosts (Arrival.exchange); what belongs
 * to an answer, such as its 200, by the answer's Call-ID, which is another name of the row.
 *
 * Subscriptions: a MESSAGE that notifies of what was subscribed to belongs to the row of the
 * SUBSCRIBE while that is in force, by command, device and hosts (Arrival.subscription).
 *
 * A call lists its keys, so that eviction takes them out.
 */
#include "dissect/sip/gb_body.h"
#include "dissect/sip/sip_values.h"
#include "dissect/trace/trace_private.h"

#define SECOND_NS INT64_C(1000000000)

/* Serial numbers are used again: an answer is one to what was silent for less. */
#define SILENT_NS (300 * SECOND_NS)

/* Of a SUBSCRIBE without Expires (RFC 3856 6.4). */
enum { EXPIRES_DEFAULT = 3600 };

typedef enum {
  KEY_OF_EXCHANGE,
  KEY_OF_NAME,
  KEY_OF_SUBSCRIPTION,
} KeyKind;

struct CallKey {
  Key key; /* first: the tables find records by it */
  CallKey *next;
  Call *call;
  KeyKind kind;
};

static RecordTable *table_of(Trace *trace, KeyKind kind)
{
  switch (kind) {
  case KEY_OF_NAME:
    return trace->names;
  case KEY_OF_SUBSCRIPTION:
    return trace->subscriptions;
  case KEY_OF_EXCHANGE:
    break;
  }
  return trace->exchanges;
}

Call *exchange_of_name(const Trace *trace, const Key *call_id)
{
  if (record_table_count(trace->names) == 0)
    return NULL;
  const CallKey *found = record_table_find(trace->names, call_id);
  return found ? found->call : NULL;
}

static Call *call_of_exchange(const Trace *trace, const Arrival *arrival)
{
  const CallKey *found = record_table_find(trace->exchanges, &arrival->exchange);

  return found && arrival->raw.time_ns - found->call->end_ns < SILENT_NS ? found->call : NULL;
}

/* The subscription in force that the notification is of. */
static Call *call_of_subscription(const Trace *trace, const Arrival *arrival)
{
  for (size_t i = 0; i < ARRIVAL_SUBSCRIPTIONS; i++) {
    const CallKey *found = record_table_find(trace->subscriptions, &arrival->subscription[i]);
    if (found && arrival->raw.time_ns < call_rare(found->call)->subscription->until_ns)
      return found->call;
  }
  return NULL;
}

Call *exchange_find(const Trace *trace, const Arrival *arrival, Call *newest)
{
  Call *call = call_of_exchange(trace, arrival);
  bool is_own_id = newest && key_eq(&arrival->call, &newest->id);

  /* In a dialog of another kind: the end of a file, in the session that plays it. */
  if (is_own_id && newest->gb == GB_NONE && newest->method != SIP_METHOD_MESSAGE &&
      newest->method != SIP_METHOD_NONE)
    return newest;
  /* Sent again with credentials, or an answer; a query with a new Call-ID begins one. */
  if (arrival->gb == GB_RESPONSE || (call && call == newest))
    return call;
  return arrival->gb == GB_NOTIFY && !arrival->is_keepalive &&
             record_table_count(trace->subscriptions) > 0
           ? call_of_subscription(trace, arrival)
           : NULL;
}

static void add_key(Trace *trace, Call *call, const Key *key, KeyKind kind)
{
  CallKey *known = record_table_find(table_of(trace, kind), key);

  if (known && known->call == call)
    return;
  if (known && kind == KEY_OF_SUBSCRIPTION)
    call_make_rare(known->call)->subscription->replaced_by = call->number;
  CallRare *rare = call_make_rare(call);
  CallKey *added = arena_new(&rare->arena, CallKey);
  *added = (CallKey){*key, rare->keys, call, kind};
  rare->keys = added;
  record_table_put(table_of(trace, kind), added);
  trace->stats.call_ids += kind == KEY_OF_NAME && !known;
}

void exchange_note(Trace *trace, Call *call, const Arrival *arrival)
{
  bool is_other =
    call->gb == GB_NONE && call->method != SIP_METHOD_NONE && call->method != SIP_METHOD_MESSAGE;

  if (is_other && !call_rare(call)->subscription)
    return;
  if (call->gb == GB_NONE && !is_other)
    call->gb = arrival->gb_begins;
  call->is_keepalive |= arrival->is_keepalive && !is_other;
  /* An answer that came after its own 200, as one that lost a fragment does, has a row of its own:
   * further ones are to find the query. */
  Call *asking = arrival->gb == GB_RESPONSE ? call_of_exchange(trace, arrival) : NULL;
  if (!arrival->is_keepalive && !is_other && (!asking || asking == call))
    add_key(trace, call, &arrival->exchange, KEY_OF_EXCHANGE);
  if (!key_eq(&arrival->call, &call->id))
    add_key(trace, call, &arrival->call, KEY_OF_NAME);
}

void exchange_forget(Trace *trace, Call *call)
{
  for (CallKey *key = call_rare(call)->keys; key; key = key->next)
    if (record_table_find(table_of(trace, key->kind), key) == key)
      record_table_remove(table_of(trace, key->kind), key);
}

const char *call_exchange_kind(const Call *call)
{
  static const char *const NAMES[GB_KIND_COUNT] = {
    [GB_CONTROL] = "gb-control",
    [GB_QUERY] = "gb-query",
    [GB_NOTIFY] = "gb-notify",
  };

  return NAMES[call->gb];
}

/* --- subscriptions ---------------------------------------------------------------------------- */

static bool find_expires(const SipMsg *sip, uint32_t *ret_seconds)
{
  SipHeaderRow row;

  return sip_msg_find(sip, SIP_HEADER_EXPIRES, &row) &&
         slice_to_u32(slice_trim(row.value), ret_seconds);
}

static void end_at(Subscription *subscription, int64_t time_ns)
{
  subscription->until_ns = time_ns;
  subscription->is_ended = true;
}

/* Until it is answered it is taken to be in force: notifications may come first. */
static void note_subscribe(Trace *trace, Call *call, const Message *message, const Arrival *arrival)
{
  CallRare *rare = call_make_rare(call);
  Subscription *subscription = rare->subscription;

  if (!subscription) {
    subscription = rare->subscription = arena_new(&rare->arena, Subscription);
    *subscription = (Subscription){.since_ns = TIME_NONE, .until_ns = TIME_NONE};
  }
  if (!find_expires(&arrival->sip, &subscription->asked))
    subscription->asked = EXPIRES_DEFAULT;
  if (subscription->since_ns == TIME_NONE) {
    subscription->until_ns = message->time_ns + subscription->asked * SECOND_NS;
    subscription->is_ended = false;
  }
  if (!arrival->subscribes)
    return;
  add_key(trace, call, &arrival->exchange, KEY_OF_EXCHANGE);
  for (size_t i = 0; i < ARRIVAL_SUBSCRIPTIONS; i++)
    add_key(trace, call, &arrival->subscription[i], KEY_OF_SUBSCRIPTION);
}

/* RFC 6665 4.1.2: the 2xx says for how long; RFC 6665 4.1.2.2: a 481 ends it. */
static void note_answer(Subscription *subscription, const Message *message, const SipMsg *sip)
{
  uint32_t seconds = subscription->asked;

  if (message->status >= 300 && (subscription->since_ns == TIME_NONE || message->status == 481))
    end_at(subscription, message->time_ns);
  if (message->status < 200 || message->status >= 300)
    return;
  (void) find_expires(sip, &seconds);
  if (seconds == 0 || subscription->asked == 0) {
    end_at(subscription, message->time_ns);
    return;
  }
  if (subscription->since_ns == TIME_NONE)
    subscription->since_ns = message->time_ns;
  else if (message->cseq != subscription->cseq)
    subscription->refreshes++;
  subscription->cseq = message->cseq;
  subscription->seconds = seconds;
  subscription->is_ended = false;
  subscription->until_ns = message->time_ns + seconds * SECOND_NS;
}

/* RFC 6665 4.1.3: a NOTIFY may end it. */
static void note_notification(Subscription *subscription, const Message *message,
                              const Arrival *arrival)
{
  uint64_t notified = arrival->call.low ^ arrival->from_tag ^ message->cseq;
  SipHeaderRow row;

  if (notified != subscription->notified)
    subscription->notifications++;
  subscription->notified = notified;
  if (!sip_msg_find(&arrival->sip, SIP_HEADER_SUBSCRIPTION_STATE, &row))
    return;
  Slice value = row.value;
  if (slice_eq_nocase(slice_trim(sip_cut_params(&value)), SLICE("terminated")))
    end_at(subscription, message->time_ns);
}

void subscription_note(Trace *trace, Call *call, const Message *message, const Arrival *arrival)
{
  bool is_request = message_is_request(message);

  if (message->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE))
    return;
  if (message->method == SIP_METHOD_SUBSCRIBE && is_request)
    note_subscribe(trace, call, message, arrival);
  else if (message->method == SIP_METHOD_SUBSCRIBE && call_rare(call)->subscription)
    note_answer(call_rare(call)->subscription, message, &arrival->sip);
  else if (is_request && (message->method == SIP_METHOD_NOTIFY || arrival->gb == GB_NOTIFY))
    note_notification(call_rare(call)->subscription, message, arrival);
}
