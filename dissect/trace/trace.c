#include "capture/language.h"
#include "dissect/trace/trace_private.h"

#include "capture/error.h"
#include "capture/hash.h"
#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_coding.h"
#include "dissect/trace/message_says.h"

const Limits LIMITS_DEFAULT = {
  .calls = 20 * 1000 * 1000,
  .messages = 200 * 1000 * 1000,
  .endpoints = 2 * 1000 * 1000,
  .methods = 1000,
  .streams = 1000 * 1000,
  .packets = {.fragment_bytes = 64 << 20, .fragment_wait_ns = INT64_C(30) * 1000 * 1000 * 1000},
  .carrier = {.connections = 500 * 1000,
              .stream_bytes = 256 << 20,
              .message_bytes = 1 << 20,
              .gap_wait_ns = INT64_C(2) * 1000 * 1000 * 1000},
};

enum {
  ENDPOINT_ARENA_FIRST = 64 * 1024,
  FOLLOW_SCRATCH_FIRST = 64 * 1024,
  /* Longer ones are not worth a name of their own. */
  METHOD_LEN_MAX = 64,
};

typedef struct {
  uint64_t hash;
  Endpoint endpoint;
  uint32_t id;
} EndpointEntry;

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

static const RecordKey RECORD_KEY = {key_hash, key_equal};
static const RecordKey ENDPOINT_KEY = {endpoint_hash, endpoint_equal};

/* --- Methods --------------------------------------------------------------------------------- */

static uint16_t methods_add(Methods *methods, const char *name)
{
  uint64_t zero = 0;

  g_ptr_array_add(methods->names, g_strdup(name));
  g_array_append_val(methods->requests, zero);
  g_array_append_val(methods->transactions, zero);
  return (uint16_t) (methods->names->len - 1);
}

static void methods_init(Methods *methods)
{
  methods->names = g_ptr_array_new_with_free_func(g_free);
  methods->ids = g_hash_table_new(g_str_hash, g_str_equal);
  methods->requests = g_array_new(false, true, sizeof(uint64_t));
  methods->transactions = g_array_new(false, true, sizeof(uint64_t));
  for (SipMethod method = 0; method < SIP_METHOD_COUNT; method++) {
    const char *name = sip_method_name(method);
    methods_add(methods, name ? name : "other");
  }
}

static void methods_clear(Methods *methods)
{
  g_hash_table_unref(methods->ids);
  g_ptr_array_unref(methods->names);
  g_array_unref(methods->requests);
  g_array_unref(methods->transactions);
}

/* The id of a method, known or not; SIP_METHOD_OTHER beyond the limit. */
static uint16_t methods_intern(Methods *methods, SipMethod method, Slice text, uint32_t limit)
{
  if (method != SIP_METHOD_OTHER || text.len == 0 || text.len > METHOD_LEN_MAX)
    return (uint16_t) method;
  g_autofree char *name = slice_dup(text);
  gpointer id = g_hash_table_lookup(methods->ids, name);
  if (id)
    return (uint16_t) GPOINTER_TO_UINT(id);
  if (methods->names->len >= MIN(SIP_METHOD_COUNT + (uint64_t) limit, MESSAGE_METHOD_MAX))
    return SIP_METHOD_OTHER;
  uint16_t added = methods_add(methods, name);
  g_hash_table_insert(methods->ids, methods->names->pdata[added], GUINT_TO_POINTER(added));
  return added;
}

/* --- The trace ------------------------------------------------------------------------------- */

static uint32_t ends_hash(const void *record)
{
  return ((const RtpStream *) record)->ends_hash;
}

static bool ends_equal(const void *a, const void *b)
{
  const RtpStream *left = a, *right = b;

  return endpoint_eq(&left->src, &right->src) && endpoint_eq(&left->dst, &right->dst) &&
         left->tunnel == right->tunnel;
}

static const RecordKey ENDS_KEY = {ends_hash, ends_equal};

Trace *trace_new(const Limits *limits)
{
  Trace *trace = g_new0(Trace, 1);

  trace->limits = *limits;
  trace->seed = (uint64_t) g_random_int() << 32 | g_random_int();
  pool_init(&trace->message_pool, sizeof(Message));
  pool_init(&trace->transaction_pool, sizeof(Transaction));
  pool_init(&trace->dialog_pool, sizeof(Dialog));
  trace->calls_by_id = record_table_new(&RECORD_KEY);
  trace->transactions = record_table_new(&RECORD_KEY);
  trace->dialogs = record_table_new(&RECORD_KEY);
  trace->exchanges = record_table_new(&RECORD_KEY);
  trace->names = record_table_new(&RECORD_KEY);
  trace->subscriptions = record_table_new(&RECORD_KEY);
  trace->calls = sparse_array_new();
  trace->streams = g_ptr_array_new_with_free_func(g_free);
  trace->streams_by_ends = record_table_new(&ENDS_KEY);
  trace->stream_ends = stream_ends_new(trace->streams);
  methods_init(&trace->methods);
  arena_init(&trace->endpoint_arena, ENDPOINT_ARENA_FIRST);
  trace->endpoints = record_table_new(&ENDPOINT_KEY);
  trace->endpoints_by_id = g_ptr_array_new();
  EndpointEntry *others = arena_new(&trace->endpoint_arena, EndpointEntry);
  *others = (EndpointEntry){.endpoint.is_others = true};
  g_ptr_array_add(trace->endpoints_by_id, others);
  trace->copiers = copiers_new();
  trace->notes = notes_new(NOTES_MAX);
  trace->remarks = remarks_new();
  trace->bursts = bursts_new();
  evictor_init(&trace->evictor);
  trace->stats.first_ns = trace->stats.last_ns = TIME_NONE;
  return trace;
}

const MediaBook *trace_media(const Trace *trace)
{
  return trace->book;
}

size_t trace_call_streams(const Trace *trace, const Call *call, const uint32_t **ret_numbers)
{
  return trace->book ? call_streams_of(trace->call_streams, call->number, ret_numbers) : 0;
}

void trace_free(Trace *trace)
{
  if (!trace)
    return;
  for (size_t i = 0; i < sparse_array_len(trace->calls); i++)
    call_free(trace, sparse_array_get(trace->calls, i));
  sparse_array_free(trace->calls);
  pool_clear(&trace->message_pool);
  pool_clear(&trace->transaction_pool);
  pool_clear(&trace->dialog_pool);
  call_streams_free(trace->call_streams);
  media_book_free(trace->book);
  verifier_free(trace->verifier);
  remarks_free(trace->remarks);
  g_ptr_array_unref(trace->streams);
  record_table_free(trace->streams_by_ends);
  stream_ends_free(trace->stream_ends);
  record_table_free(trace->calls_by_id);
  record_table_free(trace->transactions);
  record_table_free(trace->dialogs);
  record_table_free(trace->exchanges);
  record_table_free(trace->names);
  record_table_free(trace->subscriptions);
  methods_clear(&trace->methods);
  record_table_free(trace->endpoints);
  g_ptr_array_unref(trace->endpoints_by_id);
  arena_clear(&trace->endpoint_arena);
  copiers_free(trace->copiers);
  notes_free(trace->notes);
  bursts_free(trace->bursts);
  evictor_clear(&trace->evictor);
  g_free(trace);
}

/* --- Filing a message ------------------------------------------------------------------------ */

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

/* Those of the call's last message are nearly always the ones. */
static uint32_t endpoint_intern(Trace *trace, const Call *call, const Endpoint *endpoint)
{
  if (call->last && endpoint_eq(trace_endpoint(trace, call->last->src), endpoint))
    return call->last->src;
  if (call->last && endpoint_eq(trace_endpoint(trace, call->last->dst), endpoint))
    return call->last->dst;
  return endpoint_look_up(trace, endpoint);
}

void trace_hold_octets(Trace *trace, StoreSet *stores)
{
  g_assert(trace->message_number == 0);
  trace->holder = stores;
}

void trace_set_tally(Trace *trace, uint32_t number, uint64_t tally)
{
  Call *call = sparse_array_get(trace->calls, number - 1);

  g_assert(call);
  call->tally = tally;
}

size_t trace_copier_count(const Trace *trace)
{
  const Copier *others = copiers_at(trace->copiers, COPIERS_MAX);

  return copiers_count(trace->copiers) + (others->messages > 0);
}

const Copier *trace_copier_at(const Trace *trace, size_t index)
{
  size_t number = index < copiers_count(trace->copiers) ? index + 1 : COPIERS_MAX;

  return copiers_at(trace->copiers, (uint16_t) number);
}

uint32_t trace_kept_calls(const Trace *trace)
{
  return trace->call_count;
}

uint32_t trace_kept_messages(const Trace *trace)
{
  return trace->messages;
}

bool trace_is_full(const Trace *trace, const Arrival *arrival)
{
  return trace->messages >= trace->limits.messages ||
         (trace->call_count >= trace->limits.calls && !call_find(trace, arrival));
}

size_t trace_choose(Trace *trace, size_t most, Call *const **ret_calls)
{
  GPtrArray *chosen = trace->evictor.chosen;
  Call *call;

  while (chosen->len < most && (call = evictor_choose(trace)))
    g_ptr_array_add(chosen, call);
  *ret_calls = (Call *const *) chosen->pdata;
  return chosen->len;
}

static void evict(Trace *trace, Call *call)
{
  if (call->method == SIP_METHOD_INVITE) {
    CallSummary summary = call_summarize(call, trace->stats.last_ns);
    trace->stats.outcomes[summary.outcome] += !summary.is_unknown;
    trace->stats.effective += call_summary_is_effective(&summary);
  }
  trace->stats.evicted_calls++;
  call_evict(trace, call);
}

void trace_evict_chosen(Trace *trace)
{
  GPtrArray *chosen = trace->evictor.chosen;

  for (guint i = 0; i < chosen->len; i++)
    evict(trace, chosen->pdata[i]);
  g_ptr_array_set_size(chosen, 0);
}

/* Before the call of the next message is looked up: it may be the one that has to go. */
static void make_room(Trace *trace, const Arrival *arrival)
{
  Call *const *unused;

  while (trace_is_full(trace, arrival) && trace_choose(trace, 1, &unused) > 0)
    trace_evict_chosen(trace);
}

static uint8_t first_flags(const Arrival *arrival)
{
  const SipMsg *sip = &arrival->sip;
  uint8_t flags = 0;

  if (!sip->complete || arrival->raw.cut)
    flags |= MESSAGE_INCOMPLETE;
  if (arrival->malformed)
    flags |= MESSAGE_MALFORMED;
  if (arrival->has_sdp)
    flags |= MESSAGE_HAS_SDP;
  if (sip->to_tag.len > 0)
    flags |= MESSAGE_HAS_TO_TAG;
  if (arrival->raw.fragmented)
    flags |= MESSAGE_FRAGMENTED;
  if (transport_needs_length(arrival->raw.transport))
    flags |= MESSAGE_ON_STREAM;
  return flags;
}

static Message *message_new(Trace *trace, Call *call, const Arrival *arrival)
{
  const SipMsg *sip = &arrival->sip;
  const RawMessage *raw = &arrival->raw;
  Message *message = pool_take(&trace->message_pool);

  message->time_ns = raw->time_ns;
  message->ref = raw->ref;
  message->frame = raw->frame & MESSAGE_FRAME_MAX;
  /* who keeps offers and answers diagnoses calls */
  const SaysLook look = {.is_close = trace->book != NULL, .begins_call = !call->first};
  message->says = message_says(sip, &raw->src, look);
  message->number = ++trace->message_number;
  message->len = (uint32_t) MIN(raw->octets.len, (size_t) MESSAGE_LEN_MAX) & MESSAGE_LEN_MAX;
  message->sightings = 1;
  message->src = endpoint_intern(trace, call, &raw->src);
  message->dst = endpoint_intern(trace, call, &raw->dst);
  message->cseq = sip->cseq;
  message->octets_hash = arrival->octets_hash;
  unsigned method = sip->is_request ? methods_intern(&trace->methods, sip->method, sip->method_text,
                                                     trace->limits.methods)
                                    : methods_intern(&trace->methods, sip->cseq_method,
                                                     sip->cseq_method_text, trace->limits.methods);
  message->method = method & MESSAGE_METHOD_MAX;
  message->status = MIN(sip->status, STATUS_MAX - 1) & 0x3ff;
  message->transport = raw->transport & 0x1f;
  message->is_copied = raw->copy != NULL;
  if (raw->copy) {
    message->copier = copiers_number(trace->copiers, raw->copy, trace_now(trace));
    message->correlation = correlation_add(call, raw->copy->correlation);
  } else {
    message->ip_id = raw->ip_id;
    message->ttl = raw->ttl;
  }
  message->flags = first_flags(arrival);
  if (trace->holder)
    store_set_hold(trace->holder, message->ref, message->len, message->frame);
  return message;
}

static void note_media(MediaBook *book, const Message *m, const SipMsg *sip)
{
  const MediaMessage media = {
    .call = m->transaction->call->number,
    .message = m->number,
    .transaction = m->transaction->number,
    .dialog = m->dialog ? m->dialog->number : 0,
    .src = m->src,
    .dst = m->dst,
    .time_ns = m->time_ns,
    .method = m->method,
    .status = m->status,
    .sdp = sip ? sip_msg_sdp(sip) : SLICE_NONE,
  };

  media_book_note(book, &media);
}

/* Copies have nothing new to say. */
static bool has_media(const Message *m)
{
  bool is_copy = (m->flags & (MESSAGE_RETRANSMISSION | MESSAGE_DUPLICATE)) != 0;

  return !is_copy && ((m->flags & MESSAGE_HAS_SDP) != 0 || media_book_asks(m->method, m->status));
}

static int compare_messages(gconstpointer a, gconstpointer b)
{
  const Message *left = *(const Message *const *) a, *right = *(const Message *const *) b;

  return left->number < right->number ? -1 : left->number > right->number;
}

/* In the order of the array. */
static MediaBook *read_media(const GPtrArray *messages, const StoreSet *stores)
{
  MediaBook *book = media_book_new();
  Arena scratch;
  SipMsg sip;

  arena_init(&scratch, FOLLOW_SCRATCH_FIRST);
  for (guint i = 0; i < messages->len; i++) {
    const Message *m = messages->pdata[i];
    bool has_sdp = m->flags & MESSAGE_HAS_SDP && message_load(m, stores, &scratch, &sip, NULL);
    note_media(book, m, has_sdp ? &sip : NULL);
    arena_reset(&scratch);
  }
  arena_clear(&scratch);
  return book;
}

MediaBook *trace_read_media(const Trace *trace, const StoreSet *stores)
{
  g_autoptr(GPtrArray) messages = g_ptr_array_new();

  for (size_t i = 0; i < sparse_array_len(trace->calls); i++) {
    const Call *call = sparse_array_get(trace->calls, i);
    for (Message *m = call ? call->first : NULL; m; m = m->next)
      if (has_media(m))
        g_ptr_array_add(messages, m);
  }
  g_ptr_array_sort(messages, compare_messages);
  return read_media(messages, stores);
}

MediaBook *call_read_media(const Call *call, size_t most, const StoreSet *stores)
{
  g_autoptr(GPtrArray) messages = g_ptr_array_new();

  for (Message *m = call->first; m && most > 0; m = m->next, most--)
    if (has_media(m))
      g_ptr_array_add(messages, m);
  return read_media(messages, stores);
}

void trace_follow_media(Trace *trace, const StoreSet *stores)
{
  if (trace->book)
    return;
  trace->book = trace_read_media(trace, stores);
  trace->call_streams = call_streams_new(trace->book, trace->streams);
  for (guint i = 0; i < trace->streams->len; i++)
    if (trace->streams->pdata[i])
      call_streams_note(trace->call_streams, i + 1);
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

void trace_expect(const Trace *trace, const Arrival *arrivals, size_t count)
{
  enum { KEYS_AHEAD = 12, PLACES_AHEAD = 8, RECORDS_AHEAD = 4 };

  if (count > KEYS_AHEAD) {
    __builtin_prefetch(&arrivals[KEYS_AHEAD].call);
    __builtin_prefetch(&arrivals[KEYS_AHEAD].dialog);
  }
  if (count > PLACES_AHEAD) {
    const Arrival *far = &arrivals[PLACES_AHEAD];
    record_table_expect(trace->calls_by_id, &far->call);
    record_table_expect(trace->transactions, &far->transaction);
    record_table_expect(trace->dialogs, &far->dialog);
  }
  if (count > RECORDS_AHEAD) {
    const Arrival *near = &arrivals[RECORDS_AHEAD];
    record_table_expect_record(trace->calls_by_id, &near->call);
    record_table_expect_record(trace->transactions, &near->transaction);
    record_table_expect_record(trace->dialogs, &near->dialog);
  }
}

static Attempt attempt_of(const Trace *trace, const Transaction *t, Slice from, Slice to)
{
  return (Attempt){
    .client = trace_endpoint(trace, t->request->src),
    .server = trace_endpoint(trace, t->request->dst),
    .from = from,
    .to = to,
    .time_ns = t->request->time_ns,
    .method = t->method,
    .via_count = t->via_count,
    .has_credentials = t->has_credentials,
  };
}

/* Requests outside of dialogs, once when they are new and once with their final response. */
static void note_attempt(Trace *trace, const Message *message, const Arrival *arrival)
{
  const Transaction *t = message->transaction;
  bool is_new = t->request == message && (t->method == SIP_METHOD_REGISTER || t->has_credentials);

  if ((t->final != message && !is_new) || !t->request || t->in_dialog ||
      t->method == SIP_METHOD_ACK || t->method == SIP_METHOD_CANCEL || t->method == SIP_METHOD_BYE)
    return;
  Attempt attempt = attempt_of(trace, t, arrival->sip.from, arrival->sip.to);
  attempt.time_ns = message->time_ns;
  attempt.status = message->status;
  if (is_new)
    bursts_note_request(trace->bursts, &attempt);
  else
    bursts_note_final(trace->bursts, &attempt);
}

const Burst *trace_burst(const Trace *trace, const Call *call, BurstKind kind)
{
  const Transaction *t = call->transactions;

  if (!t || !t->request)
    return NULL;
  const Attempt like =
    attempt_of(trace, t, call_text_kept(call, CALL_TEXT_FROM), call_text_kept(call, CALL_TEXT_TO));
  return bursts_find(trace->bursts, kind, &like, call->end_ns, trace_now(trace));
}

uint64_t trace_bursts_left_out(const Trace *trace)
{
  return bursts_left_out(trace->bursts);
}

const Message *trace_add(Trace *trace, const Arrival *arrival)
{
  g_assert(trace->stats.last_ns != TIME_NONE);
  make_room(trace, arrival);
  Call *call = call_file(trace, arrival);
  Message *message = message_new(trace, call, arrival);
  uint32_t transactions = call->transaction_count;

  transaction_file(trace, call, message, arrival);
  dialog_file(trace, call, message, arrival);
  const Message *original = transaction_link(message, arrival->uri);
  if (G_UNLIKELY(original && message->is_copied))
    sighting_note(trace, original, message);
  call_note(trace, call, message, &arrival->sip);
  call_note_decider(trace, call,
                    call->transaction_count > transactions ? message->transaction : NULL);
  call_note_facts(call, message);
  if (G_UNLIKELY(arrival->gb != GB_NONE))
    exchange_note(trace, call, arrival);
  if (G_UNLIKELY(arrival->subscribes || call_rare(call)->subscription))
    subscription_note(trace, call, message, arrival);
  if (G_UNLIKELY(call->is_parked))
    evictor_unpark(trace, call);
  note_attempt(trace, message, arrival);
  if (trace->book && has_media(message))
    note_media(trace->book, message, arrival->has_sdp ? &arrival->sip : NULL);
  count_message(trace, message);
  trace->messages++;
  return message;
}

void trace_add_note(Trace *trace, const Key *id, const HepPacket *copy, const Note *note)
{
  Note filed = *note;

  filed.copier = copiers_number(trace->copiers, copy, trace_now(trace));
  notes_add(trace->notes, id, &filed);
}

size_t trace_notes(const Trace *trace, const Call *call, const Note **ret_notes)
{
  const Note *all;
  const CallRare *rare = call_rare(call);
  size_t first = 0, end = notes_of(trace->notes, &call->id, &all);

  while (rare->older && first < end && all[first].time_ns < call->start_ns)
    first++;
  while (rare->newer && end > first && all[end - 1].time_ns >= rare->newer->start_ns)
    end--;
  if (end > first)
    *ret_notes = all + first;
  return end - first;
}

NoteCounts trace_note_counts(const Trace *trace)
{
  return (NoteCounts){notes_count(trace->notes), notes_alone(trace->notes, trace->calls_by_id),
                      notes_dropped(trace->notes)};
}

const Copier *trace_note_sender(const Trace *trace, const Note *note)
{
  return copiers_at(trace->copiers, note->copier);
}

Slice trace_note_text(const Note *note, const StoreSet *stores, Arena *scratch)
{
  size_t len = MIN(note->len, (uint32_t) NOTE_TEXT_MAX);
  char *bytes = arena_alloc(scratch, len);

  if (!store_read(stores, note->ref, bytes, len, NULL))
    return SLICE("(cannot be read again)");
  return slice_trim(slice_of(bytes, len));
}

/* --- What is counted and asked --------------------------------------------------------------- */

void trace_note_packets(Trace *trace, uint64_t packets, uint64_t bytes)
{
  trace->stats.packets += packets;
  trace->stats.bytes += bytes;
}

void trace_note_losses(Trace *trace, uint64_t lost_fragments, uint64_t skipped_octets,
                       uint64_t dropped_packets)
{
  trace->stats.lost_fragments = lost_fragments;
  trace->stats.skipped_octets = skipped_octets;
  trace->stats.dropped_packets = dropped_packets;
}

void trace_note_ignored(Trace *trace, uint64_t segments)
{
  trace->stats.ignored_segments = segments;
}

void trace_set_verifier(Trace *trace, Verifier *verifier)
{
  verifier_free(trace->verifier);
  trace->verifier = verifier;
}

Verifier *trace_verifier(const Trace *trace)
{
  return trace->verifier;
}

Remarks *trace_remarks(const Trace *trace)
{
  return trace->remarks;
}

void trace_note_tls(Trace *trace, const TlsTable *tls)
{
  tls_table_copy(&trace->tls, tls);
}

const TlsTable *trace_tls(const Trace *trace)
{
  return &trace->tls;
}

void trace_note_undecoded(Trace *trace, const Undecoded *undecoded)
{
  TraceStats *stats = &trace->stats;

  undecoded_copy(&stats->undecoded, undecoded);
  stats->undecoded_packets = 0;
  for (unsigned i = 0; i < undecoded->count; i++)
    if (undecoded_is_of_packets(undecoded->rows[i].kind))
      stats->undecoded_packets += undecoded->rows[i].count;
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

static void put_by_ends(RecordTable *by_ends, RtpStream *stream)
{
  const RtpStream *newest = record_table_find(by_ends, stream);

  if (!newest || newest->number <= stream->number)
    record_table_put(by_ends, stream);
}

static void put_stream(Trace *trace, RtpStream *stream)
{
  if (record_table_count(trace->streams_by_ends) > 0)
    put_by_ends(trace->streams_by_ends, stream);
  if (stream->number > trace->streams->len)
    g_ptr_array_set_size(trace->streams, (gint) stream->number);
  void **place = &trace->streams->pdata[stream->number - 1];
  g_free(*place);
  *place = stream;
  if (trace->book)
    call_streams_note(trace->call_streams, stream->number);
}

static void discard_stream(Trace *trace, uint32_t number)
{
  RtpStream *stream = number <= trace->streams->len ? trace->streams->pdata[number - 1] : NULL;

  if (!stream)
    return;
  if (record_table_find(trace->streams_by_ends, stream) == stream)
    record_table_remove(trace->streams_by_ends, stream);
  trace->streams->pdata[number - 1] = NULL;
  g_free(stream);
}

void trace_note_streams(Trace *trace, const RtpNews *news)
{
  for (guint i = 0; i < news->changed->len; i++)
    put_stream(trace, news->changed->pdata[i]);
  g_ptr_array_set_size(news->changed, 0);
  for (guint i = 0; i < news->gone->len; i++)
    discard_stream(trace, g_array_index(news->gone, uint32_t, i));
  trace->stats.evicted_streams += news->gone->len;
  g_array_set_size(news->gone, 0);
}

size_t trace_stream_count(const Trace *trace)
{
  return trace->streams->len;
}

const RtpStream *trace_stream_at(const Trace *trace, size_t index)
{
  return trace->streams->pdata[index];
}

const RtpStream *trace_stream_reverse(const Trace *trace, const RtpStream *stream)
{
  const RtpStream probe = {.src = stream->dst,
                           .dst = stream->src,
                           .tunnel = stream->tunnel,
                           .ends_hash = stream->ends_hash};

  /* Only what shows single streams asks: it is filled for the first one. */
  if (record_table_count(trace->streams_by_ends) == 0)
    for (guint i = 0; i < trace->streams->len; i++)
      if (trace->streams->pdata[i])
        put_by_ends(trace->streams_by_ends, trace->streams->pdata[i]);
  return record_table_find(trace->streams_by_ends, &probe);
}

/* A side behind NAT is known by what it announced in the call that owns the stream. */
static bool may_come_from(const Trace *trace, const RtpStream *stream, const MediaLine *from)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];
  size_t count = trace_stream_owners(trace, stream, owners);
  bool is_known = count > 0;

  for (size_t i = 0; i < count; i++) {
    const MediaLine *sender = owners[i].from_line;
    if (sender && is_same_host(&sender->rtp, &from->rtp))
      return true;
    is_known &= sender != NULL;
  }
  return !is_known || is_same_host(&stream->src, &from->rtp);
}

bool trace_stream_went_on(const Trace *trace, const MediaLine *from, const MediaLine *to,
                          int64_t time_ns)
{
  const RtpStream *streams[STREAM_ENDS_LOOKS];
  size_t count = stream_ends_across(trace->stream_ends, &to->rtp, time_ns, streams);

  for (size_t i = 0; i < count; i++)
    if (may_come_from(trace, streams[i], from))
      return true;
  return false;
}

size_t trace_stream_owners(const Trace *trace, const RtpStream *stream,
                           MediaOwner ret_owners[MEDIA_OWNERS_MAX])
{
  return trace->book ? call_streams_owners(trace->call_streams, stream, ret_owners) : 0;
}

const Call *trace_media_call(const Trace *trace, const Endpoint *src, const Endpoint *dst,
                             int64_t time_ns)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];
  const MediaFlow flow = {.src = *src,
                          .dst = *dst,
                          .payload_type = MEDIA_PAYLOAD_UNKNOWN,
                          .first_ns = time_ns,
                          .last_ns = time_ns};

  if (!trace->book || media_book_owners(trace->book, &flow, owners) == 0)
    return NULL;
  return trace_call(trace, owners[0].call);
}

size_t trace_call_count(const Trace *trace)
{
  return sparse_array_len(trace->calls);
}

const Call *trace_call_at(const Trace *trace, size_t index)
{
  return sparse_array_get(trace->calls, index);
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

const Copier *trace_copier(const Trace *trace, const Message *message)
{
  return message->is_copied ? copiers_at(trace->copiers, message->copier) : NULL;
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

const TraceStats *trace_counts(const Trace *trace)
{
  return &trace->stats;
}

bool message_load(const Message *message, const StoreSet *stores, Arena *scratch, SipMsg *ret_msg,
                  GError **error)
{
  char *bytes = arena_alloc(scratch, message->len);
  SipMsg sip;

  if (!store_read(stores, message->ref, bytes, message->len, error))
    return false;
  (void) sip_msg_parse_again(slice_of(bytes, message->len),
                             (message->flags & MESSAGE_ON_STREAM) != 0, &sip);
  bool is_same = sip.is_request == message_is_request(message) && sip.cseq == message->cseq &&
                 MIN(sip.status, STATUS_MAX - 1) == message->status;
  if (!is_same) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                _("cannot read packet %" G_GUINT64_FORMAT " again: the file was changed meanwhile"),
                (uint64_t) message->frame);
    return false;
  }
  sip_msg_decode(&sip, scratch);
  *ret_msg = sip;
  return true;
}
