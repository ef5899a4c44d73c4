/*
 * Tunnel: packets inside of packets: GRE, and what travels over UDP.
 *
 * A tunnel over UDP is known by its port, and by a header in which every fixed bit and length
 * is right; anything else on that port is an ordinary datagram.
 */
#pragma once

#include "dissect/net/layer.h"

typedef enum {
  TUNNEL_NONE,
  TUNNEL_IP, /* IP, Ethernet or MPLS right in IP */
  TUNNEL_GRE,
  TUNNEL_VXLAN,
  TUNNEL_GENEVE,
  TUNNEL_GTP,
  TUNNEL_TZSP,
  TUNNEL_L2TP,
  TUNNEL_TEREDO,
  TUNNEL_LISP,
  TUNNEL_CAPWAP,
} TunnelKind;

/*
 * Puts one more tunnel into packet->tunnel: its kind, the endpoints the packet has now, and an
 * id that both directions share (VNI, GRE key; not GTP's TEID).  Both directions of a tunnel
 * give the same hash, so that the two halves of a connection inside are found together.
 */
void tunnel_enter(Peel *peel, TunnelKind kind, uint32_t id);

/*
 * The decoder of what a UDP datagram carries, whose header is taken from peel->in; LAYER_NONE,
 * and a peel as it was, when that is not a tunnel.
 */
Layer udp_tunnel_open(Peel *peel);
