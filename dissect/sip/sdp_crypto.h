/*
 * SdpCrypto: a=crypto of a media description (RFC 4568 9.1): a tag, a suite, and the keys that the
 * sender of the description protects its media with.  Slices point into the value.
 */
#pragma once

#include "capture/slice.h"

typedef struct {
  uint32_t tag;
  Slice suite;      /* "AES_CM_128_HMAC_SHA1_80" */
  Slice keys;       /* for sdp_crypto_key_next */
  Slice parameters; /* of the session, for sdp_take_word: "KDR=1", "UNENCRYPTED_SRTP" */
} SdpCrypto;

/* The value of the attribute; false when it has no tag, suite and key. */
bool sdp_crypto_read(Slice value, SdpCrypto *ret_crypto);

enum { SDP_MKI_MAX = 8 };

typedef struct {
  Slice base64;     /* key and salt */
  uint64_t packets; /* that may be protected with it; 0: as many as the suite allows */
  uint8_t mki_len;  /* bytes of the MKI of each packet (RFC 3711 3.1); 0: none */
  uint8_t mki[SDP_MKI_MAX];
} SdpCryptoKey;

/* Takes the next key from *keys; those of another method than "inline", and what contradicts
 * itself, are passed over.  False when there is none. */
bool sdp_crypto_key_next(Slice *keys, SdpCryptoKey *ret_key);
