/*
 * Batch: what one round of reading gave.
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

typedef struct {
  FrameBatch frames;
  Arena scratch; /* bytes that were put together */
  Arrival *arrivals;
  size_t count, room;
  GArray *logs;                                              /* LogLine */
  GArray *rtcp;                                              /* SeenRtcp, if Setup.wants_rtcp */
  bool parsed;                                               /* private to Parsers */
  uint64_t packets, bytes;                                   /* of this batch */
  uint64_t lost_fragments, skipped_octets, ignored_segments; /* so far: see TraceStats */
  Undecoded undecoded;                                       /* so far */
  TlsTable tls;                                              /* connections so far */
  uint64_t dropped_packets;                                  /* so far; live */
  int64_t first_ns, last_ns; /* earliest and latest frame time so far, or TIME_NONE */
  RtpNews news;              /* of RTP streams */
  GPtrArray *faults;         /* char *: source_faults, and a spool that fails */
  bool last;                 /* nothing comes after it */
} Batch;

Batch *batch_new(void);
void batch_free(Batch *batch);

/* The place after the last arrival: the caller fills it, then counts it. */
Arrival *batch_next_arrival(Batch *batch);

/* Parses all arrivals, once; those that are not SIP after all are removed.  `seed`: of
 * arrival_parse. */
void batch_parse(Batch *batch, uint64_t seed);

/* Notes in the trace what the batch has besides its messages; call it before they are added. */
void batch_note(const Batch *batch, Trace *trace);
