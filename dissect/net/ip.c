#include "dissect/net/hep.h"
#include "dissect/net/layer.h"
#include "dissect/net/tunnel.h"

/* IANA protocol numbers; indexed by value.  A tunnel's row says what kind it is. */
static const struct {
  uint8_t skip;
  uint8_t layer;  /* Layer; LAYER_NONE when the protocol is not decoded */
  uint8_t tunnel; /* TunnelKind */
  bool v6_only;   /* RFC 8200 4: extension headers */
} PROTOCOLS[256] = {
  [0] = {0, LAYER_EXTENSION, TUNNEL_NONE, true},   /* hop-by-hop options */
  [4] = {0, LAYER_IPV4, TUNNEL_IP, false},         /* RFC 2003 */
  [6] = {0, LAYER_TCP, TUNNEL_NONE, false},        /* RFC 9293 */
  [17] = {0, LAYER_UDP, TUNNEL_NONE, false},       /* RFC 768 */
  [41] = {0, LAYER_IPV6, TUNNEL_IP, false},        /* RFC 4213 */
  [43] = {0, LAYER_EXTENSION, TUNNEL_NONE, true},  /* routing */
  [44] = {0, LAYER_FRAGMENT, TUNNEL_NONE, true},   /* fragment */
  [47] = {0, LAYER_GRE, TUNNEL_NONE, false},       /* RFC 2784; its kind needs the key */
  [50] = {0, LAYER_ESP, TUNNEL_NONE, false},       /* RFC 4303 */
  [51] = {0, LAYER_AH, TUNNEL_NONE, false},        /* RFC 4302 */
  [60] = {0, LAYER_EXTENSION, TUNNEL_NONE, true},  /* destination options */
  [97] = {2, LAYER_ETHERNET, TUNNEL_IP, false},    /* RFC 3378: EtherIP */
  [132] = {0, LAYER_SCTP, TUNNEL_NONE, false},     /* RFC 9260 */
  [135] = {0, LAYER_EXTENSION, TUNNEL_NONE, true}, /* RFC 6275: mobility */
  [137] = {0, LAYER_MPLS, TUNNEL_IP, false},       /* RFC 4023 */
  [139] = {0, LAYER_EXTENSION, TUNNEL_NONE, true}, /* RFC 7401: host identity */
  [140] = {0, LAYER_EXTENSION, TUNNEL_NONE, true}, /* RFC 5533: shim6 */
  [143] = {0, LAYER_ETHERNET, TUNNEL_IP, false},   /* RFC 8986: Ethernet in IPv6 */
};

/* What hosts and routers say among themselves. */
static bool never_has_sip(uint8_t protocol)
{
  switch (protocol) {
  case 1:   /* ICMP */
  case 2:   /* IGMP */
  case 46:  /* RSVP */
  case 58:  /* ICMP for IPv6 */
  case 59:  /* nothing follows */
  case 88:  /* EIGRP */
  case 89:  /* OSPF */
  case 103: /* PIM */
  case 112: /* VRRP, CARP */
    return true;
  default:
    return false;
  }
}

Layer ip_protocol_open(Peel *peel, uint8_t protocol)
{
  if (PROTOCOLS[protocol].v6_only && peel->packet->src.family != ADDRESS_IPV6)
    return LAYER_NONE;
  if (PROTOCOLS[protocol].tunnel != TUNNEL_NONE)
    tunnel_enter(peel, PROTOCOLS[protocol].tunnel, 0);
  reader_skip(&peel->in, PROTOCOLS[protocol].skip);
  if (PROTOCOLS[protocol].layer == LAYER_NONE && !never_has_sip(protocol))
    return peel_give_up(peel, UNDECODED_IP_PROTOCOL, protocol);
  return (Layer) PROTOCOLS[protocol].layer;
}

Layer joined_open(Peel *peel, const Datagram *datagram)
{
  *peel->packet = datagram->packet;
  peel->in = reader_of(datagram->octets.data, datagram->octets.len);
  peel->joined = true;
  return datagram->protocol < FRAGMENT_ETHERNET
           ? ip_protocol_open(peel, (uint8_t) datagram->protocol)
           : capwap_joined_open(peel, datagram->protocol);
}

Layer fragment_open(Peel *peel, Fragment *fragment)
{
  Datagram datagram;

  fragment->packet = peel->packet;
  fragment->octets = reader_rest(&peel->in);
  switch (fragment_table_add(peel->fragments, fragment, peel->scratch, &datagram)) {
  case FRAGMENT_WRONG:
    return LAYER_BAD;
  case FRAGMENT_JOINED:
    return joined_open(peel, &datagram);
  case FRAGMENT_WAITS:
    peel->packet->waits = true;
    break;
  }
  return LAYER_NONE;
}

enum { IPV4_HEADER = 20, IPV4_MORE = 0x2000, IPV4_OFFSET = 0x1fff };

/* RFC 791 3.1.  The checksum is not looked at: hardware fills it in after the capture. */
Layer ipv4_layer(Peel *peel)
{
  Packet *packet = peel->packet;
  Reader in;

  if (!reader_part(&peel->in, IPV4_HEADER, &in))
    return LAYER_BAD;
  uint8_t start = reader_u8(&in);
  size_t header = (start & 0xfU) * 4;
  packet->dscp = reader_u8(&in) >> 2;
  size_t total = reader_u16(&in);
  packet->ip_id = reader_u16(&in);
  unsigned place = reader_u16(&in);
  packet->ttl = reader_u8(&in);
  uint8_t protocol = reader_u8(&in);
  reader_skip(&in, 2);
  endpoint_read(&in, ADDRESS_IPV4, &packet->src);
  endpoint_read(&in, ADDRESS_IPV4, &packet->dst);
  /* A total of 0 is a segment that hardware will cut in pieces: it reaches to the frame's end. */
  if (start >> 4 != 4 || header < IPV4_HEADER || (total != 0 && total < header) ||
      !reader_skip(&peel->in, header - IPV4_HEADER))
    return LAYER_BAD;
  if (total != 0)
    peel_limit(peel, total - header);
  if ((place & (IPV4_MORE | IPV4_OFFSET)) == 0)
    return ip_protocol_open(peel, protocol);

  Fragment fragment = {.id = packet->ip_id,
                       .protocol = protocol,
                       .offset = (place & IPV4_OFFSET) * 8,
                       .more = (place & IPV4_MORE) != 0};
  return fragment_open(peel, &fragment);
}

/* RFC 8200 3.  Length 0: a jumbogram (RFC 2675), which reaches to the frame's end. */
Layer ipv6_layer(Peel *peel)
{
  Packet *packet = peel->packet;
  Reader *in = &peel->in;
  uint32_t start = reader_u32(in);
  size_t len = reader_u16(in);
  uint8_t next = reader_u8(in);

  packet->ttl = reader_u8(in);
  packet->dscp = (uint8_t) (start >> 22 & 0x3f);
  packet->ip_id = 0;
  endpoint_read(in, ADDRESS_IPV6, &packet->src);
  endpoint_read(in, ADDRESS_IPV6, &packet->dst);
  if (start >> 28 != 6 || in->failed)
    return LAYER_BAD;
  if (len != 0)
    peel_limit(peel, len);
  return ip_protocol_open(peel, next);
}

Layer ip_layer(Peel *peel)
{
  switch (peel_version(peel)) {
  case 4:
    return LAYER_IPV4;
  case 6:
    return LAYER_IPV6;
  default:
    return reader_left(&peel->in) > 0 ? LAYER_NONE : LAYER_BAD;
  }
}

/* RFC 8200 4.3-4.6: next header, length in units of 8 bytes beyond the first 8. */
Layer extension_layer(Peel *peel)
{
  uint8_t next = reader_u8(&peel->in);
  size_t len = reader_u8(&peel->in);

  reader_skip(&peel->in, len * 8 + 6);
  return ip_protocol_open(peel, next);
}

/* RFC 8200 4.5 */
Layer fragment_layer(Peel *peel)
{
  uint8_t next = reader_u8(&peel->in);
  reader_skip(&peel->in, 1);
  unsigned place = reader_u16(&peel->in);
  Fragment fragment = {.id = reader_u32(&peel->in),
                       .protocol = next,
                       .offset = place & 0xfff8U,
                       .more = (place & 1) != 0};

  if (peel->in.failed)
    return LAYER_BAD;
  /* RFC 6946: an atomic fragment has nothing to do with others of its identification. */
  if (fragment.offset == 0 && !fragment.more)
    return ip_protocol_open(peel, next);
  return fragment_open(peel, &fragment);
}

/* RFC 4302 2: the length counts units of 4 bytes beyond the first 8. */
Layer ah_layer(Peel *peel)
{
  uint8_t next = reader_u8(&peel->in);
  size_t len = reader_u8(&peel->in);

  reader_skip(&peel->in, len * 4 + 6);
  return ip_protocol_open(peel, next);
}

/* --- Transports: what all other layers lead to ------------------------------------------------ */

static void read_ports(Reader *in, Packet *packet)
{
  packet->src.port = reader_u16(in);
  packet->dst.port = reader_u16(in);
}

static Layer end_with(Peel *peel, PacketKind kind)
{
  peel->packet->kind = kind;
  peel->packet->payload = reader_rest(&peel->in);
  return LAYER_END;
}

Layer message_end(Peel *peel, Transport transport)
{
  peel->packet->transport = (uint8_t) transport;
  return end_with(peel, PACKET_UDP);
}

enum { UDP_HEADER = 8, TCP_HEADER = 20 };

Layer datagram_open(Peel *peel)
{
  Layer next = hep_is_likely(&peel->in) ? hep_open(peel) : LAYER_NONE;

  if (next == LAYER_NONE)
    next = udp_tunnel_open(peel);
  if (next == LAYER_NONE && peel->packet->waits) /* a fragment in a tunnel */
    return LAYER_NONE;
  return next == LAYER_NONE ? end_with(peel, PACKET_UDP) : next;
}

/* RFC 768.  Length 0: of a jumbogram (RFC 2675 4), or hardware fills it in. */
Layer udp_layer(Peel *peel)
{
  Reader in;

  if (!reader_part(&peel->in, UDP_HEADER, &in))
    return LAYER_BAD;
  read_ports(&in, peel->packet);
  size_t len = reader_u16(&in);
  if (len > 0 && len < UDP_HEADER)
    return LAYER_BAD;
  if (len > 0) {
    size_t left = reader_left(&peel->in), size = len - UDP_HEADER;
    peel->packet->missing = size > left ? (uint32_t) (size - left) : 0;
    peel_limit(peel, size);
  }
  return datagram_open(peel);
}

/* How the usual frame begins: Ethernet, IPv4 without options, and UDP. */
enum {
  PLAIN_TYPE = 12,
  PLAIN_IP = 14,
  PLAIN_UDP = PLAIN_IP + IPV4_HEADER,
  PLAIN_HEADERS = PLAIN_UDP + UDP_HEADER,
  PLAIN_ETHERTYPE = 0x0800,
  PLAIN_START = 0x45, /* version 4, a header of 5 words */
  PLAIN_PROTOCOL = 17,
};

static unsigned u16_at(const uint8_t *bytes)
{
  return (unsigned) bytes[0] << 8 | bytes[1];
}

static Endpoint plain_endpoint(const uint8_t *address, const uint8_t *port)
{
  Endpoint endpoint = {.port = (uint16_t) u16_at(port), .family = ADDRESS_IPV4};

  memcpy(endpoint.address, address, 4);
  return endpoint;
}

bool plain_datagram_take(Peel *peel)
{
  const uint8_t *frame = peel->in.at, *ip = frame + PLAIN_IP, *udp = frame + PLAIN_UDP;
  size_t left = reader_left(&peel->in);
  Packet *packet = peel->packet;

  if (left < PLAIN_HEADERS || u16_at(frame + PLAIN_TYPE) != PLAIN_ETHERTYPE ||
      ip[0] != PLAIN_START || ip[9] != PLAIN_PROTOCOL)
    return false;
  size_t total = u16_at(ip + 2), len = u16_at(udp + 4);
  if (total > left - PLAIN_IP || total != IPV4_HEADER + len || len < UDP_HEADER ||
      (u16_at(ip + 6) & (IPV4_MORE | IPV4_OFFSET)) != 0)
    return false;
  packet->dscp = ip[1] >> 2;
  packet->ip_id = (uint16_t) u16_at(ip + 4);
  packet->ttl = ip[8];
  packet->src = plain_endpoint(ip + 12, udp);
  packet->dst = plain_endpoint(ip + 16, udp + 2);
  packet->cut = false;
  peel->in = reader_of(udp + UDP_HEADER, len - UDP_HEADER);
  return true;
}

/* RFC 9293 3.1 */
Layer tcp_layer(Peel *peel)
{
  Packet *packet = peel->packet;
  Reader in;

  if (!reader_part(&peel->in, TCP_HEADER, &in))
    return LAYER_BAD;
  read_ports(&in, packet);
  packet->tcp_seq = reader_u32(&in);
  packet->tcp_ack = reader_u32(&in);
  size_t header = (reader_u8(&in) >> 4) * 4U;
  packet->tcp_flags = reader_u8(&in);
  packet->tcp_header = (uint8_t) header;
  if (header < TCP_HEADER || !reader_skip(&peel->in, header - TCP_HEADER))
    return LAYER_BAD;
  return end_with(peel, PACKET_TCP);
}

static uint16_t fold(uint64_t sum)
{
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t) sum;
}

/* Sixteen bytes at once: every segment is summed up. */
typedef uint64_t Words __attribute__((vector_size(16)));

/* Adds the bytes as 16-bit words, not folded yet (RFC 1071). */
static uint64_t sum_of(uint64_t sum, const uint8_t *bytes, size_t len)
{
  Words many = {0}, words;

  for (; len >= sizeof words; bytes += sizeof words, len -= sizeof words) {
    memcpy(&words, bytes, sizeof words);
    many += (words & 0xffffffff) + (words >> 32);
  }
  /* RFC 1071 2(B): the order of bytes may be mended in the folded sum. */
  sum += GUINT16_FROM_BE(fold(many[0] + many[1]));
  for (; len >= 2; bytes += 2, len -= 2)
    sum += (uint64_t) bytes[0] << 8 | bytes[1];
  return len == 1 ? sum + ((uint64_t) bytes[0] << 8) : sum;
}

Checksum packet_tcp_checksum(const Packet *packet)
{
  enum { PLACE = 16, PROTOCOL = 6 }; /* of the checksum in the header; of TCP */
  size_t len = packet->tcp_header + packet->payload.len;
  size_t address = packet->src.family == ADDRESS_IPV4 ? 4 : 16;

  if (packet->tcp_header == 0 || packet->cut)
    return CHECKSUM_UNKNOWN;
  const uint8_t *segment = (const uint8_t *) packet->payload.data - packet->tcp_header;
  uint64_t pseudo = sum_of(PROTOCOL, packet->src.address, address);
  pseudo = sum_of(pseudo, packet->dst.address, address);
  if (fold(sum_of(pseudo + len, segment, len)) == 0xffff)
    return CHECKSUM_GOOD;
  /* A card that fills it in is given none, or the sum of the pseudo header, with the length or
   * (where it also cuts the segment) without. */
  uint16_t given = fold(sum_of(0, segment + PLACE, 2));
  bool left_to_card = given == 0 || given == fold(pseudo) || given == fold(pseudo + len);
  return left_to_card ? CHECKSUM_UNKNOWN : CHECKSUM_WRONG;
}

/* RFC 9260 3.1: ports, verification tag, checksum. */
Layer sctp_layer(Peel *peel)
{
  read_ports(&peel->in, peel->packet);
  if (!reader_skip(&peel->in, 8))
    return LAYER_BAD;
  return end_with(peel, PACKET_SCTP);
}

/* --- ESP --- */

/*
 * ESP carries plain packets when its cipher is NULL (RFC 2410), as IMS phones do.  Nothing in
 * the packet says so: everything that can be checked must fit, so that what is encrypted never
 * comes out as garbage.
 */
enum {
  PROTOCOL_IPV4 = 4,
  PROTOCOL_TCP = 6,
  PROTOCOL_UDP = 17,
  PROTOCOL_IPV6 = 41,
  PROTOCOL_SCTP = 132,
  TCP_URG = 0x20,
};

/* Random bytes pass about once in 2^20: offset, reserved bits, and an urgent pointer unused. */
static bool tcp_fits(Reader in, size_t size)
{
  uint16_t src = reader_u16(&in);
  uint16_t dst = reader_u16(&in);

  reader_skip(&in, 8);
  unsigned offset = reader_u8(&in);
  unsigned flags = reader_u8(&in);
  reader_skip(&in, 4);
  uint16_t urgent = reader_u16(&in);
  return !in.failed && src != 0 && dst != 0 && (offset & 0x0e) == 0 && offset >> 4 >= 5 &&
         (offset >> 4) * 4U <= size && (urgent == 0 || (flags & TCP_URG) != 0);
}

/* Chunks, padded to 4 bytes, that end where the packet ends (RFC 9260 3.2). */
static bool sctp_fits(Reader in)
{
  reader_skip(&in, 12);
  if (in.failed || reader_left(&in) == 0)
    return false;
  while (!in.failed && reader_left(&in) > 0) {
    reader_skip(&in, 2);
    size_t len = reader_u16(&in);
    if (len < 4 || !reader_skip(&in, len - 4))
      return false;
    reader_skip(&in, MIN(-len & 3, reader_left(&in)));
  }
  return !in.failed;
}

bool sctp_header_fits(const Peel *peel)
{
  Reader in = peel->in, chunk = peel->in;

  if (!peel->packet->cut)
    return sctp_fits(in);
  reader_skip(&chunk, 14);
  return reader_u16(&chunk) >= 4 && !chunk.failed;
}

/* Does a header of this protocol agree with the size of what is there? */
static bool header_fits(uint8_t protocol, Reader in)
{
  size_t size = reader_left(&in);
  Reader lengths = in;

  reader_skip(&lengths, protocol == PROTOCOL_IPV4 ? 2 : 4);
  size_t len = reader_u16(&lengths);
  switch (protocol) {
  case PROTOCOL_UDP:
    return !lengths.failed && len == size && size >= 8;
  case PROTOCOL_IPV4:
    return !lengths.failed && len == size && reader_peek(&in) >> 4 == 4;
  case PROTOCOL_IPV6:
    return !lengths.failed && len + 40 == size && reader_peek(&in) >> 4 == 6;
  case PROTOCOL_TCP:
    return tcp_fits(in, size);
  case PROTOCOL_SCTP:
    return sctp_fits(in);
  default:
    return false;
  }
}

/* RFC 4303 2.4: padding is 1, 2, 3, ... */
static bool padding_fits(Reader in, size_t len)
{
  for (size_t i = 1; i <= len; i++) {
    if (reader_u8(&in) != i)
      return false;
  }
  return !in.failed;
}

/* Takes off a check value of `icv` bytes, pad length, next header and padding. */
static bool trailer_take(Reader *in, size_t icv, uint8_t *ret_protocol)
{
  size_t size = reader_left(in);
  if (size < icv + 2 || (size - icv) % 4 != 0)
    return false;
  size -= icv + 2;

  Reader trailer = *in;
  reader_skip(&trailer, size);
  size_t padding = reader_u8(&trailer);
  uint8_t protocol = reader_u8(&trailer);
  if (padding > size)
    return false;
  size -= padding;
  Reader inner = reader_of(in->at, size);
  reader_skip(in, size);
  if (!padding_fits(*in, padding) || !header_fits(protocol, inner))
    return false;
  *in = inner;
  *ret_protocol = protocol;
  return true;
}

Layer esp_layer(Peel *peel)
{
  /* HMAC-96, HMAC-SHA2 of 256, 384, 512 (RFC 2404, RFC 4868); or none. */
  static const uint8_t CHECK_VALUES[] = {12, 16, 24, 32, 0};
  uint32_t spi = reader_u32(&peel->in);

  reader_skip(&peel->in, 4);
  /* RFC 3948 2.2: SPI 0 marks IKE.  Without its end the trailer's place is unknown. */
  if (peel->in.failed || spi == 0)
    return LAYER_NONE;
  if (peel->packet->cut)
    return peel_give_up(peel, UNDECODED_ESP, 0);
  for (size_t i = 0; i < G_N_ELEMENTS(CHECK_VALUES); i++) {
    Reader in = peel->in;
    uint8_t protocol;
    if (!trailer_take(&in, CHECK_VALUES[i], &protocol))
      continue;
    peel->in = in;
    return ip_protocol_open(peel, protocol);
  }
  return peel_give_up(peel, UNDECODED_ESP, 0);
}
