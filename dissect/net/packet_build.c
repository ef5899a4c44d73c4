#include "dissect/net/packet_build.h"

enum {
  IPV4_HEADER = 20,
  IPV6_HEADER = 40,
  FRAGMENT_HEADER = 8,
  UDP_HEADER = 8,
  TCP_HEADER = 20,
  SCTP_HEADER = 12,
  DATA_HEADER = 16,
  PROTOCOL_TCP = 6,
  PROTOCOL_UDP = 17,
  PROTOCOL_FRAGMENT = 44,
  PROTOCOL_SCTP = 132,
};

static void put_u16(uint8_t *at, unsigned value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
}

static void put_u32(uint8_t *at, uint32_t value)
{
  put_u16(at, value >> 16);
  put_u16(at + 2, value & 0xffff);
}

/* RFC 1071, without the complement. */
static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++)
    sum += i % 2 == 0 ? (uint32_t) bytes[i] << 8 : bytes[i];
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

static bool is_ipv4(const PacketHead *head)
{
  return head->src.family == ADDRESS_IPV4;
}

static size_t header_of(const uint8_t *packet)
{
  return packet[0] >> 4 == 4 ? IPV4_HEADER : IPV6_HEADER;
}

/* Sets lengths that depend on the flow of fragments, and the header's checksum. */
static void close_ipv4(uint8_t *header, size_t total)
{
  put_u16(header + 2, (unsigned) total);
  put_u16(header + 10, 0);
  put_u16(header + 10, ~sum_of(0, header, IPV4_HEADER) & 0xffff);
}

/* The IP header, and room for `header` bytes after it; gives those. */
static uint8_t *begin(GByteArray *to, const PacketHead *head, uint8_t protocol, size_t header,
                      Slice payload)
{
  size_t ip = is_ipv4(head) ? IPV4_HEADER : IPV6_HEADER;
  size_t len = header + payload.len + head->missing;

  g_assert(head->src.family == head->dst.family && endpoint_is_known(&head->src));
  g_assert(len <= UINT16_MAX - IPV6_HEADER);
  g_byte_array_set_size(to, (guint) (ip + header));
  memset(to->data, 0, ip + header);
  g_byte_array_append(to, (const guint8 *) payload.data, (guint) payload.len);
  uint8_t *at = to->data;
  if (is_ipv4(head)) {
    at[0] = 0x45;
    at[1] = (uint8_t) (head->dscp << 2);
    put_u16(at + 4, head->ip_id);
    at[8] = head->ttl;
    at[9] = protocol;
    memcpy(at + 12, head->src.address, 4);
    memcpy(at + 16, head->dst.address, 4);
    close_ipv4(at, ip + len);
  } else {
    put_u16(at, 0x6000U | (unsigned) head->dscp << 6);
    put_u16(at + 4, (unsigned) len);
    at[6] = protocol;
    at[7] = head->ttl;
    memcpy(at + 8, head->src.address, 16);
    memcpy(at + 24, head->dst.address, 16);
  }
  put_u16(at + ip, head->src.port);
  put_u16(at + ip + 2, head->dst.port);
  return at + ip;
}

/* Over the pseudo-header, too (RFC 768, RFC 9293 3.1, RFC 8200 8.1). */
static unsigned checksum(const GByteArray *packet, uint8_t protocol)
{
  size_t ip = header_of(packet->data), len = packet->len - ip;
  size_t addresses = ip == IPV4_HEADER ? 8 : 32;
  uint32_t sum = sum_of(protocol, packet->data + ip - addresses, addresses);
  uint8_t length[4];

  put_u32(length, (uint32_t) len);
  sum = sum_of(sum, length, sizeof length);
  return ~sum_of(sum, packet->data + ip, len) & 0xffff;
}

void packet_build_udp(GByteArray *to, const PacketHead *head, Slice payload)
{
  uint8_t *udp = begin(to, head, PROTOCOL_UDP, UDP_HEADER, payload);

  put_u16(udp + 4, (unsigned) (UDP_HEADER + payload.len + head->missing));
  if (head->missing > 0)
    return; /* of a packet that is cut nobody can check it */
  unsigned sum = checksum(to, PROTOCOL_UDP);
  put_u16(udp + 6, sum != 0 ? sum : 0xffff); /* 0: there is none */
}

void packet_build_tcp(GByteArray *to, const PacketHead *head, uint32_t seq, uint32_t ack,
                      Slice payload)
{
  enum { ACK_AND_PUSH = 0x18, WINDOW = 0xffff };
  uint8_t *tcp = begin(to, head, PROTOCOL_TCP, TCP_HEADER, payload);

  put_u32(tcp + 4, seq);
  put_u32(tcp + 8, ack);
  tcp[12] = TCP_HEADER / 4 << 4;
  tcp[13] = ACK_AND_PUSH;
  put_u16(tcp + 14, WINDOW);
  put_u16(tcp + 16, checksum(to, PROTOCOL_TCP));
}

/* RFC 9260 A: CRC32c, its least significant byte first. */
static uint32_t crc32c(const uint8_t *bytes, size_t len)
{
  uint32_t crc = UINT32_MAX;

  for (size_t i = 0; i < len; i++) {
    crc ^= bytes[i];
    for (unsigned bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
  }
  return ~crc;
}

void packet_build_sctp(GByteArray *to, const PacketHead *head, uint32_t tsn, Slice payload)
{
  enum { WHOLE_MESSAGE = 3 };
  static const uint8_t ZEROS[4];
  size_t padding = -payload.len % 4;

  begin(to, head, PROTOCOL_SCTP, SCTP_HEADER + DATA_HEADER, payload);
  g_byte_array_append(to, ZEROS, (guint) padding);
  size_t ip = header_of(to->data);
  if (ip == IPV4_HEADER)
    close_ipv4(to->data, to->len);
  else
    put_u16(to->data + 4, (unsigned) (to->len - ip));
  uint8_t *sctp = to->data + ip, *chunk = sctp + SCTP_HEADER;
  /* The verification tag: one for each direction. */
  put_u32(sctp + 4, memcmp(&head->src, &head->dst, sizeof head->src) > 0 ? 2 : 1);
  chunk[1] = WHOLE_MESSAGE;
  put_u16(chunk + 2, (unsigned) (DATA_HEADER + payload.len));
  put_u32(chunk + 4, tsn);
  uint32_t crc = GUINT32_TO_LE(crc32c(sctp, to->len - ip));
  memcpy(sctp + 8, &crc, sizeof crc);
}

bool packet_build_fragment(GByteArray *to, const GByteArray *packet, const FragmentPart *part)
{
  enum { MORE_V4 = 0x2000, MORE_V6 = 1, UNIT = 8 };
  size_t ip = header_of(packet->data), all = packet->len - ip, at = part->at;
  size_t end = MIN(at + part->len, all);
  unsigned offset = (unsigned) (at / UNIT);
  bool has_more = end < all || part->has_more;
  uint8_t head[FRAGMENT_HEADER] = {packet->data[6]};

  if (at >= all)
    return false;
  g_byte_array_set_size(to, 0);
  g_byte_array_append(to, packet->data, (guint) ip);
  if (ip == IPV4_HEADER) {
    put_u16(to->data + 4, part->id);
    put_u16(to->data + 6, offset | (has_more ? MORE_V4 : 0U));
    close_ipv4(to->data, ip + end - at);
  } else {
    to->data[6] = PROTOCOL_FRAGMENT;
    put_u16(to->data + 4, (unsigned) (FRAGMENT_HEADER + end - at));
    put_u16(head + 2, offset << 3 | (has_more ? MORE_V6 : 0U));
    put_u32(head + 4, part->id);
    g_byte_array_append(to, head, sizeof head);
  }
  g_byte_array_append(to, packet->data + ip + at, (guint) (end - at));
  return true;
}
