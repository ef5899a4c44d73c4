/*
 * RtpStreams: the table of RTP streams; owned by the ingest thread.
 *
 * A datagram begins a stream only on proof that it is RTP: a second packet of the same source,
 * destination and SSRC, whose sequence number and timestamp follow.  The packet before the proof is
 * counted then.  At the limit a stream that was silent for long goes.
 */
#pragma once

#include "dissect/media/rtp_stream.h"
#include "dissect/net/packet.h"

typedef struct RtpStreams RtpStreams;

/* `limit`: of streams kept at the same time. */
RtpStreams *rtp_streams_new(uint32_t limit);
void rtp_streams_free(RtpStreams *streams);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtpStreams, rtp_streams_free)

/* Counts a UDP datagram, or (PACKET_TCP) a packet that was in a connection, if it is RTP or RTCP.
 * False when it does not begin like either. */
bool rtp_streams_feed(RtpStreams *streams, const Packet *packet);

/* The same of a packet of SRTP, whose content in clear is known. */
void rtp_streams_feed_opened(RtpStreams *streams, const Packet *packet, Slice content);

/* Packets of RTCP that were copied to HEP and belong to no stream that is known. */
uint64_t rtp_streams_lone_copies(const RtpStreams *streams);

/* Streams that changed since the last rtp_streams_publish. */
size_t rtp_streams_changed(const RtpStreams *streams);

/* What changed since the last time. */
typedef struct {
  GPtrArray *changed; /* RtpStream *, given away */
  GArray *gone;       /* uint32_t: numbers of those that were discarded at the limit */
} RtpNews;

/* Appends all news to the arrays. */
void rtp_streams_publish(RtpStreams *streams, RtpNews *news);
