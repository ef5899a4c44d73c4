/*
 * Srtcp: RTCP in clear where it is encrypted (RFC 3711 3.4) and its key is known: from session
 * descriptions that came before it, or from a DTLS handshake.  So that stream quality has what
 * receivers report.
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
