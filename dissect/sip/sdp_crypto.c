#include "dissect/sip/sdp_crypto.h"

#include <string.h>

#include "dissect/sip/sdp.h"

bool sdp_crypto_read(Slice value, SdpCrypto *ret_crypto)
{
  SdpCrypto crypto = {0};

  if (!slice_to_u32(sdp_take_word(&value), &crypto.tag))
    return false;
  crypto.suite = sdp_take_word(&value);
  crypto.keys = sdp_take_word(&value);
  crypto.parameters = value;
  if (crypto.keys.len == 0)
    return false;
  *ret_crypto = crypto;
  return true;
}

/* "2^20" or "1048576" */
static bool read_lifetime(Slice text, uint64_t *ret_packets)
{
  enum { EXPONENT_MAX = 48 };
  uint32_t exponent;

  if (!slice_starts_with(text, SLICE("2^")))
    return slice_to_u64(text, ret_packets);
  if (!slice_to_u32(slice_from(text, 2), &exponent) || exponent > EXPONENT_MAX)
    return false;
  *ret_packets = UINT64_C(1) << exponent;
  return true;
}

/* "1:4": a number, and of how many bytes it is in each packet. */
static bool read_mki(Slice text, SdpCryptoKey *key)
{
  Slice value = slice_cut(&text, ':');
  uint64_t number;
  uint32_t len;

  if (!slice_to_u64(value, &number) || !slice_to_u32(text, &len) || len == 0 || len > SDP_MKI_MAX)
    return false;
  key->mki_len = (uint8_t) len;
  for (uint32_t i = len; i > 0; i--, number >>= 8)
    key->mki[i - 1] = (uint8_t) number;
  return number == 0;
}

static bool read_key(Slice text, SdpCryptoKey *ret_key)
{
  const Slice METHOD = SLICE("inline:");
  SdpCryptoKey key = {0};

  if (!slice_starts_with_nocase(text, METHOD))
    return false;
  text = slice_from(text, METHOD.len);
  key.base64 = slice_cut(&text, '|');
  while (text.len > 0) {
    Slice part = slice_cut(&text, '|');
    bool is_mki = slice_find(part, ':') < part.len;
    if (is_mki ? !read_mki(part, &key) : !read_lifetime(part, &key.packets))
      return false;
  }
  *ret_key = key;
  return true;
}

bool sdp_crypto_key_next(Slice *keys, SdpCryptoKey *ret_key)
{
  while (keys->len > 0)
    if (read_key(slice_cut(keys, ';'), ret_key))
      return true;
  return false;
}
