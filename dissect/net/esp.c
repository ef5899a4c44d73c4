/*
 * ESP carries plain packets when its cipher is NULL (RFC 2410), as IMS phones do.  Nothing in
 * the packet says so: everything that can be checked must fit, so that what is encrypted never
 * comes out as garbage.
 */
#include "dissect/net/ip.h"

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
