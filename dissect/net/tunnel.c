#include "dissect/net/tunnel.h"

#include "dissect/net/link.h"

/* splitmix64's finalizer */
static uint64_t mix64(uint64_t x)
{
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

static uint64_t hash_address(const Endpoint *endpoint)
{
  uint64_t half[2];

  memcpy(half, endpoint->address, sizeof half);
  return mix64(half[0] + mix64(half[1] + endpoint->family));
}

void tunnel_enter(Packet *packet, TunnelKind kind, uint32_t id)
{
  /* A sum, so that the direction does not matter. */
  uint64_t ends = hash_address(&packet->src) + hash_address(&packet->dst);
  uint64_t around = (uint64_t) packet->tunnel << 32 | id;
  uint32_t hash = (uint32_t) mix64(mix64(ends + kind) + mix64(around));

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
  tunnel_enter(peel->packet, TUNNEL_GRE, 0);
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
  tunnel_enter(peel->packet, TUNNEL_GRE, protocol == GRE_ETHERNET ? key >> 8 : key);
  if (protocol == GRE_ERSPAN3)
    return erspan3_open(peel);
  if (protocol != GRE_ERSPAN)
    return ethertype_known(protocol) ? ethertype_open(peel, protocol) : LAYER_NONE;
  if ((flags & GRE_SEQUENCE) != 0) /* type II has a header, type I has none and no sequence */
    reader_skip(in, 8);
  return LAYER_ETHERNET;
}
