/*
 * MediaEnds: where the media of chosen calls are sent, and when, by their session descriptions
 * (RFC 8866): for each media line its address and port, the next port or that of a=rtcp (RFC 3605)
 * for RTCP, and ICE candidates (RFC 8839).
 *
 * Fill it, then ask.  Either end of a packet may be the one that a description names, so
 * media that come from behind an address translation are found by where they go.
 */
#pragma once

#include "capture/store.h"
#include "dissect/net/packet.h"
#include "dissect/trace/message.h"

typedef struct MediaEnds MediaEnds;

MediaEnds *media_ends_new(void);
void media_ends_free(MediaEnds *ends);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaEnds, media_ends_free)

/* What one session description names, from `start_ns` to `end_ns`. */
void media_ends_add_sdp(MediaEnds *ends, Slice sdp, int64_t start_ns, int64_t end_ns);

/* What the message names, from its call's first message to some seconds after the last, or to the
 * end of the capture if the call is still up; fails when it cannot be read again. */
G_GNUC_WARN_UNUSED_RESULT bool media_ends_add_message(MediaEnds *ends, const Message *message,
                                                      const StoreSet *stores, GError **error);

/* Is the datagram sent from or to one of the places, at a time when it is in use? */
bool media_ends_match(MediaEnds *ends, const Packet *packet);
