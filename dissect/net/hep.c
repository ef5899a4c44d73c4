#include "dissect/net/hep.h"

#include "capture/inflate.h"
#include "dissect/net/hep_rtcp.h"

/* Numbers of IP protocols.  TLS and WebSocket have none: kamailio and OpenSIPS give them those of
 * XNS IDP, ESP and AH. */
static const uint8_t PROTOCOLS[TRANSPORT_COUNT] = {
  [TRANSPORT_UDP] = 17,   [TRANSPORT_TCP] = 6, [TRANSPORT_TLS] = 22,
  [TRANSPORT_SCTP] = 132, [TRANSPORT_WS] = 50, [TRANSPORT_WSS] = 51,
};

uint8_t hep_protocol(Transport transport)
{
  g_assert(transport < TRANSPORT_COUNT);
  return PROTOCOLS[transport];
}

static Transport transport_of(uint8_t protocol)
{
  for (unsigned i = 0; i < TRANSPORT_COUNT; i++)
    if (PROTOCOLS[i] == protocol)
      return (Transport) i;
  return TRANSPORT_UDP;
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

/* The packet is what was copied from now on. */
static Layer take_copy(Peel *peel, const HepPacket *copy)
{
  Packet *packet = peel->packet;
  HepPacket *kept = arena_copy(peel->scratch, copy, sizeof *copy);

  kept->sender = packet->src;
  packet->src = copy->src;
  packet->dst = copy->dst;
  packet->ip_id = 0;
  packet->ttl = packet->dscp = 0;
  packet->missing = 0;
  packet->cut = copy->cut;
  packet->copy = kept;
  if (copy->time_ns != 0)
    packet->time_ns = copy->time_ns;
  peel->in = reader_of(copy->payload.data, copy->payload.len);
  return message_end(peel, copy->transport);
}

/* --- Versions 1 and 2: a C struct with addresses as they are in memory ----------------------- */

static Layer old_open(Peel *peel)
{
  enum { HEAD = 8, TIME = 12 };
  Reader in = peel->in;
  HepPacket copy = {.cut = peel->packet->cut};
  unsigned version = reader_u8(&in);
  size_t len = reader_u8(&in);
  AddressFamily family = family_of(reader_u8(&in));
  copy.transport = transport_of(reader_u8(&in));
  uint16_t src_port = reader_u16(&in), dst_port = reader_u16(&in);
  size_t expected = HEAD + (family == ADDRESS_IPV4 ? 8 : 32);

  if (family == ADDRESS_NONE || (len != expected && len != expected + TIME))
    return LAYER_NONE;
  endpoint_read(&in, family, &copy.src);
  endpoint_read(&in, family, &copy.dst);
  copy.src.port = src_port;
  copy.dst.port = dst_port;
  if (version == 2) { /* in the byte order of hosts: little-endian */
    uint32_t seconds = reader_u32le(&in), micros = reader_u32le(&in);
    copy.time_ns = time_of(seconds, micros);
    copy.agent = reader_u16le(&in);
    reader_skip(&in, 2); /* padding */
  }
  /* little is fixed in the header: the message has to be text */
  Reader text = in;
  for (unsigned i = 0; i < 4; i++)
    if (!g_ascii_isprint((char) reader_u8(&text)))
      return LAYER_NONE;
  copy.payload = reader_rest(&in);
  return take_copy(peel, &copy);
}

/* --- Version 3: chunks of vendor, type, length and value -------------------------------------- */

typedef struct {
  HepPacket *packet;
  uint32_t seconds, micros;
} ChunkReader;

/* Chunks of vendors, and those of other types, say nothing that is needed here. */
static void read_chunk(ChunkReader *chunks, unsigned type, Reader *value)
{
  HepPacket *packet = chunks->packet;

  switch (type) {
  case HEP_CHUNK_PROTOCOL:
    packet->transport = transport_of(reader_u8(value));
    break;
  case HEP_CHUNK_IPV4_SRC:
  case HEP_CHUNK_IPV4_DST:
    address_read(value, ADDRESS_IPV4, type == HEP_CHUNK_IPV4_SRC ? &packet->src : &packet->dst);
    break;
  case HEP_CHUNK_IPV6_SRC:
  case HEP_CHUNK_IPV6_DST:
    address_read(value, ADDRESS_IPV6, type == HEP_CHUNK_IPV6_SRC ? &packet->src : &packet->dst);
    break;
  case HEP_CHUNK_SRC_PORT:
    packet->src.port = reader_u16(value);
    break;
  case HEP_CHUNK_DST_PORT:
    packet->dst.port = reader_u16(value);
    break;
  case HEP_CHUNK_SECONDS:
    chunks->seconds = reader_u32(value);
    break;
  case HEP_CHUNK_MICROS:
    chunks->micros = reader_u32(value);
    break;
  case HEP_CHUNK_TYPE:
    packet->type = reader_u8(value);
    break;
  case HEP_CHUNK_AGENT:
    packet->agent = reader_u32(value);
    break;
  case HEP_CHUNK_PAYLOAD:
  case HEP_CHUNK_COMPRESSED:
    packet->payload = reader_rest(value);
    packet->is_compressed = type == HEP_CHUNK_COMPRESSED;
    break;
  case HEP_CHUNK_CORRELATION:
    packet->correlation = reader_rest(value);
    break;
  case HEP_CHUNK_NODE:
    packet->node = reader_rest(value);
    break;
  default:
    break;
  }
}

/* All chunks; false when their lengths do not agree with what is there. */
static bool read_chunks(Reader in, bool cut, ChunkReader *chunks)
{
  while (reader_left(&in) > 0) {
    unsigned vendor = reader_u16(&in), type = reader_u16(&in);
    size_t len = reader_u16(&in), left = reader_left(&in);

    if (in.failed)
      return cut;
    if (len < HEP_CHUNK_HEAD || (len - HEP_CHUNK_HEAD > left && !cut))
      return false;
    size_t size = MIN(len - HEP_CHUNK_HEAD, left);
    Reader value = reader_of(reader_take(&in, size), size);
    if (vendor == 0)
      read_chunk(chunks, type, &value);
    if (value.failed)
      return cut;
    chunks->packet->cut |=
      size < len - HEP_CHUNK_HEAD && (type == HEP_CHUNK_PAYLOAD || type == HEP_CHUNK_COMPRESSED);
  }
  return true;
}

size_t hep3_len(Slice bytes)
{
  Reader in = reader_of(bytes.data, bytes.len);
  const uint8_t *name = reader_take(&in, 4);
  size_t len = reader_u16(&in);

  return !in.failed && memcmp(name, "HEP3", 4) == 0 && len >= HEP3_HEAD ? len : 0;
}

bool hep3_begins(Slice bytes)
{
  enum { LIMIT = 0x2000 }; /* text is beyond it; vendors and types are few */
  Reader in = reader_of(bytes.data, bytes.len);

  if (memcmp(bytes.data, "HEP3", MIN(bytes.len, (size_t) 4)) != 0)
    return false;
  if (bytes.len < HEP3_SHOWN)
    return bytes.len < HEP3_HEAD || hep3_len(bytes) >= HEP3_SHOWN;
  reader_skip(&in, HEP3_HEAD);
  unsigned vendor = reader_u16(&in), type = reader_u16(&in);
  size_t len = reader_u16(&in);
  return vendor < LIMIT && type < LIMIT && len >= HEP_CHUNK_HEAD &&
         HEP3_HEAD + len <= hep3_len(bytes);
}

size_t hep3_find(Slice bytes)
{
  size_t at = slice_find(bytes, 'H');

  while (at < bytes.len && !hep3_begins(slice_from(bytes, at)))
    at += 1 + slice_find(slice_from(bytes, at + 1), 'H');
  return at;
}

bool hep3_read(Slice bytes, bool cut, HepPacket *ret_packet)
{
  HepPacket packet = {.transport = TRANSPORT_UDP};
  ChunkReader chunks = {.packet = &packet};
  size_t len = hep3_len(bytes);

  if (len == 0 || (len > bytes.len && !cut))
    return false;
  Slice all = slice_from(slice_head(bytes, len), HEP3_HEAD);
  if (!read_chunks(reader_of(all.data, all.len), cut, &chunks) || !packet.payload.data ||
      packet.src.family == ADDRESS_NONE || packet.src.family != packet.dst.family)
    return false;
  packet.time_ns = time_of(chunks.seconds, chunks.micros);
  *ret_packet = packet;
  return true;
}

/* zlib's or gzip's form. */
static bool decompress(HepPacket *packet, GByteArray *to)
{
  enum { GZIP_FIRST = 0x1f };
  bool is_gzip = packet->payload.len > 0 && (uint8_t) packet->payload.data[0] == GZIP_FIRST;
  g_autoptr(Inflater) inflater =
    inflater_new(is_gzip ? INFLATE_GZIP : INFLATE_ZLIB, INFLATE_WINDOW_BITS_MAX);
  InflateResult result = inflater_feed(inflater, &packet->payload, to, HEP_UNPACKED_MAX);

  if (result == INFLATE_DAMAGED || to->len == 0)
    return false;
  packet->cut |= result != INFLATE_ENDED;
  packet->payload = slice_of((const char *) to->data, to->len);
  packet->is_compressed = false;
  return true;
}

bool hep_unpack(HepPacket *packet, GByteArray *to)
{
  g_byte_array_set_size(to, 0);
  if (packet->is_compressed && !decompress(packet, to))
    return false;
  if (packet->type != HEP_RTCP)
    return true;
  if (!hep_rtcp_is_json(packet->payload))
    return rtp_classify(packet->payload) == RTP_IS_CONTROL;
  HepRtcp report;
  if (packet->cut || !hep_rtcp_parse(packet->payload, &report))
    return false;
  g_byte_array_set_size(to, 0);
  hep_rtcp_append(&report, to);
  packet->payload = slice_of((const char *) to->data, to->len);
  return true;
}

static Layer new_open(Peel *peel)
{
  Slice bytes = slice_of((const char *) peel->in.at, reader_left(&peel->in));
  g_autoptr(GByteArray) unpacked = NULL;
  HepPacket copy;

  if (!hep3_read(bytes, peel->packet->cut, &copy))
    return LAYER_NONE;
  if (!hep_type_is_read(copy.type))
    return peel_give_up(peel, UNDECODED_HEP_TYPE, copy.type);
  if (!copy.is_compressed && copy.type != HEP_RTCP)
    return take_copy(peel, &copy);
  unpacked = g_byte_array_new();
  if (!hep_unpack(&copy, unpacked))
    return peel_give_up(peel, UNDECODED_HEP, 0);
  if (unpacked->len > 0) {
    copy.payload = arena_dup(peel->scratch, copy.payload);
    peel->joined = true;
  }
  return take_copy(peel, &copy);
}

Layer hep_open(Peel *peel)
{
  return reader_peek(&peel->in) == 'H' ? new_open(peel) : old_open(peel);
}
