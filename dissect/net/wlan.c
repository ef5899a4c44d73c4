/* IEEE 802.11 data frames, and what capturing drivers put in front of them. */
#include "dissect/net/link.h"

enum {
  WLAN_TYPE = 0x0c,
  WLAN_TYPE_DATA = 0x08,
  WLAN_SUBTYPE_NULL = 0x40, /* no frame body */
  WLAN_SUBTYPE_QOS = 0x80,
  WLAN_TO_DS = 0x01,
  WLAN_FROM_DS = 0x02,
  WLAN_MORE_FRAGMENTS = 0x04,
  WLAN_PROTECTED = 0x40,
  WLAN_ORDER = 0x80,
  QOS_AMSDU = 0x80,
};

/* IEEE 802.11 9.2.3, with the body aligned to 4 octets when the driver says so. */
static Layer wlan_open(Peel *peel, bool padded)
{
  Reader *in = &peel->in;
  size_t before = reader_left(in);
  uint8_t kind = reader_u8(in);
  uint8_t flags = reader_u8(in);

  if ((kind & WLAN_TYPE) != WLAN_TYPE_DATA || (kind & WLAN_SUBTYPE_NULL) != 0 || (kind & 3) != 0)
    return LAYER_NONE;
  reader_skip(in, 20);
  unsigned fragment = reader_u16le(in) & 0xf;
  if ((flags & (WLAN_PROTECTED | WLAN_MORE_FRAGMENTS)) != 0 || fragment != 0)
    return LAYER_NONE;
  if ((flags & (WLAN_TO_DS | WLAN_FROM_DS)) == (WLAN_TO_DS | WLAN_FROM_DS))
    reader_skip(in, 6);
  bool qos = (kind & WLAN_SUBTYPE_QOS) != 0;
  bool aggregate = qos && (reader_u16le(in) & QOS_AMSDU) != 0;
  if (qos && (flags & WLAN_ORDER) != 0)
    reader_skip(in, 4);
  if (padded)
    reader_skip(in, -(before - reader_left(in)) & 3);
  if (aggregate) /* the first of them: addresses and a length as in 802.3 */
    return LAYER_ETHERNET;
  return LAYER_LLC;
}

Layer wlan_layer(Peel *peel)
{
  return wlan_open(peel, false);
}

enum {
  RADIOTAP_TSFT = 1 << 0,
  RADIOTAP_FLAGS = 1 << 1,
  RADIOTAP_FLAG_PADDED = 0x20,
};

#define RADIOTAP_MORE UINT32_C(0x80000000)

/* https://www.radiotap.org: only the flags matter, which lie behind an aligned timestamp. */
static uint8_t radiotap_flags(Reader in)
{
  size_t before = reader_left(&in);

  reader_skip(&in, 4);
  uint32_t first = reader_u32le(&in);
  uint32_t present = first;
  while (!in.failed && (present & RADIOTAP_MORE) != 0)
    present = reader_u32le(&in);
  if ((first & RADIOTAP_TSFT) != 0) {
    reader_skip(&in, -(before - reader_left(&in)) & 7);
    reader_skip(&in, 8);
  }
  return (first & RADIOTAP_FLAGS) != 0 ? reader_u8(&in) : 0;
}

Layer radiotap_layer(Peel *peel)
{
  Reader start = peel->in;
  uint8_t version = reader_u8(&peel->in);

  reader_skip(&peel->in, 1);
  size_t len = reader_u16le(&peel->in);
  if (version != 0 || len < 8 || len > reader_left(&start))
    return LAYER_BAD;
  uint8_t flags = radiotap_flags(reader_of(start.at, len));
  peel->in = start;
  reader_skip(&peel->in, len);
  return wlan_open(peel, (flags & RADIOTAP_FLAG_PADDED) != 0);
}

/*
 * Prism: message code and length in host order; AVS, found under the same link type: version
 * and length in network order.
 */
Layer prism_layer(Peel *peel)
{
  Reader start = peel->in;
  uint32_t code = reader_u32(&peel->in);
  uint32_t len = reader_u32(&peel->in);

  if ((code & 0xfffff000) != 0x80211000 && len > UINT16_MAX)
    len = GUINT32_SWAP_LE_BE(len);
  peel->in = start;
  return len >= 8 && reader_skip(&peel->in, len) ? LAYER_WLAN : LAYER_BAD;
}

/* Per-packet information: a header of its own length that names the link type behind it. */
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
