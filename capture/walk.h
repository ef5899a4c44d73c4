/*
 * Walk: a run over the packet records of a capture that lie in memory.  Nothing is copied:
 * the frames point into the bytes that are walked.
 *
 * CaptureFile sets it up with what was read; the format (pcap_file, pcapng_file) adds a frame
 * for each whole record and leaves `rest` at the first one that is not whole (`need`, `cut`),
 * that is wrong (`fault`), or at the end.
 */
#pragma once

#include "capture/frame.h"
#include "capture/reader.h"

/* libpcap's MAXIMUM_SNAPLEN: what claims to be longer is not a packet but a broken file. */
enum { PACKET_LEN_MAX = 262144 };

typedef struct {
  Reader rest;          /* bytes to walk; `at` is always at the beginning of a record */
  const uint8_t *start; /* some byte before `rest`... */
  ByteRef start_ref;    /* ...and where it lies in the store */
  FrameBatch *batch;
  size_t need;          /* bytes of the record at `rest`, as far as is known; 0 at the end */
  const char *cut;      /* what to say about it when no more bytes come */
  const char *fault;    /* what is wrong with the record at `rest`, or NULL */
  const uint8_t *begun; /* where another file was begun last; NULL: there was none */
} Walk;

/* The record at `rest` continues after the end; gives false, so that the walk ends. */
static inline bool walk_wants(Walk *walk, size_t need, const char *cut)
{
  walk->need = need;
  walk->cut = cut;
  return false;
}

/* The record at `rest` is wrong; gives false. */
static inline bool walk_fails(Walk *walk, const char *fault)
{
  walk->fault = fault;
  return false;
}

/* Takes a frame over; its ref is that of its data. */
static inline void walk_add(Walk *walk, Frame frame)
{
  frame.ref = walk->start_ref + (uint64_t) (frame.data - walk->start);
  *frame_batch_add(walk->batch) = frame;
}
