/*
 * PacketSave: writes the packets of selected calls to a capture file, in slices.
 *
 * The input is read a second time, as far as it had been read when this begins; the bytes of the
 * packets come from the stores.  The trace may grow meanwhile: calls are held by number.  The
 * descriptor stays the caller's.
 */
#pragma once

#include "capture/source.h"
#include "capture/writer.h"
#include "dissect/pick/frame_picker.h"
#include "dissect/sip/sip_mask.h"
#include "ui/show/selection.h"

typedef struct {
  const Trace *trace;
  const Source *source; /* the source of the trace; may still be read */
  StoreSet *stores;
  uint64_t seed; /* pipeline_seed */
  const Limits *limits;
} PacketSaveInput;

/* Takes packets that are saved in parts: each is written once. */
typedef struct PacketSink PacketSink;

PacketSink *packet_sink_new(const Source *source, StoreSet *stores, WriterOptions options);

/* Makes it write each call to a file of its own, named after `options.name` (CallFiles). */
void packet_sink_split(PacketSink *sink, const Trace *trace);
bool packet_sink_is_split(const PacketSink *sink);

/* Of a sink that is split: the call is evicted next, and some of its packets may still come. */
void packet_sink_leaving(PacketSink *sink, const Call *call);

void packet_sink_free(PacketSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PacketSink, packet_sink_free)

/* A frame of which no bytes were kept is left out. */
void packet_sink_add(PacketSink *sink, const PickedFrame *picked, GError **error);

/* The same of a packet that was made, with its bytes; not of a sink that is split. */
void packet_sink_write(PacketSink *sink, const Frame *frame, GError **error);

/* So that there is a file that can be read before there is a packet. */
G_GNUC_WARN_UNUSED_RESULT bool packet_sink_begin(PacketSink *sink, GError **error);

/* From now on nothing that cannot be written is an error: it is tried again as long as the buffer
 * has room for more, then packets are counted as lost. */
void packet_sink_be_patient(PacketSink *sink);

/* A line when writing began to fail, and when it goes on, with what was lost meanwhile; else
 * NULL. */
char *packet_sink_news(PacketSink *sink);

/* Of a sink that is split: a line on packets that were left out, as their calls were evicted before
 * they were written, or as they were too many; NULL if there are none. */
char *packet_sink_left_out(const PacketSink *sink);

/* Is there something that it has tried in vain to write? */
bool packet_sink_is_stuck(const PacketSink *sink);

/* Begins another file, once all was flushed to the one so far; `name` must outlive it. */
G_GNUC_WARN_UNUSED_RESULT bool packet_sink_change_file(PacketSink *sink, int fd, const char *name,
                                                       GError **error);

/* Of the file that is written; and packets, of all files. */
uint64_t packet_sink_bytes(const PacketSink *sink);
uint64_t packet_sink_packets(const PacketSink *sink);

/* Takes the secrets of frames that follow from the picker, which was asked for them. */
void packet_sink_add_secrets(PacketSink *sink, FramePicker *picker, GError **error);
G_GNUC_WARN_UNUSED_RESULT bool packet_sink_flush(PacketSink *sink, GError **error);

/* How names are replaced. */
typedef struct {
  Pseudonyms *pseudonyms;
  SipMaskOptions mask;
} Masking;

/* What was left out then, or is another than it was. */
typedef struct {
  uint64_t messages; /* left out: of unknown endpoints, too long, unreadable */
  uint64_t media;    /* packets left out: neither RTP nor RTCP in UDP */
  uint64_t opened;   /* messages that came in TLS or WebSocket, and are in plain TCP now */
} MaskedLosses;

typedef struct {
  int fd;
  const char *name; /* for error messages */
  WriterFormat format;
  Packing packing;        /* of a sink */
  const Masking *masking; /* packets are made anew, and name nobody (masked_packets.h); or NULL */
  bool with_media;
  bool with_secrets;    /* that open what is TLS; the format is pcapng then */
  Selection *selection; /* of calls, or of one message; all: also those of evicted calls */
  PacketSink *sink;     /* of packets that are saved in parts, with the same `fd`; or NULL */
  /* Of a sink that is split: number of a call -> number of the last frame that is wanted of it. */
  GHashTable *until;
} PacketSaveOptions;

typedef struct PacketSave PacketSave;

/* What `input` and `options` point to must outlive it. */
PacketSave *packet_save_new(const PacketSaveInput *input, const PacketSaveOptions *options);
void packet_save_free(PacketSave *save);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PacketSave, packet_save_free)

/* A slice of the work; true while there is more to do. */
bool packet_save_step(PacketSave *save, int64_t until_us);

/* Messages that cannot be read in what was written so far (frame_picker_unreadable). */
uint64_t packet_save_unreadable(const PacketSave *save);

/* With `masking`: at the end. */
MaskedLosses packet_save_losses(const PacketSave *save);

/* From 0 to 1. */
double packet_save_progress(const PacketSave *save);

/* At the end: fails if something could not be written.  *ret_packets: how many were. */
G_GNUC_WARN_UNUSED_RESULT bool packet_save_finish(PacketSave *save, uint64_t *ret_packets,
                                                  GError **error);
