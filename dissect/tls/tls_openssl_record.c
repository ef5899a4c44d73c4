/* TlsCipher by OpenSSL's libcrypto: AEAD (RFC 5246 6.2.3.3, RFC 8446 5.2), CBC with a MAC before or
 * after the encryption (RFC 5246 6.2.3.2, RFC 7366), and a MAC alone. */
#include <glib.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "dissect/tls/tls_crypto.h"
#include "dissect/tls/tls_openssl.h"

enum { NONCE_LEN = 12, EXPLICIT_LEN = 8, AAD_LEN = 13 };

struct TlsCipher {
  const TlsBulkRow *row;
  uint16_t version;
  bool encrypt_then_mac;
  EVP_CIPHER_CTX *cipher; /* NULL: none */
  EVP_MAC_CTX *mac;       /* NULL: AEAD */
  uint8_t mac_len;
  uint8_t iv[TLS_BLOCK_MAX];
};

static EVP_MAC_CTX *mac_new(TlsHash hash, const uint8_t *key)
{
  EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
  const OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                     (char *) (uintptr_t) tls_openssl_digest(hash), 0),
    OSSL_PARAM_construct_end(),
  };

  EVP_MAC_free(hmac);
  if (mac && EVP_MAC_init(mac, key, tls_hash_len(hash), params) != 1)
    g_clear_pointer(&mac, EVP_MAC_CTX_free);
  return mac;
}

static EVP_CIPHER_CTX *cipher_new(const TlsBulkRow *row, const uint8_t *key)
{
  EVP_CIPHER *type = EVP_CIPHER_fetch(NULL, row->cipher, NULL);
  EVP_CIPHER_CTX *cipher = type ? EVP_CIPHER_CTX_new() : NULL;
  bool ok = cipher && EVP_DecryptInit_ex(cipher, type, NULL, NULL, NULL) == 1;

  if (ok && row->mode != TLS_MODE_CBC)
    ok = EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_IVLEN, NONCE_LEN, NULL) == 1;
  if (ok && row->mode == TLS_MODE_CCM)
    ok = EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, row->tag_len, NULL) == 1;
  ok = ok && EVP_DecryptInit_ex(cipher, NULL, NULL, key, NULL) == 1;
  if (ok)
    EVP_CIPHER_CTX_set_padding(cipher, 0); /* is checked here */
  else
    g_clear_pointer(&cipher, EVP_CIPHER_CTX_free);
  EVP_CIPHER_free(type);
  return cipher;
}

TlsCipher *tls_cipher_new(const TlsCipherKeys *keys)
{
  const TlsBulkRow *row = tls_bulk(keys->suite->bulk);
  TlsCipher *cipher = g_new0(TlsCipher, 1);
  bool is_aead = row->tag_len > 0;

  cipher->row = row;
  cipher->version = keys->version;
  cipher->encrypt_then_mac = keys->encrypt_then_mac && row->mode == TLS_MODE_CBC;
  memcpy(cipher->iv, keys->iv, keys->version == TLS_1_3 ? NONCE_LEN : row->fixed_len);
  if (row->cipher)
    cipher->cipher = cipher_new(row, keys->key);
  if (!is_aead) {
    cipher->mac = mac_new(keys->suite->hash, keys->mac);
    cipher->mac_len = tls_hash_len(keys->suite->hash);
  }
  if ((row->cipher && !cipher->cipher) || (!is_aead && !cipher->mac))
    g_clear_pointer(&cipher, tls_cipher_free);
  return cipher;
}

void tls_cipher_free(TlsCipher *cipher)
{
  if (!cipher)
    return;
  EVP_CIPHER_CTX_free(cipher->cipher); /* wipes the keys, as the next does */
  EVP_MAC_CTX_free(cipher->mac);
  tls_wipe(cipher, sizeof *cipher);
  g_free(cipher);
}

static void put_be(uint8_t *to, uint64_t value, size_t len)
{
  while (len-- > 0) {
    to[len] = (uint8_t) value;
    value >>= 8;
  }
}

/* seq_num, type, version, length (RFC 5246 6.2.3.1). */
static void put_pseudo_header(const TlsRecord *record, uint64_t seq, size_t len,
                              uint8_t to[AAD_LEN])
{
  put_be(to, seq, 8);
  memcpy(to + 8, record->header, 3);
  put_be(to + 11, len, 2);
}

/* --- AEAD ------------------------------------------------------------------------------------- */

typedef struct {
  uint8_t nonce[NONCE_LEN];
  uint8_t aad[AAD_LEN];
  int aad_len;
  const uint8_t *text, *tag;
  int len; /* of the text */
} Sealed;

static bool take_apart(const TlsCipher *cipher, const TlsRecord *record, uint64_t seq,
                       Sealed *ret_sealed)
{
  bool is_explicit = cipher->version != TLS_1_3 && cipher->row->mode != TLS_MODE_CHACHA;
  size_t before = is_explicit ? EXPLICIT_LEN : 0, tag_len = cipher->row->tag_len;
  const uint8_t *body = (const uint8_t *) record->body.data;
  uint8_t number[8];

  if (record->body.len < before + tag_len)
    return false;
  size_t len = record->body.len - before - tag_len;
  memcpy(ret_sealed->nonce, cipher->iv, NONCE_LEN);
  put_be(number, seq, sizeof number);
  if (is_explicit)
    memcpy(ret_sealed->nonce + NONCE_LEN - EXPLICIT_LEN, body, EXPLICIT_LEN);
  for (size_t i = 0; i < sizeof number && !is_explicit; i++)
    ret_sealed->nonce[NONCE_LEN - sizeof number + i] ^= number[i];
  ret_sealed->aad_len = cipher->version == TLS_1_3 ? TLS_HEADER_LEN : AAD_LEN;
  if (cipher->version == TLS_1_3)
    memcpy(ret_sealed->aad, record->header, TLS_HEADER_LEN);
  else
    put_pseudo_header(record, seq, len, ret_sealed->aad);
  ret_sealed->text = body + before;
  ret_sealed->len = (int) len;
  ret_sealed->tag = body + before + len;
  return true;
}

static bool open_aead(TlsCipher *cipher, const Sealed *sealed, char *ret_content)
{
  void *tag = (void *) (uintptr_t) sealed->tag;
  EVP_CIPHER_CTX *c = cipher->cipher;
  bool is_ccm = cipher->row->mode == TLS_MODE_CCM;
  uint8_t *to = (uint8_t *) ret_content;
  int n, tag_len = cipher->row->tag_len;

  if (EVP_DecryptInit_ex(c, NULL, NULL, NULL, sealed->nonce) != 1 ||
      EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, tag_len, tag) != 1)
    return false;
  /* CCM must know all lengths before. */
  if (is_ccm && EVP_DecryptUpdate(c, NULL, &n, NULL, sealed->len) != 1)
    return false;
  if (EVP_DecryptUpdate(c, NULL, &n, sealed->aad, sealed->aad_len) != 1 ||
      EVP_DecryptUpdate(c, to, &n, sealed->text, sealed->len) != 1)
    return false;
  return is_ccm || EVP_DecryptFinal_ex(c, to + n, &n) == 1;
}

/* TLSInnerPlaintext: content, type, zeros (RFC 8446 5.2). */
static bool unpad_inner(const char *content, size_t *len, uint8_t *ret_type)
{
  while (*len > 0 && content[*len - 1] == 0)
    --*len;
  if (*len == 0)
    return false;
  *ret_type = (uint8_t) content[--*len];
  return true;
}

/* --- CBC, and a MAC alone --------------------------------------------------------------------- */

/* Is `mac` that of the bytes? */
static bool check_mac(TlsCipher *cipher, const TlsRecord *record, uint64_t seq, Slice bytes,
                      const uint8_t *mac)
{
  uint8_t header[AAD_LEN], own[TLS_HASH_MAX];
  size_t len;

  put_pseudo_header(record, seq, bytes.len, header);
  return EVP_MAC_init(cipher->mac, NULL, 0, NULL) == 1 &&
         EVP_MAC_update(cipher->mac, header, sizeof header) == 1 &&
         EVP_MAC_update(cipher->mac, (const uint8_t *) bytes.data, bytes.len) == 1 &&
         EVP_MAC_final(cipher->mac, own, &len, sizeof own) == 1 && memcmp(own, mac, len) == 0;
}

/* All bytes of the padding are its length; what is left, or false. */
static bool unpad_cbc(const uint8_t *text, size_t *len)
{
  size_t padding = (size_t) text[*len - 1] + 1;

  if (padding > *len)
    return false;
  for (size_t i = *len - padding; i < *len; i++)
    if (text[i] != padding - 1)
      return false;
  *len -= padding;
  return true;
}

static bool decrypt_cbc(TlsCipher *cipher, Slice text, char *ret_content, size_t *ret_len)
{
  size_t block = cipher->row->fixed_len;
  const uint8_t *iv = cipher->iv, *from = (const uint8_t *) text.data;
  uint8_t *to = (uint8_t *) ret_content;
  int n;

  if (cipher->version >= TLS_1_1) { /* RFC 4346 6.2.3.2: it comes with the record */
    iv = from;
    from += block;
    if (text.len < block)
      return false;
    text.len -= block;
  }
  if (text.len == 0 || text.len % block != 0)
    return false;
  *ret_len = text.len;
  return EVP_DecryptInit_ex(cipher->cipher, NULL, NULL, NULL, iv) == 1 &&
         EVP_DecryptUpdate(cipher->cipher, to, &n, from, (int) text.len) == 1 &&
         unpad_cbc(to, ret_len);
}

static bool open_cbc(TlsCipher *cipher, const TlsRecord *record, uint64_t seq, char *ret_content,
                     size_t *ret_len)
{
  size_t mac_len = cipher->mac_len, len = 0;
  Slice text = record->body;

  if (text.len < mac_len)
    return false;
  if (cipher->encrypt_then_mac) {
    text.len -= mac_len;
    return check_mac(cipher, record, seq, text, (const uint8_t *) text.data + text.len) &&
           decrypt_cbc(cipher, text, ret_content, ret_len);
  }
  if (!decrypt_cbc(cipher, text, ret_content, &len) || len < mac_len)
    return false;
  len -= mac_len;
  *ret_len = len;
  return check_mac(cipher, record, seq, slice_of(ret_content, len),
                   (const uint8_t *) ret_content + len);
}

static bool open_plain(TlsCipher *cipher, const TlsRecord *record, uint64_t seq, char *ret_content,
                       size_t *ret_len)
{
  Slice text = record->body;

  if (text.len < cipher->mac_len)
    return false;
  text.len -= cipher->mac_len;
  memcpy(ret_content, text.data, text.len);
  *ret_len = text.len;
  return check_mac(cipher, record, seq, text, (const uint8_t *) text.data + text.len);
}

bool tls_cipher_open(TlsCipher *cipher, const TlsRecord *record, uint64_t seq, char *ret_content,
                     size_t *ret_len, uint8_t *ret_type)
{
  uint8_t type = record->type;
  size_t len = 0;
  Sealed sealed;
  bool ok;

  if (cipher->row->mode == TLS_MODE_NONE)
    ok = open_plain(cipher, record, seq, ret_content, &len);
  else if (cipher->row->mode == TLS_MODE_CBC)
    ok = open_cbc(cipher, record, seq, ret_content, &len);
  else
    ok = take_apart(cipher, record, seq, &sealed) && open_aead(cipher, &sealed, ret_content);
  if (ok && cipher->row->tag_len > 0)
    len = (size_t) sealed.len;
  if (!ok || (cipher->version == TLS_1_3 && !unpad_inner(ret_content, &len, &type)))
    return false;
  tls_cipher_pass(cipher, record);
  *ret_len = len;
  *ret_type = type;
  return true;
}

void tls_cipher_pass(TlsCipher *cipher, const TlsRecord *record)
{
  size_t block = cipher->row->fixed_len, tail = cipher->encrypt_then_mac ? cipher->mac_len : 0;

  if (cipher->row->mode == TLS_MODE_CBC && cipher->version < TLS_1_1 &&
      record->body.len >= block + tail)
    memcpy(cipher->iv, record->body.data + record->body.len - tail - block, block);
}
