/* AudioResampler: changes the sample rate of a run of sound, by libsamplerate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct AudioResampler AudioResampler;

/* NULL when rung was built without libsamplerate. */
AudioResampler *audio_resampler_new(uint32_t from_rate, uint32_t to_rate);
void audio_resampler_free(AudioResampler *resampler);

/* Takes samples, and gives those that are ready; `last`: all, and what comes next is another run.
 * ret_count of *ret_samples, which are valid until the next call. */
void audio_resampler_run(AudioResampler *resampler, const int16_t *samples, size_t count, bool last,
                         const int16_t **ret_samples, size_t *ret_count);
