/*
 * AudioMix: pieces of sound of several streams, put on one or two channels of one sample rate.
 *
 * It holds a window of some seconds: pieces are put where they belong, in any order, and frames
 * (one sample per channel) are taken from its beginning when nothing can change them any more.
 * Where no piece was put there is silence; where pieces overlap, the later one is kept.
 */
#pragma once

#include "dissect/media/audio_track.h"

enum { AUDIO_CHANNELS_MAX = 2, AUDIO_WINDOW_S = 16 };

typedef struct AudioMix AudioMix;

/* `start_ns`: time of capture of the first frame. */
AudioMix *audio_mix_new(unsigned channels, uint32_t rate, int64_t start_ns);
void audio_mix_free(AudioMix *mix);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AudioMix, audio_mix_free)

/* The way of one stream to a channel: converts its sample rate. */
typedef struct AudioVoice AudioVoice;

AudioVoice *audio_voice_new(AudioMix *mix, unsigned channel);
void audio_voice_free(AudioVoice *voice);

/* False when it cannot be converted: rung was built without libsamplerate. */
G_GNUC_WARN_UNUSED_RESULT bool audio_voice_put(AudioVoice *voice, const AudioPiece *piece);

/* Puts what the conversion holds back; another piece begins anew. */
void audio_voice_end(AudioVoice *voice);

/* How many of the next frames, at most `room`, are before that time; they are interleaved in
 * ret_frames.  With INT64_MAX: up to the last sample. */
size_t audio_mix_take(AudioMix *mix, int64_t until_ns, size_t room, int16_t *ret_frames);

/* Samples that were outside of the window, and are left out. */
uint64_t audio_mix_outside(const AudioMix *mix);
