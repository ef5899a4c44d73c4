/*
 * MediaCrypto: a key for SRTP that a session description gives one of its m= lines (RFC 4568): the
 * sender of the description protects with it what it sends.
 */
#pragma once

#include "dissect/media/srtp_crypto.h"

typedef struct {
  uint32_t tag;
  uint16_t line;          /* index of the m= line */
  const char *unreadable; /* what of it cannot be read; NULL: all can, and there is a key */
  SrtpKey key;
} MediaCrypto;

enum { MEDIA_CRYPTO_KEYS_MAX = 8 }; /* of one attribute; the first are read */

/* Reads the value of a=crypto; `line` is left to the caller.  Returns how many there are: one
 * without a key if it has none that can be read, and 0 if it is malformed altogether. */
size_t media_crypto_read(Slice value, MediaCrypto ret_cryptos[MEDIA_CRYPTO_KEYS_MAX]);
