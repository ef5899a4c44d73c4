#include "dissect/net/link.h"

/* https://www.tcpdump.org/linktypes.html; indexed by value. */
static const LinkType LINK_TYPES[] = {
  [0] = {"NULL", 0, LAYER_NULL},
  [1] = {"ETHERNET", 0, LAYER_ETHERNET},
  [8] = {"SLIP", 16, LAYER_IP},
  [9] = {"PPP", 0, LAYER_PPP},
  [10] = {"FDDI", 13, LAYER_LLC},
  [12] = {"RAW", 0, LAYER_IP}, /* DLT_RAW of some systems, found in files */
  [14] = {"RAW", 0, LAYER_IP}, /* DLT_RAW of OpenBSD */
  [50] = {"PPP_HDLC", 0, LAYER_PPP},
  [51] = {"PPP_ETHER", 0, LAYER_PPPOE},
  [101] = {"RAW", 0, LAYER_IP},
  [104] = {"C_HDLC", 2, LAYER_ETHERTYPE},
  [105] = {"IEEE802_11", 0, LAYER_WLAN},
  [108] = {"LOOP", 0, LAYER_NULL},
  [109] = {"ENC", 12, LAYER_IP},
  [113] = {"LINUX_SLL", 0, LAYER_SLL},
  [119] = {"IEEE802_11_PRISM", 0, LAYER_PRISM},
  [122] = {"IP_OVER_FC", 16, LAYER_LLC},
  [127] = {"IEEE802_11_RADIOTAP", 0, LAYER_RADIOTAP},
  [138] = {"APPLE_IP_OVER_IEEE1394", 16, LAYER_ETHERTYPE},
  [163] = {"IEEE802_11_AVS", 0, LAYER_PRISM},
  [192] = {"PPI", 0, LAYER_PPI},
  [204] = {"PPP_WITH_DIR", 1, LAYER_PPP},
  [228] = {"IPV4", 0, LAYER_IPV4},
  [229] = {"IPV6", 0, LAYER_IPV6},
  [239] = {"NFLOG", 0, LAYER_NFLOG},
  [240] = {"NETANALYZER", 4, LAYER_ETHERNET},
  [276] = {"LINUX_SLL2", 0, LAYER_SLL2},
};

const LinkType *link_type_find(uint32_t link_type)
{
  if (link_type >= G_N_ELEMENTS(LINK_TYPES) || !LINK_TYPES[link_type].name)
    return NULL;
  return &LINK_TYPES[link_type];
}

Layer link_type_open(Peel *peel, uint32_t link_type)
{
  const LinkType *type = link_type_find(link_type);

  if (!type || reader_left(&peel->in) == 0)
    return LAYER_BAD;
  reader_skip(&peel->in, type->skip);
  return type->layer;
}

/* BSD loopback: the address family in the byte order of the capturing host. */
Layer null_layer(Peel *peel)
{
  uint32_t big = reader_u32(&peel->in);
  uint32_t family = big > UINT16_MAX ? GUINT32_SWAP_LE_BE(big) : big;

  switch (family) {
  case 2:  /* AF_INET everywhere */
  case 10: /* AF_INET6: Linux, Windows, BSD, FreeBSD, macOS */
  case 23:
  case 24:
  case 28:
  case 30:
    return LAYER_IP;
  default:
    return LAYER_NONE;
  }
}

enum {
  HARDWARE_NETLINK = 824, /* the protocol is a netlink family */
  SLL_PROTOCOL_LLC = 0x04 /* 802.2 behind a cooked header, which has no length field */
};

static Layer cooked_open(Peel *peel, uint16_t hardware, uint16_t protocol)
{
  if (hardware == HARDWARE_NETLINK)
    return LAYER_NONE;
  if (protocol == SLL_PROTOCOL_LLC)
    return LAYER_LLC;
  /* Interfaces without a link layer may leave the protocol out. */
  if (protocol == 0)
    return LAYER_IP;
  return protocol < 0x600 ? LAYER_NONE : ethertype_open(peel, protocol);
}

/* Linux cooked capture: packet type, hardware type, address length, address, protocol. */
Layer sll_layer(Peel *peel)
{
  reader_skip(&peel->in, 2);
  uint16_t hardware = reader_u16(&peel->in);
  reader_skip(&peel->in, 10);
  uint16_t protocol = reader_u16(&peel->in);

  return cooked_open(peel, hardware, protocol);
}

/* Version 2: protocol, reserved, interface, hardware type, packet type, address. */
Layer sll2_layer(Peel *peel)
{
  uint16_t protocol = reader_u16(&peel->in);
  reader_skip(&peel->in, 6);
  uint16_t hardware = reader_u16(&peel->in);
  reader_skip(&peel->in, 10);

  return cooked_open(peel, hardware, protocol);
}

enum { NFLOG_PAYLOAD = 9 };

/*
 * Netfilter log: attributes of length and type in the byte order of the capturing host.
 * Types are small numbers, so the first one tells which order that is.
 */
Layer nflog_layer(Peel *peel)
{
  Reader *in = &peel->in;

  reader_skip(in, 4);
  Reader probe = *in;
  reader_skip(&probe, 2);
  bool big = reader_u16le(&probe) > UINT8_MAX;

  while (!in->failed && reader_left(in) > 0) {
    size_t len = big ? reader_u16(in) : reader_u16le(in);
    unsigned type = big ? reader_u16(in) : reader_u16le(in);
    if (len < 4)
      return LAYER_BAD;
    if ((type & 0x7fff) == NFLOG_PAYLOAD) {
      peel_limit(peel, len - 4);
      return LAYER_IP;
    }
    reader_skip(in, len - 4);
    reader_skip(in, MIN(-len & 3, reader_left(in)));
  }
  return LAYER_NONE;
}
