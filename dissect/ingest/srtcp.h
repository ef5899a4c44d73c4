/*
 * Srtcp: RTCP, and digits in RTP, in clear where they are encrypted (RFC 3711) and their key is
 * known: from session descriptions that came before, or from a DTLS handshake.  So that stream
 * quality has what receivers report, and a stream its digits.  Other RTP is not opened here.
 *
 * Bounded in calls and streams: at the limit the one that began first goes.
 */
#pragma once

#include "dissect/stream/carrier.h"

typedef struct Srtcp Srtcp;

enum { SRTCP_CALLS_MAX = 16 * 1024, SRTCP_STREAMS_MAX = 16 * 1024 };

/* `carrier`, which knows of DTLS, must outlive it. */
Srtcp *srtcp_new(const Carrier *carrier);
void srtcp_free(Srtcp *srtcp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Srtcp, srtcp_free)

/* Takes the keys of a SIP message, if it has any. */
void srtcp_note(Srtcp *srtcp, Slice message);

/* Opens a datagram of RTCP.  *ret_packet is valid until the next call; false when it is none that
 * can be opened. */
bool srtcp_open(Srtcp *srtcp, const Packet *packet, Packet *ret_packet);

/* Opens a packet of RTP that is as short as an event (RFC 4733) and turns out to be as long as one.
 * *ret_content, the packet in clear, is valid until the next call. */
bool srtcp_open_event(Srtcp *srtcp, const Packet *packet, Slice *ret_content);
