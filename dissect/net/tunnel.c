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

/* --- GRE -------------------------------------------------------------------------------------- */

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
  GRE_EOIP = 0x6400,
  GRE_ETHERNET = 0x6558,
};

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

/* MikroTik's Ethernet over IP: the key is the length, and a tunnel id in little-endian. */
static Layer eoip_open(Peel *peel, unsigned flags, uint32_t key)
{
  if ((flags & GRE_KEY) == 0)
    return LAYER_BAD;
  if (key >> 16 == 0) /* keep-alive */
    return LAYER_NONE;
  peel_limit(peel, key >> 16);
  tunnel_enter(peel, TUNNEL_GRE, key & 0xffff);
  return LAYER_ETHERNET;
}

/* Version 1 is of its own for each protocol. */
static Layer gre_version1_open(Peel *peel, unsigned flags, uint16_t protocol, uint32_t key)
{
  switch (protocol) {
  case GRE_PPP:
    return pptp_open(peel, flags, key);
  case GRE_EOIP:
    return eoip_open(peel, flags, key);
  default:
    return peel_give_up(peel, UNDECODED_GRE, protocol);
  }
}

enum { ERSPAN3_ETHERNET = 0, ERSPAN3_IP = 2 };

/* ERSPAN type III: 12 bytes, 8 more when the last bit is set. */
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
    return gre_version1_open(peel, flags, protocol, key);
  if ((flags & GRE_VERSION) != 0)
    return LAYER_NONE;
  if ((flags & GRE_SEQUENCE) != 0)
    reader_skip(in, 4);
  if ((flags & GRE_ROUTING) != 0) {
    /* RFC 1701: source route entries, up to one of length 0. */
    size_t len;

    do {
      reader_skip(in, 3);
      len = reader_u8(in);
      reader_skip(in, len);
    } while (len > 0 && !in->failed);
  }
  /* RFC 7637 3.2: with Ethernet inside, the low byte may be of one flow in one direction. */
  tunnel_enter(peel, TUNNEL_GRE, protocol == GRE_ETHERNET ? key >> 8 : key);
  if (protocol == GRE_ERSPAN3)
    return erspan3_open(peel);
  if (protocol != GRE_ERSPAN)
    return protocol >= ETHERTYPE_MIN ? ethertype_open(peel, protocol) : LAYER_NONE;
  if ((flags & GRE_SEQUENCE) != 0) /* type II has a header, type I has none and no sequence */
    reader_skip(in, 8);
  return LAYER_ETHERNET;
}

/* --- Over UDP --------------------------------------------------------------------------------- */

/* RFC 7348 5; the group policy extension sets bits of its own. */
static Layer vxlan_open(Peel *peel)
{
  unsigned flags = reader_u8(&peel->in);
  unsigned policy = reader_u8(&peel->in);
  unsigned group = reader_u16(&peel->in);
  uint32_t vni = reader_u32(&peel->in);
  bool plain = flags == 0x08 && policy == 0 && group == 0;
  bool grouped = flags == 0x88 && (policy & 0xb7) == 0;

  if ((!plain && !grouped) || (vni & 0xff) != 0)
    return LAYER_NONE;
  tunnel_enter(peel, TUNNEL_VXLAN, vni >> 8);
  return LAYER_ETHERNET;
}

/* draft-ietf-nvo3-vxlan-gpe 3.1: the next protocol, when bit P says that there is one. */
static Layer vxlan_gpe_open(Peel *peel)
{
  static const uint8_t NEXT[UINT8_MAX + 1] = {
    [1] = LAYER_IPV4, [2] = LAYER_IPV6, [3] = LAYER_ETHERNET, [4] = LAYER_NSH, [5] = LAYER_MPLS};
  unsigned flags = reader_u8(&peel->in);
  unsigned reserved = reader_u16(&peel->in);
  unsigned protocol = reader_u8(&peel->in);
  uint32_t vni = reader_u32(&peel->in);
  Layer next = (flags & 0x04) != 0 ? NEXT[protocol] : LAYER_ETHERNET;

  if ((flags & 0xf8) != 0x08 || reserved != 0 || (vni & 0xff) != 0 || next == LAYER_NONE)
    return LAYER_NONE;
  tunnel_enter(peel, TUNNEL_VXLAN, vni >> 8);
  return next;
}

/* RFC 8926 3.4 */
static Layer geneve_open(Peel *peel)
{
  unsigned start = reader_u8(&peel->in);
  unsigned flags = reader_u8(&peel->in);
  uint16_t type = reader_u16(&peel->in);
  uint32_t vni = reader_u32(&peel->in);

  if (start >> 6 != 0 || (flags & 0x3f) != 0 || (vni & 0xff) != 0 || !ethertype_known(type))
    return LAYER_NONE;
  if (!reader_skip(&peel->in, (start & 0x3fU) * 4))
    return LAYER_NONE;
  tunnel_enter(peel, TUNNEL_GENEVE, vni >> 8);
  return ethertype_open(peel, type);
}

enum { GTP_EXTENSION = 0x04, GTP_OPTIONS = 0x07, GTP_T_PDU = 255 };

/* 3GPP TS 29.281 5.2.1: length in units of 4 bytes, which counts itself and the next type. */
static bool gtp_skip_extensions(Reader *in, unsigned type)
{
  while (type != 0) {
    size_t len = reader_u8(in) * 4U;
    if (len == 0 || !reader_skip(in, len - 2))
      return false;
    type = reader_u8(in);
  }
  return !in->failed;
}

/* 3GPP TS 29.281 5.1: version 1, protocol type 1, reserved bit 0. */
static Layer gtp_open(Peel *peel)
{
  size_t left = reader_left(&peel->in);
  bool cut = peel->packet->cut;
  unsigned flags = reader_u8(&peel->in);
  unsigned type = reader_u8(&peel->in);
  size_t len = reader_u16(&peel->in);

  reader_skip(&peel->in, 4);
  if (peel->in.failed || (flags & 0xf8) != 0x30 || type != GTP_T_PDU || (len + 8 > left && !cut))
    return LAYER_NONE;
  peel_limit(peel, len);
  if ((flags & GTP_OPTIONS) != 0) {
    reader_skip(&peel->in, 3);
    unsigned next = reader_u8(&peel->in);
    if (!gtp_skip_extensions(&peel->in, (flags & GTP_EXTENSION) != 0 ? next : 0))
      return LAYER_NONE;
  }
  if (!ip_header_fits(peel))
    return LAYER_NONE;
  tunnel_enter(peel, TUNNEL_GTP, 0);
  return LAYER_IP;
}

enum { TZSP_PADDING = 0, TZSP_END = 1 };

/* Tags of type, length and value; padding and the end are a type alone. */
static bool tzsp_skip_tags(Reader *in)
{
  while (!in->failed) {
    unsigned tag = reader_u8(in);
    if (tag == TZSP_END && !in->failed)
      return true;
    if (tag != TZSP_PADDING)
      reader_skip(in, reader_u8(in));
  }
  return false;
}

/* Wireshark's and MikroTik's mirror protocol: received (0) or to be sent (1) frames. */
static Layer tzsp_open(Peel *peel)
{
  static const struct {
    uint16_t protocol;
    uint8_t layer;
  } PROTOCOLS[] = {{1, LAYER_ETHERNET}, {18, LAYER_WLAN}, {119, LAYER_PRISM}, {127, LAYER_PRISM}};
  unsigned version = reader_u8(&peel->in);
  unsigned type = reader_u8(&peel->in);
  unsigned protocol = reader_u16(&peel->in);

  if (version != 1 || type > 1 || !tzsp_skip_tags(&peel->in))
    return LAYER_NONE;
  for (size_t i = 0; i < G_N_ELEMENTS(PROTOCOLS); i++) {
    if (PROTOCOLS[i].protocol != protocol)
      continue;
    tunnel_enter(peel, TUNNEL_TZSP, 0);
    return PROTOCOLS[i].layer;
  }
  return LAYER_NONE;
}

enum {
  L2TP_CONTROL = 0x8000,
  L2TP_LENGTH = 0x4000,
  L2TP_SEQUENCE = 0x0800,
  L2TP_OFFSET = 0x0200,
  L2TP_FIXED = 0x34ff, /* bits that are 0, and the version */
};

/* RFC 2661 3.1: data messages of version 2; PPP must begin with an IP protocol. */
static Layer l2tp_open(Peel *peel)
{
  Reader *in = &peel->in;
  size_t left = reader_left(in);
  unsigned flags = reader_u16(in);

  if ((flags & L2TP_CONTROL) != 0 || (flags & L2TP_FIXED) != 2)
    return LAYER_NONE;
  if ((flags & L2TP_LENGTH) != 0 && reader_u16(in) != left && !peel->packet->cut)
    return LAYER_NONE;
  reader_skip(in, 4);
  if ((flags & L2TP_SEQUENCE) != 0)
    reader_skip(in, 4);
  if ((flags & L2TP_OFFSET) != 0)
    reader_skip(in, reader_u16(in));
  Layer next = ppp_layer(peel);
  if (next != LAYER_NONE)
    tunnel_enter(peel, TUNNEL_L2TP, 0);
  return next;
}

enum { TEREDO_ORIGIN = 0, TEREDO_AUTHENTICATION = 1 };

/* RFC 4380 5.1.1: IPv6 after up to two indications; its length must be the datagram's. */
static Layer teredo_open(Peel *peel)
{
  Reader *in = &peel->in;

  if (peel_version(peel) == 0 && reader_left(in) > 40) {
    Reader probe = *in;
    if (reader_u16(&probe) == TEREDO_AUTHENTICATION) {
      size_t ids = reader_u8(&probe);
      ids += reader_u8(&probe);
      reader_skip(&probe, ids + 9);
      *in = probe;
    }
  }
  if (peel_version(peel) == 0 && reader_u16(in) == TEREDO_ORIGIN)
    reader_skip(in, 6);
  Reader header = *in;
  unsigned version = reader_u32(&header) >> 28;
  size_t len = reader_u16(&header);
  if (in->failed || version != 6 || len + 40 != reader_left(in))
    return LAYER_NONE;
  tunnel_enter(peel, TUNNEL_TEREDO, 0);
  return LAYER_IPV6;
}

/* RFC 7510: the length of the datagram is all that says that the labels are some. */
static Layer mpls_udp_open(Peel *peel)
{
  Layer next = mpls_layer(peel);

  if (next != LAYER_NONE)
    tunnel_enter(peel, TUNNEL_IP, 0);
  return next;
}

enum { LISP_INSTANCE = 0x08, LISP_RESERVED = 0x07 };

/* RFC 9300 5.1: flags and nonce, then locator bits or an instance id with few of them. */
static Layer lisp_open(Peel *peel)
{
  unsigned flags = reader_u32(&peel->in) >> 24;
  uint32_t instance = reader_u32(&peel->in) >> 8;

  if ((flags & LISP_RESERVED) != 0 || !ip_header_fits(peel))
    return LAYER_NONE;
  tunnel_enter(peel, TUNNEL_LISP, (flags & LISP_INSTANCE) != 0 ? instance : 0);
  return LAYER_IP;
}

enum {
  CAPWAP_DTLS = 0x01,
  CAPWAP_WLAN = 1,
  CAPWAP_NATIVE = 0x100,
  CAPWAP_FRAGMENT = 0x80,
  CAPWAP_LAST = 0x40,
  CAPWAP_KEEPALIVE = 0x08,
};

Layer capwap_joined_open(Peel *peel, uint16_t protocol)
{
  tunnel_enter(peel, TUNNEL_CAPWAP, 0);
  return protocol == FRAGMENT_WLAN ? LAYER_WLAN_CAPWAP : LAYER_ETHERNET;
}

/* RFC 5415 4.3: version 0; header length in units of 4 bytes, radio id, what the payload is; then
 * the identification of fragments, and the place of this one. */
static Layer capwap_open(Peel *peel)
{
  enum { LEAST = 2, START = 8 };
  unsigned preamble = reader_u8(&peel->in);
  uint32_t bits = (uint32_t) reader_u16(&peel->in) << 8 | reader_u8(&peel->in);
  size_t units = bits >> 19;
  Fragment fragment = {.id = reader_u16(&peel->in), .more = (bits & CAPWAP_LAST) == 0};

  fragment.offset = reader_u16(&peel->in) & 0xfff8U; /* of units of 8 bytes */
  if (preamble == CAPWAP_DTLS)
    return peel_give_up(peel, UNDECODED_CAPWAP, 0);
  if (preamble != 0 || units < LEAST || !reader_skip(&peel->in, units * 4 - START) ||
      (bits & CAPWAP_KEEPALIVE) != 0)
    return LAYER_NONE;
  bool is_native = (bits & CAPWAP_NATIVE) != 0;
  if (is_native && (bits >> 9 & 0x1f) != CAPWAP_WLAN)
    return LAYER_NONE;
  fragment.protocol = is_native ? FRAGMENT_WLAN : FRAGMENT_ETHERNET;
  if ((bits & CAPWAP_FRAGMENT) == 0)
    return capwap_joined_open(peel, fragment.protocol);
  Layer next = fragment_open(peel, &fragment);
  return next == LAYER_BAD ? LAYER_NONE : next;
}

/* RFC 6951: an SCTP packet; no tunnel, since it has no addresses of its own. */
static Layer sctp_udp_open(Peel *peel)
{
  return sctp_header_fits(peel) ? LAYER_SCTP : LAYER_NONE;
}

typedef Layer TunnelOpen(Peel *peel);

/* clang-format off */
/* X-macro: the port a tunnel is sent to; from it as well, where both sides use it. */
#define UDP_TUNNELS(X)                                                                             \
  X(1701, true, l2tp_open)                                                                         \
  X(2152, false, gtp_open)                                                                         \
  X(3544, true, teredo_open)                                                                       \
  X(4341, false, lisp_open)                                                                        \
  X(4500, true, esp_layer)                                                                         \
  X(4789, false, vxlan_open)                                                                       \
  X(4790, false, vxlan_gpe_open)                                                                   \
  X(5247, true, capwap_open)                                                                       \
  X(6081, false, geneve_open)                                                                      \
  X(6635, false, mpls_udp_open)                                                                    \
  X(8472, false, vxlan_open)                                                                       \
  X(9899, true, sctp_udp_open)                                                                     \
  X(37008, false, tzsp_open)
/* clang-format on */

/* Asked for each datagram: the compiler makes a search of a few steps of it.  NULL: none. */
static TunnelOpen *udp_tunnel_to(uint16_t port)
{
  switch (port) {
#define TUNNEL_TO(number, both, open)                                                              \
  case number:                                                                                     \
    return open;
    UDP_TUNNELS(TUNNEL_TO)
#undef TUNNEL_TO
  default:
    return NULL;
  }
}

static TunnelOpen *udp_tunnel_from(uint16_t port)
{
  switch (port) {
#define TUNNEL_FROM(number, both, open)                                                            \
  case number:                                                                                     \
    return (both) ? open : NULL;
    UDP_TUNNELS(TUNNEL_FROM)
#undef TUNNEL_FROM
  default:
    return NULL;
  }
}

/* A text protocol on the port of ESP: an SPI of four letters is rare. */
static bool begins_with_text(Reader in)
{
  unsigned letters = 0;

  while (letters < 4 && g_ascii_isprint((char) reader_u8(&in)))
    letters++;
  return letters == 4;
}

/* Is it certain enough, by its header alone, what a datagram that is not decoded carries? */
static bool is_reported(UndecodedKind kind)
{
  return kind == UNDECODED_ESP || kind == UNDECODED_CAPWAP;
}

Layer udp_tunnel_open(Peel *peel)
{
  TunnelOpen *to = udp_tunnel_to(peel->packet->dst.port);
  TunnelOpen *open = to ? to : udp_tunnel_from(peel->packet->src.port);

  if (!open)
    return LAYER_NONE;
  Reader in = peel->in;
  bool cut = peel->packet->cut;
  Layer next = open(peel);
  if (next != LAYER_NONE && !peel->in.failed)
    return next;
  peel->in = in;
  peel->packet->cut = cut;
  if (!is_reported(peel->undecoded) || begins_with_text(in))
    peel->undecoded = UNDECODED_NOTHING;
  return LAYER_NONE;
}
