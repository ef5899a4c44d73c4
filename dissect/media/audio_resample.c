#include "dissect/media/audio_resample.h"

#include <glib.h>

#ifdef WITH_SAMPLERATE
#include <samplerate.h>

enum { HELD_MAX = 4096 }; /* more than the filter holds back */

struct AudioResampler {
  SRC_STATE *state;
  double ratio;
  GArray *in, *out; /* float */
  GArray *samples;  /* int16_t */
};

AudioResampler *audio_resampler_new(uint32_t from_rate, uint32_t to_rate)
{
  AudioResampler *resampler = g_new0(AudioResampler, 1);
  int error;

  resampler->state = src_new(SRC_SINC_FASTEST, 1, &error);
  resampler->ratio = (double) to_rate / from_rate;
  resampler->in = g_array_new(false, false, sizeof(float));
  resampler->out = g_array_new(false, false, sizeof(float));
  resampler->samples = g_array_new(false, false, sizeof(int16_t));
  return resampler;
}

void audio_resampler_free(AudioResampler *resampler)
{
  if (!resampler)
    return;
  src_delete(resampler->state);
  g_array_unref(resampler->in);
  g_array_unref(resampler->out);
  g_array_unref(resampler->samples);
  g_free(resampler);
}

void audio_resampler_run(AudioResampler *resampler, const int16_t *samples, size_t count, bool last,
                         const int16_t **ret_samples, size_t *ret_count)
{
  size_t room = (size_t) ((double) (count + HELD_MAX) * resampler->ratio) + HELD_MAX;

  g_array_set_size(resampler->in, (guint) MAX(count, 1U));
  g_array_set_size(resampler->out, (guint) room);
  g_array_set_size(resampler->samples, (guint) room);
  float *in = &g_array_index(resampler->in, float, 0);
  float *out = &g_array_index(resampler->out, float, 0);
  if (count > 0)
    src_short_to_float_array(samples, in, (int) count);
  SRC_DATA data = {.data_in = in,
                   .data_out = out,
                   .input_frames = (long) count,
                   .output_frames = (long) room,
                   .end_of_input = last,
                   .src_ratio = resampler->ratio};
  bool ok = src_process(resampler->state, &data) == 0;
  *ret_count = ok ? (size_t) data.output_frames_gen : 0;
  src_float_to_short_array(out, &g_array_index(resampler->samples, int16_t, 0), (int) *ret_count);
  *ret_samples = &g_array_index(resampler->samples, int16_t, 0);
  if (last)
    (void) src_reset(resampler->state);
}

#else

AudioResampler *audio_resampler_new(uint32_t from_rate, uint32_t to_rate)
{
  (void) from_rate;
  (void) to_rate;
  return NULL;
}

void audio_resampler_free(AudioResampler *resampler)
{
  g_assert(!resampler);
}

void audio_resampler_run(AudioResampler *resampler, const int16_t *samples, size_t count, bool last,
                         const int16_t **ret_samples, size_t *ret_count)
{
  (void) resampler;
  (void) last;
  *ret_samples = samples;
  *ret_count = count;
}

#endif
