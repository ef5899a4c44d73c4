/*
 * Sound: plays samples on the sound device of the system, in a thread of its own.
 *
 * Who has samples puts them as far as there is room, some seconds ahead, and asks now and then
 * whether it is over.  No function waits for the device, except that sound_free does for a short
 * time.  The thread exists only while the device is in use; as the libraries of sound servers write
 * to stderr, into the screen of the terminal, stderr of the process is /dev/null meanwhile.
 *
 * The program has one Sound, which belongs to its main thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of 16 bits; a frame is one sample per channel, interleaved. */
typedef struct {
  unsigned channels;
  uint32_t rate; /* frames per second */
} SoundFormat;

/* A way to the device.  Its functions are called by one thread at a time, which is not that of who
 * puts samples. */
typedef struct {
  const char *library;
  /* `data`: of sound_new.  NULL and an error if there is no device. */
  void *(*open)(const SoundFormat *format, void *data, GError **error);
  /* Waits until it has taken them; false if it failed. */
  bool (*play)(void *device, const int16_t *frames, size_t count);
  void (*close)(void *device);
} SoundDriver;

/* Absent where rung was built without libao.  Its data: the name of a file that gets raw samples
 * instead, or NULL. */
extern const SoundDriver AO_DRIVER; /* sound_ao.c */

/* That of the library that rung was built with; NULL: without any. */
const SoundDriver *sound_driver(void);

typedef struct Sound Sound;

/* `data` is the driver's and must outlive it. */
Sound *sound_new(const SoundDriver *driver, void *data);
/* Ends what is played. */
void sound_free(Sound *sound);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sound, sound_free)

/* True if the device is not in use; closing it may take a sound server some time. */
bool sound_is_idle(const Sound *sound);

/* Begins to play; it must be idle. */
void sound_begin(Sound *sound, const SoundFormat *format);

/* How many frames it takes now. */
size_t sound_room(const Sound *sound);
void sound_put(Sound *sound, const int16_t *frames, size_t count);
/* Nothing comes any more: it is over when all was played. */
void sound_put_end(Sound *sound);

/* Frames that were given to the device. */
uint64_t sound_played(const Sound *sound);

/* True when all was played, or, with an error, if the device could not be opened or failed. */
bool sound_is_over(const Sound *sound, GError **error);

/* Plays nothing more of what was put, and lets the device be closed. */
void sound_stop(Sound *sound);
