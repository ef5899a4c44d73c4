#include "dissect/media/srtp_crypto.h"

#include <string.h>

#include <glib.h>

static const SrtpSuiteRow ROWS[] = {
#define SRTP_SUITE_ROW(id, name, key, salt) [SRTP_##id] = {name, key, salt},
  SRTP_SUITES(SRTP_SUITE_ROW)
#undef SRTP_SUITE_ROW
};

/* As drafts of RFC 6188 called them; widely used. */
static const struct {
  const char *name;
  SrtpSuite suite;
} OLD_NAMES[] = {
  {"AES_CM_256_HMAC_SHA1_80", SRTP_AES_256_CM_80},
  {"AES_CM_256_HMAC_SHA1_32", SRTP_AES_256_CM_32},
};

const SrtpSuiteRow *srtp_suite_row(SrtpSuite suite)
{
  return &ROWS[suite];
}

SrtpSuite srtp_suite_find(Slice name)
{
  for (SrtpSuite suite = 0; suite < SRTP_OTHER; suite++)
    if (slice_eq_nocase(name, slice_from_string(ROWS[suite].name)))
      return suite;
  for (size_t i = 0; i < G_N_ELEMENTS(OLD_NAMES); i++)
    if (slice_eq_nocase(name, slice_from_string(OLD_NAMES[i].name)))
      return OLD_NAMES[i].suite;
  return SRTP_OTHER;
}

bool srtp_key_of_profile(uint16_t profile, Slice master, Slice mki, SrtpKey *ret_key)
{
  static const struct {
    uint16_t profile;
    SrtpSuite suite;
    bool is_plain;
  } PROFILES[] = {
    {0x0001, SRTP_AES_CM_128_80, false},    {0x0002, SRTP_AES_CM_128_32, false},
    {0x0005, SRTP_AES_CM_128_80, true},     {0x0006, SRTP_AES_CM_128_32, true},
    {0x0007, SRTP_AEAD_AES_128_GCM, false}, {0x0008, SRTP_AEAD_AES_256_GCM, false},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(PROFILES); i++) {
    const SrtpSuiteRow *row = &ROWS[PROFILES[i].suite];
    if (PROFILES[i].profile != profile || master.len != (size_t) row->key_len + row->salt_len ||
        mki.len > SRTP_MKI_BYTES)
      continue;
    *ret_key = (SrtpKey){.suite = (uint8_t) PROFILES[i].suite,
                         .is_plain_rtp = PROFILES[i].is_plain,
                         .is_plain_rtcp = PROFILES[i].is_plain,
                         .mki_len = (uint8_t) mki.len};
    memcpy(ret_key->master, master.data, master.len);
    if (mki.len > 0)
      memcpy(ret_key->mki, mki.data, mki.len);
    return true;
  }
  return false;
}
