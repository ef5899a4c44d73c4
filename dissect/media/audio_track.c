#include "dissect/media/audio_track.h"

#include <glib.h>

#include "dissect/media/codec.h"
#include "dissect/media/stream_quality.h"

enum {
  WAITING_MAX = 64,               /* packets that wait; a power of two */
  WAITING_BYTES_MAX = 256 * 1024, /* of them */
  RESTART = 3000,                 /* a jump of sequence numbers that is no loss (RFC 3550 A.1) */
  PAYLOAD_TYPES = 128,
  FORMATS_MAX = 16, /* payload types of one stream, and what else they became */
  TEXTS_FIRST = 256,
  DRIFT_PACKETS = 50, /* in which no packet contradicts that clocks have drifted */
};

/* That much two clocks may differ. */
static const int64_t DRIFT_NS = INT64_C(100) * 1000 * 1000;

/* One packet, without its header. */
typedef struct {
  uint8_t *bytes; /* owned while it waits; NULL: there is none */
  size_t len;
  int64_t time_ns;
  uint32_t timestamp;
  uint8_t payload_type;
  bool marker, cut;
} Held;

/* What a payload type means from a time on. */
typedef struct {
  int64_t from_ns; /* INT64_MIN: from the beginning */
  MediaPayload format;
} Meaning;

typedef struct {
  uint8_t payload_type;
  int64_t from_ns; /* of its meaning; INT64_MIN if it has none */
  bool is_silent;  /* events, comfort noise: nothing is missing where it is not decoded */
  MediaPayload format;
  const AudioCodec *codec; /* NULL: not known */
  void *state;             /* NULL: not decoded */
} Format;

/* The deviation of a packet is how much later it came than its timestamp says. */
typedef struct {
  bool is_set;
  int64_t anchor_ns;
  int64_t ticks; /* of the RTP clock since the anchor, up to the last packet */
  uint32_t timestamp, clock_rate;
  int64_t least_ns, most_ns; /* deviations of the last `packets` */
  unsigned packets;
} Clock;

struct AudioTrack {
  GArray *known;       /* Meaning: copies; of each payload type in order of time */
  GStringChunk *texts; /* of these */
  bool has_begun;
  uint64_t next;             /* extended sequence number of the packet that is decoded next */
  uint64_t came;             /* bit n: the packet before `next` by n + 1 came */
  Held waiting[WAITING_MAX]; /* by sequence number */
  unsigned waiting_count;
  size_t waiting_bytes;
  Held direct; /* the packet that was just fed, if it need not wait; its bytes are borrowed */
  bool has_direct;
  uint64_t direct_seq;
  int64_t now_ns;
  Format formats[FORMATS_MAX];
  unsigned format_count;
  Clock clock;
  AudioCounts counts;
  int16_t samples[AUDIO_SAMPLES_MAX];
};

/* --- What payload types mean -------------------------------- */

bool audio_format_at(const MediaOwner *owner, uint8_t payload_type, int64_t time_ns,
                     MediaPayload *ret_format)
{
  const MediaPayload *agreed = owner ? stream_payload_at(owner, payload_type, time_ns) : NULL;
  const char *name = sdp_static_name(payload_type);

  if (agreed && agreed->name[0] != '\0' && agreed->clock_rate > 0) {
    *ret_format = *agreed;
    return true;
  }
  if (!name || sdp_static_rate(payload_type) == 0)
    return false;
  enum { L16_STEREO = 10 };
  *ret_format = (MediaPayload){.type = payload_type,
                               .clock_rate = sdp_static_rate(payload_type),
                               .channels = payload_type == L16_STEREO ? 2 : 1,
                               .name = name,
                               .fmtp = ""};
  return true;
}

static const Meaning *find_known(const AudioTrack *track, uint8_t payload_type, int64_t time_ns)
{
  const Meaning *found = NULL;

  for (guint i = 0; i < track->known->len; i++) {
    const Meaning *known = &g_array_index(track->known, Meaning, i);
    if (known->format.type == payload_type && known->from_ns <= time_ns)
      found = known;
  }
  return found;
}

static void keep_format(AudioTrack *track, const MediaOwner *owner, uint8_t type, int64_t from_ns)
{
  const Meaning *before = find_known(track, type, from_ns);
  Meaning meaning = {.from_ns = from_ns};
  MediaPayload *format = &meaning.format;

  if (!audio_format_at(owner, type, from_ns, format))
    return;
  if (before && strcmp(before->format.name, format->name) == 0 &&
      strcmp(before->format.fmtp, format->fmtp) == 0 &&
      before->format.clock_rate == format->clock_rate &&
      before->format.channels == format->channels)
    return;
  format->type = type;
  format->name = g_string_chunk_insert_const(track->texts, format->name);
  format->fmtp = g_string_chunk_insert_const(track->texts, format->fmtp);
  g_array_append_val(track->known, meaning);
}

/* The owner's lines may be gone before the track. */
static void keep_formats(AudioTrack *track, const MediaOwner *owner)
{
  for (uint8_t type = 0; type < PAYLOAD_TYPES; type++) {
    keep_format(track, owner, type, INT64_MIN);
    for (unsigned i = 0; owner && i < owner->term_count; i++)
      keep_format(track, owner, type, owner->terms[i].from_ns);
  }
}

static void format_open(Format *format, const MediaPayload *meaning)
{
  format->format = *meaning;
  Slice name = slice_from_string(format->format.name);
  format->is_silent = codec_is_event(name) || codec_is_comfort_noise(name);
  format->codec = audio_codec_find(format->format.name);
  if (format->codec)
    format->state = audio_decoder_new(format->codec, &format->format);
}

/* NULL when there are too many. */
static Format *format_of(AudioTrack *track, uint8_t payload_type, int64_t time_ns)
{
  const Meaning *known = find_known(track, payload_type, time_ns);
  int64_t from_ns = known ? known->from_ns : INT64_MIN;

  for (unsigned i = 0; i < track->format_count; i++)
    if (track->formats[i].payload_type == payload_type && track->formats[i].from_ns == from_ns)
      return &track->formats[i];
  if (track->format_count == FORMATS_MAX)
    return NULL;
  Format *format = &track->formats[track->format_count++];
  *format = (Format){.payload_type = payload_type, .from_ns = from_ns};
  if (known)
    format_open(format, &known->format);
  return format;
}

/* --- Order -------------------------------- */

AudioTrack *audio_track_new(const MediaOwner *owner)
{
  AudioTrack *track = g_new0(AudioTrack, 1);

  track->known = g_array_new(false, false, sizeof(Meaning));
  track->texts = g_string_chunk_new(TEXTS_FIRST);
  keep_formats(track, owner);
  return track;
}

void audio_track_free(AudioTrack *track)
{
  if (!track)
    return;
  for (unsigned i = 0; i < track->format_count; i++)
    if (track->formats[i].state)
      track->formats[i].codec->decoder->free(track->formats[i].state);
  for (unsigned i = 0; i < WAITING_MAX; i++)
    g_free(track->waiting[i].bytes);
  g_array_unref(track->known);
  g_string_chunk_free(track->texts);
  g_free(track);
}

const AudioCounts *audio_track_counts(const AudioTrack *track)
{
  return &track->counts;
}

static Held *slot_of(AudioTrack *track, uint64_t seq)
{
  return &track->waiting[seq % WAITING_MAX];
}

/* A packet whose number is `distance` below that of the next one to decode: it is a copy of one
 * that was decoded, or comes too late. */
static void count_past(AudioTrack *track, uint64_t distance)
{
  bool is_copy = distance <= 64 && track->came >> (distance - 1) & 1;

  track->counts.copies += is_copy;
  track->counts.late += !is_copy;
}

static void hold(AudioTrack *track, uint64_t seq, const Held *packet)
{
  Held *slot = slot_of(track, seq);

  if (slot->bytes) {
    track->counts.copies++;
    return;
  }
  *slot = *packet;
  slot->bytes = g_memdup2(packet->bytes, packet->len);
  if (!slot->bytes) /* an empty payload */
    slot->bytes = g_malloc0(1);
  track->waiting_count++;
  track->waiting_bytes += packet->len;
}

/* Where the sequence number goes on from `next`; what is far away begins a new cycle. */
static int64_t steps_ahead(const AudioTrack *track, uint16_t seq)
{
  enum { CYCLE = 1 << 16 };
  int steps = (int16_t) (seq - (uint16_t) track->next);

  return steps >= RESTART || steps <= -RESTART ? CYCLE + steps : steps;
}

void audio_track_feed(AudioTrack *track, const RtpPacket *packet, int64_t time_ns, bool cut)
{
  Held held = {.bytes = (uint8_t *) (uintptr_t) packet->payload.data,
               .len = packet->payload.len,
               .time_ns = time_ns,
               .timestamp = packet->timestamp,
               .payload_type = packet->payload_type,
               .marker = packet->marker,
               .cut = cut};

  track->now_ns = MAX(track->now_ns, time_ns);
  if (!track->has_begun)
    track->next = packet->seq;
  track->has_begun = true;
  int64_t ahead = steps_ahead(track, packet->seq);
  if (ahead < 0) {
    count_past(track, (uint64_t) -ahead);
    return;
  }
  uint64_t seq = track->next + (uint64_t) ahead;
  if (ahead > 0 && ahead < WAITING_MAX) {
    hold(track, seq, &held);
    return;
  }
  track->direct = held;
  track->direct_seq = seq;
  track->has_direct = true;
}

void audio_track_expire(AudioTrack *track, int64_t now_ns)
{
  track->now_ns = MAX(track->now_ns, now_ns);
}

/* The packet that waits with the lowest number; NULL when there is none. */
static Held *first_waiting(AudioTrack *track, uint64_t *ret_seq)
{
  for (uint64_t seq = track->next; seq < track->next + WAITING_MAX; seq++)
    if (slot_of(track, seq)->bytes) {
      *ret_seq = seq;
      return slot_of(track, seq);
    }
  return NULL;
}

static bool has_waited_too_long(const AudioTrack *track)
{
  if (track->waiting_bytes > WAITING_BYTES_MAX)
    return true;
  for (unsigned i = 0; i < WAITING_MAX; i++)
    if (track->waiting[i].bytes && track->now_ns - track->waiting[i].time_ns > AUDIO_WAIT_NS)
      return true;
  return false;
}

/* Its turn has come; those before it are lost. */
static void advance(AudioTrack *track, uint64_t seq)
{
  uint64_t lost = seq - track->next;

  track->came = (lost < 63 ? track->came << (lost + 1) : 0) | 1;
  if (lost >= RESTART)
    track->clock.is_set = false;
  track->next = seq + 1;
}

/* Takes the packet whose turn it is; the bytes of one that waited are given to *ret_owned. */
static bool take(AudioTrack *track, Held *ret_packet, uint8_t **ret_owned)
{
  uint64_t seq;
  Held *slot = track->waiting_count > 0 ? first_waiting(track, &seq) : NULL;
  bool is_due = slot && (track->has_direct ? seq < track->direct_seq
                                           : seq == track->next || has_waited_too_long(track));

  if (is_due) {
    *ret_packet = *slot;
    *ret_owned = slot->bytes;
    track->waiting_count--;
    track->waiting_bytes -= slot->len;
    *slot = (Held){0};
  } else if (track->has_direct) {
    *ret_packet = track->direct;
    seq = track->direct_seq;
    track->has_direct = false;
  } else {
    return false;
  }
  advance(track, seq);
  return true;
}

/* --- Place -------------------------------- */

static int64_t ticks_ns(int64_t ticks, uint32_t clock_rate)
{
  const int64_t SECOND = INT64_C(1000) * 1000 * 1000;

  return ticks / clock_rate * SECOND + ticks % clock_rate * SECOND / clock_rate;
}

static void set_anchor(Clock *clock, const Held *packet, uint32_t clock_rate)
{
  *clock = (Clock){.is_set = true,
                   .anchor_ns = packet->time_ns,
                   .timestamp = packet->timestamp,
                   .clock_rate = clock_rate};
}

/* Moves the anchor when for many packets none was nearer to its time than that. */
static void note_deviation(Clock *clock, int64_t deviation_ns)
{
  clock->least_ns = clock->packets > 0 ? MIN(clock->least_ns, deviation_ns) : deviation_ns;
  clock->most_ns = clock->packets > 0 ? MAX(clock->most_ns, deviation_ns) : deviation_ns;
  if (++clock->packets < DRIFT_PACKETS)
    return;
  if (clock->least_ns > DRIFT_NS)
    clock->anchor_ns += clock->least_ns;
  else if (clock->most_ns < -DRIFT_NS)
    clock->anchor_ns += clock->most_ns;
  clock->packets = 0;
}

static void follow_clock(Clock *clock, const Held *packet, uint32_t clock_rate)
{
  if (!clock->is_set || clock->clock_rate != clock_rate) {
    set_anchor(clock, packet, clock_rate);
    return;
  }
  clock->ticks += (int32_t) (packet->timestamp - clock->timestamp);
  clock->timestamp = packet->timestamp;
  int64_t deviation_ns =
    packet->time_ns - clock->anchor_ns - ticks_ns(clock->ticks, clock->clock_rate);
  /* A marker begins a talk spurt (RFC 3551 4.1): a change in the length of silence
   * is not heard. */
  int64_t most_ns = packet->marker ? DRIFT_NS : AUDIO_JUMP_NS;
  if (deviation_ns > most_ns || deviation_ns < -most_ns)
    set_anchor(clock, packet, clock_rate);
  else
    note_deviation(clock, deviation_ns);
}

/* --- Sound -------------------------------- */

/* False when the packet has no sound; that is counted. */
static bool decode(AudioTrack *track, const Held *packet, AudioPiece *ret_piece)
{
  Format *format = format_of(track, packet->payload_type, packet->time_ns);

  if (format && format->is_silent)
    return false;
  if (!format || !format->state) {
    track->counts.undecoded++;
    return false;
  }
  if (packet->cut) {
    track->counts.cut++;
    return false;
  }
  Slice payload = slice_of((const char *) packet->bytes, packet->len);
  size_t count = format->codec->decoder->decode(format->state, payload, track->samples);
  if (count == 0) {
    track->counts.malformed++;
    return false;
  }
  track->counts.decoded++;
  follow_clock(&track->clock, packet, format->format.clock_rate);
  uint32_t rate = audio_sample_rate(format->codec, &format->format);
  *ret_piece = (AudioPiece){.anchor_ns = track->clock.anchor_ns,
                            .offset = track->clock.ticks * rate / format->format.clock_rate,
                            .rate = rate,
                            .count = count,
                            .samples = track->samples};
  return true;
}

bool audio_track_next(AudioTrack *track, AudioPiece *ret_piece)
{
  bool has_sound = false;

  while (!has_sound) {
    g_autofree uint8_t *owned = NULL;
    Held packet;
    if (!take(track, &packet, &owned))
      return false;
    has_sound = decode(track, &packet, ret_piece);
  }
  return true;
}
