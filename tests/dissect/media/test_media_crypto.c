/* a=crypto: which keys it gives, and what is said where it gives none. */
#include "tests/test.h"

#include "dissect/media/media_crypto.h"

/* 30 bytes: 0, 1, ... 29; and 28, for AEAD */
#define KEY30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define KEY28 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw"

typedef struct {
  const char *value;
  size_t count;           /* of what is read */
  const char *unreadable; /* of the first */
  uint32_t tag;
  SrtpSuite suite;
  uint8_t mki_len, mki_last; /* of the last */
} Case;

static const Case CASES[] = {
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30, 1, NULL, 1, SRTP_AES_CM_128_80, 0, 0},
  {"7 aes_cm_128_hmac_sha1_32 INLINE:" KEY30 "|2^20", 1, NULL, 7, SRTP_AES_CM_128_32, 0, 0},
  {" 2  AEAD_AES_128_GCM inline:" KEY28 "|2^20|9:1", 1, NULL, 2, SRTP_AEAD_AES_128_GCM, 1, 9},
  {"2 AEAD_AES_128_GCM inline:" KEY28 "==|9:4", 1, NULL, 2, SRTP_AEAD_AES_128_GCM, 4, 9},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|1:1;inline:" KEY30 "|258:2 KDR=0 WSH=64", 2, NULL, 1,
   SRTP_AES_CM_128_80, 2, 2},
  {"1 AES_CM_128_HMAC_SHA1_80 other:x;inline:" KEY30, 1, NULL, 1, SRTP_AES_CM_128_80, 0, 0},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY28, 1, "a malformed key", 1, SRTP_AES_CM_128_80, 0, 0},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:", 1, "a malformed key", 1, SRTP_AES_CM_128_80, 0, 0},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|256:1", 1, "a malformed key", 1, SRTP_AES_CM_128_80,
   0, 0},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|1:9", 1, "a malformed key", 1, SRTP_AES_CM_128_80, 0,
   0},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 "|2^99", 1, "a malformed key", 1, SRTP_AES_CM_128_80,
   0, 0},
  {"1 F8_128_HMAC_SHA1_80 inline:" KEY30, 1, "F8_128_HMAC_SHA1_80", 1, SRTP_F8_128_80, 0, 0},
  {"1 SUITE inline:" KEY30, 1, "an unknown suite", 1, SRTP_OTHER, 0, 0},
  {"1 AES_CM_128_HMAC_SHA1_80 inline:" KEY30 " KDR=4", 1, "a key derivation rate (KDR)", 1,
   SRTP_AES_CM_128_80, 0, 0},
  {"1 AES_CM_128_HMAC_SHA1_80", 0, NULL, 0, 0, 0, 0},
  {"x AES_CM_128_HMAC_SHA1_80 inline:" KEY30, 0, NULL, 0, 0, 0, 0},
  {"", 0, NULL, 0, 0, 0, 0},
};

static void check(const Case *c)
{
  Slice value = exact_slice(slice_from_string(c->value));
  MediaCrypto cryptos[MEDIA_CRYPTO_KEYS_MAX];
  size_t count = media_crypto_read(value, cryptos);
  const SrtpSuiteRow *row = srtp_suite_row(c->suite);

  g_free((void *) (uintptr_t) value.data);
  if (count != c->count)
    fail_msg("%s: %zu", c->value, count);
  if (count == 0)
    return;
  const MediaCrypto *read = &cryptos[count - 1];
  if (g_strcmp0(read->unreadable, c->unreadable) != 0 || read->tag != c->tag ||
      read->key.suite != c->suite)
    fail_msg("%s: %s", c->value, read->unreadable ? read->unreadable : "can be read");
  if (c->unreadable)
    return;
  assert_int_equal(read->key.master[1], 1);
  assert_int_equal(read->key.master[row->key_len + row->salt_len - 1],
                   row->key_len + row->salt_len - 1);
  assert_int_equal(read->key.mki_len, c->mki_len);
  assert_int_equal(c->mki_len > 0 ? read->key.mki[c->mki_len - 1] : 0, c->mki_last);
}

static void test_values(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check(&CASES[i]);
}

/* The first are read; what is cut reads nothing that is not there. */
static void test_hostile(void **state)
{
  MediaCrypto cryptos[MEDIA_CRYPTO_KEYS_MAX];
  g_autoptr(GString) many = g_string_new("1 AES_CM_128_HMAC_SHA1_80 ");

  (void) state;
  for (unsigned i = 0; i < 3 * MEDIA_CRYPTO_KEYS_MAX; i++)
    g_string_append_printf(many, "inline:" KEY30 "|%u:1;", i);
  assert_int_equal(media_crypto_read(slice_of(many->str, many->len), cryptos),
                   MEDIA_CRYPTO_KEYS_MAX);
  for (size_t len = 0; len < many->len; len++) {
    Slice cut = exact_slice(slice_of(many->str, len));
    assert_in_range(media_crypto_read(cut, cryptos), 0, MEDIA_CRYPTO_KEYS_MAX);
    g_free((void *) (uintptr_t) cut.data);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_hostile)};

  return cmocka_run_group_tests(tests, NULL, NULL);
}
