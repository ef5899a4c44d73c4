/*
 * MediaEnds: which datagrams are media of chosen calls, by where the calls' session descriptions
 * want them at that time (MediaBook).
 *
 * A datagram is a call's if the newest description of its destination, or else of its source, is
 * the call's: RTP, RTCP, STUN, DTLS, UDPTL and whatever else goes there.  So media that come from
 * behind an address translation are found by where they go, and a port that another call has taken
 * over is no longer the call's.
 */
#pragma once

#include "dissect/net/packet.h"
#include "dissect/trace/trace.h"

typedef struct MediaEnds MediaEnds;

/* Both must outlive it.  Reads all session descriptions again, unless the trace has kept them
 * (trace_follow_media); calls that begin later cannot be chosen. */
MediaEnds *media_ends_new(const Trace *trace, const StoreSet *stores);
void media_ends_free(MediaEnds *ends);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaEnds, media_ends_free)

/* Chooses the call. */
void media_ends_add_call(MediaEnds *ends, const Call *call);

/* Is the datagram of a chosen call? */
bool media_ends_match(const MediaEnds *ends, const Packet *packet);
