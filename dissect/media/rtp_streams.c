#include "dissect/media/rtp_streams.h"

#include "capture/hash.h"
#include "capture/record_table.h"
#include "dissect/media/rtp_candidates.h"

enum {
  CANDIDATES_MAX = 1024 * 1024,
  EVICTION_LOOKS = 8, /* of so many streams the one that was silent for longest goes */
  RECENT = 4096,
};

/* What RtpStream begins with; no padding. */
typedef struct {
  Endpoint src, dst;
  uint32_t ssrc, tunnel;
  uint32_t hash; /* of what is before it */
} Key;

enum { HASHED_BYTES = offsetof(Key, hash) };

G_STATIC_ASSERT(offsetof(RtpStream, dst) == offsetof(Key, dst));
G_STATIC_ASSERT(offsetof(RtpStream, ssrc) == offsetof(Key, ssrc));
G_STATIC_ASSERT(offsetof(RtpStream, tunnel) == offsetof(Key, tunnel));
G_STATIC_ASSERT(offsetof(RtpStream, hash) == HASHED_BYTES);

struct RtpStreams {
  uint32_t limit, last_number;
  uint64_t seed;
  RecordTable *by_key;       /* RtpStream */
  RtpStream *recent[RECENT]; /* the last one with that hash of its SSRC, see find_recent; or NULL */
  GPtrArray *slots;          /* the same ones; a slot is used again */
  uint32_t next_look;        /* slot where eviction goes on */
  GArray *changed;           /* uint32_t: slots of records that are not published, each once */
  GArray *gone;              /* uint32_t: see RtpNews */
  RtpCandidates *candidates;
  uint64_t lone_copies;
};

/* Of an RtpStream or a Key. */
static uint32_t key_hash(const void *record)
{
  uint32_t hash;

  memcpy(&hash, (const char *) record + HASHED_BYTES, sizeof hash);
  return hash;
}

static bool key_equal(const void *a, const void *b)
{
  return memcmp(a, b, HASHED_BYTES) == 0;
}

static const RecordKey STREAM_KEY = {key_hash, key_equal};

RtpStreams *rtp_streams_new(uint32_t limit)
{
  RtpStreams *streams = g_new0(RtpStreams, 1);

  streams->limit = MAX(limit, 1U);
  streams->seed = hash_seed_new();
  streams->by_key = record_table_new(&STREAM_KEY);
  streams->slots = g_ptr_array_new();
  streams->changed = g_array_new(false, false, sizeof(uint32_t));
  streams->gone = g_array_new(false, false, sizeof(uint32_t));
  streams->candidates = rtp_candidates_new(MIN(2 * (size_t) limit, (size_t) CANDIDATES_MAX));
  return streams;
}

static RtpStream *stream_at(const RtpStreams *streams, uint32_t slot)
{
  return streams->slots->pdata[slot];
}

void rtp_streams_free(RtpStreams *streams)
{
  if (!streams)
    return;
  for (guint i = 0; i < streams->changed->len; i++)
    g_free(stream_at(streams, g_array_index(streams->changed, uint32_t, i)));
  record_table_free(streams->by_key);
  g_ptr_array_unref(streams->slots);
  g_array_unref(streams->changed);
  g_array_unref(streams->gone);
  rtp_candidates_free(streams->candidates);
  g_free(streams);
}

/* --- Records ---------------------------------------------------------------------------------- */

static RtpStream **recent_place(RtpStreams *streams, uint32_t ssrc)
{
  return &streams->recent[ssrc * UINT32_C(0x9e3779b1) % RECENT];
}

static void put_record(RtpStreams *streams, RtpStream *record, uint32_t slot)
{
  record->track.slot = slot;
  record->track.is_published = false;
  streams->slots->pdata[slot] = record;
  record_table_put(streams->by_key, record);
  *recent_place(streams, record->ssrc) = record;
}

/* With room for so many digits, at least those that it has room for. */
static RtpStream *copy_record(const RtpStream *record, uint16_t room)
{
  RtpStream *copy = g_malloc0(sizeof *copy + room * sizeof(RtpDigit));

  memcpy(copy, record, rtp_stream_size(record));
  copy->digit_room = room;
  return copy;
}

/* The record, or the copy of it with which the table goes on. */
static RtpStream *writable(RtpStreams *streams, RtpStream *record)
{
  if (!record->track.is_published)
    return record;
  RtpStream *copy = copy_record(record, record->digit_room);
  put_record(streams, copy, record->track.slot);
  g_array_append_val(streams->changed, copy->track.slot);
  return copy;
}

/* Counts a packet of a record that is not published; room for digits grows with them. */
static RtpStream *count_packet(RtpStreams *streams, RtpStream *record, const RtpArrival *arrival)
{
  enum { DIGITS_FIRST = 4 };

  if (rtp_stream_needs_room(record, arrival)) {
    int room = MIN(MAX(2 * record->digit_room, DIGITS_FIRST), RTP_DIGITS);
    RtpStream *larger = copy_record(record, (uint16_t) room);
    put_record(streams, larger, record->track.slot);
    g_free(record);
    record = larger;
  }
  if (record->packets == 0)
    rtp_stream_begin(record, arrival);
  else
    rtp_stream_count(record, arrival);
  return record;
}

static uint32_t choose_to_go(RtpStreams *streams)
{
  uint32_t choice = streams->next_look % streams->slots->len;

  for (unsigned i = 0; i < EVICTION_LOOKS; i++) {
    uint32_t slot = streams->next_look++ % streams->slots->len;
    if (stream_at(streams, slot)->last_ns < stream_at(streams, choice)->last_ns)
      choice = slot;
  }
  return choice;
}

/* Takes one stream out and gives its slot.  A record that was published is the reader's, who is
 * told; else the slot stays among the changed ones. */
static uint32_t evict(RtpStreams *streams, bool *ret_is_listed)
{
  uint32_t slot = choose_to_go(streams);
  RtpStream *record = stream_at(streams, slot);

  if (*recent_place(streams, record->ssrc) == record)
    *recent_place(streams, record->ssrc) = NULL;
  g_array_append_val(streams->gone, record->number);
  record_table_remove(streams->by_key, record);
  *ret_is_listed = !record->track.is_published;
  if (!record->track.is_published)
    g_free(record);
  return slot;
}

static RtpStream *add_stream(RtpStreams *streams, const Key *key)
{
  RtpStream *record = g_new0(RtpStream, 1);
  uint32_t slot = streams->slots->len;
  bool is_listed = false;

  if (slot < streams->limit)
    g_ptr_array_add(streams->slots, NULL);
  else
    slot = evict(streams, &is_listed);
  memcpy(record, key, sizeof *key);
  record->ends_hash = (uint32_t) (hash_bytes(&key->src, sizeof key->src, streams->seed) ^
                                  hash_bytes(&key->dst, sizeof key->dst, streams->seed));
  record->number = ++streams->last_number;
  put_record(streams, record, slot);
  if (!is_listed)
    g_array_append_val(streams->changed, slot);
  return record;
}

size_t rtp_streams_changed(const RtpStreams *streams)
{
  return streams->changed->len;
}

void rtp_streams_publish(RtpStreams *streams, RtpNews *news)
{
  for (guint i = 0; i < streams->changed->len; i++) {
    RtpStream *record = stream_at(streams, g_array_index(streams->changed, uint32_t, i));
    record->track.is_published = true;
    g_ptr_array_add(news->changed, record);
  }
  g_array_append_vals(news->gone, streams->gone->data, streams->gone->len);
  g_array_set_size(streams->changed, 0);
  g_array_set_size(streams->gone, 0);
}

/* --- RTP -------------------------------------------------------------------------------------- */

/* Sets the hash of the key, too. */
static RtpStream *find_stream(const RtpStreams *streams, Key *key)
{
  key->hash = (uint32_t) hash_bytes(key, HASHED_BYTES, streams->seed);
  return record_table_find(streams->by_key, key);
}

/* Most packets are of a stream that had one just before.  Whoever chooses SSRCs that have one place
 * gains nothing: the table is asked then. */
static RtpStream *find_recent(RtpStreams *streams, const Packet *packet, uint32_t ssrc)
{
  RtpStream *stream = *recent_place(streams, ssrc);

  if (stream && stream->ssrc == ssrc && stream->tunnel == packet->tunnel &&
      endpoint_eq(&stream->src, &packet->src) && endpoint_eq(&stream->dst, &packet->dst))
    return stream;
  return NULL;
}

/* A packet that belongs to no stream yet. */
static void feed_candidate(RtpStreams *streams, const Key *key, const RtpArrival *arrival,
                           bool over_tcp)
{
  uint64_t hash = hash_bytes(key, HASHED_BYTES, ~streams->seed);
  RtpCandidate before;

  if (!rtp_candidates_prove(streams->candidates, hash, arrival, &before))
    return;
  RtpStream *stream = add_stream(streams, key);
  stream->flags = over_tcp ? RTP_OVER_TCP : 0;
  for (uint32_t i = 0; i <= before.copies; i++)
    stream = count_packet(streams, stream, &before.first);
  count_packet(streams, stream, arrival);
}

/* The first of a candidate's packets needs the key; most packets do not. */
static void feed_unknown(RtpStreams *streams, const Packet *packet, const RtpArrival *arrival)
{
  Key key = {packet->src, packet->dst, arrival->rtp.ssrc, packet->tunnel, 0};
  RtpStream *stream = find_stream(streams, &key);

  if (!stream) {
    feed_candidate(streams, &key, arrival, packet->kind == PACKET_TCP);
    return;
  }
  stream = writable(streams, stream);
  *recent_place(streams, arrival->rtp.ssrc) = stream;
  count_packet(streams, stream, arrival);
}

/* `content`: the packet, or what it is in clear. */
static void feed_data(RtpStreams *streams, const Packet *packet, Slice content)
{
  RtpArrival arrival = {.time_ns = packet->time_ns,
                        .bytes = (uint32_t) packet->payload.len + packet->missing,
                        .dscp = packet->dscp};

  if (!rtp_parse(content, packet->cut, &arrival.rtp))
    return;
  arrival.payload_bytes = (uint32_t) arrival.rtp.payload.len + packet->missing;
  RtpStream *stream = find_recent(streams, packet, arrival.rtp.ssrc);
  if (stream)
    count_packet(streams, writable(streams, stream), &arrival);
  else
    feed_unknown(streams, packet, &arrival);
}

/* --- RTCP ------------------------------------------------------------------------------------- */

typedef enum {
  WAY_SAME,    /* the stream of who sent the RTCP packet */
  WAY_REVERSE, /* the stream that it is an answer to */
} Way;

/* The stream that an RTCP packet speaks of, or NULL.  RTP has the same ports (RFC 5761), or the
 * ports below (RFC 3550 11). */
static RtpStream *find_controlled(RtpStreams *streams, const Packet *rtcp, uint32_t ssrc, Way way)
{
  Key key = {rtcp->src, rtcp->dst, ssrc, rtcp->tunnel, 0};

  if (way == WAY_REVERSE) {
    key.src = rtcp->dst;
    key.dst = rtcp->src;
  }
  RtpStream *stream = find_stream(streams, &key);
  if (stream) {
    stream = writable(streams, stream);
    stream->flags |= RTP_RTCP_MUX;
    return stream;
  }
  key.src.port--;
  key.dst.port--;
  stream = find_stream(streams, &key);
  return stream ? writable(streams, stream) : NULL;
}

/* Each counts what an RTCP packet says of streams that are known; true if there is one. */
static bool count_reports(RtpStreams *streams, const Packet *packet, const RtcpPacket *rtcp)
{
  RtcpReport report;
  bool is_known = false;

  for (unsigned i = 0; rtcp_report_at(rtcp, i, &report); i++) {
    RtpStream *stream = find_controlled(streams, packet, report.ssrc, WAY_REVERSE);
    if (!stream)
      continue;
    stream->reports.packets++;
    rtp_stream_note_report(stream, &report, packet->time_ns);
    is_known = true;
  }
  return is_known;
}

static bool count_extended(RtpStreams *streams, const Packet *packet, const RtcpPacket *rtcp)
{
  enum { SSRC = 4 };
  bool is_known = false;
  Slice blocks = slice_from(rtcp->body, SSRC);
  RtcpVoipMetrics metrics;
  uint32_t ssrc;

  while (rtcp_voip_metrics_next(&blocks, &ssrc, &metrics)) {
    RtpStream *stream = find_controlled(streams, packet, ssrc, WAY_REVERSE);
    if (!stream)
      continue;
    stream->voip = metrics;
    stream->has_voip = true;
    is_known = true;
  }
  return is_known;
}

static bool count_control(RtpStreams *streams, const Packet *packet, const RtcpPacket *rtcp)
{
  bool is_known = false;
  uint32_t ssrc, middle;
  RtpStream *stream;

  if (rtcp_sent_time(rtcp, &middle) && rtcp_sender(rtcp, &ssrc)) {
    stream = find_controlled(streams, packet, ssrc, WAY_SAME);
    if (stream)
      rtp_stream_note_sent(stream, middle, packet->time_ns);
  }
  is_known |= count_reports(streams, packet, rtcp);
  for (unsigned i = 0; rtcp_bye_at(rtcp, i, &ssrc); i++) {
    stream = find_controlled(streams, packet, ssrc, WAY_SAME);
    if (stream)
      stream->flags |= RTP_BYE;
  }
  if (rtcp->type == RTCP_EXTENDED_REPORT)
    is_known |= count_extended(streams, packet, rtcp);
  return is_known;
}

/* What lengths do not add up may be encrypted (SRTCP): only the sender of the first is in clear. */
static void feed_control(RtpStreams *streams, const Packet *packet)
{
  Slice rest = packet->payload;
  bool is_known = false;
  RtcpPacket rtcp;
  uint32_t ssrc;

  if (rtcp_next(&rest, &rtcp) && rtcp_sender(&rtcp, &ssrc)) {
    RtpStream *stream = find_controlled(streams, packet, ssrc, WAY_SAME);
    is_known = stream != NULL;
    if (stream)
      stream->reports.packets++;
  }
  if (!packet->cut && rtcp_is_whole(packet->payload))
    for (rest = packet->payload; rtcp_next(&rest, &rtcp);)
      is_known |= count_control(streams, packet, &rtcp);
  if (!is_known && packet->kind == PACKET_UDP && packet->copy)
    streams->lone_copies++;
}

uint64_t rtp_streams_lone_copies(const RtpStreams *streams)
{
  return streams->lone_copies;
}

bool rtp_streams_feed(RtpStreams *streams, const Packet *packet)
{
  switch (rtp_classify(packet->payload)) {
  case RTP_IS_DATA:
    feed_data(streams, packet, packet->payload);
    return true;
  case RTP_IS_CONTROL:
    feed_control(streams, packet);
    return true;
  case RTP_IS_OTHER:
    break;
  }
  return false;
}

void rtp_streams_feed_opened(RtpStreams *streams, const Packet *packet, Slice content)
{
  feed_data(streams, packet, content);
}
