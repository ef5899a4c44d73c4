#include "ui/report/audio_save.h"

#include <inttypes.h>

#include "capture/error.h"
#include "capture/hash.h"
#include "dissect/media/audio_mix.h"
#include "ui/report/audio_file.h"

enum {
  STREAMS_MAX = 256, /* of a call, that are heard */
  FRAMES_AT_ONCE = 4096,
  SCRATCH_FIRST = 64 * 1024,
};

/* A piece may still be placed that far before the time of capture. */
static const int64_t BEHIND_NS = AUDIO_JUMP_NS + 2 * AUDIO_WAIT_NS;
/* How often sound is written. */
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
  const RtpStream *stream;
  MediaOwner owner;
  bool has_owner;
  unsigned channel;
  uint32_t rate;
  AudioTrack *track;
  AudioVoice *voice;
  uint64_t unconverted, overlapped; /* packets */
} Heard;

struct AudioSave {
  PacketSaveInput input;
  AudioSaveOptions options;
  GPtrArray *heard;    /* Heard, those with the most packets first */
  GHashTable *names;   /* of StreamName, in Heard */
  GHashTable *reasons; /* text -> number of streams that are not heard */
  uint64_t seed;
  Source *source; /* the same input again */
  PacketDecoder *decoder;
  FrameBatch batch;
  Arena scratch;
  AudioMix *mix;
  AudioFile *file;
  int64_t now_ns, next_ns; /* of capture; when sound is written next */
  int64_t end_ns;          /* of the last packet that is heard */
  uint64_t frame, frame_count;
  bool opened, done;
  GError *error;
};

static void heard_free(gpointer data)
{
  Heard *heard = data;

  audio_track_free(heard->track);
  audio_voice_free(heard->voice);
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

AudioSave *audio_save_new(const PacketSaveInput *input, const AudioSaveOptions *options)
{
  AudioSave *save = g_new0(AudioSave, 1);

  save->input = *input;
  save->options = *options;
  save->heard = g_ptr_array_new_with_free_func(heard_free);
  save->names = g_hash_table_new(name_hash, name_equal);
  save->reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  save->seed = hash_seed_new();
  save->now_ns = save->next_ns = INT64_MIN;
  arena_init(&save->scratch, SCRATCH_FIRST);
  return save;
}

void audio_save_free(AudioSave *save)
{
  if (!save)
    return;
  audio_file_free(save->file);
  g_hash_table_unref(save->names);
  g_ptr_array_unref(save->heard);
  g_hash_table_unref(save->reasons);
  audio_mix_free(save->mix);
  packet_decoder_free(save->decoder);
  frame_batch_clear(&save->batch);
  source_free(save->source);
  arena_clear(&save->scratch);
  g_clear_error(&save->error);
  g_free(save);
}

/* --- Which streams -------------------------------- */

/* Why it cannot be heard; NULL if it can, at *ret_rate. */
static char *find_reason(const RtpStream *stream, const MediaOwner *owner, bool is_srtp,
                         uint32_t *ret_rate)
{
  const RtpPayload *payload = rtp_stream_payload(stream);
  MediaPayload format;

  if (is_srtp)
    return g_strdup("encrypted (SRTP)");
  if (!payload || !audio_format_find(owner, payload->type, &format))
    return g_strdup("of a codec that no session description names");
  const AudioCodec *codec = audio_codec_find(format.name);
  if (!codec)
    return g_strdup_printf("of %.40s, which rung does not decode", format.name);
  if (!codec->decoder)
    return g_strdup_printf("of %s, and rung was built without %s", codec->name, codec->library);
  void *state = audio_decoder_new(codec, &format);
  if (!state)
    return g_strdup_printf("of %s/%u/%u, a variant that rung does not decode%s%.80s", codec->name,
                           format.clock_rate, MAX(format.channels, 1U),
                           format.fmtp[0] != '\0' ? ": " : "", format.fmtp);
  codec->decoder->free(state);
  *ret_rate = audio_sample_rate(codec, &format);
  return NULL;
}

static void count_reason(AudioSave *save, char *reason)
{
  gpointer count = g_hash_table_lookup(save->reasons, reason);

  g_hash_table_replace(save->reasons, reason, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(count) + 1));
}

static void add_stream(AudioSave *save, const RtpStream *stream, const MediaOwner *owner,
                       bool is_srtp)
{
  uint32_t rate = 0;
  char *reason = save->heard->len == STREAMS_MAX ? g_strdup("too many for one call")
                                                 : find_reason(stream, owner, is_srtp, &rate);

  if (reason) {
    count_reason(save, reason);
    return;
  }
  Heard *heard = g_new0(Heard, 1);
  heard->name = (StreamName){stream->src, stream->dst, stream->ssrc};
  heard->seed = save->seed;
  heard->stream = stream;
  heard->rate = rate;
  heard->has_owner = owner != NULL;
  if (owner)
    heard->owner = *owner;
  /* What the callee gets is what the caller said: left. */
  heard->channel = !save->options.stream && owner && owner->to == MEDIA_CALLER ? 1 : 0;
  g_ptr_array_add(save->heard, heard);
}

static gint compare_packets(gconstpointer a, gconstpointer b)
{
  const Heard *x = *(const Heard *const *) a, *y = *(const Heard *const *) b;

  if (x->stream->packets != y->stream->packets)
    return x->stream->packets < y->stream->packets ? 1 : -1;
  return x->stream->number < y->stream->number ? -1 : 1;
}

static void choose_stream(AudioSave *save)
{
  const RtpStream *stream = save->options.stream;
  MediaOwner owners[MEDIA_OWNERS_MAX];
  bool is_owned = trace_stream_owners(save->input.trace, stream, owners) > 0;
  const MediaOwner *owner = is_owned ? &owners[0] : NULL;
  StreamQuality quality;

  stream_quality_measure(stream, owner, NULL, &quality);
  add_stream(save, stream, owner, quality.is_srtp);
}

static void choose_of_call(AudioSave *save)
{
  g_autoptr(GArray) streams = call_stream_list(save->input.trace, save->options.call);

  for (guint i = 0; i < streams->len; i++) {
    const CallStream *s = &g_array_index(streams, CallStream, i);
    if (call_stream_is_audio(s))
      add_stream(save, s->stream, &s->owner, s->quality.is_srtp);
  }
}

/* --- Opening -------------------------------- */

static void open_tracks(AudioSave *save)
{
  for (guint i = 0; i < save->heard->len; i++) {
    Heard *heard = save->heard->pdata[i];
    heard->track = audio_track_new(heard->has_owner ? &heard->owner : NULL);
    heard->voice = audio_voice_new(save->mix, heard->channel);
    if (!g_hash_table_contains(save->names, heard))
      g_hash_table_add(save->names, heard);
  }
}

/* The highest sample rate, and from when to when something is heard. */
static void measure(const AudioSave *save, uint32_t *ret_rate, int64_t *ret_start_ns,
                    int64_t *ret_end_ns)
{
  const Heard *first = save->heard->pdata[0];

  *ret_rate = first->rate;
  *ret_start_ns = first->stream->first_ns;
  *ret_end_ns = first->stream->last_ns;
  for (guint i = 1; i < save->heard->len; i++) {
    const Heard *heard = save->heard->pdata[i];
    *ret_rate = MAX(*ret_rate, heard->rate);
    *ret_start_ns = MIN(*ret_start_ns, heard->stream->first_ns);
    *ret_end_ns = MAX(*ret_end_ns, heard->stream->last_ns);
  }
}

static bool open_output(AudioSave *save, GError **error)
{
  const int64_t SECOND = INT64_C(1000) * 1000 * 1000;
  unsigned channels = save->options.stream ? 1 : 2;
  uint32_t rate;
  int64_t start_ns;

  measure(save, &rate, &start_ns, &save->end_ns);
  int64_t seconds = (save->end_ns - start_ns) / SECOND;
  if (seconds > AUDIO_FILE_MAX / ((int64_t) rate * channels * (int64_t) sizeof(int16_t))) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO,
                "%" PRId64 " hours of sound at %u Hz are more than a WAV file holds",
                seconds / 3600, rate);
    return false;
  }
  save->mix = audio_mix_new(channels, rate, start_ns);
  save->file = audio_file_new(
    &(AudioFileOptions){save->options.fd, save->options.name, channels, rate}, error);
  return save->file != NULL;
}

static void audio_open(AudioSave *save)
{
  save->opened = true;
  if (save->options.stream)
    choose_stream(save);
  else
    choose_of_call(save);
  if (save->heard->len == 0) {
    save->done = true;
    return;
  }
  g_ptr_array_sort(save->heard, compare_packets);
  if (!open_output(save, &save->error))
    return;
  open_tracks(save);
  save->decoder = packet_decoder_new(save->input.limits->packets);
  save->frame_count = source_flushed_frames(save->input.source);
  save->source = source_open_again(save->input.source, save->input.stores, &save->error);
}

/* --- Reading -------------------------------- */

static bool covers(const Heard *heard, int64_t time_ns)
{
  return heard->stream->first_ns <= time_ns && time_ns <= heard->stream->last_ns;
}

/* Does a stream with more packets speak on its channel at that time? */
static bool is_overlapped(const AudioSave *save, const Heard *heard, int64_t time_ns)
{
  for (guint i = 0; i < save->heard->len && save->heard->pdata[i] != heard; i++) {
    const Heard *other = save->heard->pdata[i];
    if (other->channel == heard->channel && other->stream->first_ns <= time_ns &&
        time_ns < other->stream->last_ns + PACKET_NS)
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

static void feed_packet(AudioSave *save, const Packet *packet)
{
  RtpPacket rtp;

  if (packet->kind != PACKET_UDP || rtp_classify(packet->payload) != RTP_IS_DATA ||
      !rtp_parse(packet->payload, packet->cut, &rtp))
    return;
  Heard probe = {.name = {packet->src, packet->dst, rtp.ssrc}, .seed = save->seed};
  Heard *heard = g_hash_table_lookup(save->names, &probe);
  if (!heard || !covers(heard, packet->time_ns))
    return;
  if (is_overlapped(save, heard, packet->time_ns)) {
    heard->overlapped++;
    return;
  }
  audio_track_feed(heard->track, &rtp, packet->time_ns, packet->cut);
  put_pieces(heard);
}

/* What nothing can change any more. */
static void write_until(AudioSave *save, int64_t until_ns)
{
  int16_t frames[FRAMES_AT_ONCE * AUDIO_CHANNELS_MAX];
  size_t count = 1;

  while (count > 0 && !save->error) {
    count = audio_mix_take(save->mix, until_ns, FRAMES_AT_ONCE, frames);
    (void) !audio_file_write(save->file, frames, count, &save->error);
  }
}

static void expire(AudioSave *save, int64_t now_ns)
{
  Packet packet;

  while (packet_decoder_expire(save->decoder, now_ns, &save->scratch, &packet))
    feed_packet(save, &packet);
  for (guint i = 0; i < save->heard->len; i++) {
    Heard *heard = save->heard->pdata[i];
    audio_track_expire(heard->track, now_ns);
    put_pieces(heard);
    if (now_ns == INT64_MAX)
      audio_voice_end(heard->voice);
  }
}

static void audio_finish(AudioSave *save)
{
  expire(save, INT64_MAX);
  write_until(save, INT64_MAX);
  if (!save->error)
    (void) !audio_file_finish(save->file, &save->error);
  save->done = true;
}

/* Time has passed: what is due is placed and written, before what comes now. */
static void pass_time(AudioSave *save, int64_t now_ns)
{
  save->now_ns = MAX(save->now_ns, now_ns);
  if (save->now_ns < save->next_ns)
    return;
  expire(save, save->now_ns);
  write_until(save, MIN(save->now_ns, save->end_ns) - BEHIND_NS);
  save->next_ns = save->now_ns + STEP_NS;
}

static void read_batch(AudioSave *save)
{
  if (source_read(save->source, &save->batch) == SOURCE_END) {
    audio_finish(save);
    return;
  }
  for (size_t i = 0; i < save->batch.count && !save->error; i++) {
    const Frame *frame = &save->batch.frames[i];
    Packet packet;
    pass_time(save, frame->time_ns);
    packet_decode(save->decoder, frame, &save->scratch, &packet);
    feed_packet(save, &packet);
    save->frame = frame->number;
  }
  arena_reset(&save->scratch);
}

bool audio_save_step(AudioSave *save, int64_t until_us)
{
  while (!save->done && !save->error) {
    if (save->opened)
      read_batch(save);
    else
      audio_open(save);
    if (g_get_monotonic_time() >= until_us)
      break;
  }
  return !save->done && !save->error;
}

double audio_save_progress(const AudioSave *save)
{
  if (save->done || save->frame_count == 0)
    return save->done ? 1 : 0;
  return MIN((double) save->frame / (double) save->frame_count, 1.0);
}

bool audio_save_finish(AudioSave *save, GError **error)
{
  uint64_t decoded = 0;

  if (save->error) {
    g_propagate_error(error, g_steal_pointer(&save->error));
    return false;
  }
  for (guint i = 0; i < save->heard->len; i++) {
    const Heard *heard = save->heard->pdata[i];
    decoded += audio_track_counts(heard->track)->decoded - heard->unconverted;
  }
  if (decoded == 0)
    g_set_error_literal(error, APP_ERROR, APP_ERROR_IO,
                        save->heard->len == 0 && g_hash_table_size(save->reasons) == 0
                          ? "no audio stream of the call was captured"
                          : "no audio could be decoded");
  return decoded > 0;
}

/* --- What is missing -------------------------------- */

static void append_count(GPtrArray *lines, uint64_t count, const char *text)
{
  if (count > 0)
    g_ptr_array_add(lines, g_strdup_printf("audio: %" PRIu64 " packets %s", count, text));
}

void audio_save_append_missing(const AudioSave *save, GPtrArray *lines)
{
  AudioCounts sum = {0};
  uint64_t unconverted = 0;
  GHashTableIter iter;
  gpointer reason, count;

  g_hash_table_iter_init(&iter, save->reasons);
  while (g_hash_table_iter_next(&iter, &reason, &count))
    g_ptr_array_add(lines,
                    g_strdup_printf("audio: streams that are not heard: %" G_GSIZE_FORMAT " %s",
                                    GPOINTER_TO_SIZE(count), (const char *) reason));
  for (guint i = 0; i < save->heard->len; i++) {
    const Heard *heard = save->heard->pdata[i];
    if (!heard->track)
      continue;
    const AudioCounts *counts = audio_track_counts(heard->track);
    sum.late += counts->late;
    sum.cut += counts->cut;
    sum.malformed += counts->malformed;
    sum.undecoded += counts->undecoded;
    unconverted += heard->unconverted;
  }
  append_count(lines, sum.cut, "are cut in the capture (snap length); they are silence");
  append_count(lines, sum.malformed, "are malformed; they are silence");
  append_count(lines, sum.undecoded, "are of other codecs that are not decoded; they are silence");
  append_count(lines, sum.late, "came too late to be put in order; they are silence");
  append_count(lines, unconverted,
               "have another sample rate, and rung was built without libsamplerate");
  if (save->mix && audio_mix_outside(save->mix) > 0)
    g_ptr_array_add(lines, g_strdup_printf("audio: %" PRIu64
                                           " samples are left out: their time of capture is in "
                                           "disorder",
                                           audio_mix_outside(save->mix)));
}

uint64_t audio_save_overlapped(const AudioSave *save)
{
  uint64_t count = 0;

  for (guint i = 0; i < save->heard->len; i++)
    count += ((const Heard *) save->heard->pdata[i])->overlapped;
  return count;
}
