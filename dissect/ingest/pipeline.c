#include "dissect/ingest/pipeline.h"

#include <stdatomic.h>

#include "capture/confine.h"
#include "capture/hash.h"
#include "capture/language.h"
#include "capture/thread.h"
#include "dissect/ingest/parsers.h"
#include "dissect/ingest/srtcp.h"
#include "dissect/media/srtp_crypto.h"
#include "dissect/net/hep.h"
#include "dissect/tls/tls_crypto.h"

/* Live, more are made while the main thread lags behind: what they cannot hold is lost in the
 * kernel. */
enum {
  BATCHES = 8,
  BATCHES_LIVE = 32,
};

struct Pipeline {
  Source *source;
  PacketDecoder *decoder;
  Carrier *carrier;
  RtpStreams *streams;
  Srtcp *srtcp;
  Parsers *parsers;
  GAsyncQueue *full, *empty; /* of Batch */
  unsigned usual_batches;    /* that are kept */
  atomic_uint batches;       /* that there are */
  GThread *thread;           /* or NULL: pipeline_take reads */
  bool is_confined;          /* the thread */
  uint64_t seed;
  GError *error;          /* of a spool: the first one */
  bool has_told;          /* it was handed over */
  unsigned faults;        /* of the source: handed over */
  GHashTable *key_faults; /* of key logs, by their names: TlsKeyLogFaults */
  int64_t first_ns, last_ns;
  int64_t now_ns; /* of the frame that is decoded */
  atomic_bool stopping;
  bool wants_rtcp;
  uint64_t lone_logs;   /* lines of logs that name no call */
  uint64_t unpublished; /* packets since streams were published */

  /* The main thread's: */
  bool took_last;
  GPtrArray *dropped; /* RtpStream: published, but not noted in a trace */
};

/* Also after a spool failed once: there may be room again. */
static GError **first_error(Pipeline *p)
{
  return p->error ? NULL : &p->error;
}

static void keep_bytes(Pipeline *p, RawMessage *raw)
{
  if (!raw->in_frame || byte_ref_store(raw->ref) == STORE_NONE)
    raw->ref = source_keep_bytes(p->source, raw->octets, first_error(p));
}

/* A line that names no call is counted. */
static void take_log(Pipeline *p, Batch *batch, RawMessage *raw)
{
  if (raw->copy->correlation.len == 0) {
    p->lone_logs++;
    return;
  }
  keep_bytes(p, raw);
  const LogLine line = {.call = arrival_call_key(raw->copy->correlation, p->seed),
                        .note = {.time_ns = raw->time_ns,
                                 .frame = raw->frame,
                                 .ref = raw->ref,
                                 .len = (uint32_t) raw->octets.len},
                        .copy = raw->copy};
  g_array_append_val(batch->logs, line);
}

/* The datagram itself, beside what rtp_streams keeps of it. */
static void note_rtcp(const Pipeline *p, Batch *batch, const Packet *packet)
{
  const HepPacket *copy = packet->kind == PACKET_UDP ? packet->copy : NULL;

  if (!p->wants_rtcp || packet->cut || rtp_classify(packet->payload) != RTP_IS_CONTROL ||
      !rtcp_is_whole(packet->payload))
    return;
  SeenRtcp seen = {.src = packet->src,
                   .dst = packet->dst,
                   .time_ns = packet->time_ns,
                   .octets = arena_dup(&batch->scratch, packet->payload)};
  if (copy) {
    seen.from = copy->sender;
    seen.correlation = copy->correlation;
  }
  g_array_append_val(batch->rtcp, seen);
}

/* False when it does not begin like RTP or RTCP. */
static bool feed_media(Pipeline *p, Batch *batch, const Packet *packet)
{
  Packet clear;
  Slice event;

  if (srtcp_open(p->srtcp, packet, &clear)) {
    note_rtcp(p, batch, &clear);
    return rtp_streams_feed(p->streams, &clear);
  }
  if (!srtcp_open_event(p->srtcp, packet, &event)) {
    note_rtcp(p, batch, packet);
    return rtp_streams_feed(p->streams, packet);
  }
  rtp_streams_feed_opened(p->streams, packet, event);
  return true;
}

static void pull_messages(Pipeline *p, Batch *batch)
{
  for (;;) {
    RawMessage *raw = &batch_next_arrival(batch)->raw;
    if (!carrier_next(p->carrier, &batch->scratch, raw))
      return;
    if (raw->is_log) {
      take_log(p, batch, raw);
      continue;
    }
    if (raw->is_media) {
      const Packet packet = raw_media_packet(raw);
      (void) feed_media(p, batch, &packet);
      continue;
    }
    srtcp_note(p->srtcp, raw->octets);
    keep_bytes(p, raw);
    batch->count++;
  }
}

static bool may_be_media(const Packet *packet)
{
  const HepPacket *copy = packet->kind == PACKET_UDP ? packet->copy : NULL;

  return packet->kind == PACKET_UDP && (!copy || copy->type != HEP_LOG);
}

/* What begins like RTP does not begin like SIP, which is text. */
static void feed_packet(Pipeline *p, Batch *batch, const Packet *packet)
{
  if (may_be_media(packet) && feed_media(p, batch, packet))
    return;
  carrier_feed(p->carrier, packet);
  pull_messages(p, batch);
}

/* What will be read again. */
static size_t kept_count(const Batch *batch)
{
  return batch->count + batch->logs->len;
}

/* Is the frame of SIP, or may it become a part of it?  `count`: kept_count before it was fed. */
static bool is_needed(const Pipeline *p, const Batch *batch, const Packet *packet, size_t count)
{
  CarrierStream stream;

  if (kept_count(batch) > count || packet->waits)
    return true;
  if (packet->kind == PACKET_TCP)
    return (packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST)) != 0 ||
           (packet->payload.len > 0 && carrier_look(p->carrier, &stream) && !stream.is_media);
  return packet->kind == PACKET_SCTP;
}

static void forget(Source *source, Frame *frame)
{
  source_forget(source);
  frame->ref = byte_ref_make(STORE_NONE, 0);
}

static void feed_frame(Pipeline *p, Batch *batch, Frame *frame)
{
  size_t count = kept_count(batch);
  Packet packet;

  source_keep(p->source, frame, first_error(p));
  bool is_kept = byte_ref_store(frame->ref) != STORE_NONE;
  PacketKind kind = packet_decode(p->decoder, frame, &batch->scratch, &packet);

  batch->packets += frame->matched;
  batch->bytes += frame->matched ? frame->len : 0;
  p->first_ns = p->first_ns == TIME_NONE ? frame->time_ns : MIN(p->first_ns, frame->time_ns);
  p->last_ns = MAX(p->last_ns, frame->time_ns);
  p->now_ns = frame->time_ns;
  if (kind != PACKET_NONE && kind != PACKET_UNDECODED)
    feed_packet(p, batch, &packet);
  if (is_kept && !source_keeps_media(p->source) && !is_needed(p, batch, &packet, count))
    forget(p->source, frame);
}

/* What waited too long for its rest: fragments, holes in streams. */
static void expire(Pipeline *p, Batch *batch, int64_t now_ns)
{
  Packet packet;

  while (packet_decoder_expire(p->decoder, now_ns, &batch->scratch, &packet))
    feed_packet(p, batch, &packet);
  carrier_expire(p->carrier, now_ns);
  pull_messages(p, batch);
}

/* Hands over copies of the streams that changed: many fewer than packets were read, or all of them
 * while the source is idle. */
static void publish_streams(Pipeline *p, Batch *batch, bool is_idle)
{
  enum { PACKETS_PER_COPY = 16 };

  p->unpublished += batch->packets;
  if (!is_idle && rtp_streams_changed(p->streams) * PACKETS_PER_COPY > p->unpublished)
    return;
  rtp_streams_publish(p->streams, &batch->news);
  p->unpublished = 0;
}

/* The counters of the source and of all layers. */
static void note_counters(const Pipeline *p, Batch *batch)
{
  const struct {
    UndecodedKind kind;
    uint64_t count;
  } OF_STREAMS[] = {
    {UNDECODED_TLS, carrier_encrypted_connections(p->carrier)},
    {UNDECODED_WEBSOCKET, carrier_unread_messages(p->carrier)},
    {UNDECODED_QUOTES, carrier_quoting_connections(p->carrier)},
    {UNDECODED_HEP_LOG, p->lone_logs},
    {UNDECODED_HEP_RTCP, rtp_streams_lone_copies(p->streams)},
  };

  batch->first_ns = p->first_ns;
  batch->last_ns = p->last_ns;
  batch->lost_fragments = packet_decoder_lost_fragments(p->decoder);
  batch->skipped_octets = carrier_skipped_octets(p->carrier);
  batch->ignored_segments = carrier_ignored_segments(p->carrier);
  batch->dropped_packets = source_dropped(p->source);
  tls_table_copy(&batch->tls, carrier_tls(p->carrier));
  undecoded_copy(&batch->undecoded, packet_decoder_undecoded(p->decoder));
  const Undecoded *in_streams = carrier_undecoded(p->carrier);
  for (unsigned i = 0; i < in_streams->count; i++)
    undecoded_add(&batch->undecoded, in_streams->rows[i].kind, in_streams->rows[i].number,
                  in_streams->rows[i].count);
  for (size_t i = 0; i < G_N_ELEMENTS(OF_STREAMS); i++)
    if (OF_STREAMS[i].count > 0)
      undecoded_add(&batch->undecoded, OF_STREAMS[i].kind, 0, OF_STREAMS[i].count);
}

/* Before the frames that came with them. */
static void add_keys(Pipeline *p, Batch *batch)
{
  const SecretsList *secrets = &batch->frames.secrets;

  for (size_t i = 0; i < secrets->count; i++) {
    const Secrets *item = &secrets->items[i];
    const char *origin = item->origin ? item->origin : _("secrets of the capture");

    if (item->kind == SECRETS_PRIVATE_KEY) {
      if (!carrier_add_private_key(p->carrier, item->text))
        g_ptr_array_add(
          batch->faults,
          g_strdup_printf(_("%s: not an RSA private key (PEM, without a passphrase), or "
                            "more than %d keys"),
                          origin, TLS_PRIVATE_KEYS_MAX));
      continue;
    }
    TlsKeyLogFaults *faults = g_hash_table_lookup(p->key_faults, origin), unused = {0};

    if (!faults) {
      faults = g_new0(TlsKeyLogFaults, 1);
      g_hash_table_insert(p->key_faults, g_strdup(origin), faults);
    }
    carrier_add_keys(p->carrier, item->text, item->is_partial ? &unused : faults);
  }
}

/* Wrong lines are counted, never shown. */
static void report_key_faults(const Pipeline *p, Batch *batch)
{
  GHashTableIter iter;
  gpointer origin, value;

  g_hash_table_iter_init(&iter, p->key_faults);
  while (g_hash_table_iter_next(&iter, &origin, &value)) {
    const TlsKeyLogFaults *faults = value;
    if (faults->bad > 0)
      g_ptr_array_add(
        batch->faults,
        g_strdup_printf(
          _("%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
            " lines are no lines of a TLS key log, the first of them line %" G_GUINT64_FORMAT),
          (const char *) origin, faults->bad, faults->lines, faults->first));
  }
}

/* One round: read, decode, put together. */
static void fill_batch(Pipeline *p, Batch *batch)
{
  batch->count = 0;
  batch->packets = batch->bytes = 0;
  g_array_set_size(batch->logs, 0);
  g_array_set_size(batch->rtcp, 0);
  g_ptr_array_set_size(batch->faults, 0);
  arena_reset(&batch->scratch);
  SourceStatus status = source_read(p->source, &batch->frames);
  add_keys(p, batch);

  if (status == SOURCE_FRAMES)
    for (size_t i = 0; i < batch->frames.count; i++)
      feed_frame(p, batch, &batch->frames.frames[i]);
  /* A file is written in blocks: the next one may continue where the last one ended. */
  if (status == SOURCE_IDLE && source_is_live(p->source) && !source_follows(p->source))
    p->now_ns = g_get_real_time() * 1000;
  /* The source's own list is this thread's until the end. */
  const GPtrArray *faults = source_faults(p->source);
  for (; p->faults < faults->len; p->faults++)
    g_ptr_array_add(batch->faults, g_strdup(faults->pdata[p->faults]));
  batch->last = status == SOURCE_END || atomic_load_explicit(&p->stopping, memory_order_relaxed);
  if (p->now_ns != TIME_NONE || batch->last)
    expire(p, batch, batch->last ? INT64_MAX : p->now_ns);
  publish_streams(p, batch, status != SOURCE_FRAMES || batch->last);
  note_counters(p, batch);
  (void) !source_flush(p->source, first_error(p));
  if (batch->last)
    report_key_faults(p, batch);
  if (p->error && !p->has_told) {
    p->has_told = true;
    g_ptr_array_add(batch->faults, g_strdup(p->error->message));
  }
}

/* Waits for one to come back when there may be no more. */
static Batch *next_empty_batch(Pipeline *p)
{
  Batch *batch = g_async_queue_try_pop(p->empty);

  if (batch)
    return batch;
  if (source_is_live(p->source) && atomic_load(&p->batches) < BATCHES_LIVE) {
    atomic_fetch_add(&p->batches, 1);
    return batch_new();
  }
  return g_async_queue_pop(p->empty);
}

/* By more than half of the batches: with fewer between them, each thread would often wait for the
 * other one, and to wake a thread takes as long as to parse some messages. */
static bool main_thread_lags(const Pipeline *p)
{
  return g_async_queue_length(p->full) > BATCHES / 2;
}

static gpointer ingest(gpointer data)
{
  Pipeline *p = data;
  bool last = false;

  if (p->is_confined) {
    tls_crypto_init();
    srtp_library_prepare();
    confine_parser();
  }
  while (!last) {
    Batch *batch = next_empty_batch(p);
    fill_batch(p, batch);
    last = batch->last;
    parsers_add(p->parsers, batch, main_thread_lags(p));
    g_async_queue_push(p->full, batch);
  }
  return NULL;
}

Pipeline *pipeline_new(const Setup *setup)
{
  Pipeline *p = g_new0(Pipeline, 1);

  p->source = setup->source;
  p->is_confined = setup->is_confined;
  p->decoder = packet_decoder_new(setup->limits->packets);
  p->carrier = carrier_new(setup->limits->carrier);
  p->wants_rtcp = setup->wants_rtcp;
  p->streams = rtp_streams_new(setup->limits->streams);
  p->srtcp = srtcp_new(p->carrier);
  p->dropped = g_ptr_array_new_with_free_func(g_free);
  p->key_faults = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  p->full = g_async_queue_new();
  p->empty = g_async_queue_new();
  p->seed = hash_seed_new();
  p->parsers = parsers_new(setup->parsers, setup->is_confined, p->seed);
  p->first_ns = p->last_ns = p->now_ns = TIME_NONE;
  atomic_init(&p->batches, 1);
  g_async_queue_push(p->empty, batch_new());
  return p;
}

Pipeline *pipeline_start(const Setup *setup)
{
  Pipeline *p = pipeline_new(setup);

  p->usual_batches = BATCHES + MIN(setup->parsers, PARSERS_MAX);
  for (unsigned i = 1; i < p->usual_batches; i++)
    g_async_queue_push(p->empty, batch_new());
  atomic_store(&p->batches, p->usual_batches);
  p->thread = thread_new("ingest", ingest, p, NULL);
  return p;
}

static Batch *next_full_batch(Pipeline *p, uint64_t wait_us)
{
  Batch *batch = g_async_queue_timeout_pop(p->full, wait_us);

  if (batch)
    parsers_finish(p->parsers, batch, g_async_queue_length(p->full) > 0);
  return batch;
}

static Batch *read_batch(Pipeline *p)
{
  Batch *batch = g_async_queue_try_pop(p->empty);

  if (batch) {
    fill_batch(p, batch);
    batch_parse(batch, p->seed);
  }
  return batch;
}

Batch *pipeline_take(Pipeline *p, uint64_t wait_us)
{
  if (p->took_last)
    return NULL;
  Batch *batch = p->thread ? next_full_batch(p, wait_us) : read_batch(p);
  p->took_last = batch && batch->last;
  return batch;
}

void pipeline_give_back(Pipeline *p, Batch *batch)
{
  /* The table still reads the records that it published. */
  for (guint i = 0; i < batch->news.changed->len; i++)
    g_ptr_array_add(p->dropped, batch->news.changed->pdata[i]);
  g_ptr_array_set_size(batch->news.changed, 0);
  g_array_set_size(batch->news.gone, 0);
  /* the main thread has caught up when enough lie idle */
  if (atomic_load(&p->batches) > p->usual_batches &&
      g_async_queue_length(p->empty) >= BATCHES / 2) {
    atomic_fetch_sub(&p->batches, 1);
    batch_free(batch);
    return;
  }
  g_async_queue_push(p->empty, batch);
}

uint64_t pipeline_seed(const Pipeline *p)
{
  return p->seed;
}

static void batches_free(GAsyncQueue *queue)
{
  Batch *batch;

  while ((batch = g_async_queue_try_pop(queue)))
    batch_free(batch);
  g_async_queue_unref(queue);
}

/* Takes all that the thread has still to give, so that it comes to its end. */
static void stop_thread(Pipeline *p)
{
  enum { WAIT_US = 100 * 1000 };

  atomic_store_explicit(&p->stopping, true, memory_order_relaxed);
  source_stop(p->source);
  while (!p->took_last) {
    Batch *batch = pipeline_take(p, WAIT_US);
    if (batch)
      pipeline_give_back(p, batch);
  }
  g_thread_join(p->thread);
}

void pipeline_free(Pipeline *p)
{
  if (!p)
    return;
  if (p->thread)
    stop_thread(p);
  parsers_free(p->parsers);
  batches_free(p->full);
  batches_free(p->empty);
  packet_decoder_free(p->decoder);
  srtcp_free(p->srtcp);
  carrier_free(p->carrier);
  rtp_streams_free(p->streams);
  g_ptr_array_unref(p->dropped);
  g_hash_table_unref(p->key_faults);
  g_clear_error(&p->error);
  g_free(p);
}
