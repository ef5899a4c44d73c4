/*
 * AudioFile: a WAV file of 16 bits, by libsndfile.  The descriptor is of a regular file and stays
 * the caller's.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of sound that a WAV file has room for: its lengths are of 32 bits. */
#define AUDIO_FILE_MAX (INT64_C(4) * 1024 * 1024 * 1024 - 64 * 1024)

typedef struct AudioFile AudioFile;

typedef struct {
  int fd;
  const char *name; /* for error messages */
  unsigned channels;
  uint32_t rate;
} AudioFileOptions;

/* Fails when rung was built without libsndfile, too. */
G_GNUC_WARN_UNUSED_RESULT AudioFile *audio_file_new(const AudioFileOptions *options,
                                                    GError **error);
void audio_file_free(AudioFile *file);

/* Frames: one sample per channel, interleaved. */
G_GNUC_WARN_UNUSED_RESULT bool audio_file_write(AudioFile *file, const int16_t *frames,
                                                size_t count, GError **error);

/* Completes its header. */
G_GNUC_WARN_UNUSED_RESULT bool audio_file_finish(AudioFile *file, GError **error);
