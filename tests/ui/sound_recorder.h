/* A sound device for tests, which keeps what is played. */
#pragma once

#include <unistd.h>

#include "tests/test.h"
#include "ui/sound/sound.h"

/* Read it when the sound is over or stopped. */
typedef struct {
  bool is_paced;  /* as slow as a real one */
  bool is_absent; /* it cannot be opened */
  guint hold_at;  /* takes no more than so many frames until it is released; 0: any */
  gint released;
  gint is_slow_to_close; /* until it is 0 */
  SoundFormat format;
  GByteArray *bytes; /* made by open; or NULL */
  unsigned opened, closed;
} SoundRecorder;

static inline void *sound_recorder_open(const SoundFormat *format, void *data, GError **error)
{
  SoundRecorder *recorder = data;

  if (recorder->is_absent) {
    g_set_error(error, g_quark_from_static_string("test"), 1, "nothing to play on");
    return NULL;
  }
  if (recorder->bytes)
    g_byte_array_unref(recorder->bytes);
  recorder->bytes = g_byte_array_new();
  recorder->format = *format;
  recorder->opened++;
  return recorder;
}

static inline bool sound_recorder_play(void *data, const int16_t *frames, size_t count)
{
  SoundRecorder *recorder = data;

  while (recorder->hold_at > 0 &&
         recorder->bytes->len >= 2 * recorder->format.channels * recorder->hold_at &&
         !g_atomic_int_get(&recorder->released))
    g_usleep(1000);
  if (recorder->is_paced)
    g_usleep((gulong) (count * G_USEC_PER_SEC / recorder->format.rate));
  g_byte_array_append(recorder->bytes, (const uint8_t *) frames,
                      (guint) (count * recorder->format.channels * sizeof *frames));
  return true;
}

static inline void sound_recorder_close(void *data)
{
  SoundRecorder *recorder = data;

  while (g_atomic_int_get(&recorder->is_slow_to_close))
    g_usleep(1000);
  recorder->closed++;
}

static const SoundDriver SOUND_RECORDER = {"none", sound_recorder_open, sound_recorder_play,
                                           sound_recorder_close};

/* On the heap: a test that fails leaves it to the thread that plays. */
static inline SoundRecorder *sound_recorder_new(void)
{
  return g_new0(SoundRecorder, 1);
}

static inline void sound_recorder_free(SoundRecorder *recorder)
{
  if (recorder->bytes)
    g_byte_array_unref(recorder->bytes);
  g_free(recorder);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SoundRecorder, sound_recorder_free)

/* While the device is in use stderr is /dev/null, and would stay so after a failure, with what the
 * test has to say. */
static inline int sound_test_begin(void **state)
{
  *state = GINT_TO_POINTER(dup(STDERR_FILENO));
  return 0;
}

static inline int sound_test_end(void **state)
{
  int was = GPOINTER_TO_INT(*state);

  dup2(was, STDERR_FILENO);
  close(was);
  return 0;
}

#define SOUND_TEST(test) cmocka_unit_test_setup_teardown(test, sound_test_begin, sound_test_end)
