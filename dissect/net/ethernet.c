#include "dissect/net/ip.h"
#include "dissect/net/link.h"

/* What an EtherType leads to, behind `skip` octets of tag. */
static const struct {
  uint16_t type;
  uint8_t skip;
  uint8_t layer; /* Layer */
} ETHERTYPES[] = {
  {0x0800, 0, LAYER_IPV4},      {0x86dd, 0, LAYER_IPV6},
  {0x8100, 2, LAYER_ETHERTYPE}, /* 802.1Q */
  {0x88a8, 2, LAYER_ETHERTYPE}, /* 802.1ad */
  {0x9100, 2, LAYER_ETHERTYPE}, {0x9200, 2, LAYER_ETHERTYPE},
  {0x9300, 2, LAYER_ETHERTYPE},                          /* QinQ before 802.1ad */
  {0x8926, 4, LAYER_ETHERTYPE},                          /* VN-Tag */
  {0x88e7, 4, LAYER_ETHERNET},                           /* 802.1ah service tag */
  {0x6558, 0, LAYER_ETHERNET},                           /* Transparent Ethernet Bridging */
  {0x8847, 0, LAYER_MPLS},      {0x8848, 0, LAYER_MPLS}, /* unicast, multicast */
  {0x8864, 0, LAYER_PPPOE},                              /* session stage */
  {0x880b, 0, LAYER_PPP},
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

enum { LLC_LENGTH_MAX = 1500, ETHERTYPE_MIN = 0x600 };

Layer ethertype_open(Peel *peel, uint16_t type)
{
  size_t i = ethertype_find(type);

  if (i < G_N_ELEMENTS(ETHERTYPES)) {
    reader_skip(&peel->in, ETHERTYPES[i].skip);
    return ETHERTYPES[i].layer;
  }
  if (type > LLC_LENGTH_MAX)
    return LAYER_NONE;
  /* IEEE 802.3 3.2.6: a length, and LLC behind it. */
  peel_limit(peel, type);
  return LAYER_LLC;
}

Layer ethertype_layer(Peel *peel)
{
  return ethertype_open(peel, reader_u16(&peel->in));
}

Layer ethernet_layer(Peel *peel)
{
  reader_skip(&peel->in, 12);
  return ethertype_layer(peel);
}

enum { SAP_IP = 0x06, SAP_SNAP = 0xaa, LLC_UNNUMBERED = 0x03 };

/* IEEE 802.2; RFC 1042: SNAP with OUI 0 (or 802.1H's 00-00-F8) has an EtherType. */
Layer llc_layer(Peel *peel)
{
  uint8_t dsap = reader_u8(&peel->in);
  uint8_t ssap = reader_u8(&peel->in);
  uint8_t control = reader_u8(&peel->in);

  if (control != LLC_UNNUMBERED || dsap != ssap)
    return LAYER_NONE;
  if (dsap == SAP_IP)
    return LAYER_IPV4;
  if (dsap != SAP_SNAP)
    return LAYER_NONE;
  uint32_t oui = (uint32_t) reader_u16(&peel->in) << 8 | reader_u8(&peel->in);
  uint16_t type = reader_u16(&peel->in);
  if ((oui != 0 && oui != 0x0000f8) || type < ETHERTYPE_MIN)
    return LAYER_NONE;
  return ethertype_open(peel, type);
}

enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_MPLS = 0x0281 };

/* RFC 1661 2, RFC 1662 3: address and control may be left out, the protocol be one octet. */
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
  default:
    return LAYER_NONE;
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

/* Would an Ethernet header behind `skip` octets name a type that is known? */
static bool ethernet_fits(Reader in, size_t skip)
{
  reader_skip(&in, skip + 12);
  return ethertype_known(reader_u16(&in));
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
  return ethernet_fits(peel->in, 0) ? LAYER_ETHERNET : LAYER_NONE;
}
