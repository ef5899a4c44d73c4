#include "dissect/net/tunnel.h"

#include "capture/hash.h"
#include "dissect/net/link.h"

void tunnel_enter(Peel *peel, TunnelKind kind, uint32_t id)
{
  Packet *packet = peel->packet;
  Endpoint a = packet->src, b = packet->dst;

  a.port = b.port = 0; /* UDP's source port may differ for each flow in the tunnel */
  bool swap = memcmp(&a, &b, sizeof a) > 0;
  const struct {
    Endpoint low, high;
    uint32_t around, kind, id;
  } tunnel = {swap ? b : a, swap ? a : b, packet->tunnel, kind, id};
  G_STATIC_ASSERT(sizeof tunnel == 2 * sizeof(Endpoint) + 3 * sizeof(uint32_t));
  uint32_t hash = (uint32_t) hash_bytes(&tunnel, sizeof tunnel, peel->seed);

  packet->tunnel = hash != 0 ? hash : 1;
}

enum {
  GRE_CHECKSUM = 0x8000,
  GRE_ROUTING = 0x4000,
  GRE_KEY = 0x2000,
  GRE_SEQUENCE = 0x1000,
  GRE_ACK = 0x0080,
  GRE_VERSION = 0x0007,
  GRE_ERSPAN = 0x88be,
  GRE_ERSPAN3 = 0x22eb,
  GRE_PPP = 0x880b,
  GRE_ETHERNET = 0x6558,
};

/* RFC 1701: source route entries, up to one of length 0. */
static void gre_skip_routing(Reader *in)
{
  size_t len;

  do {
    reader_skip(in, 3);
    len = reader_u8(in);
    reader_skip(in, len);
  } while (len > 0 && !in->failed);
}

/* RFC 2637 4.1: the key's halves are the length and a call id that each direction has its own. */
static Layer pptp_open(Peel *peel, unsigned flags, uint32_t key)
{
  if ((flags & GRE_KEY) == 0)
    return LAYER_BAD;
  if ((flags & GRE_SEQUENCE) == 0) /* an acknowledgement alone */
    return LAYER_NONE;
  reader_skip(&peel->in, (flags & GRE_ACK) != 0 ? 8 : 4);
  if (peel->in.failed)
    return LAYER_BAD;
  peel_limit(peel, key >> 16);
  tunnel_enter(peel, TUNNEL_GRE, 0);
  return LAYER_PPP;
}

enum { ERSPAN3_ETHERNET = 0, ERSPAN3_IP = 2 };

/* ERSPAN type III: 12 octets, 8 more when the last bit is set. */
static Layer erspan3_open(Peel *peel)
{
  reader_skip(&peel->in, 10);
  unsigned last = reader_u16(&peel->in);
  unsigned frame_type = last >> 10 & 0x1f;

  if ((last & 1) != 0)
    reader_skip(&peel->in, 8);
  switch (frame_type) {
  case ERSPAN3_ETHERNET:
    return LAYER_ETHERNET;
  case ERSPAN3_IP:
    return LAYER_IP;
  default:
    return LAYER_NONE;
  }
}

/* RFC 2784, RFC 2890, with RFC 1701's routing. */
Layer gre_layer(Peel *peel)
{
  Reader *in = &peel->in;
  unsigned flags = reader_u16(in);
  uint16_t protocol = reader_u16(in);

  if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0)
    reader_skip(in, 4);
  uint32_t key = (flags & GRE_KEY) != 0 ? reader_u32(in) : 0;
  if ((flags & GRE_VERSION) == 1)
    return protocol == GRE_PPP ? pptp_open(peel, flags, key) : LAYER_NONE;
  if ((flags & GRE_VERSION) != 0)
    return LAYER_NONE;
  if ((flags & GRE_SEQUENCE) != 0)
    reader_skip(in, 4);
  if ((flags & GRE_ROUTING) != 0)
    gre_skip_routing(in);
  /* RFC 7637 3.2: with Ethernet inside, the low octet may be of one flow in one direction. */
  tunnel_enter(peel, TUNNEL_GRE, protocol == GRE_ETHERNET ? key >> 8 : key);
  if (protocol == GRE_ERSPAN3)
    return erspan3_open(peel);
  if (protocol != GRE_ERSPAN)
    return ethertype_known(protocol) ? ethertype_open(peel, protocol) : LAYER_NONE;
  if ((flags & GRE_SEQUENCE) != 0) /* type II has a header, type I has none and no sequence */
    reader_skip(in, 8);
  return LAYER_ETHERNET;
}
