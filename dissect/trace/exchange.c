/*
 * Exchanges of GB/T 28181: a query and its answers are MESSAGEs with Call-IDs of their own, and one
 * row.  They are found by command, serial number, device and hosts (Arrival.exchange); what belongs
 * to an answer, such as its 200, by the answer's Call-ID, which is another name of the row.
 *
 * A call lists its keys, so that eviction takes them out.
 */
#include "dissect/sip/gb_body.h"
#include "dissect/trace/trace_private.h"

/* Serial numbers are used again: an answer is one to what was silent for less. */
#define SILENT_NS (INT64_C(300) * 1000000000)

struct CallKey {
  Key key; /* first: the tables find records by it */
  CallKey *next;
  Call *call;
  bool is_name; /* in trace->names; else in trace->exchanges */
};

static RecordTable *table_of(Trace *trace, const CallKey *key)
{
  return key->is_name ? trace->names : trace->exchanges;
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

Call *exchange_find(const Trace *trace, const Arrival *arrival, Call *newest)
{
  Call *call = call_of_exchange(trace, arrival);

  /* In a dialog of another kind: the end of a file, in the session that plays it. */
  if (newest && newest->gb == GB_NONE && newest->method != SIP_METHOD_MESSAGE &&
      newest->method != SIP_METHOD_NONE)
    return newest;
  /* Sent again with credentials, or an answer; a query with a new Call-ID begins one. */
  return arrival->gb == GB_RESPONSE || call == newest ? call : NULL;
}

static void add_key(Trace *trace, Call *call, const Key *key, bool is_name)
{
  const CallKey *known = record_table_find(is_name ? trace->names : trace->exchanges, key);

  if (known && known->call == call)
    return;
  CallKey *added = arena_new(&call->arena, CallKey);
  *added = (CallKey){*key, call->keys, call, is_name};
  call->keys = added;
  record_table_put(table_of(trace, added), added);
  trace->stats.call_ids += is_name && !known;
}

void exchange_note(Trace *trace, Call *call, const Arrival *arrival)
{
  if (call->gb == GB_NONE && call->method != SIP_METHOD_NONE && call->method != SIP_METHOD_MESSAGE)
    return;
  if (call->gb == GB_NONE)
    call->gb = arrival->gb_begins;
  call->is_keepalive |= arrival->is_keepalive;
  if (!arrival->is_keepalive)
    add_key(trace, call, &arrival->exchange, false);
  if (!key_eq(&arrival->call, &call->id))
    add_key(trace, call, &arrival->call, true);
}

void exchange_forget(Trace *trace, Call *call)
{
  for (CallKey *key = call->keys; key; key = key->next)
    if (record_table_find(table_of(trace, key), key) == key)
      record_table_remove(table_of(trace, key), key);
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
