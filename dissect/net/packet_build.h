/*
 * PacketBuild: packets of IPv4 and IPv6 with UDP, TCP or SCTP, from their parts; checksums are
 * right.  They begin with the IP header (link type LINK_TYPE_RAW).
 */
#pragma once

#include <glib.h>

#include "dissect/net/endpoint.h"

typedef struct {
  Endpoint src, dst; /* of one family, which is known */
  uint8_t ttl, dscp;
  uint16_t ip_id;   /* IPv4, and of fragments */
  uint32_t missing; /* bytes that the payload had, but are not there: the packet is cut */
} PacketHead;

/* Each replaces what `to` has.  The payload, and what is missing, must fit into a packet. */
void packet_build_udp(GByteArray *to, const PacketHead *head, Slice payload);
void packet_build_tcp(GByteArray *to, const PacketHead *head, uint32_t seq, uint32_t ack,
                      Slice payload);
void packet_build_sctp(GByteArray *to, const PacketHead *head, uint32_t tsn, Slice payload);

/* Which part of such a packet a fragment has. */
typedef struct {
  uint16_t id;
  size_t at;     /* a byte after the IP header, a multiple of 8 */
  size_t len;    /* at most */
  bool has_more; /* even the last that is there is not the last of the packet */
} FragmentPart;

/* False after the last. */
bool packet_build_fragment(GByteArray *to, const GByteArray *packet, const FragmentPart *part);

enum { PACKET_PAYLOAD_MAX = 65000 };
