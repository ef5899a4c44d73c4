/*
 * RtpCandidates: datagrams that may be the first of an RTP stream, until a second one proves it.
 *
 * A table of fixed-size entries that grows up to a bound while many are waiting at the same time;
 * in a full bucket the oldest entry goes.  Anything in UDP that begins like RTP passes through, so
 * an entry costs no allocation.
 */
#pragma once

#include "dissect/media/rtp_count.h"

typedef struct RtpCandidates RtpCandidates;

/* `limit`: entries at most. */
RtpCandidates *rtp_candidates_new(size_t limit);
void rtp_candidates_free(RtpCandidates *candidates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtpCandidates, rtp_candidates_free)

/* The packet before, of the same stream, with up to 4 bytes of its payload. */
typedef struct {
  RtpArrival first;
  uint32_t copies; /* of it, that came meanwhile */
  char payload[4];
} RtpCandidate;

/*
 * True when the datagram and the one before it of the same key (whose hash that is) are RTP of one
 * stream; *ret_before is that one, and the entry is removed.  Else the datagram waits for another.
 */
bool rtp_candidates_prove(RtpCandidates *candidates, uint64_t hash, const RtpArrival *arrival,
                          RtpCandidate *ret_before);
