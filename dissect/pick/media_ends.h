/*
 * MediaEnds: which datagrams, and packets in TCP, are media of chosen calls, by where the calls'
 * session descriptions want them at that time (MediaBook).
 *
 * A datagram is a call's if the newest description of its destination, or else of its source, is
 * the call's: RTP, RTCP, STUN, DTLS, UDPTL and whatever else goes there.  So media that come from
 * behind an address translation are found by where they go, and a port that another call has taken
 * over is no longer the call's.
 */
#pragma once

#include "dissect/media/media_book.h"
#include "dissect/net/packet.h"
#include "dissect/trace/trace.h"

typedef struct MediaEnds MediaEnds;

/* `calls`: the numbers of those that are chosen, which may change, as the trace may; NULL: all.
 * Whatever is given must outlive it.  Reads all session descriptions again, unless the trace keeps
 * them (trace_follow_media); those that come later are not used then. */
MediaEnds *media_ends_new(const Trace *trace, const StoreSet *stores, GHashTable *calls);
void media_ends_free(MediaEnds *ends);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaEnds, media_ends_free)

typedef enum {
  MEDIA_OF_NOBODY, /* no session description names its ends */
  MEDIA_OF_OTHERS, /* a call's that is not chosen */
  MEDIA_CHOSEN,
} MediaMatch;

/* Numbers of chosen calls. */
typedef struct {
  uint32_t numbers[MEDIA_OWNERS_MAX];
  size_t count;
} MediaCalls;

/* Whose the datagram, or (PACKET_TCP) the packet that was in a connection, is. */
MediaMatch media_ends_match(const MediaEnds *ends, const Packet *packet, MediaCalls *ret_calls);
