#include "dissect/trace/trace_private.h"

#include "capture/error.h"
#include "capture/hash.h"

const Limits LIMITS_DEFAULT = {
  .calls = 20 * 1000 * 1000,
  .messages = 200 * 1000 * 1000,
  .endpoints = 2 * 1000 * 1000,
  .methods = 1000,
  .packets = {.fragment_bytes = 64 << 20, .fragment_wait_ns = INT64_C(30) * 1000 * 1000 * 1000},
  .carrier = {.connections = 500 * 1000,
              .stream_bytes = 256 << 20,
              .message_bytes = 1 << 20,
              .gap_wait_ns = INT64_C(2) * 1000 * 1000 * 1000},
};

enum {
  ENDPOINT_ARENA_FIRST = 64 * 1024,
  /* How many of the oldest calls are asked whether they are finished before the oldest goes. */
  EVICT_LOOK_MAX = 64,
  /* A call is finished when nothing came for so long. */
  FINISHED_QUIET_S = 32,
};

static uint32_t call_hash(const void *call)
{
  return (uint32_t) ((const Call *) call)->hash;
}

static bool call_equal(const void *a, const void *b)
{
  const Call *x = a, *y = b;

  return x->hash == y->hash && slice_eq(x->call_id, y->call_id);
}

static uint32_t key_hash(const void *record)
{
  return (uint32_t) ((const Key *) record)->low;
}

static bool key_equal(const void *a, const void *b)
{
  return key_eq(a, b);
}

static uint32_t endpoint_hash(const void *entry)
{
  return (uint32_t) ((const EndpointEntry *) entry)->hash;
}

static bool endpoint_equal(const void *a, const void *b)
{
  const EndpointEntry *x = a, *y = b;

  return endpoint_eq(&x->endpoint, &y->endpoint);
}

static const RecordKey CALL_KEY = {call_hash, call_equal};
static const RecordKey RECORD_KEY = {key_hash, key_equal};
static const RecordKey ENDPOINT_KEY = {endpoint_hash, endpoint_equal};

Trace *trace_new(const Limits *limits)
{
  Trace *trace = g_new0(Trace, 1);
  static const EndpointEntry OTHERS = {.hash = 0};

  trace->limits = *limits;
  trace->seed = (uint64_t) g_random_int() << 32 | g_random_int();
  trace->calls_by_id = record_table_new(&CALL_KEY);
  trace->transactions = record_table_new(&RECORD_KEY);
  trace->dialogs = record_table_new(&RECORD_KEY);
  trace->calls = g_ptr_array_new();
  methods_init(&trace->methods);
  arena_init(&trace->endpoint_arena, ENDPOINT_ARENA_FIRST);
  trace->endpoints = record_table_new(&ENDPOINT_KEY);
  trace->endpoints_by_id = g_ptr_array_new();
  EndpointEntry *others = arena_new(&trace->endpoint_arena, EndpointEntry);
  *others = OTHERS;
  g_ptr_array_add(trace->endpoints_by_id, others);
  trace->stats.first_ns = trace->stats.last_ns = TIME_NONE;
  return trace;
}

void trace_free(Trace *trace)
{
  if (!trace)
    return;
  for (size_t i = 0; i < trace->calls->len; i++)
    call_free(trace->calls->pdata[i]);
  g_ptr_array_unref(trace->calls);
  record_table_free(trace->calls_by_id);
  record_table_free(trace->transactions);
  record_table_free(trace->dialogs);
  methods_clear(&trace->methods);
  record_table_free(trace->endpoints);
  g_ptr_array_unref(trace->endpoints_by_id);
  arena_clear(&trace->endpoint_arena);
  g_free(trace);
}

static uint32_t endpoint_look_up(Trace *trace, const Endpoint *endpoint)
{
  const EndpointEntry probe = {
    .hash = hash_bytes(endpoint, sizeof *endpoint, trace->seed),
    .endpoint = *endpoint,
  };
  const EndpointEntry *known = record_table_find(trace->endpoints, &probe);

  if (known)
    return known->id;
  if (trace->endpoints_by_id->len > trace->limits.endpoints)
    return 0;
  EndpointEntry *entry = arena_new(&trace->endpoint_arena, EndpointEntry);
  *entry = probe;
  entry->id = trace->endpoints_by_id->len;
  g_ptr_array_add(trace->endpoints_by_id, entry);
  record_table_put(trace->endpoints, entry);
  return entry->id;
}

/* The endpoints of the call's last message are nearly always the ones, and near at hand. */
static uint32_t endpoint_intern(Trace *trace, const Call *call, const Endpoint *endpoint)
{
  if (call->last && endpoint_eq(trace_endpoint(trace, call->last->src), endpoint))
    return call->last->src;
  if (call->last && endpoint_eq(trace_endpoint(trace, call->last->dst), endpoint))
    return call->last->dst;
  return endpoint_look_up(trace, endpoint);
}

static bool call_is_finished(const Trace *trace, const Call *call)
{
  int64_t now_ns = trace->stats.last_ns;

  if (now_ns - call->end_ns < FINISHED_QUIET_S * INT64_C(1000000000))
    return false;
  CallSummary summary = call_summarize(call, now_ns);
  return summary.state == CALL_STATE_NONE || summary.state == CALL_STATE_COMPLETED ||
         summary.state == CALL_STATE_OUTCOME;
}

/* The oldest finished call, or the oldest when none of the first few is finished. */
static Call *call_to_evict(Trace *trace)
{
  Call *oldest = NULL;
  unsigned looked = 0;

  for (size_t i = trace->oldest; i < trace->calls->len && looked < EVICT_LOOK_MAX; i++) {
    Call *call = trace->calls->pdata[i];
    if (!call) {
      trace->oldest += i == trace->oldest;
      continue;
    }
    if (!oldest)
      oldest = call;
    if (call_is_finished(trace, call))
      return call;
    looked++;
  }
  return oldest;
}

static void tally_outcome(const Trace *trace, const Call *call, TraceStats *stats)
{
  if (call->method == SIP_METHOD_INVITE)
    stats->outcomes[call_summarize(call, trace->stats.last_ns).outcome]++;
}

static bool evict_one(Trace *trace)
{
  Call *call = call_to_evict(trace);

  if (!call)
    return false;
  tally_outcome(trace, call, &trace->stats);
  trace->stats.evicted_calls++;
  call_evict(trace, call);
  return true;
}

static bool is_full(const Trace *trace)
{
  return trace->messages >= trace->limits.messages ||
         record_table_count(trace->calls_by_id) >= trace->limits.calls;
}

/* Before the call of the next message is looked up: it may be the one that has to go. */
static void make_room(Trace *trace, const Arrival *arrival)
{
  while (trace->messages >= trace->limits.messages && evict_one(trace))
    ;
  if (call_find(trace, arrival))
    return;
  while (record_table_count(trace->calls_by_id) >= trace->limits.calls && evict_one(trace))
    ;
}

static uint8_t first_flags(const Arrival *arrival)
{
  const SipMsg *sip = &arrival->sip;
  uint8_t flags = 0;

  if (!sip->complete || arrival->raw.cut)
    flags |= MESSAGE_INCOMPLETE;
  if (sip->worst == SIP_SEVERITY_ERROR)
    flags |= MESSAGE_MALFORMED;
  if (arrival->has_sdp)
    flags |= MESSAGE_HAS_SDP;
  if (sip->to_tag.len > 0)
    flags |= MESSAGE_HAS_TO_TAG;
  if (transport_is_stream(arrival->raw.transport))
    flags |= MESSAGE_ON_STREAM;
  return flags;
}

static Message *message_new(Trace *trace, Call *call, const Arrival *arrival)
{
  const SipMsg *sip = &arrival->sip;
  const RawMessage *raw = &arrival->raw;
  Message *message = arena_new(&call->arena, Message);

  *message = (Message){
    .time_ns = raw->time_ns,
    .ref = raw->ref,
    .frame = raw->frame,
    .number = ++trace->message_number,
    .len = (uint32_t) raw->octets.len,
    .src = endpoint_intern(trace, call, &raw->src),
    .dst = endpoint_intern(trace, call, &raw->dst),
    .cseq = sip->cseq,
    .octets_hash = arrival->octets_hash,
    .method = sip->is_request ? methods_intern(&trace->methods, sip->method, sip->method_text,
                                               trace->limits.methods)
                              : methods_intern(&trace->methods, sip->cseq_method,
                                               sip->cseq_method_text, trace->limits.methods),
    .status = (uint16_t) MIN(sip->status, STATUS_MAX - 1),
    .ip_id = raw->ip_id,
    .transport = (uint8_t) raw->transport,
    .flags = first_flags(arrival),
  };
  return message;
}

static void count_message(Trace *trace, const Message *message)
{
  TraceStats *stats = &trace->stats;
  bool is_request = message_is_request(message);

  stats->messages++;
  stats->requests += is_request;
  stats->responses += !is_request;
  if (is_request)
    methods_count(trace->methods.requests, message->method);
  else
    stats->statuses[message->status]++;
  stats->transports[message->transport]++;
  stats->retransmissions += (message->flags & MESSAGE_RETRANSMISSION) != 0;
  stats->duplicates += (message->flags & MESSAGE_DUPLICATE) != 0;
  stats->malformed += (message->flags & MESSAGE_MALFORMED) != 0;
  stats->incomplete += (message->flags & MESSAGE_INCOMPLETE) != 0;
}

/* Re-INVITEs and what else is sent in a dialog decide over no call; there may be very many. */
static void note_outer(Call *call, Transaction *t)
{
  if (t->method != SIP_METHOD_INVITE || t->in_dialog)
    return;
  if (call->last_outer_invite)
    call->last_outer_invite->next_outer = t;
  else
    call->outer_invites = t;
  call->last_outer_invite = t;
}

const Message *trace_add(Trace *trace, const Arrival *arrival)
{
  g_assert(trace->stats.last_ns != TIME_NONE);
  if (G_UNLIKELY(is_full(trace)))
    make_room(trace, arrival);
  Call *call = call_file(trace, arrival);
  Message *message = message_new(trace, call, arrival);
  uint32_t transactions = call->transaction_count;

  transaction_file(trace, call, message, arrival);
  dialog_file(trace, call, message, arrival);
  bool begins = call->transaction_count != transactions;
  if (begins)
    note_outer(call, message->transaction);
  transaction_link(message, arrival->uri);
  call_note(trace, call, message, &arrival->sip);
  call_digest_file(call, message, begins);
  count_message(trace, message);
  trace->messages++;
  return message;
}

void trace_note_packets(Trace *trace, uint64_t packets, uint64_t bytes, uint64_t undecoded)
{
  trace->stats.packets += packets;
  trace->stats.bytes += bytes;
  trace->stats.undecoded_packets += undecoded;
}

void trace_note_losses(Trace *trace, uint64_t lost_fragments, uint64_t skipped_octets)
{
  trace->stats.lost_fragments = lost_fragments;
  trace->stats.skipped_octets = skipped_octets;
}

void trace_note_time(Trace *trace, int64_t first_ns, int64_t last_ns)
{
  TraceStats *stats = &trace->stats;

  if (first_ns == TIME_NONE)
    return;
  if (stats->first_ns == TIME_NONE || first_ns < stats->first_ns)
    stats->first_ns = first_ns;
  stats->last_ns = MAX(stats->last_ns, last_ns);
}

size_t trace_call_count(const Trace *trace)
{
  return trace->calls->len;
}

const Call *trace_call_at(const Trace *trace, size_t index)
{
  g_assert(index < trace->calls->len);
  return trace->calls->pdata[index];
}

int64_t trace_now(const Trace *trace)
{
  return trace->stats.last_ns;
}

const Endpoint *trace_endpoint(const Trace *trace, uint32_t id)
{
  g_assert(id < trace->endpoints_by_id->len);
  return &((const EndpointEntry *) trace->endpoints_by_id->pdata[id])->endpoint;
}

Slice trace_method_name(const Trace *trace, uint16_t method)
{
  g_assert(method < trace->methods.names->len);
  return slice_from_string(trace->methods.names->pdata[method]);
}

uint16_t trace_method_count(const Trace *trace)
{
  return (uint16_t) trace->methods.names->len;
}

uint64_t trace_method_requests(const Trace *trace, uint16_t method)
{
  return g_array_index(trace->methods.requests, uint64_t, method);
}

uint64_t trace_method_transactions(const Trace *trace, uint16_t method)
{
  return g_array_index(trace->methods.transactions, uint64_t, method);
}

TraceStats trace_stats(const Trace *trace)
{
  TraceStats stats = trace->stats;

  stats.dialogs = trace->dialog_number;
  for (size_t i = 0; i < trace->calls->len; i++)
    if (trace->calls->pdata[i])
      tally_outcome(trace, trace->calls->pdata[i], &stats);
  return stats;
}

const TraceStats *trace_counts(const Trace *trace)
{
  return &trace->stats;
}

/* Are these the octets that the message was made of? */
static bool is_same(const Message *message, const SipMsg *sip)
{
  return sip->is_request == message_is_request(message) && sip->cseq == message->cseq &&
         MIN(sip->status, STATUS_MAX - 1) == message->status;
}

bool message_load(const Message *message, const StoreSet *stores, Arena *scratch, SipMsg *ret_msg,
                  GError **error)
{
  char *octets = arena_alloc(scratch, message->len);
  SipMsg sip;

  if (!store_read(stores, message->ref, octets, message->len, error))
    return false;
  sip_msg_parse(slice_of(octets, message->len), (message->flags & MESSAGE_ON_STREAM) != 0, &sip);
  if (!is_same(message, &sip)) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                "packet %" G_GUINT64_FORMAT " cannot be read again: the file has been changed",
                message->frame);
    return false;
  }
  *ret_msg = sip;
  return true;
}
