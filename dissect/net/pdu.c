/*
 * A PDU that Wireshark exported: tags of type, length and value, then the bytes of one protocol
 * (https://www.tcpdump.org/linktypes/LINKTYPE_WIRESHARK_UPPER_PDU.html).
 */
#include "dissect/net/layer.h"

/* The tags that matter here; lengths include the padding. */
enum {
  TAG_END = 0,
  TAG_DISSECTOR = 12,
  TAG_IPV4_SRC = 20,
  TAG_IPV4_DST = 21,
  TAG_IPV6_SRC = 22,
  TAG_IPV6_DST = 23,
  TAG_PORT_TYPE = 24,
  TAG_SRC_PORT = 25,
  TAG_DST_PORT = 26,
};

/* A value of TAG_PORT_TYPE: what carried the PDU. */
static Transport transport_of(uint32_t port_type)
{
  static const uint8_t TRANSPORTS[] = {[1] = TRANSPORT_SCTP, [2] = TRANSPORT_TCP};

  return port_type < G_N_ELEMENTS(TRANSPORTS) ? (Transport) TRANSPORTS[port_type] : TRANSPORT_UDP;
}

/* The endpoint of an address, whose port may have come before it. */
static void read_address(Reader *value, AddressFamily family, Endpoint *endpoint)
{
  uint16_t port = endpoint->port;

  endpoint_read(value, family, endpoint);
  endpoint->port = port;
}

/* Exports of a lower layer have its name. */
static Layer layer_of(Slice name)
{
  static const struct {
    const char *name;
    uint8_t layer;
  } NAMES[] = {{"ip", LAYER_IP}, {"ipv6", LAYER_IPV6}, {"eth_withoutfcs", LAYER_ETHERNET}};

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (slice_eq(name, slice_of(NAMES[i].name, strlen(NAMES[i].name))))
      return (Layer) NAMES[i].layer;
  return LAYER_NONE;
}

Layer pdu_layer(Peel *peel)
{
  Packet *packet = peel->packet;
  Transport transport = TRANSPORT_UDP;
  Slice name = {0};

  for (;;) {
    unsigned tag = reader_u16(&peel->in);
    size_t len = reader_u16(&peel->in);
    const uint8_t *bytes = reader_take(&peel->in, len);
    if (!bytes)
      return LAYER_BAD;
    Reader value = reader_of(bytes, len);
    switch (tag) {
    case TAG_END: {
      Layer layer = layer_of(name);
      return layer != LAYER_NONE ? layer : message_end(peel, transport);
    }
    case TAG_DISSECTOR: /* padded with zeros */
      name = slice_of((const char *) bytes, strnlen((const char *) bytes, len));
      break;
    case TAG_IPV4_SRC:
    case TAG_IPV4_DST:
      read_address(&value, ADDRESS_IPV4, tag == TAG_IPV4_SRC ? &packet->src : &packet->dst);
      break;
    case TAG_IPV6_SRC:
    case TAG_IPV6_DST:
      read_address(&value, ADDRESS_IPV6, tag == TAG_IPV6_SRC ? &packet->src : &packet->dst);
      break;
    case TAG_PORT_TYPE:
      transport = transport_of(reader_u32(&value));
      break;
    case TAG_SRC_PORT:
      packet->src.port = (uint16_t) reader_u32(&value);
      break;
    case TAG_DST_PORT:
      packet->dst.port = (uint16_t) reader_u32(&value);
      break;
    default:
      break;
    }
    if (value.failed)
      return LAYER_BAD;
  }
}
