#include "ui/show/stream_series.h"

#include "capture/language.h"
#include "dissect/stream/media_packets.h"
#include "dissect/trace/trace.h"

enum {
  SCRATCH_FIRST = 64 * 1024,
  FAR_SEQ = 3000, /* RFC 3550 A.1: MAX_DROPOUT */
  WINDOW = RTP_WINDOW,
};

typedef struct {
  StreamSeries series;
  RtpStream stream;
  uint32_t clock_rate; /* 0: not known */
  Source *source;      /* NULL: it ended */
  FrameBatch batch;
  PacketDecoder *decoder;
  MediaPackets *packets;
  Arena scratch; /* of one batch */
  int64_t now_ns;

  uint32_t tunnel; /* that the stream is in, as this decoder knows it; 0: none, or not known yet */
  bool has_seq, has_media;
  uint16_t highest;
  /* Of the highest sequence number and those below: 1 + the slot that has it among the lost. */
  uint16_t lost_in[WINDOW];
  uint32_t timestamp; /* of the last packet of media, and its time */
  int64_t arrival_ns;
  double jitter; /* in units of the clock */
} Reading;

/* --- one packet --- */

static bool is_media(const RtpStream *stream, uint8_t type)
{
  for (size_t i = 0; i < RTP_PAYLOADS && stream->payloads[i].packets > 0; i++)
    if (stream->payloads[i].type == type)
      return stream->payloads[i].kind == RTP_MEDIA;
  return true;
}

/* Those skipped before `seq` are lost until they come late. */
static void skip_to(Reading *reading, size_t slot, uint16_t seq)
{
  uint16_t ahead = (uint16_t) (seq - reading->highest);

  reading->series.result.slots[slot].lost += ahead - 1U;
  for (uint16_t i = 0; i < MIN(ahead, WINDOW); i++)
    reading->lost_in[(uint16_t) (seq - i) % WINDOW] = (uint16_t) (i > 0 ? slot + 1 : 0);
  reading->highest = seq;
}

static void count_seq(Reading *reading, size_t slot, uint16_t seq)
{
  uint16_t ahead = (uint16_t) (seq - reading->highest), below = (uint16_t) -ahead;
  uint16_t *lost_in = &reading->lost_in[seq % WINDOW];

  if (!reading->has_seq || (ahead >= FAR_SEQ && below >= FAR_SEQ)) {
    reading->highest = seq; /* the first, or it began anew */
    memset(reading->lost_in, 0, sizeof reading->lost_in);
  } else if (ahead > 0 && ahead < FAR_SEQ) {
    skip_to(reading, slot, seq);
  } else if (below<WINDOW && * lost_in> 0) { /* late, and no copy */
    reading->series.result.slots[*lost_in - 1].lost--;
    *lost_in = 0;
  }
  reading->has_seq = true;
}

static void count_jitter(Reading *reading, SeriesSlot *slot, const RtpPacket *rtp, int64_t time_ns)
{
  double rate = reading->clock_rate;

  if (reading->has_media && rtp->timestamp != reading->timestamp) {
    double sent = (int32_t) (rtp->timestamp - reading->timestamp);
    double came = (double) (time_ns - reading->arrival_ns) * rate / 1e9;
    double off = came > sent ? came - sent : sent - came;

    reading->jitter += (off - reading->jitter) / 16;
    slot->jitter_ms = MAX(slot->jitter_ms, (float) (reading->jitter * 1000 / rate));
  }
  reading->has_media = true;
  reading->timestamp = rtp->timestamp;
  reading->arrival_ns = time_ns;
}

/* The numbers of tunnels differ by decoder: that of the stream is told by its first packet. */
static bool is_in_its_tunnel(Reading *reading, const Packet *packet)
{
  const RtpStream *stream = &reading->stream;

  if (stream->tunnel == 0)
    return packet->tunnel == 0;
  if (reading->tunnel == 0 && packet->time_ns == stream->first_ns)
    reading->tunnel = packet->tunnel;
  return packet->tunnel != 0 && packet->tunnel == reading->tunnel;
}

static void count_packet(Reading *reading, const Packet *packet)
{
  const RtpStream *stream = &reading->stream;
  SeriesResult *result = &reading->series.result;
  RtpPacket rtp;

  if (!endpoint_eq(&packet->src, &stream->src) || !endpoint_eq(&packet->dst, &stream->dst) ||
      packet->time_ns < stream->first_ns || packet->time_ns > stream->last_ns ||
      rtp_classify(packet->payload) != RTP_IS_DATA ||
      !rtp_parse(packet->payload, packet->cut, &rtp) || rtp.ssrc != stream->ssrc ||
      !is_in_its_tunnel(reading, packet))
    return;
  size_t index = (size_t) ((packet->time_ns - stream->first_ns) / result->slot_ns);
  index = MIN(index, result->slot_count - 1);
  SeriesSlot *slot = &result->slots[index];
  result->packets++;
  slot->packets++;
  slot->bytes += packet->payload.len + packet->missing;
  bool is_old = reading->has_seq && (uint16_t) (rtp.seq - reading->highest - 1) >= FAR_SEQ;
  count_seq(reading, index, rtp.seq);
  if (reading->clock_rate > 0 && !is_old && is_media(stream, rtp.payload_type))
    count_jitter(reading, slot, &rtp, packet->time_ns);
}

/* --- the job --- */

static void count_packets(Reading *reading)
{
  Packet packet;

  while (media_packets_next(reading->packets, &packet))
    count_packet(reading, &packet);
}

/* Both directions of a connection are needed; of datagrams the others cost nothing. */
static void feed_packet(Reading *reading, const Packet *packet)
{
  const RtpStream *stream = &reading->stream;
  bool is_there =
    endpoint_eq(&packet->src, &stream->src) && endpoint_eq(&packet->dst, &stream->dst);
  bool is_back = endpoint_eq(&packet->src, &stream->dst) && endpoint_eq(&packet->dst, &stream->src);

  if (!is_there && !is_back)
    return;
  media_packets_feed(reading->packets, packet);
  count_packets(reading);
}

/* False at the end, or after the last packet of the stream. */
static bool read_batch(Reading *reading)
{
  Packet packet;

  arena_reset(&reading->scratch);
  if (source_read(reading->source, &reading->batch) == SOURCE_END) {
    media_packets_expire(reading->packets, INT64_MAX);
    count_packets(reading);
    return false;
  }
  for (size_t i = 0; i < reading->batch.count; i++) {
    const Frame *frame = &reading->batch.frames[i];

    reading->now_ns = frame->time_ns;
    PacketKind kind = packet_decode(reading->decoder, frame, &reading->scratch, &packet);
    if (kind == PACKET_UDP || kind == PACKET_TCP)
      feed_packet(reading, &packet);
  }
  while (packet_decoder_expire(reading->decoder, reading->now_ns, &reading->scratch, &packet))
    feed_packet(reading, &packet);
  media_packets_expire(reading->packets, reading->now_ns);
  count_packets(reading);
  return reading->series.result.packets < reading->stream.packets;
}

static bool series_step(Job *job, int64_t until_us)
{
  Reading *reading = (Reading *) job;

  do {
    if (!read_batch(reading))
      return false;
  } while (g_get_monotonic_time() < until_us);
  return true;
}

static double series_progress(const Job *job)
{
  const Reading *reading = (const Reading *) job;
  SourceProgress progress = source_progress(reading->source);

  if (progress.bytes_total > 0)
    return MIN(1.0, (double) progress.bytes_done / (double) progress.bytes_total);
  return (double) reading->series.result.packets / (double) MAX(reading->stream.packets, 1U);
}

static void series_free(Job *job)
{
  Reading *reading = (Reading *) job;

  source_free(reading->source);
  frame_batch_clear(&reading->batch);
  packet_decoder_free(reading->decoder);
  media_packets_free(reading->packets);
  arena_clear(&reading->scratch);
  g_free(reading);
}

StreamSeries *stream_series_new(const Source *source, StoreSet *stores, const RtpStream *stream,
                                uint32_t clock_rate, GError **error)
{
  static const JobOps OPS = {N_("reading the stream"), series_step, series_progress, series_free};
  Source *again = source_open_again(source, stores, error);

  if (!again)
    return NULL;
  Reading *reading = g_new0(Reading, 1);
  reading->series.job.ops = &OPS;
  reading->stream = *stream; /* without its digits */
  reading->stream.digit_room = 0;
  reading->clock_rate = clock_rate;
  reading->source = again;
  reading->decoder = packet_decoder_new(LIMITS_DEFAULT.packets);
  reading->packets = media_packets_new(LIMITS_DEFAULT.carrier);
  arena_init(&reading->scratch, SCRATCH_FIRST);
  SeriesResult *result = &reading->series.result;
  int64_t whole_ns = stream->last_ns - stream->first_ns;
  result->has_jitter = clock_rate > 0;
  result->slot_count =
    (size_t) CLAMP(whole_ns / (SERIES_SLOT_MS * INT64_C(1000000)), 1, SERIES_SLOTS);
  result->slot_ns = whole_ns / (int64_t) result->slot_count + 1;
  return &reading->series;
}
