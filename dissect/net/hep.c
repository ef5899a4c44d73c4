#include "dissect/net/hep.h"

#include "capture/inflate.h"

/* A number of an IP protocol; TLS has none, and kamailio gives XNS IDP's. */
static Transport transport_of(uint8_t protocol)
{
  switch (protocol) {
  case 6:
    return TRANSPORT_TCP;
  case 22:
    return TRANSPORT_TLS;
  case 132:
    return TRANSPORT_SCTP;
  default:
    return TRANSPORT_UDP;
  }
}

/* AF_INET, and AF_INET6 of Linux, BSD, macOS and Windows; ADDRESS_NONE for any other. */
static AddressFamily family_of(unsigned number)
{
  switch (number) {
  case 2:
    return ADDRESS_IPV4;
  case 10:
  case 23:
  case 24:
  case 28:
  case 30:
    return ADDRESS_IPV6;
  default:
    return ADDRESS_NONE;
  }
}

static int64_t time_of(uint32_t seconds, uint32_t micros)
{
  return ((int64_t) seconds * 1000 * 1000 + micros) * 1000;
}

static void take_message(Packet *packet, const Endpoint *src, const Endpoint *dst, int64_t time_ns)
{
  packet->src = *src;
  packet->dst = *dst;
  packet->ip_id = 0;
  packet->ttl = packet->dscp = 0;
  packet->missing = 0;
  if (time_ns != 0)
    packet->time_ns = time_ns;
}

/* --- Versions 1 and 2: a C struct with addresses as they are in memory ----------------------- */

static Layer old_open(Peel *peel)
{
  enum { HEAD = 8, TIME = 12 };
  Reader in = peel->in;
  unsigned version = reader_u8(&in);
  size_t len = reader_u8(&in);
  AddressFamily family = family_of(reader_u8(&in));
  uint8_t protocol = reader_u8(&in);
  uint16_t src_port = reader_u16(&in), dst_port = reader_u16(&in);
  size_t expected = HEAD + (family == ADDRESS_IPV4 ? 8 : 32);
  Endpoint src, dst;
  int64_t time_ns = 0;

  if (family == ADDRESS_NONE || (len != expected && len != expected + TIME))
    return LAYER_NONE;
  endpoint_read(&in, family, &src);
  endpoint_read(&in, family, &dst);
  src.port = src_port;
  dst.port = dst_port;
  if (version == 2) { /* in the byte order of hosts: little-endian */
    uint32_t seconds = reader_u32le(&in), micros = reader_u32le(&in);
    time_ns = time_of(seconds, micros);
    reader_skip(&in, 4); /* agent id */
  }
  /* little is fixed in the header: the message has to be text */
  Reader text = in;
  for (unsigned i = 0; i < 4; i++)
    if (!g_ascii_isprint((char) reader_u8(&text)))
      return LAYER_NONE;
  take_message(peel->packet, &src, &dst, time_ns);
  peel->in = in;
  return message_end(peel, transport_of(protocol));
}

/* --- Version 3: chunks of vendor, type, length and value -------------------------------------- */

enum {
  CHUNK_FAMILY = 1,
  CHUNK_PROTOCOL = 2,
  CHUNK_IPV4_SRC = 3,
  CHUNK_IPV4_DST = 4,
  CHUNK_IPV6_SRC = 5,
  CHUNK_IPV6_DST = 6,
  CHUNK_SRC_PORT = 7,
  CHUNK_DST_PORT = 8,
  CHUNK_SECONDS = 9,
  CHUNK_MICROS = 10,
  CHUNK_PAYLOAD = 15,
  CHUNK_COMPRESSED = 16,
  CHUNK_HEAD = 6,
  HEP3_HEAD = 6,
};

typedef struct {
  Endpoint src, dst;
  uint8_t protocol;
  uint32_t seconds, micros;
  Slice payload;
  bool is_compressed;
  bool cut; /* the payload's end is missing */
} Hep3;

/* Chunks of vendors say nothing that is needed here. */
static void read_chunk(Hep3 *hep, unsigned type, Reader *value)
{
  switch (type) {
  case CHUNK_PROTOCOL:
    hep->protocol = reader_u8(value);
    break;
  case CHUNK_IPV4_SRC:
  case CHUNK_IPV4_DST:
    address_read(value, ADDRESS_IPV4, type == CHUNK_IPV4_SRC ? &hep->src : &hep->dst);
    break;
  case CHUNK_IPV6_SRC:
  case CHUNK_IPV6_DST:
    address_read(value, ADDRESS_IPV6, type == CHUNK_IPV6_SRC ? &hep->src : &hep->dst);
    break;
  case CHUNK_SRC_PORT:
    hep->src.port = reader_u16(value);
    break;
  case CHUNK_DST_PORT:
    hep->dst.port = reader_u16(value);
    break;
  case CHUNK_SECONDS:
    hep->seconds = reader_u32(value);
    break;
  case CHUNK_MICROS:
    hep->micros = reader_u32(value);
    break;
  case CHUNK_PAYLOAD:
  case CHUNK_COMPRESSED:
    hep->payload = reader_rest(value);
    hep->is_compressed = type == CHUNK_COMPRESSED;
    break;
  default:
    break;
  }
}

/* All chunks; false when their lengths do not agree with what is there. */
static bool read_chunks(Reader in, bool cut, Hep3 *hep)
{
  while (reader_left(&in) > 0) {
    unsigned vendor = reader_u16(&in), type = reader_u16(&in);
    size_t len = reader_u16(&in), left = reader_left(&in);

    if (in.failed)
      return cut;
    if (len < CHUNK_HEAD || (len - CHUNK_HEAD > left && !cut))
      return false;
    size_t size = MIN(len - CHUNK_HEAD, left);
    Reader value = reader_of(reader_take(&in, size), size);
    if (vendor == 0)
      read_chunk(hep, type, &value);
    if (value.failed)
      return cut;
    hep->cut |= size < len - CHUNK_HEAD && (type == CHUNK_PAYLOAD || type == CHUNK_COMPRESSED);
  }
  return true;
}

/* zlib's or gzip's form; the message is put together in scratch. */
static bool decompress(Peel *peel, Hep3 *hep)
{
  enum { GZIP_FIRST = 0x1f, MESSAGE_MAX = UINT16_MAX };
  bool is_gzip = hep->payload.len > 0 && (uint8_t) hep->payload.data[0] == GZIP_FIRST;
  g_autoptr(Inflater) inflater =
    inflater_new(is_gzip ? INFLATE_GZIP : INFLATE_ZLIB, INFLATE_WINDOW_BITS_MAX);
  g_autoptr(GByteArray) out = g_byte_array_new();
  InflateResult result = inflater_feed(inflater, &hep->payload, out, MESSAGE_MAX);

  if (result == INFLATE_DAMAGED || out->len == 0)
    return false;
  hep->cut |= result != INFLATE_ENDED;
  hep->payload = arena_dup(peel->scratch, slice_of((const char *) out->data, out->len));
  peel->joined = true;
  return true;
}

static Layer new_open(Peel *peel)
{
  Reader in = peel->in;
  bool cut = peel->packet->cut;
  Hep3 hep = {0};

  reader_skip(&in, 4);
  size_t len = reader_u16(&in);
  if (len < HEP3_HEAD || (len - HEP3_HEAD > reader_left(&in) && !cut))
    return LAYER_NONE;
  in = reader_of(in.at, MIN(len - HEP3_HEAD, reader_left(&in)));
  if (!read_chunks(in, cut, &hep) || !hep.payload.data || hep.src.family == ADDRESS_NONE ||
      hep.src.family != hep.dst.family)
    return LAYER_NONE;
  if (hep.is_compressed && !decompress(peel, &hep))
    return peel_give_up(peel, UNDECODED_HEP, 0);
  take_message(peel->packet, &hep.src, &hep.dst, time_of(hep.seconds, hep.micros));
  peel->packet->cut = hep.cut;
  peel->in = reader_of(hep.payload.data, hep.payload.len);
  return message_end(peel, transport_of(hep.protocol));
}

Layer hep_open(Peel *peel)
{
  return reader_peek(&peel->in) == 'H' ? new_open(peel) : old_open(peel);
}
