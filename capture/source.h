/*
 * Source: where frames come from: capture files (pcap, pcapng, plain or compressed), standard
 * input, or live interfaces and servers that send HEP; one or several of a kind.
 *
 * Frames come in batches: from a file as many as one read gives, live those that arrived within
 * 50 ms.  Several files are merged by time; frames are numbered over all inputs as they are read.
 * One thread reads; others may ask for progress and drops, and may stop it.
 */
#pragma once

#include <glib.h>

#include "capture/frame.h"
#include "capture/store.h"

typedef struct Source Source;

/* What is kept of an input that cannot be read again: live, a pipe, a compressed file. */
typedef enum {
  SOURCE_KEEPS_FRAMES,   /* for source_open_again: all frames; live, those that source_keep got */
  SOURCE_KEEPS_MESSAGES, /* only what the reader of the source keeps itself */
  SOURCE_KEEPS_NOTHING,  /* not even that */
} SourceKeeping;

typedef struct {
  const char *const *files;         /* NULL-terminated; "-" is standard input */
  const char *name;                 /* of the only file, where it is shown; NULL: as above */
  const char *const *interfaces;    /* NULL-terminated; used when there are no files */
  const char *const *hep_addresses; /* to receive HEP at, NULL-terminated, or NULL; beside them */
  const char *hep_password;         /* see HepListenOptions */
  const char *hep_certificate, *hep_key;
  const char *const *hep_allow;
  const char *filter;    /* BPF, or NULL */
  uint32_t snap_len;     /* live: bytes that are kept of a packet; 0: all */
  uint32_t buffer_bytes; /* live: of the kernel, for each interface; 0: the usual */
  bool no_promiscuous;   /* live: only what is sent to or by this machine */
  SourceKeeping keeping;
  bool keep_media;                 /* live: frames of RTP too */
  bool recursive;                  /* a folder stands for the files in it and below */
  const char *const *key_logs;     /* NULL-terminated names of files; or NULL */
  const char *const *private_keys; /* the same */
  bool follow; /* a file has no end: what is appended to it comes as it is written */
} SourceOptions;

typedef struct {
  uint64_t bytes_done;  /* of the files, compressed or not */
  uint64_t bytes_total; /* 0 if unknown (pipes, live) */
} SourceProgress;

typedef enum {
  SOURCE_FRAMES, /* the batch has frames */
  SOURCE_IDLE,   /* live, from a pipe or a growing file, and nothing arrived for 50 ms */
  SOURCE_END,    /* no more frames will come */
} SourceStatus;

/*
 * Opens all inputs.  Fails when one cannot be opened or is not a capture file, or when the filter
 * is wrong.  The stores of the inputs are added to `stores`, which must outlive the source.
 */
G_GNUC_WARN_UNUSED_RESULT Source *source_open(const SourceOptions *options, StoreSet *stores,
                                              GError **error);

/*
 * A source that gives the kept frames again, with the same numbers and references: those handed
 * over before the last source_flush, then it ends.  May be called from any thread at any time; it
 * reads from the stores only.  source_read also returns SOURCE_IDLE on it, when the filter rejected
 * all frames of one read.  Both sources may be freed in any order.
 */
G_GNUC_WARN_UNUSED_RESULT Source *source_open_again(const Source *source, StoreSet *stores,
                                                    GError **error);
void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)

/* Replaces the batch's frames by the next ones.  Never fails: see source_faults. */
SourceStatus source_read(Source *source, FrameBatch *batch);

/*
 * Live, with SOURCE_KEEPS_FRAMES: spools a frame, sets its ref, and lets it be read again, unless
 * source_forget is called next.  When it cannot be written its ref is of STORE_NONE.  Does nothing
 * where frames are kept anyway, or not at all.  For the thread that reads.
 */
void source_keep(Source *source, Frame *frame, GError **error);
void source_forget(Source *source);

/* Spools bytes that lie in no single frame, or in one that is not kept.  Of STORE_NONE when nothing
 * is to be kept, or when they cannot be written.  For the thread that reads. */
ByteRef source_keep_bytes(Source *source, Slice bytes, GError **error);
/* Are frames to be kept whatever they are? */
bool source_keeps_media(const Source *source);

/* Flushes the stores: all frames handed over so far can be read again.  For the thread that
 * reads. */
G_GNUC_WARN_UNUSED_RESULT bool source_flush(Source *source, GError **error);

/* How many frames source_open_again would give now.  From any thread. */
uint64_t source_flushed_frames(const Source *source);

/* The next source_read returns SOURCE_END; a live source first gives what was captured before.
 * From any thread or signal handler. */
void source_stop(Source *source);

/* From any thread, as source_dropped. */
SourceProgress source_progress(const Source *source);

/* What went wrong while reading, one line each (truncated files, broken records, failed devices).
 * Owned by the source; only for the thread that reads, until SOURCE_END. */
const GPtrArray *source_faults(const Source *source);

/* What the inputs lack although all of them was read, one line each: a text without times.  To be
 * asked for after SOURCE_END. */
const GPtrArray *source_notes(const Source *source);

/* Does it read a file that may grow?  Its end comes when it was stopped, or the file replaced. */
bool source_follows(const Source *source);

/* Packets that the kernel or the interface dropped; 0 for files. */
uint64_t source_dropped(const Source *source);

/* Of one live input, as source_dropped; all 0 for files. */
typedef struct {
  uint64_t packets; /* that it gave */
  uint64_t dropped;
  uint64_t refused; /* of a HEP socket: messages and connections that are not allowed or no HEP */
} SourceCounts;

SourceCounts source_input_counts(const Source *source, unsigned input);

/* Do frames come as they arrive, until it is stopped: from an interface or a file that grows? */
bool source_is_live(const Source *source);

/* The name of an input (Frame.input), for display. */
const char *source_input_name(const Source *source, unsigned input);
unsigned source_input_count(const Source *source);
