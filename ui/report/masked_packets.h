/*
 * MaskedPackets: packets in which nothing names users, numbers, hosts and addresses any more.
 *
 * They are made anew, from what was read: each message of a selection as it was (sip_mask.h), in a
 * packet of IP with UDP, TCP or SCTP; each packet of RTP and RTCP with its header and without what
 * could be heard.  So nothing is in them that is not known: what else a packet had around it, such
 * as Ethernet addresses, tunnels and options, does not come along.  What cannot be read is left
 * out and counted.
 */
#pragma once

#include "dissect/sip/sip_mask.h"
#include "ui/report/packet_save.h"

typedef struct MaskedPackets MaskedPackets;

/* `messages` is complete; what is given must outlive it. */
MaskedPackets *masked_packets_new(const Masking *masking, const PacketSaveInput *input,
                                  const MessageList *messages);
void masked_packets_free(MaskedPackets *packets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MaskedPackets, masked_packets_free)

/* Takes the frames that were picked, with their bytes and in order.  `sink` gets the messages up
 * to it, and the media that are in it. */
void masked_packets_add(MaskedPackets *packets, const Frame *frame, PacketSink *sink,
                        GError **error);

/* The messages that are left. */
void masked_packets_end(MaskedPackets *packets, PacketSink *sink, GError **error);

MaskedLosses masked_packets_losses(const MaskedPackets *packets);
