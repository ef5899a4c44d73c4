#include "dissect/verify/crypto.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { COORDINATE_LEN = 32, DER_MAX = 80 };

bool verify_has_crypto(void)
{
  return true;
}

void verify_wipe(void *memory, size_t len)
{
  OPENSSL_cleanse(memory, len);
}

/* --- Certificates ----------------------------------------------------------------------------- */

static int64_t seconds_of(const ASN1_TIME *time)
{
  g_autoptr(GDateTime) date = NULL;
  struct tm tm;

  if (ASN1_TIME_to_tm(time, &tm) != 1)
    return 0;
  date = g_date_time_new_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                             tm.tm_sec);
  return date ? g_date_time_to_unix(date) : 0;
}

static char *subject_of(const X509 *x509)
{
  BIO *out = BIO_new(BIO_s_mem());
  char *text = NULL;

  X509_NAME_print_ex(out, X509_get_subject_name(x509), 0, XN_FLAG_RFC2253);
  long len = BIO_get_mem_data(out, &text);
  char *subject = g_strndup(text, len > 0 ? (gsize) len : 0);
  BIO_free(out);
  return subject;
}

static bool is_p256(const EVP_PKEY *key)
{
  char group[32] = "";

  return key && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
         (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0);
}

void verify_certificate_free(VerifyCertificate *certificate)
{
  EVP_PKEY_free((EVP_PKEY *) certificate->key);
  g_free(certificate->subject);
  g_free(certificate);
}

unsigned verify_certificates_read(Slice pem, GPtrArray *to)
{
  BIO *in = BIO_new_mem_buf(pem.data, (int) MIN(pem.len, (size_t) G_MAXINT));
  unsigned others = 0;
  X509 *x509;

  while ((x509 = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
    EVP_PKEY *key = X509_get_pubkey(x509);
    if (is_p256(key)) {
      VerifyCertificate *certificate = g_new0(VerifyCertificate, 1);
      certificate->key = (VerifyKey *) key;
      certificate->subject = subject_of(x509);
      certificate->from_s = seconds_of(X509_get0_notBefore(x509));
      certificate->until_s = seconds_of(X509_get0_notAfter(x509));
      g_ptr_array_add(to, certificate);
    } else {
      EVP_PKEY_free(key);
      others++;
    }
    X509_free(x509);
  }
  BIO_free(in);
  return others;
}

/* --- Signatures ------------------------------------------------------------------------------- */

/* r and s as ECDSA-Sig-Value (RFC 3279 2.2.3); 0: they are none. */
static size_t encode_signature(Slice signature, unsigned char ret_der[DER_MAX])
{
  const unsigned char *bytes = (const unsigned char *) signature.data;
  ECDSA_SIG *pair = ECDSA_SIG_new();
  unsigned char *at = ret_der;

  ECDSA_SIG_set0(pair, BN_bin2bn(bytes, COORDINATE_LEN, NULL),
                 BN_bin2bn(bytes + COORDINATE_LEN, COORDINATE_LEN, NULL));
  int len = i2d_ECDSA_SIG(pair, NULL);
  if (len > 0 && len <= DER_MAX)
    len = i2d_ECDSA_SIG(pair, &at);
  ECDSA_SIG_free(pair);
  return len > 0 && len <= DER_MAX ? (size_t) len : 0;
}

bool verify_es256(VerifyKey *key, Slice text, Slice signature)
{
  unsigned char der[DER_MAX];

  if (signature.len != 2 * (size_t) COORDINATE_LEN)
    return false;
  size_t len = encode_signature(signature, der);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool ok = len > 0 &&
            EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, (EVP_PKEY *) key) == 1 &&
            EVP_DigestVerify(context, der, len, (const unsigned char *) text.data, text.len) == 1;
  EVP_MD_CTX_free(context);
  return ok;
}

/* --- Hashes ----------------------------------------------------------------------------------- */

bool verify_sha512_256(Slice bytes, char ret_hex[VERIFY_HASH_HEX_MAX + 1])
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;

  if (EVP_Digest(bytes.data, bytes.len, digest, &len, EVP_sha512_256(), NULL) != 1 ||
      len != VERIFY_HASH_HEX_MAX / 2)
    return false;
  for (unsigned i = 0; i < len; i++) {
    ret_hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    ret_hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
  ret_hex[VERIFY_HASH_HEX_MAX] = '\0';
  return true;
}
