#include "tests/bench/gen_tls.h"

TlsPair *tls_pair_new(FILE *key_log, TlsSend send, void *user)
{
  (void) key_log, (void) send, (void) user;
  return NULL;
}

bool tls_pair_write(TlsPair *pair, bool by_client, const void *data, size_t len)
{
  (void) pair, (void) by_client, (void) data, (void) len;
  return false;
}

void tls_pair_free(TlsPair *pair)
{
  (void) pair;
}
