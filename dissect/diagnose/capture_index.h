/*
 * CaptureIndex: what the rules of one call have to know of the other calls: who called when, who
 * registered, and the pings between two hosts.
 *
 * It grows with the trace, and reads only calls that are new since it was last asked.  It holds
 * times and numbers, no records, so that calls may be evicted meanwhile; those that were evicted an
 * hour ago are forgotten when there are many.
 */
#pragma once

#include "dissect/trace/trace.h"

typedef struct CaptureIndex CaptureIndex;

CaptureIndex *capture_index_new(const Trace *trace);
void capture_index_free(CaptureIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureIndex, capture_index_free)

/* Reads the calls that are new, as whatever is asked of it does.  Until the trace grows it is not
 * changed any more, and several threads may ask it. */
void capture_index_update(CaptureIndex *index);

/* Entries that it holds, of all kinds. */
size_t capture_index_size(const CaptureIndex *index);

typedef struct {
  int64_t start_ns;
  uint32_t number; /* of the call */
} CaptureEntry;

/* Did another call with the same From URI and method as this one begin in that time? */
bool capture_index_calls_again(CaptureIndex *index, const Call *call, int64_t from_ns,
                               int64_t to_ns);

/* The answered call with the same From and To URIs and method as this one that begins in that time;
 * NULL if there is none. */
const Call *capture_index_success(CaptureIndex *index, const Call *call, int64_t from_ns,
                                  int64_t to_ns);

/* The OPTIONS call before this one, from the same address to the same; NULL if there is none. */
const Call *capture_index_ping_before(CaptureIndex *index, const Call *call);

/* The keep-alives (CaptureEntry) of the device that sent that one, in order of appearance; NULL if
 * there are none.  It is not among them if the index read it before its request was captured. */
const GArray *capture_index_keepalives(CaptureIndex *index, const Call *call);

/* The REGISTER calls (CaptureEntry) whose To has the user and host of that URI, in order of
 * appearance; NULL if there are none. */
const GArray *capture_index_registers(CaptureIndex *index, Slice uri);
/* The place of the first of them with a higher number than that. */
guint capture_entries_after(const GArray *entries, uint32_t number);
