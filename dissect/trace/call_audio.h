/*
 * CallAudio: the streams of a call with what its session descriptions say of them, and what its
 * audio was like.  Computed on demand.
 */
#pragma once

#include "dissect/media/stream_quality.h"
#include "dissect/trace/trace.h"

/* A stream of a call. */
typedef struct {
  const RtpStream *stream;
  MediaOwner owner; /* this call */
  StreamQuality quality;
} CallStream;

/* Streams of a call beyond these are left out. */
enum { CALL_STREAMS_MAX = 1024 };

/* The call's streams (CallStream), in order of appearance; freed with g_array_unref. */
GArray *call_stream_list(const Trace *trace, const Call *call);

/* The stream back: from its destination to its source; NULL if there is none in the list. */
const CallStream *call_stream_opposite(const GArray *streams, const RtpStream *stream);

/* True if it is audio, or if its kind is not known. */
bool call_stream_is_audio(const CallStream *stream);

/* clang-format off */
/* X-macro: which way audio flowed; names as in the field call.audio. */
#define CALL_AUDIO_WAYS(X)                                                                         \
  X(BOTH, "both")                                                                                  \
  X(ONE_WAY, "one-way")                                                                            \
  X(NONE, "none")                                                                                  \
  X(HELD, "held")
/* clang-format on */

typedef enum {
  CALL_AUDIO_UNKNOWN, /* none was agreed, or the capture has no RTP at all */
#define CALL_AUDIO_ENUM(id, name) CALL_AUDIO_##id,
  CALL_AUDIO_WAYS(CALL_AUDIO_ENUM)
#undef CALL_AUDIO_ENUM
} CallAudioWay;

typedef struct {
  CallAudioWay way;
  uint32_t streams; /* of audio; the rest is the worst of them */
  bool has_mos, has_jitter;
  double mos, loss_percent, jitter_ms;
} CallAudio;

/* NULL for CALL_AUDIO_UNKNOWN. */
const char *call_audio_name(CallAudioWay way);

CallAudio call_audio(const Trace *trace, const Call *call);

/* The same for a call whose streams (call_stream_list) are at hand; `media` may be NULL. */
CallAudio call_audio_of(const Trace *trace, const MediaCall *media, const GArray *streams);

/* The audio lines that both sides of a leg agreed on, by MediaSide; false when there are none. */
bool media_leg_audio(const MediaLeg *leg, const MediaLine *ret_lines[2]);

/* The same of one offer and its answer. */
bool media_exchange_audio(const MediaExchange *exchange, const MediaLine *ret_lines[2]);

/* True if the session descriptions in force keep audio from flowing both ways (RFC 3264 8.4). */
bool media_call_is_held(const MediaCall *call);
