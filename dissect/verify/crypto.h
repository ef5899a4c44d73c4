/*
 * What verification takes from a library: crypto_openssl.c, or crypto_none.c in a build without.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

/* A certificate with a P-256 key. */
typedef struct VerifyKey VerifyKey;

typedef struct {
  VerifyKey *key;
  char *subject; /* as RFC 2253 writes it */
  int64_t from_s, until_s;
} VerifyCertificate;

void verify_certificate_free(VerifyCertificate *certificate);

/* The certificates with such keys in a PEM text, added to `to` (VerifyCertificate *); how many
 * others there are. */
unsigned verify_certificates_read(Slice pem, GPtrArray *to);

/* ES256 (RFC 7518 3.4): 64 bytes, r and s. */
bool verify_es256(VerifyKey *key, Slice text, Slice signature);

enum { VERIFY_HASH_HEX_MAX = 64 };

/* SHA-512/256 in lower-case hexadecimal; false: the library does not have it. */
bool verify_sha512_256(Slice bytes, char ret_hex[VERIFY_HASH_HEX_MAX + 1]);

/* Is there a library? */
bool verify_has_crypto(void);

/* Overwrites memory, also where a compiler thinks that it is not read again. */
void verify_wipe(void *memory, size_t len);
