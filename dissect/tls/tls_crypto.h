/*
 * TlsCrypto: what takes a library: key derivation, decryption, certificates, RSA.  Implemented by
 * tls_openssl.c, or, in a build without a library, by tls_no_crypto.c, where all of it fails.
 */
#pragma once

#include "capture/slice.h"
#include "dissect/tls/tls_suite.h"

/* The library and its version; NULL when there is none. */
const char *tls_crypto_library(void);

/* Before a thread uses it that may open no file: afterwards none is.  The system's configuration of
 * the library is for connections; it is not read. */
void tls_crypto_init(void);

enum { TLS_SECRET_MAX = 48, TLS_MASTER_LEN = 48 };

/* A secret or a key; whoever holds it wipes it. */
typedef struct {
  uint8_t len; /* 0: none */
  uint8_t bytes[TLS_SECRET_MAX];
} TlsSecret;

/* Overwrites memory, also where a compiler thinks that it is not read again. */
void tls_wipe(void *memory, size_t len);

/* The PRF of TLS 1.2 and before (RFC 5246 5, RFC 4346 5): `len` bytes from secret, label, seed. */
bool tls_prf(TlsHash hash, Slice secret, const char *label, Slice seed, uint8_t *ret_bytes,
             size_t len);

/* HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446 7.1). */
bool tls_expand(TlsHash hash, const TlsSecret *secret, const char *label, uint8_t *ret_bytes,
                size_t len);

/* Of the bytes: tls_hash_len of them. */
bool tls_digest(TlsHash hash, Slice bytes, uint8_t ret_digest[TLS_HASH_MAX]);

/* --- Private keys ----------------------------------------------------------------------------- */

typedef struct TlsPrivateKey TlsPrivateKey;

/* Reads an RSA key (PEM, without a passphrase); NULL when it is none. */
TlsPrivateKey *tls_private_key_read(Slice pem);
void tls_private_key_free(TlsPrivateKey *key);

/* Decrypts the premaster secret of a ClientKeyExchange (RFC 5246 7.4.7.1). */
bool tls_private_key_open(TlsPrivateKey *key, Slice encrypted, TlsSecret *ret_premaster);

/* --- Records ---------------------------------------------------------------------------------- */

enum { TLS_HEADER_LEN = 5, TLS_BODY_MAX = (1 << 14) + 2048 };

typedef struct {
  uint8_t type;
  const uint8_t *header; /* TLS_HEADER_LEN bytes */
  Slice body;            /* at most TLS_BODY_MAX */
} TlsRecord;

/* The protection of records that one side sends. */
typedef struct TlsCipher TlsCipher;

typedef struct {
  const TlsSuite *suite;
  uint16_t version;
  bool encrypt_then_mac;
  const uint8_t *mac, *key, *iv; /* as long as the suite says; `mac` only without AEAD */
} TlsCipherKeys;

/* NULL when the library does not have it. */
TlsCipher *tls_cipher_new(const TlsCipherKeys *keys);
void tls_cipher_free(TlsCipher *cipher);

/*
 * Opens a record as the one that has the number `seq`.  False when it is not: its tag or MAC is
 * another.  Its content, of *ret_type, is written to `ret_content`, which has room for the body and
 * TLS_BLOCK_MAX bytes.
 */
bool tls_cipher_open(TlsCipher *cipher, const TlsRecord *record, uint64_t seq, char *ret_content,
                     size_t *ret_len, uint8_t *ret_type);

/* The record is not opened: its end may be needed for the next one (CBC before TLS 1.1). */
void tls_cipher_pass(TlsCipher *cipher, const TlsRecord *record);

/* --- Certificates ----------------------------------------------------------------------------- */

typedef struct {
  char *subject, *issuer;  /* as RFC 2253 writes them; freed with g_free */
  int64_t from_s, until_s; /* validity: seconds since 1970 */
} TlsCertificate;

/* Reads a certificate (DER). */
bool tls_certificate_read(Slice der, TlsCertificate *ret_certificate);
