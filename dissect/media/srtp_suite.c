#include "dissect/media/srtp_crypto.h"

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
