/* The headers of UDP, TCP and SCTP: what all others lead to, unless UDP carries a tunnel. */
#include "dissect/net/tunnel.h"

static void read_ports(Peel *peel)
{
  peel->packet->src.port = reader_u16(&peel->in);
  peel->packet->dst.port = reader_u16(&peel->in);
}

static Layer end_with(Peel *peel, PacketKind kind)
{
  peel->packet->kind = kind;
  peel->packet->payload = reader_rest(&peel->in);
  return LAYER_END;
}

enum { UDP_HEADER = 8, TCP_HEADER = 20 };

/* RFC 768.  Length 0: of a jumbogram (RFC 2675 4), or hardware fills it in. */
Layer udp_layer(Peel *peel)
{
  read_ports(peel);
  size_t len = reader_u16(&peel->in);
  reader_skip(&peel->in, 2);
  if (peel->in.failed || (len > 0 && len < UDP_HEADER))
    return LAYER_BAD;
  if (len > 0)
    peel_limit(peel, len - UDP_HEADER);
  Layer next = udp_tunnel_open(peel);
  return next == LAYER_NONE ? end_with(peel, PACKET_UDP) : next;
}

/* RFC 9293 3.1 */
Layer tcp_layer(Peel *peel)
{
  Packet *packet = peel->packet;

  read_ports(peel);
  packet->tcp_seq = reader_u32(&peel->in);
  packet->tcp_ack = reader_u32(&peel->in);
  size_t header = (reader_u8(&peel->in) >> 4) * 4U;
  packet->tcp_flags = reader_u8(&peel->in);
  reader_skip(&peel->in, 6);
  if (header < TCP_HEADER || !reader_skip(&peel->in, header - TCP_HEADER))
    return LAYER_BAD;
  return end_with(peel, PACKET_TCP);
}

/* RFC 9260 3.1: ports, verification tag, checksum. */
Layer sctp_layer(Peel *peel)
{
  read_ports(peel);
  if (!reader_skip(&peel->in, 8))
    return LAYER_BAD;
  return end_with(peel, PACKET_SCTP);
}
