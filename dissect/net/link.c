#include "dissect/net/link.h"

/* --- Link types ------------------------------------------------------------------------------- */

/* https://www.tcpdump.org/linktypes.html; indexed by value. */
static const LinkType LINK_TYPES[] = {
  [0] = {"NULL", 0, LAYER_NULL},
  [1] = {"ETHERNET", 0, LAYER_ETHERNET},
  [6] = {"IEEE802_5", 2, LAYER_TOKEN_RING},
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
  [107] = {"FRELAY", 0, LAYER_FRAME_RELAY},
  [108] = {"LOOP", 0, LAYER_NULL},
  [109] = {"ENC", 12, LAYER_IP},
  [113] = {"LINUX_SLL", 0, LAYER_SLL},
  [119] = {"IEEE802_11_PRISM", 0, LAYER_PRISM},
  [122] = {"IP_OVER_FC", 16, LAYER_LLC},
  [127] = {"IEEE802_11_RADIOTAP", 0, LAYER_RADIOTAP},
  [138] = {"APPLE_IP_OVER_IEEE1394", 16, LAYER_ETHERTYPE},
  [149] = {"PKTAP", 0, LAYER_PKTAP}, /* DLT_USER2 in old systems of Apple */
  [163] = {"IEEE802_11_AVS", 0, LAYER_PRISM},
  [192] = {"PPI", 0, LAYER_PPI},
  [204] = {"PPP_WITH_DIR", 1, LAYER_PPP},
  [228] = {"IPV4", 0, LAYER_IPV4},
  [229] = {"IPV6", 0, LAYER_IPV6},
  [239] = {"NFLOG", 0, LAYER_NFLOG},
  [240] = {"NETANALYZER", 4, LAYER_ETHERNET},
  [252] = {"WIRESHARK_UPPER_PDU", 0, LAYER_PDU},
  [258] = {"PKTAP", 0, LAYER_PKTAP},
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

  if (!type)
    return peel_give_up(peel, UNDECODED_LINK_TYPE, link_type);
  if (reader_left(&peel->in) == 0)
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
  default: /* some write an EtherType in its place */
    return family >= ETHERTYPE_MIN && family <= UINT16_MAX
             ? ethertype_open(peel, (uint16_t) family)
             : peel_give_up(peel, UNDECODED_ADDRESS_FAMILY, family);
  }
}

enum {
  HARDWARE_NETLINK = 824, /* the protocol is a netlink family */
  SLL_PROTOCOL_LLC = 0x04 /* 802.2 after a cooked header, which has no length field */
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
 * Types are small numbers, so the first one shows the order.
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

/* Per-packet information: a header of its own length that names the link type after it. */
Layer ppi_layer(Peel *peel)
{
  Reader start = peel->in;

  reader_skip(&peel->in, 2);
  size_t len = reader_u16le(&peel->in);
  uint32_t link_type = reader_u32le(&peel->in);
  peel->in = start;
  if (len < 8 || !reader_skip(&peel->in, len))
    return LAYER_BAD;
  return link_type_open(peel, link_type);
}

/* Apple's packet tap: a header of its own length that names the link type after it. */
Layer pktap_layer(Peel *peel)
{
  enum { LEAST = 108, RECORD_PACKET = 1, PKTAP = 258, PKTAP_OLD = 149 };
  Reader start = peel->in;
  size_t len = reader_u32le(&peel->in);
  uint32_t record = reader_u32le(&peel->in);
  uint32_t link_type = reader_u32le(&peel->in);

  peel->in = start;
  if (len < LEAST || !reader_skip(&peel->in, len))
    return LAYER_BAD;
  if (record != RECORD_PACKET || link_type == PKTAP || link_type == PKTAP_OLD)
    return LAYER_NONE;
  return link_type_open(peel, link_type);
}

/* IEEE 802.5, after access and frame control: addresses, and a route when the source says so. */
Layer token_ring_layer(Peel *peel)
{
  reader_skip(&peel->in, 6);
  bool has_route = (reader_peek(&peel->in) & 0x80) != 0;
  reader_skip(&peel->in, 6);
  if (has_route) {
    size_t len = reader_peek(&peel->in) & 0x1f;
    if (len < 2 || !reader_skip(&peel->in, len))
      return LAYER_BAD;
  }
  return LAYER_LLC;
}

enum { FRELAY_UNNUMBERED = 0x03, NLPID_SNAP = 0x80, NLPID_IPV6 = 0x8e, NLPID_IPV4 = 0xcc };

/* Q.922 A.2: an address of 2 to 4 bytes, the last of which is odd.  After it RFC 2427, or an
 * EtherType where routers of Cisco talk to each other. */
Layer frame_relay_layer(Peel *peel)
{
  Reader *in = &peel->in;
  unsigned last = reader_u8(in);

  for (unsigned i = 1; i < 4 && (last & 1) == 0; i++)
    last = reader_u8(in);
  if (in->failed || (last & 1) == 0)
    return LAYER_BAD;
  if (reader_peek(in) != FRELAY_UNNUMBERED)
    return LAYER_ETHERTYPE;
  reader_skip(in, 1);
  if (reader_peek(in) == 0) /* padding */
    reader_skip(in, 1);
  switch (reader_u8(in)) {
  case NLPID_IPV4:
    return LAYER_IPV4;
  case NLPID_IPV6:
    return LAYER_IPV6;
  case NLPID_SNAP:
    return LAYER_SNAP;
  default:
    return LAYER_NONE;
  }
}

/* --- Ethernet and what has its types ---------------------------------------------------------- */

/* What an EtherType leads to, after `skip` bytes of tag. */
static const struct {
  uint16_t type;
  uint8_t skip;
  uint8_t layer; /* Layer */
} ETHERTYPES[] = {
  {0x0800, 0, LAYER_IPV4},      {0x86dd, 0, LAYER_IPV6},
  {0x8100, 2, LAYER_ETHERTYPE}, /* 802.1Q */
  {0x88a8, 2, LAYER_ETHERTYPE}, /* 802.1ad */
  {0x9100, 2, LAYER_ETHERTYPE}, {0x9200, 2, LAYER_ETHERTYPE},
  {0x9300, 2, LAYER_ETHERTYPE},                               /* QinQ before 802.1ad */
  {0x8926, 4, LAYER_ETHERTYPE},                               /* VN-Tag */
  {0x88e7, 4, LAYER_ETHERNET},                                /* 802.1ah service tag */
  {0x6558, 0, LAYER_ETHERNET},                                /* Transparent Ethernet Bridging */
  {0x8847, 0, LAYER_MPLS},      {0x8848, 0, LAYER_MPLS},      /* unicast, multicast */
  {0x8864, 0, LAYER_PPPOE},                                   /* session stage */
  {0x880b, 0, LAYER_PPP},       {0x893f, 6, LAYER_ETHERTYPE}, /* 802.1BR E-Tag */
  {0x8909, 0, LAYER_CMD},                                     /* Cisco MetaData */
  {0x88e5, 0, LAYER_MACSEC},                                  /* 802.1AE */
  {0x894f, 0, LAYER_NSH},       {0x6559, 0, LAYER_FRAME_RELAY},
};

static size_t ethertype_find(uint16_t type)
{
  size_t i = 0;

  while (i < G_N_ELEMENTS(ETHERTYPES) && ETHERTYPES[i].type != type)
    i++;
  return i;
}

bool ethertype_known(uint16_t type)
{
  return ethertype_find(type) < G_N_ELEMENTS(ETHERTYPES);
}

enum { LLC_LENGTH_MAX = 1500 };

/* Control protocols of the link, seen everywhere: nothing is missed in them. */
static bool never_has_sip(uint16_t type)
{
  static const uint16_t TYPES[] = {
    0x0806, /* ARP */
    0x2001, /* NHRP in GRE */
    0x8035, /* RARP */
    0x0842, /* Wake-on-LAN */
    0x8137, /* IPX */
    0x8809, /* LACP and other slow protocols */
    0x8863, /* PPPoE, discovery stage */
    0x888e, /* EAPOL */
    0x88cc, /* LLDP */
    0x88f7, /* PTP */
    0x88f5, /* MVRP */
    0x88f6, /* MMRP */
    0x8902, /* CFM */
    0x8899, /* loop detection of Realtek */
    0x893a, /* IEEE 1905 */
    0x9000, /* loopback test */
  };

  for (size_t i = 0; i < G_N_ELEMENTS(TYPES); i++)
    if (TYPES[i] == type)
      return true;
  return false;
}

/*
 * Linux since 6.11, cooked (`any`), of a frame with two tags that comes in: the first tag names the
 * EtherType behind both of them, and the second follows without its own: "88a8 tag 0800 tag 0800".
 */
static bool has_nameless_tag(const Peel *peel, uint16_t type)
{
  Reader ahead = peel->in;
  unsigned version = type == 0x0800 ? 4 : 6;

  if ((type != 0x0800 && type != 0x86dd) || reader_u8(&ahead) >> 4 == version)
    return false;
  reader_skip(&ahead, 1);
  return reader_u16(&ahead) == type && reader_u8(&ahead) >> 4 == version && !ahead.failed;
}

Layer ethertype_open(Peel *peel, uint16_t type)
{
  size_t i = ethertype_find(type);

  if (has_nameless_tag(peel, type))
    reader_skip(&peel->in, 4);
  if (i < G_N_ELEMENTS(ETHERTYPES)) {
    reader_skip(&peel->in, ETHERTYPES[i].skip);
    return ETHERTYPES[i].layer;
  }
  if (type > LLC_LENGTH_MAX)
    return type < ETHERTYPE_MIN || never_has_sip(type)
             ? LAYER_NONE
             : peel_give_up(peel, UNDECODED_ETHERTYPE, type);
  /* IEEE 802.3 3.2.6: a length, and LLC after it. */
  peel_limit(peel, type);
  return LAYER_LLC;
}

Layer ethertype_layer(Peel *peel)
{
  return ethertype_open(peel, reader_u16(&peel->in));
}

Layer ethernet_layer(Peel *peel)
{
  if (plain_datagram_take(peel))
    return datagram_open(peel);
  reader_skip(&peel->in, 12);
  return ethertype_layer(peel);
}

enum { SAP_IP = 0x06, SAP_SNAP = 0xaa, LLC_UNNUMBERED = 0x03 };

/* Cisco MetaData (TrustSec): version, and options in units of 4 bytes. */
Layer cmd_layer(Peel *peel)
{
  unsigned version = reader_u8(&peel->in);
  size_t options = reader_u8(&peel->in);

  reader_skip(&peel->in, options * 4);
  return version == 1 ? LAYER_ETHERTYPE : LAYER_NONE;
}

enum { MACSEC_VERSION = 0x80, MACSEC_SCI = 0x20, MACSEC_ENCRYPTED = 0x08, MACSEC_CHANGED = 0x04 };

/* IEEE 802.1AE 9: what is not encrypted is Ethernet with a check value at its end. */
Layer macsec_layer(Peel *peel)
{
  unsigned flags = reader_u8(&peel->in);

  reader_skip(&peel->in, 5); /* short length, packet number */
  if ((flags & MACSEC_SCI) != 0)
    reader_skip(&peel->in, 8);
  if ((flags & MACSEC_VERSION) != 0)
    return LAYER_NONE;
  if ((flags & (MACSEC_ENCRYPTED | MACSEC_CHANGED)) != 0)
    return peel_give_up(peel, UNDECODED_MACSEC, 0);
  return LAYER_ETHERTYPE;
}

/* RFC 8300 2: the length counts units of 4 bytes, this header included. */
Layer nsh_layer(Peel *peel)
{
  static const uint8_t NEXT[UINT8_MAX + 1] = {
    [1] = LAYER_IPV4, [2] = LAYER_IPV6, [3] = LAYER_ETHERNET, [4] = LAYER_NSH, [5] = LAYER_MPLS};
  enum { LEAST = 2 };
  unsigned start = reader_u16(&peel->in);
  size_t units = start & 0x3f;

  reader_skip(&peel->in, 1);
  unsigned protocol = reader_u8(&peel->in);
  if (start >> 14 != 0 || units < LEAST || !reader_skip(&peel->in, units * 4 - 4))
    return LAYER_BAD;
  return (Layer) NEXT[protocol];
}

/* RFC 1042: OUI 0 (or 802.1H's 00-00-F8) has an EtherType. */
Layer snap_layer(Peel *peel)
{
  uint32_t oui = (uint32_t) reader_u16(&peel->in) << 8 | reader_u8(&peel->in);
  uint16_t type = reader_u16(&peel->in);

  if ((oui != 0 && oui != 0x0000f8) || type < ETHERTYPE_MIN)
    return LAYER_NONE;
  return ethertype_open(peel, type);
}

/* IEEE 802.2 */
Layer llc_layer(Peel *peel)
{
  uint8_t dsap = reader_u8(&peel->in);
  uint8_t ssap = reader_u8(&peel->in);
  uint8_t control = reader_u8(&peel->in);

  if (control != LLC_UNNUMBERED || dsap != ssap)
    return LAYER_NONE;
  if (dsap == SAP_IP)
    return LAYER_IPV4;
  return dsap == SAP_SNAP ? LAYER_SNAP : LAYER_NONE;
}

enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_MPLS = 0x0281 };

/* RFC 1661 2, RFC 1662 3: address and control may be left out, the protocol may be one byte. */
Layer ppp_layer(Peel *peel)
{
  Reader *in = &peel->in;
  Reader probe = *in;

  switch (reader_u16(&probe)) {
  case 0xff03:
    *in = probe;
    break;
  case 0x0f00: /* Cisco HDLC, unicast and multicast, which shares link types with PPP */
  case 0x8f00:
    *in = probe;
    return LAYER_ETHERTYPE;
  default:
    break;
  }
  unsigned protocol = reader_u8(in);
  if ((protocol & 1) == 0)
    protocol = protocol << 8 | reader_u8(in);
  switch (protocol) {
  case PPP_IPV4:
    return LAYER_IPV4;
  case PPP_IPV6:
    return LAYER_IPV6;
  case PPP_MPLS:
    return LAYER_MPLS;
  default: /* RFC 1661 2: from 0x8000 on control protocols */
    return protocol < 0x4000 ? peel_give_up(peel, UNDECODED_PPP, protocol) : LAYER_NONE;
  }
}

/* RFC 2516 4: version and type 1, code 0 is session data. */
Layer pppoe_layer(Peel *peel)
{
  uint16_t start = reader_u16(&peel->in);
  reader_skip(&peel->in, 2);
  uint16_t len = reader_u16(&peel->in);

  if (start != 0x1100)
    return LAYER_NONE;
  peel_limit(peel, len);
  return LAYER_PPP;
}

/* Would an Ethernet header after `skip` bytes name a type that is known? */
static bool ethernet_fits(Reader in, size_t skip)
{
  reader_skip(&in, skip + 12);
  return ethertype_known(reader_u16(&in));
}

bool ip_header_fits(const Peel *peel)
{
  Reader in = peel->in;
  size_t left = reader_left(&in);
  unsigned start = reader_u16(&in);
  size_t v4_len = reader_u16(&in);
  size_t v6_len = (size_t) reader_u16(&in) + 40;

  if (in.failed)
    return false;
  if (start >> 12 == 6)
    return v6_len <= left || peel->packet->cut;
  return start >> 12 == 4 && (start >> 8 & 0xf) >= 5 && (v4_len <= left || peel->packet->cut);
}

/*
 * RFC 3032 2.1: labels up to the bottom of the stack.  Nothing names the payload: an IP version
 * does (RFC 4928 3), else it is a pseudowire, with a control word (RFC 4385 3) or without.
 */
Layer mpls_layer(Peel *peel)
{
  bool bottom = false;

  while (!bottom && !peel->in.failed)
    bottom = (reader_u32(&peel->in) & 0x100) != 0;
  if (ip_header_fits(peel))
    return LAYER_IP;
  if (peel_version(peel) == 0 && ethernet_fits(peel->in, 4))
    reader_skip(&peel->in, 4);
  if (ethernet_fits(peel->in, 0))
    return LAYER_ETHERNET;
  /* RFC 5586: 1 begins what the routers say among themselves */
  return peel_version(peel) == 1 ? LAYER_NONE : peel_give_up(peel, UNDECODED_MPLS, 0);
}
