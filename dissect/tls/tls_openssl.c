/* TlsCrypto by OpenSSL's libcrypto: key derivation, private keys and certificates. */
#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "dissect/tls/tls_crypto.h"
#include "dissect/tls/tls_openssl.h"

const char *tls_crypto_library(void)
{
  return OpenSSL_version(OPENSSL_VERSION);
}

void tls_crypto_init(void)
{
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

void tls_wipe(void *memory, size_t len)
{
  OPENSSL_cleanse(memory, len);
}

const char *tls_openssl_digest(TlsHash hash)
{
  static const char *const NAMES[] = {
    [TLS_HASH_MD5] = "MD5",       [TLS_HASH_SHA1] = "SHA1",         [TLS_HASH_SHA256] = "SHA256",
    [TLS_HASH_SHA384] = "SHA384", [TLS_HASH_MD5_SHA1] = "MD5-SHA1",
  };

  return NAMES[hash];
}

static OSSL_PARAM text_param(const char *key, const char *text)
{
  return OSSL_PARAM_construct_utf8_string(key, (char *) (uintptr_t) text, 0);
}

static OSSL_PARAM bytes_param(const char *key, const void *bytes, size_t len)
{
  return OSSL_PARAM_construct_octet_string(key, (void *) (uintptr_t) bytes, len);
}

static bool derive(const char *function, const OSSL_PARAM *params, uint8_t *ret_bytes, size_t len)
{
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, function, NULL);
  EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
  bool ok = context && EVP_KDF_derive(context, ret_bytes, len, params) == 1;

  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return ok;
}

bool tls_prf(TlsHash hash, Slice secret, const char *label, Slice seed, uint8_t *ret_bytes,
             size_t len)
{
  const OSSL_PARAM params[] = {
    text_param(OSSL_KDF_PARAM_DIGEST, tls_openssl_digest(hash)),
    bytes_param(OSSL_KDF_PARAM_SECRET, secret.data, secret.len),
    bytes_param(OSSL_KDF_PARAM_SEED, label, strlen(label)),
    bytes_param(OSSL_KDF_PARAM_SEED, seed.data, seed.len), /* they are put together */
    OSSL_PARAM_construct_end(),
  };

  return derive("TLS1-PRF", params, ret_bytes, len);
}

bool tls_expand(TlsHash hash, const TlsSecret *secret, const char *label, uint8_t *ret_bytes,
                size_t len)
{
  enum { LABEL_MAX = 32 };
  uint8_t info[4 + 6 + LABEL_MAX];
  size_t label_len = strlen(label), info_len = 0;
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;

  g_assert(label_len <= LABEL_MAX && len <= UINT8_MAX);
  info[info_len++] = 0;
  info[info_len++] = (uint8_t) len;
  info[info_len++] = (uint8_t) (6 + label_len);
  memcpy(info + info_len, "tls13 ", 6);
  memcpy(info + info_len + 6, label, label_len);
  info_len += 6 + label_len;
  info[info_len++] = 0; /* no context */
  const OSSL_PARAM params[] = {
    text_param(OSSL_KDF_PARAM_DIGEST, tls_openssl_digest(hash)),
    OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
    bytes_param(OSSL_KDF_PARAM_KEY, secret->bytes, secret->len),
    bytes_param(OSSL_KDF_PARAM_INFO, info, info_len),
    OSSL_PARAM_construct_end(),
  };
  return derive("HKDF", params, ret_bytes, len);
}

bool tls_digest(TlsHash hash, Slice bytes, uint8_t ret_digest[TLS_HASH_MAX])
{
  EVP_MD *type = EVP_MD_fetch(NULL, tls_openssl_digest(hash), NULL);
  unsigned len;
  bool ok = type && EVP_Digest(bytes.data, bytes.len, ret_digest, &len, type, NULL) == 1;

  EVP_MD_free(type);
  return ok;
}

/* --- Private keys ----------------------------------------------------------------------------- */

struct TlsPrivateKey {
  EVP_PKEY *key;
};

/* Nobody is asked for a passphrase. */
static int no_passphrase(char *to, int size, int writes, void *data)
{
  (void) to, (void) size, (void) writes, (void) data;
  return -1;
}

TlsPrivateKey *tls_private_key_read(Slice pem)
{
  BIO *in = pem.len > 0 && pem.len <= INT_MAX ? BIO_new_mem_buf(pem.data, (int) pem.len) : NULL;
  EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
  TlsPrivateKey *owner = NULL;

  BIO_free(in);
  if (key && EVP_PKEY_is_a(key, "RSA")) {
    owner = g_new0(TlsPrivateKey, 1);
    owner->key = key;
  } else {
    EVP_PKEY_free(key);
  }
  return owner;
}

void tls_private_key_free(TlsPrivateKey *key)
{
  EVP_PKEY_free(key->key); /* which wipes it */
  g_free(key);
}

bool tls_private_key_open(TlsPrivateKey *key, Slice encrypted, TlsSecret *ret_premaster)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
  uint8_t plain[1024]; /* a key of 8192 bits */
  size_t len = sizeof plain;

  bool ok =
    context && EVP_PKEY_decrypt_init(context) == 1 &&
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
    EVP_PKEY_get_size(key->key) <= (int) sizeof plain &&
    EVP_PKEY_decrypt(context, plain, &len, (const uint8_t *) encrypted.data, encrypted.len) == 1 &&
    len == TLS_MASTER_LEN && plain[0] == 3;
  if (ok) {
    ret_premaster->len = TLS_MASTER_LEN;
    memcpy(ret_premaster->bytes, plain, TLS_MASTER_LEN);
  }
  EVP_PKEY_CTX_free(context);
  tls_wipe(plain, sizeof plain);
  return ok;
}

/* --- Certificates ----------------------------------------------------------------------------- */

/* The name in one line, or NULL. */
static char *name_text(const X509_NAME *name)
{
  static const unsigned long FLAGS = XN_FLAG_RFC2253 & ~(unsigned long) ASN1_STRFLGS_ESC_MSB;
  enum { TEXT_MAX = 256 };
  BIO *out = BIO_new(BIO_s_mem());
  char *bytes = NULL, *text = NULL;

  if (out && X509_NAME_print_ex(out, name, 0, FLAGS) >= 0) {
    long len = BIO_get_mem_data(out, &bytes);
    text = g_utf8_make_valid(len > 0 ? bytes : "", len > 0 ? MIN(len, TEXT_MAX) : 0);
  }
  BIO_free(out);
  return text;
}

static bool read_time(const ASN1_TIME *time, int64_t *ret_seconds)
{
  struct tm parts;

  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return false;
  g_autoptr(GDateTime) date =
    g_date_time_new_utc(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                        parts.tm_min, parts.tm_sec);
  if (date)
    *ret_seconds = g_date_time_to_unix(date);
  return date != NULL;
}

bool tls_certificate_read(Slice der, TlsCertificate *ret_certificate)
{
  enum { DER_MAX = 64 * 1024 };
  const unsigned char *at = (const unsigned char *) der.data;
  TlsCertificate certificate = {0};

  if (der.len == 0 || der.len > DER_MAX)
    return false;
  X509 *x509 = d2i_X509(NULL, &at, (long) der.len);
  bool ok = x509 && read_time(X509_get0_notBefore(x509), &certificate.from_s) &&
            read_time(X509_get0_notAfter(x509), &certificate.until_s);
  if (ok) {
    certificate.subject = name_text(X509_get_subject_name(x509));
    certificate.issuer = name_text(X509_get_issuer_name(x509));
    *ret_certificate = certificate;
  }
  X509_free(x509);
  return ok;
}
