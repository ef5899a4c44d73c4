/* A build without a library for cryptography: handshakes are read, nothing is decrypted. */
#include <string.h>

#include "dissect/tls/tls_crypto.h"

const char *tls_crypto_library(void)
{
  return NULL;
}

void tls_crypto_init(void)
{
}

void tls_wipe(void *memory, size_t len)
{
  explicit_bzero(memory, len);
}

bool tls_prf(TlsHash hash, Slice secret, const char *label, Slice seed, uint8_t *ret_bytes,
             size_t len)
{
  (void) hash, (void) secret, (void) label, (void) seed, (void) ret_bytes, (void) len;
  return false;
}

bool tls_expand(TlsHash hash, const TlsSecret *secret, const char *label, uint8_t *ret_bytes,
                size_t len)
{
  (void) hash, (void) secret, (void) label, (void) ret_bytes, (void) len;
  return false;
}

bool tls_digest(TlsHash hash, Slice bytes, uint8_t ret_digest[TLS_HASH_MAX])
{
  (void) hash, (void) bytes, (void) ret_digest;
  return false;
}

TlsPrivateKey *tls_private_key_read(Slice pem)
{
  (void) pem;
  return NULL;
}

void tls_private_key_free(TlsPrivateKey *key)
{
  (void) key;
}

bool tls_private_key_open(TlsPrivateKey *key, Slice encrypted, TlsSecret *ret_premaster)
{
  (void) key, (void) encrypted, (void) ret_premaster;
  return false;
}

TlsCipher *tls_cipher_new(const TlsCipherKeys *keys)
{
  (void) keys;
  return NULL;
}

void tls_cipher_free(TlsCipher *cipher)
{
  (void) cipher;
}

bool tls_cipher_open(TlsCipher *cipher, const TlsRecord *record, uint64_t seq, char *ret_content,
                     size_t *ret_len, uint8_t *ret_type)
{
  (void) cipher, (void) record, (void) seq, (void) ret_content, (void) ret_len, (void) ret_type;
  return false;
}

void tls_cipher_pass(TlsCipher *cipher, const TlsRecord *record)
{
  (void) cipher, (void) record;
}

bool tls_certificate_read(Slice der, TlsCertificate *ret_certificate)
{
  (void) der, (void) ret_certificate;
  return false;
}
