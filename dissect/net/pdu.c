/* A PDU that Wireshark exported: what its tags say of the message after them. */
#include "capture/pdu.h"
#include "dissect/net/hep.h"

/* A value of PDU_PORT_TYPE: what carried the PDU. */
static Transport transport_of(uint32_t port_type)
{
  static const uint8_t TRANSPORTS[] = {
    [PDU_PORT_SCTP] = TRANSPORT_SCTP, [PDU_PORT_TCP] = TRANSPORT_TCP};

  return port_type < G_N_ELEMENTS(TRANSPORTS) ? (Transport) TRANSPORTS[port_type] : TRANSPORT_UDP;
}

/* "SIP/TLS", as ui/fetch.c writes it: a transport that a port type cannot name. */
static Transport transport_named(Slice text, Transport otherwise)
{
#define PROTOCOL(name) [TRANSPORT_##name] = "SIP/" #name,
  static const char *const PROTOCOLS[] = {TRANSPORTS(PROTOCOL)};
#undef PROTOCOL

  for (size_t i = 0; i < G_N_ELEMENTS(PROTOCOLS); i++)
    if (slice_eq(text, slice_from_string(PROTOCOLS[i])))
      return (Transport) i;
  return otherwise;
}

/* Text that is padded with zeros. */
static Slice padded_text(const uint8_t *bytes, size_t len)
{
  return slice_of((const char *) bytes, strnlen((const char *) bytes, len));
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

/* Of a message that has a copier. */
static void take_copier(Peel *peel, const HepPacket *copy)
{
  if (copy->sender.family != ADDRESS_NONE || copy->node.len > 0)
    peel->packet->copy = arena_copy(peel->scratch, copy, sizeof *copy);
}

Layer pdu_layer(Peel *peel)
{
  Packet *packet = peel->packet;
  Transport transport = TRANSPORT_UDP;
  HepPacket copy = {.type = HEP_SIP};
  Slice name = {0};

  for (;;) {
    unsigned tag = reader_u16(&peel->in);
    size_t len = reader_u16(&peel->in);
    const uint8_t *bytes = reader_take(&peel->in, len);
    if (!bytes)
      return LAYER_BAD;
    Reader value = reader_of(bytes, len);
    switch (tag) {
    case PDU_END: {
      Layer layer = layer_of(name);
      if (layer != LAYER_NONE)
        return layer;
      take_copier(peel, &copy);
      return message_end(peel, transport);
    }
    case PDU_DISSECTOR:
      name = padded_text(bytes, len);
      break;
    case PDU_IPV4_SRC:
    case PDU_IPV4_DST:
      address_read(&value, ADDRESS_IPV4, tag == PDU_IPV4_SRC ? &packet->src : &packet->dst);
      break;
    case PDU_IPV6_SRC:
    case PDU_IPV6_DST:
      address_read(&value, ADDRESS_IPV6, tag == PDU_IPV6_SRC ? &packet->src : &packet->dst);
      break;
    case PDU_PORT_TYPE:
      transport = transport_of(reader_u32(&value));
      break;
    case PDU_PROTOCOL: /* after the port type */
      transport = transport_named(padded_text(bytes, len), transport);
      break;
    case PDU_SRC_PORT:
      packet->src.port = (uint16_t) reader_u32(&value);
      break;
    case PDU_DST_PORT:
      packet->dst.port = (uint16_t) reader_u32(&value);
      break;
    case PDU_COPIER_IPV4:
    case PDU_COPIER_IPV6:
      address_read(&value, tag == PDU_COPIER_IPV4 ? ADDRESS_IPV4 : ADDRESS_IPV6, &copy.sender);
      break;
    case PDU_COPIER_AGENT:
      copy.agent = reader_u32(&value);
      break;
    case PDU_COPIER_NODE:
      copy.node = padded_text(bytes, len);
      break;
    default:
      break;
    }
    if (value.failed)
      return LAYER_BAD;
  }
}
