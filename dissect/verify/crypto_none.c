#include "dissect/verify/crypto.h"

bool verify_has_crypto(void)
{
  return false;
}

void verify_wipe(void *memory, size_t len)
{
  volatile char *at = memory;

  while (len-- > 0)
    *at++ = 0;
}

void verify_certificate_free(VerifyCertificate *certificate)
{
  g_free(certificate);
}

unsigned verify_certificates_read(Slice pem, GPtrArray *to)
{
  (void) pem, (void) to;
  return 0;
}

bool verify_es256(VerifyKey *key, Slice text, Slice signature)
{
  (void) key, (void) text, (void) signature;
  return false;
}

bool verify_sha512_256(Slice bytes, char ret_hex[VERIFY_HASH_HEX_MAX + 1])
{
  (void) bytes, (void) ret_hex;
  return false;
}
