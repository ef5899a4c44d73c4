/*
 * SrtpCrypto: what takes a library: opening packets of SRTP and SRTCP (RFC 3711, RFC 7714).
 * Implemented by srtp_libsrtp.c, or, in a build without the library, by srtp_no_crypto.c, where all
 * of it fails.
 */
#pragma once

#include "capture/slice.h"

/* X-macro: SRTP_SUITE(id, name in RFC 4568 6.2 and its registry, bytes of the master key and of its
 * salt).  Those after AEAD_AES_256_GCM cannot be read: of AES with 192 bits, libsrtp2 derives other
 * keys than RFC 6188 says. */
/* clang-format off */
#define SRTP_SUITES(X)                                                                             \
  X(AES_CM_128_80, "AES_CM_128_HMAC_SHA1_80", 16, 14)                                              \
  X(AES_CM_128_32, "AES_CM_128_HMAC_SHA1_32", 16, 14)                                              \
  X(AES_256_CM_80, "AES_256_CM_HMAC_SHA1_80", 32, 14)                                              \
  X(AES_256_CM_32, "AES_256_CM_HMAC_SHA1_32", 32, 14)                                              \
  X(AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16, 12)                                                  \
  X(AEAD_AES_256_GCM, "AEAD_AES_256_GCM", 32, 12)                                                  \
  X(AES_192_CM_80, "AES_192_CM_HMAC_SHA1_80", 24, 14)                                              \
  X(AES_192_CM_32, "AES_192_CM_HMAC_SHA1_32", 24, 14)                                              \
  X(F8_128_80, "F8_128_HMAC_SHA1_80", 16, 14)                                                      \
  X(SEED_CTR_128_80, "SEED_CTR_128_HMAC_SHA1_80", 16, 14)                                          \
  X(SEED_128_CCM_80, "SEED_128_CCM_80", 16, 12)                                                    \
  X(SEED_128_GCM_96, "SEED_128_GCM_96", 16, 12)                                                    \
  X(OTHER, "an unknown suite", 0, 0)
/* clang-format on */

typedef enum {
#define SRTP_SUITE_ENUM(id, name, key, salt) SRTP_##id,
  SRTP_SUITES(SRTP_SUITE_ENUM)
#undef SRTP_SUITE_ENUM
    SRTP_SUITE_COUNT,
} SrtpSuite;

typedef struct {
  const char *name;
  uint8_t key_len, salt_len;
} SrtpSuiteRow;

const SrtpSuiteRow *srtp_suite_row(SrtpSuite suite);

/* Also by names that are in use for the same; SRTP_OTHER when it is none. */
SrtpSuite srtp_suite_find(Slice name);

static inline bool srtp_suite_is_readable(SrtpSuite suite)
{
  return suite < SRTP_AES_192_CM_80;
}

enum { SRTP_MASTER_MAX = 46, SRTP_MKI_BYTES = 8 };

/* A master key.  Whoever holds one wipes it. */
typedef struct {
  uint8_t suite;                    /* SrtpSuite */
  bool is_plain_rtp, is_plain_rtcp; /* authenticated, not encrypted */
  uint8_t mki_len;                  /* 0: packets have none */
  uint8_t mki[SRTP_MKI_BYTES];
  uint8_t master[SRTP_MASTER_MAX]; /* the key, then the salt; as long as the suite says */
} SrtpKey;

/* The key of an SRTP protection profile (RFC 5764 4.1.2, RFC 7714 14.2), with its salt after it;
 * false when the profile is not known.  `mki` may be empty. */
bool srtp_key_of_profile(uint16_t profile, Slice master, Slice mki, SrtpKey *ret_key);

/* Before a thread uses it that may open no file: another thread loads it, once it is needed. */
void srtp_library_prepare(void);

/* The library and its version; NULL when there is none. */
const char *srtp_library_name(void);

/* Some libraries lack some suites. */
bool srtp_library_has(SrtpSuite suite);

/* What one SSRC sends, with one key. */
typedef struct SrtpContext SrtpContext;

/* NULL when the library does not have the suite. */
SrtpContext *srtp_context_new(const SrtpKey *key, uint32_t ssrc);
void srtp_context_free(SrtpContext *context);

/* Opens a packet of RTP in place; *len becomes that of the packet in clear.  False when it is not
 * authentic (another key or rollover counter, changed on the way) or was opened before; then it may
 * be spoiled.  `packet` is aligned as malloc does. */
bool srtp_context_open(SrtpContext *context, uint8_t *packet, size_t *len);

/* The same of RTCP. */
bool srtp_context_open_control(SrtpContext *context, uint8_t *packet, size_t *len);

/* Of the next packet: the rollover counter (RFC 3711 3.3.1). */
void srtp_context_set_rollover(SrtpContext *context, uint32_t counter);

/* Of the last packet that was opened. */
uint32_t srtp_context_rollover(const SrtpContext *context);
