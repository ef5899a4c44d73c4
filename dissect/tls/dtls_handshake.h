/*
 * DtlsHandshake: what two media endpoints agree on in DTLS for SRTP (RFC 5764), read from the hello
 * messages, which are in clear up to DTLS 1.2 (RFC 6347); of DTLS 1.3 there is nothing to read.
 *
 * Datagrams may come twice and in any order; a new handshake takes the place of the one before.
 * Fixed in size.
 */
#pragma once

#include "dissect/tls/tls_keys.h"

enum { DTLS_MASTER_MAX = 46, DTLS_MKI_MAX = 8, DTLS_HELLO_MAX = 1024 };

typedef struct {
  uint8_t client_random[TLS_RANDOM_LEN];
  TlsServerHello hello; /* without its slices */
  uint8_t client;       /* which side */
  bool has_client, has_server;
  uint8_t mki_len;
  uint8_t mki[DTLS_MKI_MAX];
  uint8_t *parts; /* of a ServerHello in fragments, and a bit for each byte that came; or NULL */
} DtlsHandshake;

/* May it be DTLS, and no other of those that share its port (RFC 7983 7)? */
static inline bool dtls_is_likely(Slice datagram)
{
  const uint8_t *bytes = (const uint8_t *) datagram.data;

  return datagram.len > 13 && bytes[0] >= 20 && bytes[0] <= 63 && bytes[1] == 0xfe;
}

/* Takes a datagram of a side, 0 or 1. */
void dtls_handshake_take(DtlsHandshake *handshake, unsigned side, Slice datagram);
void dtls_handshake_clear(DtlsHandshake *handshake);

/* The master key, and then the salt, of what one side sends. */
typedef struct {
  uint16_t profile; /* SRTP protection profile (RFC 5764 4.1.2, RFC 7714 14.2) */
  uint8_t len;      /* of both together */
  uint8_t master[DTLS_MASTER_MAX];
  uint8_t mki_len; /* 0: packets have none */
  uint8_t mki[DTLS_MKI_MAX];
} DtlsSrtpKey;

/* False when the hellos were not seen, agree on nothing that is known, or `keys` has no secret of
 * theirs.  Whoever gets the key wipes it. */
bool dtls_handshake_key(const DtlsHandshake *handshake, const TlsKeys *keys, unsigned side,
                        DtlsSrtpKey *ret_key);
