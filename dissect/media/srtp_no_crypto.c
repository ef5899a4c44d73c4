/* SrtpCrypto in a build without libsrtp2: nothing can be opened. */
#include "dissect/media/srtp_crypto.h"

const char *srtp_library_name(void)
{
  return NULL;
}

void srtp_library_prepare(void)
{
}

bool srtp_library_has(SrtpSuite suite)
{
  (void) suite;
  return false;
}

SrtpContext *srtp_context_new(const SrtpKey *key, uint32_t ssrc)
{
  (void) key, (void) ssrc;
  return NULL;
}

void srtp_context_free(SrtpContext *context)
{
  (void) context;
}

bool srtp_context_open(SrtpContext *context, uint8_t *packet, size_t *len)
{
  (void) context, (void) packet, (void) len;
  return false;
}

bool srtp_context_open_control(SrtpContext *context, uint8_t *packet, size_t *len)
{
  (void) context, (void) packet, (void) len;
  return false;
}

void srtp_context_set_rollover(SrtpContext *context, uint32_t counter)
{
  (void) context, (void) counter;
}

uint32_t srtp_context_rollover(const SrtpContext *context)
{
  (void) context;
  return 0;
}
