/*
 * AudioReader: what a call, or one stream, sounded like, as samples, in slices.
 *
 * Of a call: stereo, what the caller sent on the left and what the callee sent on the right.  Of
 * one stream: mono.  Where streams of one direction overlap (forks, hops that pass media on) the
 * one with the most packets is heard.
 *
 * The input is read a second time, as in PacketSave, and samples are given as they come: memory
 * does not depend on how long the call was.  Which streams there are, and what their payload types
 * mean, is copied when it begins: the trace may grow and discard meanwhile.
 */
#pragma once

#include "dissect/trace/trace.h"
#include "ui/report/packet_save.h"

enum { AUDIO_READER_CHANNELS_MAX = 2 };

/* A frame is one sample per channel, interleaved. */
typedef struct {
  unsigned channels;
  uint32_t rate;     /* frames per second */
  int64_t length_ns; /* from the first to the last packet */
} AudioShape;

typedef struct AudioReader AudioReader;

/* `call`, or only that stream of it or of none.  What `input` points to must outlive it, apart from
 * the calls and streams. */
AudioReader *audio_reader_new(const PacketSaveInput *input, const Call *call,
                              const RtpStream *stream);
void audio_reader_free(AudioReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AudioReader, audio_reader_free)

/* False if nothing can be heard; audio_reader_finish says why. */
G_GNUC_WARN_UNUSED_RESULT bool audio_reader_shape(const AudioReader *reader, AudioShape *ret_shape);

/* Reads until there are frames to take, or until that time; false when there is nothing more. */
bool audio_reader_step(AudioReader *reader, int64_t until_us);

/* The next frames, at most `room`; with less, another step is needed. */
size_t audio_reader_take(AudioReader *reader, size_t room, int16_t *ret_frames);

/* How much of the input was read, from 0 to 1. */
double audio_reader_progress(const AudioReader *reader);

/* At the end: fails when it could not be read, or when nothing was decoded. */
G_GNUC_WARN_UNUSED_RESULT bool audio_reader_finish(AudioReader *reader, GError **error);

/* Appends a line (char *) for each kind of thing that is not heard, with numbers. */
void audio_reader_append_missing(const AudioReader *reader, GPtrArray *lines);

/* Packets of streams that were left out where another of the same direction is heard. */
uint64_t audio_reader_overlapped(const AudioReader *reader);

/* All of that in one line, "" if nothing is missing; freed with g_free. */
char *audio_reader_missing_text(const AudioReader *reader);
