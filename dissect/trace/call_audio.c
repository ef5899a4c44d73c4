#include "dissect/trace/call_audio.h"

enum { OPPOSITES_MAX = 64 }; /* streams among which the one back is looked for */

const char *call_audio_name(CallAudioWay way)
{
  static const char *const NAMES[] = {
#define CALL_AUDIO_NAME(id, name) [CALL_AUDIO_##id] = name,
    CALL_AUDIO_WAYS(CALL_AUDIO_NAME)
#undef CALL_AUDIO_NAME
  };

  return NAMES[way];
}

static bool find_owner(const Trace *trace, const Call *call, const RtpStream *stream,
                       MediaOwner *ret_owner)
{
  MediaOwner owners[MEDIA_OWNERS_MAX];
  MediaFlow flow = stream_flow(stream);
  size_t count = media_book_owners(trace_media(trace), &flow, owners);

  for (size_t i = 0; i < count; i++)
    if (owners[i].call == call->number) {
      *ret_owner = owners[i];
      return true;
    }
  return false;
}

const CallStream *call_stream_opposite(const GArray *streams, const RtpStream *stream)
{
  for (guint i = 0; i < MIN(streams->len, (guint) OPPOSITES_MAX); i++) {
    const CallStream *other = &g_array_index(streams, CallStream, i);
    if (endpoint_eq(&other->stream->src, &stream->dst) &&
        endpoint_eq(&other->stream->dst, &stream->src))
      return other;
  }
  return NULL;
}

GArray *call_stream_list(const Trace *trace, const Call *call)
{
  GArray *streams = g_array_new(false, false, sizeof(CallStream));
  const uint32_t *numbers;
  size_t count = trace_call_streams(trace, call, &numbers);

  for (size_t i = 0; i < count && streams->len < CALL_STREAMS_MAX; i++) {
    CallStream found = {.stream = trace_stream_at(trace, numbers[i] - 1)};
    if (found.stream && find_owner(trace, call, found.stream, &found.owner))
      g_array_append_val(streams, found);
  }
  for (guint i = 0; i < streams->len; i++) {
    CallStream *s = &g_array_index(streams, CallStream, i);
    const CallStream *back = call_stream_opposite(streams, s->stream);
    stream_quality_measure(s->stream, &s->owner, back ? back->stream : NULL, &s->quality);
  }
  return streams;
}

bool call_stream_is_audio(const CallStream *stream)
{
  return stream->quality.kind == MEDIA_AUDIO || stream->quality.kind == MEDIA_OTHER;
}

/* The audio lines of two descriptions that are an offer and its answer, in any order. */
static bool audio_lines(const MediaDescription *a, const MediaDescription *b,
                        const MediaLine *ret_lines[2])
{
  if (!a || !b)
    return false;
  for (size_t i = 0; i < a->sdp->line_count && i < b->sdp->line_count; i++)
    if (a->sdp->lines[i].kind == MEDIA_AUDIO && !b->sdp->lines[i].refused) {
      ret_lines[0] = &a->sdp->lines[i];
      ret_lines[1] = &b->sdp->lines[i];
      return true;
    }
  return false;
}

bool media_leg_audio(const MediaLeg *leg, const MediaLine *ret_lines[2])
{
  return audio_lines(leg->agreed[MEDIA_CALLER], leg->agreed[MEDIA_CALLEE], ret_lines);
}

bool media_exchange_audio(const MediaExchange *exchange, const MediaLine *ret_lines[2])
{
  const MediaDescription *offer = exchange->offer, *answer = exchange->answer;
  bool is_callers = offer->side == MEDIA_CALLER;

  return !exchange->refused &&
         audio_lines(is_callers ? offer : answer, is_callers ? answer : offer, ret_lines);
}

static bool has_audio(const MediaCall *call)
{
  const MediaLine *lines[2];

  for (const MediaLeg *leg = call->legs; leg; leg = leg->next)
    if (leg->is_confirmed && media_leg_audio(leg, lines))
      return true;
  return false;
}

bool media_call_is_held(const MediaCall *call)
{
  const MediaLine *lines[2];
  bool is_held = false;

  for (const MediaLeg *leg = call->legs; leg; leg = leg->next) {
    if (!leg->is_confirmed || !media_leg_audio(leg, lines))
      continue;
    if (media_may_flow(lines[0], lines[1]) && media_may_flow(lines[1], lines[0]))
      return false;
    is_held = true;
  }
  return is_held;
}

/* May a direction in which nothing came be part of an earlier call's stream? */
static bool may_share(const Trace *trace, const MediaCall *call, const bool came[2])
{
  const MediaLine *lines[2];

  for (const MediaLeg *leg = call->legs; leg; leg = leg->next)
    for (unsigned side = 0; leg->is_confirmed && media_leg_audio(leg, lines) && side < 2; side++)
      if (!came[side] &&
          trace_stream_went_on(trace, lines[1 - side], lines[side], leg->confirmed_ns))
        return true;
  return false;
}

static CallAudioWay way_of(const Trace *trace, const MediaCall *media, const bool came[2])
{
  if (came[MEDIA_CALLER] && came[MEDIA_CALLEE])
    return CALL_AUDIO_BOTH;
  if (media_call_is_held(media))
    return CALL_AUDIO_HELD;
  if (!has_audio(media)) /* early media have one way */
    return CALL_AUDIO_UNKNOWN;
  if (may_share(trace, media, came))
    return CALL_AUDIO_UNKNOWN;
  if (came[MEDIA_CALLER] || came[MEDIA_CALLEE])
    return CALL_AUDIO_ONE_WAY;
  return trace_stream_count(trace) > 0 ? CALL_AUDIO_NONE : CALL_AUDIO_UNKNOWN;
}

CallAudio call_audio_of(const Trace *trace, const MediaCall *media, const GArray *streams)
{
  CallAudio audio = {.way = CALL_AUDIO_UNKNOWN};
  bool came[2] = {false, false};

  if (!media)
    return audio;
  for (guint i = 0; i < streams->len; i++) {
    const CallStream *s = &g_array_index(streams, CallStream, i);
    const StreamQuality *quality = &s->quality;
    if (!call_stream_is_audio(s))
      continue;
    came[s->owner.to] = true;
    audio.streams++;
    audio.loss_percent = MAX(audio.loss_percent, quality->loss_percent);
    if (quality->has_jitter)
      audio.jitter_ms = MAX(audio.jitter_ms, quality->jitter_ms);
    audio.has_jitter |= quality->has_jitter;
    if (quality->has_mos)
      audio.mos = audio.has_mos ? MIN(audio.mos, quality->mos) : quality->mos;
    audio.has_mos |= quality->has_mos;
  }
  audio.way = way_of(trace, media, came);
  return audio;
}

CallAudio call_audio(const Trace *trace, const Call *call)
{
  const MediaBook *book = trace_media(trace);
  const MediaCall *media = book ? media_book_call(book, call->number) : NULL;
  g_autoptr(GArray) streams = media ? call_stream_list(trace, call) : NULL;

  return call_audio_of(trace, media, streams);
}
