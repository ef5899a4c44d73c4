/* IEEE 802.11: data frames, and what drivers put in front of them. */
#include "dissect/net/layer.h"

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

/* The rest of IEEE 802.11 9.2.3 after frame control; `before`: bytes left with it, where the body
 * is aligned to 4 bytes, else 0. */
static Layer body_open(Peel *peel, uint8_t kind, uint8_t flags, size_t before)
{
  Reader *in = &peel->in;

  if ((kind & WLAN_TYPE) != WLAN_TYPE_DATA || (kind & WLAN_SUBTYPE_NULL) != 0 || (kind & 3) != 0)
    return LAYER_NONE;
  reader_skip(in, 20);
  unsigned fragment = reader_u16le(in) & 0xf;
  if ((flags & WLAN_PROTECTED) != 0)
    return peel_give_up(peel, UNDECODED_WLAN, 0);
  if ((flags & WLAN_MORE_FRAGMENTS) != 0 || fragment != 0)
    return LAYER_NONE;
  if ((flags & (WLAN_TO_DS | WLAN_FROM_DS)) == (WLAN_TO_DS | WLAN_FROM_DS))
    reader_skip(in, 6);
  bool qos = (kind & WLAN_SUBTYPE_QOS) != 0;
  bool aggregate = qos && (reader_u16le(in) & QOS_AMSDU) != 0;
  if (qos && (flags & WLAN_ORDER) != 0)
    reader_skip(in, 4);
  if (before > 0)
    reader_skip(in, -(before - reader_left(in)) & 3);
  if (aggregate) /* the first of them: addresses and a length as in 802.3 */
    return LAYER_ETHERNET;
  return LAYER_LLC;
}

Layer wlan_layer(Peel *peel)
{
  uint8_t kind = reader_u8(&peel->in);
  uint8_t flags = reader_u8(&peel->in);

  return body_open(peel, kind, flags, 0);
}

/* In CAPWAP some swap the bytes of frame control: the one that says "data" comes first or last. */
Layer wlan_capwap_layer(Peel *peel)
{
  uint8_t kind = reader_u8(&peel->in);
  uint8_t flags = reader_u8(&peel->in);
  bool swapped = (kind & 0x0f) != WLAN_TYPE_DATA || (flags & WLAN_ORDER) != 0;

  return swapped ? body_open(peel, flags, kind, 0) : body_open(peel, kind, flags, 0);
}

enum {
  RADIOTAP_TSFT = 1 << 0,
  RADIOTAP_FLAGS = 1 << 1,
  RADIOTAP_FLAG_PADDED = 0x20,
};

#define RADIOTAP_MORE UINT32_C(0x80000000)

Layer radiotap_layer(Peel *peel)
{
  Reader start = peel->in;
  uint8_t version = reader_u8(&peel->in);

  reader_skip(&peel->in, 1);
  size_t len = reader_u16le(&peel->in);
  if (version != 0 || len < 8 || len > reader_left(&start))
    return LAYER_BAD;
  /* https://www.radiotap.org: only the flags matter, which lie after an aligned timestamp. */
  Reader in = reader_of(start.at, len);
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
  uint8_t flags = (first & RADIOTAP_FLAGS) != 0 ? reader_u8(&in) : 0;
  peel->in = start;
  reader_skip(&peel->in, len);
  before = (flags & RADIOTAP_FLAG_PADDED) != 0 ? reader_left(&peel->in) : 0;
  uint8_t kind = reader_u8(&peel->in);
  uint8_t control = reader_u8(&peel->in);
  return body_open(peel, kind, control, before);
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
