/*
 * MediaPackets: packets of RTP and RTCP out of UDP and TCP, for those who read a capture again for
 * its media.  Feed a packet, then pull until there are none.
 */
#pragma once

#include "dissect/stream/carrier.h"

typedef struct MediaPackets MediaPackets;

MediaPackets *media_packets_new(CarrierLimits limits);
void media_packets_free(MediaPackets *media);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaPackets, media_packets_free)

/* Lines of a key log, for what is agreed on in DTLS (carrier_srtp_key). */
void media_packets_add_keys(MediaPackets *media, Slice lines);
bool media_packets_srtp_key(const MediaPackets *media, const Endpoint *src, const Endpoint *dst,
                            DtlsSrtpKey *ret_key);

/* Takes a packet, whose bytes must live until media_packets_next gives false.  Connections need all
 * their segments, of both directions. */
void media_packets_feed(MediaPackets *media, const Packet *packet);

/* Time has passed: see carrier_expire. */
void media_packets_expire(MediaPackets *media, int64_t now_ns);

/* The next packet of what was fed, valid until the next call; false when there is none. */
bool media_packets_next(MediaPackets *media, Packet *ret_packet);
