#include "dissect/media/media_crypto.h"

#include <glib.h>

#include "capture/language.h"
#include "dissect/sip/sdp.h"
#include "dissect/sip/sdp_crypto.h"

enum { BASE64_MAX = 64 };

/* Also without the padding that belongs to it.  The number of bytes, or 0. */
static size_t decode_base64(Slice text, uint8_t ret_bytes[BASE64_MAX])
{
  char padded[BASE64_MAX + 4];
  size_t len = text.len;
  guint save = 0;
  gint state = 0;

  if (len == 0 || len > BASE64_MAX)
    return 0;
  memcpy(padded, text.data, len);
  while (len % 4 != 0)
    padded[len++] = '=';
  size_t count = g_base64_decode_step(padded, len, ret_bytes, &state, &save);
  explicit_bzero(padded, sizeof padded);
  return count;
}

static bool read_key(const SdpCryptoKey *from, SrtpKey *key)
{
  const SrtpSuiteRow *row = srtp_suite_row(key->suite);
  uint8_t bytes[BASE64_MAX];
  size_t len = decode_base64(from->base64, bytes);
  bool ok = len == (size_t) row->key_len + row->salt_len;

  if (ok)
    memcpy(key->master, bytes, len);
  key->mki_len = from->mki_len;
  memcpy(key->mki, from->mki, from->mki_len);
  explicit_bzero(bytes, sizeof bytes);
  return ok;
}

/* RFC 4568 6.3: what differs from the suite's defaults. */
static void read_parameters(Slice parameters, MediaCrypto *crypto)
{
  for (Slice word = sdp_take_word(&parameters); word.len > 0; word = sdp_take_word(&parameters)) {
    if (slice_eq_nocase(word, SLICE("UNENCRYPTED_SRTP")))
      crypto->key.is_plain_rtp = true;
    else if (slice_eq_nocase(word, SLICE("UNENCRYPTED_SRTCP")))
      crypto->key.is_plain_rtcp = true;
    else if (slice_eq_nocase(word, SLICE("UNAUTHENTICATED_SRTP")))
      crypto->unreadable = "UNAUTHENTICATED_SRTP";
    else if (slice_starts_with_nocase(word, SLICE("KDR=")) &&
             !slice_eq_nocase(word, SLICE("KDR=0")))
      crypto->unreadable = N_("a key derivation rate (KDR)");
  }
}

size_t media_crypto_read(Slice value, MediaCrypto ret_cryptos[MEDIA_CRYPTO_KEYS_MAX])
{
  SdpCrypto sdp;
  SdpCryptoKey key;
  size_t count = 0;

  if (!sdp_crypto_read(value, &sdp))
    return 0;
  MediaCrypto crypto = {.tag = sdp.tag, .key.suite = (uint8_t) srtp_suite_find(sdp.suite)};
  if (!srtp_suite_is_readable(crypto.key.suite))
    crypto.unreadable = srtp_suite_row(crypto.key.suite)->name;
  else
    read_parameters(sdp.parameters, &crypto);
  while (!crypto.unreadable && count < MEDIA_CRYPTO_KEYS_MAX &&
         sdp_crypto_key_next(&sdp.keys, &key)) {
    ret_cryptos[count] = crypto;
    count += read_key(&key, &ret_cryptos[count].key);
  }
  if (count > 0)
    return count;
  if (!crypto.unreadable)
    crypto.unreadable = N_("a malformed key");
  ret_cryptos[0] = crypto;
  return 1;
}
