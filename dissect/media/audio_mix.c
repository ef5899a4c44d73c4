#include "dissect/media/audio_mix.h"

#include <glib.h>

#include "dissect/media/audio_resample.h"

struct AudioMix {
  unsigned channels;
  uint32_t rate;
  int64_t start_ns;
  int64_t base, end; /* places of the first frame in the window, and after the last sample */
  int64_t room;      /* frames */
  int16_t *frames;   /* ring, interleaved; what is free is 0 */
  uint64_t outside;
};

struct AudioVoice {
  AudioMix *mix;
  unsigned channel;
  AudioResampler *resampler; /* NULL: not needed (yet) */
  uint32_t rate;             /* of the run */
  int64_t anchor_ns, next;   /* the piece that continues it begins there */
  int64_t place;             /* of what the resampler gives next */
  bool is_running;
};

AudioMix *audio_mix_new(unsigned channels, uint32_t rate, int64_t start_ns)
{
  AudioMix *mix = g_new0(AudioMix, 1);

  g_assert(channels > 0 && channels <= AUDIO_CHANNELS_MAX && rate > 0);
  mix->channels = channels;
  mix->rate = rate;
  mix->start_ns = start_ns;
  mix->room = (int64_t) rate * AUDIO_WINDOW_S;
  mix->frames = g_new0(int16_t, (size_t) mix->room * channels);
  return mix;
}

void audio_mix_free(AudioMix *mix)
{
  if (!mix)
    return;
  g_free(mix->frames);
  g_free(mix);
}

uint64_t audio_mix_outside(const AudioMix *mix)
{
  return mix->outside;
}

/* The nearest frame; times are within some days of the start. */
static int64_t place_of(const AudioMix *mix, int64_t time_ns)
{
  const int64_t SECOND = INT64_C(1000) * 1000 * 1000;
  int64_t since = time_ns - mix->start_ns;
  int64_t rest = since % SECOND * mix->rate;

  return since / SECOND * mix->rate + (rest + (rest < 0 ? -SECOND : SECOND) / 2) / SECOND;
}

static void put(AudioMix *mix, unsigned channel, int64_t place, Slice samples)
{
  size_t count = samples.len / sizeof(int16_t);

  for (size_t i = 0; i < count; i++, place++) {
    int16_t sample;
    if (place < mix->base || place >= mix->base + mix->room) {
      mix->outside++;
      continue;
    }
    memcpy(&sample, samples.data + i * sizeof sample, sizeof sample);
    mix->frames[(size_t) (place % mix->room) * mix->channels + channel] = sample;
    mix->end = MAX(mix->end, place + 1);
  }
}

static Slice slice_of_samples(const int16_t *samples, size_t count)
{
  return slice_of((const char *) samples, count * sizeof *samples);
}

size_t audio_mix_take(AudioMix *mix, int64_t until_ns, size_t room, int16_t *ret_frames)
{
  int64_t until = until_ns == INT64_MAX ? mix->end : place_of(mix, until_ns);
  size_t count = until > mix->base ? (size_t) MIN(until - mix->base, (int64_t) room) : 0;

  for (size_t i = 0; i < count; i++, mix->base++)
    for (unsigned channel = 0; channel < mix->channels; channel++) {
      int16_t *sample = &mix->frames[(size_t) (mix->base % mix->room) * mix->channels + channel];
      *ret_frames++ = *sample;
      *sample = 0;
    }
  return count;
}

/* --- Voices -------------------------------- */

AudioVoice *audio_voice_new(AudioMix *mix, unsigned channel)
{
  AudioVoice *voice = g_new0(AudioVoice, 1);

  g_assert(channel < mix->channels);
  voice->mix = mix;
  voice->channel = channel;
  return voice;
}

void audio_voice_free(AudioVoice *voice)
{
  if (!voice)
    return;
  audio_resampler_free(voice->resampler);
  g_free(voice);
}

static void convert(AudioVoice *voice, const int16_t *samples, size_t count, bool last)
{
  const int16_t *ready;
  size_t ready_count;

  audio_resampler_run(voice->resampler, samples, count, last, &ready, &ready_count);
  put(voice->mix, voice->channel, voice->place, slice_of_samples(ready, ready_count));
  voice->place += (int64_t) ready_count;
}

void audio_voice_end(AudioVoice *voice)
{
  if (voice->is_running)
    convert(voice, NULL, 0, true);
  voice->is_running = false;
}

/* Begins a run with the piece. */
static bool begin(AudioVoice *voice, const AudioPiece *piece)
{
  audio_voice_end(voice);
  if (voice->rate != piece->rate) {
    audio_resampler_free(voice->resampler);
    voice->resampler = audio_resampler_new(piece->rate, voice->mix->rate);
    voice->rate = piece->rate;
  }
  voice->anchor_ns = piece->anchor_ns;
  voice->place = place_of(voice->mix, piece->anchor_ns) +
                 piece->offset * (int64_t) voice->mix->rate / piece->rate;
  voice->is_running = voice->resampler != NULL;
  return voice->is_running;
}

bool audio_voice_put(AudioVoice *voice, const AudioPiece *piece)
{
  if (piece->rate == voice->mix->rate) {
    audio_voice_end(voice);
    put(voice->mix, voice->channel, place_of(voice->mix, piece->anchor_ns) + piece->offset,
        slice_of_samples(piece->samples, piece->count));
    return true;
  }
  bool continues = voice->is_running && voice->rate == piece->rate &&
                   voice->anchor_ns == piece->anchor_ns && voice->next == piece->offset;
  if (!continues && !begin(voice, piece))
    return false;
  convert(voice, piece->samples, piece->count, false);
  voice->next = piece->offset + (int64_t) piece->count;
  return true;
}
