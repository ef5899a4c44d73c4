/*
 * TlsSuite: what a cipher suite (IANA, TLS Cipher Suites) says about decryption.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Versions on the wire. */
enum {
  TLS_1_0 = 0x0301,
  TLS_1_1 = 0x0302,
  TLS_1_2 = 0x0303,
  TLS_1_3 = 0x0304,
};

/* X-macro: TLS_BULK(id, name in OpenSSL, key, fixed part of the nonce or IV block, tag, mode). */
/* clang-format off */
#define TLS_BULKS(X)                                                                               \
  X(NOTHING, NULL, 0, 0, 0, TLS_MODE_NONE)                                                         \
  X(AES_128_CBC, "AES-128-CBC", 16, 16, 0, TLS_MODE_CBC)                                           \
  X(AES_256_CBC, "AES-256-CBC", 32, 16, 0, TLS_MODE_CBC)                                           \
  X(CAMELLIA_128_CBC, "CAMELLIA-128-CBC", 16, 16, 0, TLS_MODE_CBC)                                 \
  X(CAMELLIA_256_CBC, "CAMELLIA-256-CBC", 32, 16, 0, TLS_MODE_CBC)                                 \
  X(TRIPLE_DES_CBC, "DES-EDE3-CBC", 24, 8, 0, TLS_MODE_CBC)                                        \
  X(AES_128_GCM, "AES-128-GCM", 16, 4, 16, TLS_MODE_GCM)                                           \
  X(AES_256_GCM, "AES-256-GCM", 32, 4, 16, TLS_MODE_GCM)                                           \
  X(ARIA_128_GCM, "ARIA-128-GCM", 16, 4, 16, TLS_MODE_GCM)                                         \
  X(ARIA_256_GCM, "ARIA-256-GCM", 32, 4, 16, TLS_MODE_GCM)                                         \
  X(AES_128_CCM, "AES-128-CCM", 16, 4, 16, TLS_MODE_CCM)                                           \
  X(AES_256_CCM, "AES-256-CCM", 32, 4, 16, TLS_MODE_CCM)                                           \
  X(AES_128_CCM_8, "AES-128-CCM", 16, 4, 8, TLS_MODE_CCM)                                          \
  X(AES_256_CCM_8, "AES-256-CCM", 32, 4, 8, TLS_MODE_CCM)                                          \
  X(CHACHA20_POLY1305, "ChaCha20-Poly1305", 32, 12, 16, TLS_MODE_CHACHA)
/* clang-format on */

typedef enum {
  TLS_MODE_NONE, /* a MAC alone (RFC 5246 6.2.3.1) */
  TLS_MODE_CBC,  /* and a MAC */
  TLS_MODE_GCM,
  TLS_MODE_CCM,
  TLS_MODE_CHACHA,
} TlsMode;

typedef enum {
#define TLS_BULK_ENUM(id, name, key, fixed, tag, mode) TLS_BULK_##id,
  TLS_BULKS(TLS_BULK_ENUM)
#undef TLS_BULK_ENUM
    TLS_BULK_COUNT,
} TlsBulk;

typedef enum {
  TLS_HASH_MD5,
  TLS_HASH_SHA1,
  TLS_HASH_SHA256,
  TLS_HASH_SHA384,
  TLS_HASH_MD5_SHA1, /* both, as before TLS 1.2 (RFC 4346 5) */
} TlsHash;

enum { TLS_HASH_MAX = 48, TLS_KEY_MAX = 32, TLS_BLOCK_MAX = 16 };

typedef struct {
  const char *cipher; /* as OpenSSL calls it; NULL: none */
  uint8_t key_len;
  uint8_t fixed_len; /* of an IV, the part that the key block has; CBC: a block */
  uint8_t tag_len;
  TlsMode mode;
} TlsBulkRow;

typedef enum {
  TLS_EXCHANGE_OTHER,
  TLS_EXCHANGE_RSA, /* the client encrypts the secret for the server's key */
} TlsExchange;

typedef struct {
  uint16_t number;
  const char *name; /* "TLS_AES_128_GCM_SHA256" */
  TlsExchange exchange;
  TlsBulk bulk;
  TlsHash hash;
} TlsSuite;

/* NULL when it is not one that can be decrypted. */
const TlsSuite *tls_suite_find(uint16_t number);

const TlsBulkRow *tls_bulk(TlsBulk bulk);

/* Of the key schedule: before TLS 1.2 there was only one. */
TlsHash tls_suite_schedule_hash(const TlsSuite *suite, uint16_t version);

/* Bytes of its result. */
uint8_t tls_hash_len(TlsHash hash);

enum { TLS_NAME_MAX = 64 };

/* "TLS 1.2", or "0x7f1c". */
const char *tls_version_name(uint16_t version, char room[TLS_NAME_MAX]);

/* "TLS_AES_128_GCM_SHA256", or "0xc0ff". */
const char *tls_suite_name(uint16_t suite, char room[TLS_NAME_MAX]);

/* "handshake_failure" (RFC 8446 6), or "alert 200". */
const char *tls_alert_name(uint8_t alert, char room[TLS_NAME_MAX]);
