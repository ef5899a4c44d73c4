/*
 * AudioSave: writes what a call sounded like to a WAV file, in slices.
 *
 * Of a call: stereo, what the caller sent on the left and what the callee sent on the right.  Of
 * one stream: mono.  Where streams of one direction overlap (forks, hops that pass media on) the
 * one with the most packets is heard.  The input is read a second time, as in PacketSave, and sound
 * is written as it comes: memory does not depend on how long the call was.
 */
#pragma once

#include "dissect/trace/call_audio.h"
#include "ui/report/packet_save.h"

typedef struct {
  int fd;           /* of a regular file */
  const char *name; /* for error messages */
  const Call *call;
  const RtpStream *stream; /* only this one; or NULL */
} AudioSaveOptions;

typedef struct AudioSave AudioSave;

/* What `input` and `options` point to must outlive it. */
AudioSave *audio_save_new(const PacketSaveInput *input, const AudioSaveOptions *options);
void audio_save_free(AudioSave *save);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AudioSave, audio_save_free)

/* A slice of the work; true while there is more to do. */
bool audio_save_step(AudioSave *save, int64_t until_us);

/* From 0 to 1. */
double audio_save_progress(const AudioSave *save);

/* At the end: fails when it could not be written, or when nothing was decoded. */
G_GNUC_WARN_UNUSED_RESULT bool audio_save_finish(AudioSave *save, GError **error);

/* Appends a line (char *) for each kind of thing that is not heard, with numbers. */
void audio_save_append_missing(const AudioSave *save, GPtrArray *lines);

/* Packets of streams that were left out where another of the same direction is heard. */
uint64_t audio_save_overlapped(const AudioSave *save);
