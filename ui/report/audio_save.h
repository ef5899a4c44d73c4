/*
 * AudioSave: writes what a call, or one stream, sounded like to a WAV file, in slices; see
 * AudioReader.
 */
#pragma once

#include "ui/report/audio_reader.h"

typedef struct {
  int fd;           /* of a regular file */
  const char *name; /* for error messages */
  const Call *call;
  const RtpStream *stream; /* only this one; or NULL */
} AudioSaveOptions;

typedef struct AudioSave AudioSave;

/* What `input` points to, and the name, must outlive it. */
AudioSave *audio_save_new(const PacketSaveInput *input, const AudioSaveOptions *options);
void audio_save_free(AudioSave *save);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AudioSave, audio_save_free)

/* A slice of the work; true while there is more to do. */
bool audio_save_step(AudioSave *save, int64_t until_us);

/* From 0 to 1. */
double audio_save_progress(const AudioSave *save);

/* At the end: fails when it could not be written, or when nothing was decoded. */
G_GNUC_WARN_UNUSED_RESULT bool audio_save_finish(AudioSave *save, GError **error);

/* What was written, rounded. */
uint64_t audio_save_seconds(const AudioSave *save);

/* What is heard and what is not. */
const AudioReader *audio_save_reader(const AudioSave *save);
