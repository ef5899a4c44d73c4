#include "ui/sound/sound.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/thread.h"

enum {
  AHEAD_S = 2,             /* put and not played */
  PIECES_PER_SECOND = 50,  /* a piece that is played is not interrupted */
  PATIENCE_US = 250 * 1000 /* at the end, with a device that is closed */
};

typedef struct {
  size_t count; /* 0: the end */
  int16_t frames[];
} Piece;

struct Sound {
  const SoundDriver *driver;
  void *data; /* of the driver */
  SoundFormat format;
  GAsyncQueue *queue;    /* Piece */
  atomic_size_t waiting; /* frames in the queue */
  atomic_uint_fast64_t played;
  atomic_bool stopped;
  atomic_bool idle;      /* there is no thread */
  atomic_int stderr_was; /* -1: it is not replaced */
  GError *error;         /* the thread's until it is idle */
};

#ifdef WITH_AO
#define DRIVER (&AO_DRIVER)
#else
#define DRIVER NULL
#endif

const SoundDriver *sound_driver(void)
{
  return DRIVER;
}

Sound *sound_new(const SoundDriver *driver, void *data)
{
  Sound *sound = g_new0(Sound, 1);

  sound->driver = driver;
  sound->data = data;
  atomic_init(&sound->idle, true);
  atomic_init(&sound->stderr_was, -1);
  sound->queue = g_async_queue_new_full(g_free);
  return sound;
}

/* --- stderr --- */

static void hide_stderr(Sound *sound)
{
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  int was = nowhere < 0 ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

  if (was >= 0)
    dup2(nowhere, STDERR_FILENO);
  if (nowhere >= 0)
    close(nowhere);
  atomic_store(&sound->stderr_was, was);
}

/* By the thread at its end, or when it is not waited for any more. */
static void show_stderr(Sound *sound)
{
  int was = atomic_exchange(&sound->stderr_was, -1);

  if (was < 0)
    return;
  dup2(was, STDERR_FILENO);
  close(was);
}

/* --- the thread --- */

static bool play_piece(Sound *sound, void *device, const Piece *piece)
{
  if (piece->count == 0)
    return false;
  bool played = sound->driver->play(device, piece->frames, piece->count);
  atomic_fetch_sub(&sound->waiting, piece->count);
  if (played)
    atomic_fetch_add(&sound->played, piece->count);
  else
    g_set_error(&sound->error, APP_ERROR, APP_ERROR_IO, _("the sound device failed"));
  return played;
}

static gpointer play(gpointer data)
{
  Sound *sound = data;
  bool more;

  void *device = sound->driver->open(&sound->format, sound->data, &sound->error);
  for (more = device != NULL; more && !atomic_load(&sound->stopped);) {
    g_autofree Piece *piece = g_async_queue_pop(sound->queue);
    more = !atomic_load(&sound->stopped) && play_piece(sound, device, piece);
  }
  if (device)
    sound->driver->close(device);
  show_stderr(sound);
  atomic_store(&sound->idle, true);
  return NULL;
}

/* --- the main thread --- */

static void put_piece(Sound *sound, const int16_t *frames, size_t count)
{
  size_t bytes = count * sound->format.channels * sizeof *frames;
  Piece *piece = g_malloc(sizeof *piece + bytes);

  piece->count = count;
  if (count > 0)
    memcpy(piece->frames, frames, bytes);
  atomic_fetch_add(&sound->waiting, count);
  g_async_queue_push(sound->queue, piece);
}

bool sound_is_idle(const Sound *sound)
{
  return atomic_load(&sound->idle);
}

void sound_begin(Sound *sound, const SoundFormat *format)
{
  g_assert(sound_is_idle(sound));
  for (Piece *piece; (piece = g_async_queue_try_pop(sound->queue));)
    g_free(piece);
  g_clear_error(&sound->error);
  sound->format = *format;
  atomic_store(&sound->waiting, 0);
  atomic_store(&sound->played, 0);
  atomic_store(&sound->stopped, false);
  atomic_store(&sound->idle, false);
  hide_stderr(sound);
  GThread *thread = thread_new("sound", play, sound, &sound->error);
  if (thread) {
    g_thread_unref(thread);
    return;
  }
  show_stderr(sound);
  atomic_store(&sound->idle, true);
}

void sound_stop(Sound *sound)
{
  atomic_store(&sound->stopped, true);
  put_piece(sound, NULL, 0); /* so that the thread wakes up */
}

void sound_free(Sound *sound)
{
  enum { NAP_US = 1000 };
  int64_t until_us = g_get_monotonic_time() + PATIENCE_US;

  if (!sound)
    return;
  sound_stop(sound);
  while (!sound_is_idle(sound) && g_get_monotonic_time() < until_us)
    g_usleep(NAP_US);
  if (!sound_is_idle(sound)) { /* the thread still uses it; the process ends soon */
    show_stderr(sound);
    return;
  }
  g_async_queue_unref(sound->queue);
  g_clear_error(&sound->error);
  g_free(sound);
}

size_t sound_room(const Sound *sound)
{
  size_t most = (size_t) sound->format.rate * AHEAD_S, waiting = atomic_load(&sound->waiting);

  return waiting < most ? most - waiting : 0;
}

void sound_put(Sound *sound, const int16_t *frames, size_t count)
{
  size_t piece = MAX(sound->format.rate / PIECES_PER_SECOND, 1U);

  for (size_t done = 0; done < count; done += MIN(piece, count - done))
    put_piece(sound, frames + done * sound->format.channels, MIN(piece, count - done));
}

void sound_put_end(Sound *sound)
{
  put_piece(sound, NULL, 0);
}

uint64_t sound_played(const Sound *sound)
{
  return atomic_load(&sound->played);
}

bool sound_is_over(const Sound *sound, GError **error)
{
  if (!sound_is_idle(sound))
    return false;
  if (sound->error && error)
    *error = g_error_copy(sound->error);
  return true;
}
