/*
 * Pipeline: the driver of the ingest thread; reads like the way of the data: source -> packet
 * -> datagram or stream -> message.  Batches of arrivals go over one queue to the main
 * thread, which owns the trace, and come back over another; nothing else is shared.  The last
 * step, parsing, is pure: it is done on either side, by whichever thread has time for it.
 */
#pragma once

#include "dissect/trace/arrival.h"
#include "dissect/trace/notes.h"
#include "dissect/trace/setup.h"

/* A line of a log, for the call that it is about. */
typedef struct {
  Key call; /* as of Arrival */
  Note note;
  const HepPacket *copy; /* in scratch: who sent it */
} LogLine;

/* A datagram of RTCP, decrypted if it was encrypted.  Its bytes and texts are in scratch. */
typedef struct {
  Endpoint src, dst;
  Endpoint from; /* the HEP agent that copied it; ADDRESS_NONE: it was captured here */
  int64_t time_ns;
  Slice octets;
  Slice correlation; /* correlation id of the copy; may be empty */
} SeenRtcp;

/* What one round of reading gave. */
typedef struct {
  FrameBatch frames;
  Arena scratch; /* bytes that were put together */
  Arrival *arrivals;
  size_t count, room;
  GArray *logs;            /* LogLine */
  GArray *rtcp;            /* SeenRtcp, if Setup.wants_rtcp */
  bool parsed;             /* the pipeline's own: arrivals have more than their bytes */
  uint64_t packets, bytes; /* of this batch */
  uint64_t lost_fragments, skipped_octets, ignored_segments; /* so far: see TraceStats */
  Undecoded undecoded;                                       /* so far */
  TlsTable tls;                                              /* connections so far */
  uint64_t dropped_packets;                                  /* so far; live */
  int64_t first_ns, last_ns; /* earliest and latest frame time so far, or TIME_NONE */
  RtpNews news;              /* of RTP streams */
  GPtrArray *faults;         /* char *: source_faults, and a spool that fails */
  bool last;                 /* nothing comes after it */
} Batch;

typedef struct Pipeline Pipeline;

/* Starts the ingest thread, which uses source and stores until pipeline_free. */
Pipeline *pipeline_start(const Setup *setup);

/* Without a thread: pipeline_take reads, and there is one batch.  For inputs so small that to start
 * a thread costs more than to read them. */
Pipeline *pipeline_new(const Setup *setup);

/* Ends the thread after it stopped the source, however much is left. */
void pipeline_free(Pipeline *pipeline);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pipeline, pipeline_free)

/* Notes in the trace what the batch has besides its messages; call it before they are added. */
void batch_note(const Batch *batch, Trace *trace);

/* The next batch, NULL when none came within `wait_us` or when the last one was taken. */
Batch *pipeline_take(Pipeline *pipeline, uint64_t wait_us);
void pipeline_give_back(Pipeline *pipeline, Batch *batch);

/* What the Call-IDs are hashed with (Call.hash). */
uint64_t pipeline_seed(const Pipeline *pipeline);
