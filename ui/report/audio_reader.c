#include "ui/report/audio_reader.h"

#include <inttypes.h>

#include "capture/error.h"
#include "capture/hash.h"
#include "capture/language.h"
#include "dissect/media/audio_mix.h"
#include "dissect/media/srtp_keys.h"
#include "dissect/stream/media_packets.h"
#include "dissect/trace/call_audio.h"

enum {
  STREAMS_MAX = 256, /* of a call, that are heard */
  SCRATCH_FIRST = 64 * 1024,
};

/* A piece may still be placed that far before the time of capture. */
static const int64_t BEHIND_NS = AUDIO_JUMP_NS + 2 * AUDIO_WAIT_NS;
/* How much is given at once, in time of capture. */
static const int64_t STEP_NS = INT64_C(1) * 1000 * 1000 * 1000;
/* A usual packet: a stream is heard for as long after its last one came. */
static const int64_t PACKET_NS = INT64_C(20) * 1000 * 1000;

typedef struct {
  Endpoint src, dst;
  uint32_t ssrc;
} StreamName;

/* A stream that is heard, and what is missing of it. */
typedef struct {
  StreamName name; /* first: the table finds it by that */
  uint64_t seed;
  int64_t first_ns, last_ns;
  uint64_t packets; /* it has */
  uint32_t number;
  unsigned channel;
  uint32_t rate;
  AudioTrack *track;
  AudioVoice *voice;
  SrtpOpener *srtp;                       /* NULL: it is not encrypted */
  bool has_dtls;                          /* and its keys are agreed on in DTLS */
  uint64_t refused;                       /* packets that no key opens */
  uint64_t seen, unconverted, overlapped; /* packets */
} Heard;

struct AudioReader {
  PacketSaveInput input;
  GPtrArray *heard;    /* Heard, those with the most packets first */
  GHashTable *names;   /* of StreamName, in Heard */
  GHashTable *reasons; /* text -> number of streams that are not heard */
  uint64_t seed;
  AudioShape shape;
  Source *source; /* the same input again */
  PacketDecoder *decoder;
  MediaPackets *packets;
  bool has_tcp; /* a stream that is heard is over TCP */
  FrameBatch batch;
  size_t at; /* the next frame of the batch */
  Arena scratch;
  AudioMix *mix;           /* NULL: nothing is heard */
  int64_t now_ns, next_ns; /* of capture; when samples are given next */
  int64_t due_ns;          /* nothing can change the samples before that any more */
  int64_t end_ns;          /* of the last packet that is heard */
  uint64_t frame, frame_count;
  bool is_due; /* there are such samples */
  bool read;   /* the whole input */
  GError *error;
};

static void heard_free(gpointer data)
{
  Heard *heard = data;

  audio_track_free(heard->track);
  audio_voice_free(heard->voice);
  srtp_opener_free(heard->srtp);
  g_free(heard);
}

static guint name_hash(gconstpointer key)
{
  const Heard *heard = key;

  return (guint) hash_bytes(&heard->name, sizeof heard->name, heard->seed);
}

static gboolean name_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(StreamName)) == 0;
}

void audio_reader_free(AudioReader *reader)
{
  if (!reader)
    return;
  g_hash_table_unref(reader->names);
  g_ptr_array_unref(reader->heard);
  g_hash_table_unref(reader->reasons);
  audio_mix_free(reader->mix);
  packet_decoder_free(reader->decoder);
  media_packets_free(reader->packets);
  frame_batch_clear(&reader->batch);
  source_free(reader->source);
  arena_clear(&reader->scratch);
  g_clear_error(&reader->error);
  g_free(reader);
}

/* --- Which streams -------------------------------- */

/* Why it cannot be heard; NULL if it can, at *ret_rate. */
static char *find_reason(const RtpStream *stream, const MediaOwner *owner, uint32_t *ret_rate)
{
  const RtpPayload *payload = rtp_stream_payload(stream);
  MediaPayload format;

  if (!payload || !audio_format_at(owner, payload->type, INT64_MIN, &format))
    return g_strdup(_("of a codec that no session description names"));
  const AudioCodec *codec = audio_codec_find(format.name);
  if (!codec)
    return g_strdup_printf(_("of %.40s, which rung does not decode"), format.name);
  if (!codec->decoder)
    return g_strdup_printf(_("of %s, and rung was built without %s"), codec->name, codec->library);
  void *state = audio_decoder_new(codec, &format);
  if (!state)
    return g_strdup_printf(_("of %s/%u/%u, a variant that rung does not decode%s%.80s"),
                           codec->name, format.clock_rate, MAX(format.channels, 1U),
                           format.fmtp[0] != '\0' ? _(": ") : "", format.fmtp);
  codec->decoder->free(state);
  *ret_rate = audio_sample_rate(codec, &format);
  return NULL;
}

static void count_reason(AudioReader *reader, char *reason)
{
  gpointer count = g_hash_table_lookup(reader->reasons, reason);

  g_hash_table_replace(reader->reasons, reason, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(count) + 1));
}

static bool has_dtls(const MediaOwner *owner)
{
  return (owner->line && owner->line->has_dtls) || (owner->from_line && owner->from_line->has_dtls);
}

/* What opens the packets of the stream; NULL, with *ret_reason, when nothing can.  Keys of DTLS
 * come while it is read. */
static SrtpOpener *find_keys(const AudioReader *reader, const RtpStream *stream,
                             const MediaOwner *owner, char **ret_reason)
{
  const MediaCall *call = media_book_call(trace_media(reader->input.trace), owner->call);
  SrtpOpener *opener = srtp_opener_new(stream->ssrc, false);
  const char *unreadable = NULL;

  if (call)
    srtp_keys_add(opener, call, owner, &unreadable);
  bool may_open = srtp_opener_has_keys(opener) || has_dtls(owner);
  if (may_open && srtp_library_name())
    return opener;
  if (may_open)
    *ret_reason = g_strdup(_("encrypted (SRTP), and rung was built without libsrtp2"));
  else if (unreadable)
    *ret_reason =
      g_strdup_printf(_("encrypted (SRTP) with %s, which rung does not decrypt"), unreadable);
  else
    *ret_reason = g_strdup(_("encrypted (SRTP) with a key that no session description has"));
  srtp_opener_free(opener);
  return NULL;
}

static void add_stream(AudioReader *reader, const RtpStream *stream, const MediaOwner *owner,
                       bool is_srtp)
{
  uint32_t rate = 0;
  SrtpOpener *srtp = NULL;
  char *reason = reader->heard->len == STREAMS_MAX ? g_strdup(_("too many for one call"))
                                                   : find_reason(stream, owner, &rate);

  if (!reason && is_srtp)
    srtp = find_keys(reader, stream, owner, &reason);
  if (reason) {
    count_reason(reader, reason);
    return;
  }
  Heard *heard = g_new0(Heard, 1);
  *heard = (Heard){
    .name = {stream->src, stream->dst, stream->ssrc},
    .seed = reader->seed,
    .first_ns = stream->first_ns,
    .last_ns = stream->last_ns,
    .packets = stream->packets,
    .number = stream->number,
    /* What the callee gets is what the caller said: left. */
    .channel = reader->shape.channels == 2 && owner && owner->to == MEDIA_CALLER ? 1 : 0,
    .rate = rate,
    .track = audio_track_new(owner),
    .srtp = srtp,
    .has_dtls = srtp && has_dtls(owner),
  };
  reader->has_tcp |= rtp_stream_transport(stream) == TRANSPORT_TCP;
  g_ptr_array_add(reader->heard, heard);
}

static gint compare_packets(gconstpointer a, gconstpointer b)
{
  const Heard *x = *(const Heard *const *) a, *y = *(const Heard *const *) b;

  if (x->packets != y->packets)
    return x->packets < y->packets ? 1 : -1;
  return x->number < y->number ? -1 : 1;
}

static void choose_stream(AudioReader *reader, const RtpStream *stream)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];
  bool is_owned = trace_stream_owners(reader->input.trace, stream, owners) > 0;
  const MediaOwner *owner = is_owned ? &owners[0] : NULL;
  StreamQuality quality;

  stream_quality_measure(stream, owner, NULL, &quality);
  add_stream(reader, stream, owner, quality.is_srtp);
}

static void choose_of_call(AudioReader *reader, const Call *call)
{
  g_autoptr(GArray) streams = call_stream_list(reader->input.trace, call);

  for (guint i = 0; i < streams->len; i++) {
    const CallStream *s = &g_array_index(streams, CallStream, i);
    if (call_stream_is_audio(s))
      add_stream(reader, s->stream, &s->owner, s->quality.is_srtp);
  }
}

/* --- Opening -------------------------------- */

/* The highest sample rate, and from when to when something is heard. */
static void measure(AudioReader *reader)
{
  int64_t start_ns = INT64_MAX;

  reader->end_ns = INT64_MIN;
  for (guint i = 0; i < reader->heard->len; i++) {
    const Heard *heard = reader->heard->pdata[i];
    reader->shape.rate = MAX(reader->shape.rate, heard->rate);
    reader->end_ns = MAX(reader->end_ns, heard->last_ns);
    start_ns = MIN(start_ns, heard->first_ns);
  }
  reader->shape.length_ns = reader->end_ns - start_ns;
  reader->mix = audio_mix_new(reader->shape.channels, reader->shape.rate, start_ns);
}

static void open_voices(AudioReader *reader)
{
  for (guint i = 0; i < reader->heard->len; i++) {
    Heard *heard = reader->heard->pdata[i];
    heard->voice = audio_voice_new(reader->mix, heard->channel);
    if (!g_hash_table_contains(reader->names, heard))
      g_hash_table_add(reader->names, heard);
  }
}

AudioReader *audio_reader_new(const PacketSaveInput *input, const Call *call,
                              const RtpStream *stream)
{
  AudioReader *reader = g_new0(AudioReader, 1);

  reader->input = *input;
  reader->heard = g_ptr_array_new_with_free_func(heard_free);
  reader->names = g_hash_table_new(name_hash, name_equal);
  reader->reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  reader->seed = hash_seed_new();
  reader->now_ns = reader->next_ns = INT64_MIN;
  reader->shape.channels = stream ? 1 : AUDIO_READER_CHANNELS_MAX;
  arena_init(&reader->scratch, SCRATCH_FIRST);
  if (stream)
    choose_stream(reader, stream);
  else
    choose_of_call(reader, call);
  reader->read = reader->heard->len == 0;
  if (reader->read)
    return reader;
  g_ptr_array_sort(reader->heard, compare_packets);
  measure(reader);
  open_voices(reader);
  reader->decoder = packet_decoder_new(input->limits->packets);
  reader->packets = media_packets_new(input->limits->carrier);
  reader->frame_count = source_flushed_frames(input->source);
  reader->source = source_open_again(input->source, input->stores, &reader->error);
  return reader;
}

bool audio_reader_shape(const AudioReader *reader, AudioShape *ret_shape)
{
  if (!reader->mix)
    return false;
  *ret_shape = reader->shape;
  return true;
}

/* --- Reading -------------------------------- */

static bool covers(const Heard *heard, int64_t time_ns)
{
  return heard->first_ns <= time_ns && time_ns <= heard->last_ns;
}

/* Does a stream with more packets speak on its channel at that time? */
static bool is_overlapped(const AudioReader *reader, const Heard *heard, int64_t time_ns)
{
  for (guint i = 0; i < reader->heard->len && reader->heard->pdata[i] != heard; i++) {
    const Heard *other = reader->heard->pdata[i];
    if (other->channel == heard->channel && other->first_ns <= time_ns &&
        time_ns < other->last_ns + PACKET_NS)
      return true;
  }
  return false;
}

static void put_pieces(Heard *heard)
{
  AudioPiece piece;

  while (audio_track_next(heard->track, &piece))
    if (!audio_voice_put(heard->voice, &piece))
      heard->unconverted++;
}

/* True if there is one that was not there. */
static bool add_dtls_key(const AudioReader *reader, Heard *heard, const Packet *packet)
{
  DtlsSrtpKey agreed;
  SrtpKey key;

  if (!heard->has_dtls ||
      !media_packets_srtp_key(reader->packets, &packet->src, &packet->dst, &agreed))
    return false;
  Slice master = slice_of((const char *) agreed.master, agreed.len);
  Slice mki = slice_of((const char *) agreed.mki, agreed.mki_len);
  bool is_new = srtp_key_of_profile(agreed.profile, master, mki, &key) &&
                srtp_opener_add(heard->srtp, &key, packet->time_ns);
  explicit_bzero(&agreed, sizeof agreed);
  explicit_bzero(&key, sizeof key);
  return is_new;
}

/* Replaces what is encrypted.  False, and counted, when it cannot be opened. */
static bool open_packet(const AudioReader *reader, Heard *heard, const Packet *packet,
                        RtpPacket *rtp)
{
  Slice clear;

  if (!heard->srtp || packet->cut) /* that is silence anyway */
    return true;
  bool is_open = srtp_opener_open(heard->srtp, packet->payload, packet->time_ns, &clear) ||
                 (add_dtls_key(reader, heard, packet) &&
                  srtp_opener_open(heard->srtp, packet->payload, packet->time_ns, &clear));
  heard->refused += !is_open;
  return is_open && rtp_parse(clear, false, rtp);
}

static void hear_packet(AudioReader *reader, const Packet *packet)
{
  RtpPacket rtp;

  if (rtp_classify(packet->payload) != RTP_IS_DATA ||
      !rtp_parse(packet->payload, packet->cut, &rtp))
    return;
  Heard probe = {.name = {packet->src, packet->dst, rtp.ssrc}, .seed = reader->seed};
  Heard *heard = g_hash_table_lookup(reader->names, &probe);
  if (!heard || !covers(heard, packet->time_ns))
    return;
  heard->seen++;
  if (is_overlapped(reader, heard, packet->time_ns)) {
    heard->overlapped++;
    return;
  }
  if (!open_packet(reader, heard, packet, &rtp))
    return;
  audio_track_feed(heard->track, &rtp, packet->time_ns, packet->cut);
  put_pieces(heard);
}

static void hear_packets(AudioReader *reader)
{
  Packet packet;

  while (media_packets_next(reader->packets, &packet))
    hear_packet(reader, &packet);
}

static void feed_packet(AudioReader *reader, const Packet *packet)
{
  if (packet->kind == PACKET_TCP && !reader->has_tcp)
    return;
  media_packets_feed(reader->packets, packet);
  hear_packets(reader);
}

static void expire(AudioReader *reader, int64_t now_ns)
{
  Packet packet;

  while (packet_decoder_expire(reader->decoder, now_ns, &reader->scratch, &packet))
    feed_packet(reader, &packet);
  media_packets_expire(reader->packets, now_ns);
  hear_packets(reader);
  for (guint i = 0; i < reader->heard->len; i++) {
    Heard *heard = reader->heard->pdata[i];
    audio_track_expire(heard->track, now_ns);
    put_pieces(heard);
    if (now_ns == INT64_MAX)
      audio_voice_end(heard->voice);
  }
}

static void end_reading(AudioReader *reader)
{
  expire(reader, INT64_MAX);
  reader->due_ns = INT64_MAX;
  reader->is_due = reader->read = true;
}

/* A call may be at the beginning of a large file.  Where packets are not counted as they were at
 * first (an SSRC that began anew), the input is read to its end. */
static bool has_seen_all(const AudioReader *reader)
{
  for (guint i = 0; i < reader->heard->len; i++) {
    const Heard *heard = reader->heard->pdata[i];
    if (heard->seen < heard->packets)
      return false;
  }
  return true;
}

/* Time has passed: what is due is placed and given before what comes now. */
static void pass_time(AudioReader *reader, int64_t now_ns)
{
  reader->now_ns = MAX(reader->now_ns, now_ns);
  if (reader->now_ns < reader->next_ns)
    return;
  if (reader->now_ns > reader->end_ns && has_seen_all(reader)) {
    end_reading(reader);
    return;
  }
  expire(reader, reader->now_ns);
  reader->due_ns = MIN(reader->now_ns, reader->end_ns) - BEHIND_NS;
  reader->is_due = true;
  reader->next_ns = reader->now_ns + STEP_NS;
}

static void read_frame(AudioReader *reader, const Frame *frame)
{
  Packet packet;

  pass_time(reader, frame->time_ns);
  if (reader->is_due)
    return;
  PacketKind kind = packet_decode(reader->decoder, frame, &reader->scratch, &packet);
  if (kind == PACKET_UDP || kind == PACKET_TCP)
    feed_packet(reader, &packet);
  reader->frame = frame->number;
  reader->at++;
}

static void add_keys(AudioReader *reader)
{
  const SecretsList *secrets = &reader->batch.secrets;

  for (size_t i = 0; i < secrets->count; i++)
    if (secrets->items[i].kind == SECRETS_KEY_LOG)
      media_packets_add_keys(reader->packets, secrets->items[i].text);
}

static void read_batch(AudioReader *reader)
{
  if (reader->at == reader->batch.count) {
    arena_reset(&reader->scratch);
    reader->at = 0;
    if (source_read(reader->source, &reader->batch) == SOURCE_END) {
      end_reading(reader);
      return;
    }
    add_keys(reader);
  }
  while (reader->at < reader->batch.count && !reader->is_due)
    read_frame(reader, &reader->batch.frames[reader->at]);
}

bool audio_reader_step(AudioReader *reader, int64_t until_us)
{
  while (!reader->read && !reader->error && !reader->is_due) {
    read_batch(reader);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return !reader->error && (!reader->read || reader->is_due);
}

size_t audio_reader_take(AudioReader *reader, size_t room, int16_t *ret_frames)
{
  if (!reader->is_due)
    return 0;
  size_t count = audio_mix_take(reader->mix, reader->due_ns, room, ret_frames);
  reader->is_due = count == room;
  return count;
}

double audio_reader_progress(const AudioReader *reader)
{
  if (reader->read || reader->frame_count == 0)
    return reader->read ? 1 : 0;
  return MIN((double) reader->frame / (double) reader->frame_count, 1.0);
}

bool audio_reader_finish(AudioReader *reader, GError **error)
{
  uint64_t decoded = 0;

  if (reader->error) {
    g_propagate_error(error, g_steal_pointer(&reader->error));
    return false;
  }
  for (guint i = 0; i < reader->heard->len; i++) {
    const Heard *heard = reader->heard->pdata[i];
    decoded += audio_track_counts(heard->track)->decoded - heard->unconverted;
  }
  if (decoded == 0)
    g_set_error_literal(error, APP_ERROR, APP_ERROR_IO,
                        reader->heard->len == 0 && g_hash_table_size(reader->reasons) == 0
                          ? _("no audio stream of the call was captured")
                          : _("no audio could be decoded"));
  return decoded > 0;
}

/* --- What is missing -------------------------------- */

static void append_count(GPtrArray *lines, uint64_t count, const char *text)
{
  if (count > 0)
    g_ptr_array_add(lines, g_strdup_printf(_("%" PRIu64 " packets %s"), count, text));
}

void audio_reader_append_missing(const AudioReader *reader, GPtrArray *lines)
{
  AudioCounts sum = {0};
  uint64_t unconverted = 0, refused = 0, dtls = 0;
  GHashTableIter iter;
  gpointer reason, count;

  g_hash_table_iter_init(&iter, reader->reasons);
  while (g_hash_table_iter_next(&iter, &reason, &count))
    g_ptr_array_add(lines, g_strdup_printf(_("streams that are not heard: %zu %s"),
                                           GPOINTER_TO_SIZE(count), (const char *) reason));
  for (guint i = 0; i < reader->heard->len; i++) {
    const Heard *heard = reader->heard->pdata[i];
    const AudioCounts *counts = audio_track_counts(heard->track);
    sum.late += counts->late;
    sum.cut += counts->cut;
    sum.malformed += counts->malformed;
    sum.undecoded += counts->undecoded;
    unconverted += heard->unconverted;
    refused += heard->has_dtls ? 0 : heard->refused;
    dtls += heard->has_dtls ? heard->refused : 0;
  }
  append_count(
    lines, dtls,
    _("are encrypted (SRTP), and no key log opens their DTLS handshake, which must be in "
      "the capture and before DTLS 1.3; they are silence"));
  append_count(lines, refused,
               _("are encrypted (SRTP) with another key than those of the session descriptions, or "
                 "were changed on the way; they are silence"));
  append_count(lines, sum.cut,
               _("are incomplete in the capture (snap length, or a gap in TCP); they are silence"));
  append_count(lines, sum.malformed, _("are malformed; they are silence"));
  append_count(lines, sum.undecoded,
               _("are of other codecs that are not decoded; they are silence"));
  append_count(lines, sum.late, _("came too late to be put in order; they are silence"));
  append_count(lines, unconverted,
               _("have another sample rate, and rung was built without libsamplerate"));
  if (reader->mix && audio_mix_outside(reader->mix) > 0)
    g_ptr_array_add(
      lines, g_strdup_printf(_("%" PRIu64 " samples are left out: their time of capture is in "
                               "disorder"),
                             audio_mix_outside(reader->mix)));
}

uint64_t audio_reader_overlapped(const AudioReader *reader)
{
  uint64_t count = 0;

  for (guint i = 0; i < reader->heard->len; i++)
    count += ((const Heard *) reader->heard->pdata[i])->overlapped;
  return count;
}

char *audio_reader_missing_text(const AudioReader *reader)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

  audio_reader_append_missing(reader, lines);
  append_count(lines, audio_reader_overlapped(reader),
               _("are left out, as another stream of the same direction is heard"));
  g_ptr_array_add(lines, NULL);
  return g_strjoinv("; ", (char **) lines->pdata);
}
