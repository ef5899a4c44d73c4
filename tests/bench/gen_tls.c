#include "tests/bench/gen_tls.h"

#include <openssl/ssl.h>
#include <stdlib.h>

/* No certificates: who speaks is not what is measured. */
static const char CIPHERS[] = "ADH-AES128-GCM-SHA256:@SECLEVEL=0";

struct TlsPair {
  SSL *sides[2]; /* server, client */
  FILE *key_log;
  TlsSend send;
  void *user;
};

static void log_key(const SSL *ssl, const char *line)
{
  const TlsPair *pair = SSL_get_app_data(ssl);

  fprintf(pair->key_log, "%s\n", line);
}

static SSL *side_new(TlsPair *pair, bool is_client)
{
  SSL_CTX *context = SSL_CTX_new(is_client ? TLS_client_method() : TLS_server_method());
  SSL *ssl = NULL;

  if (context && SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) == 1 &&
      SSL_CTX_set_cipher_list(context, CIPHERS) == 1 && SSL_CTX_set_dh_auto(context, 1) == 1) {
    if (is_client)
      SSL_CTX_set_keylog_callback(context, log_key);
    ssl = SSL_new(context);
  }
  SSL_CTX_free(context);
  if (!ssl)
    return NULL;
  SSL_set_app_data(ssl, pair);
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  is_client ? SSL_set_connect_state(ssl) : SSL_set_accept_state(ssl);
  return ssl;
}

/* What the side has written goes to the other one, too.  False: it has written nothing. */
static bool carry(TlsPair *pair, bool by_client)
{
  char *data;
  BIO *written = SSL_get_wbio(pair->sides[by_client]);
  long len = BIO_get_mem_data(written, &data);

  if (len <= 0)
    return false;
  pair->send(pair->user, by_client, data, (size_t) len);
  BIO_write(SSL_get_rbio(pair->sides[!by_client]), data, (int) len);
  (void) BIO_reset(written);
  return true;
}

static bool handshake(TlsPair *pair)
{
  bool goes_on = true;

  while (goes_on) {
    goes_on = false;
    for (int client = 1; client >= 0; client--) {
      SSL_do_handshake(pair->sides[client]);
      goes_on |= carry(pair, client);
    }
  }
  return SSL_is_init_finished(pair->sides[0]) && SSL_is_init_finished(pair->sides[1]);
}

TlsPair *tls_pair_new(FILE *key_log, TlsSend send, void *user)
{
  TlsPair *pair = calloc(1, sizeof *pair);

  if (!pair)
    return NULL;
  *pair = (TlsPair){.key_log = key_log, .send = send, .user = user};
  for (int client = 0; client < 2; client++)
    pair->sides[client] = side_new(pair, client);
  if (pair->sides[0] && pair->sides[1] && handshake(pair))
    return pair;
  tls_pair_free(pair);
  return NULL;
}

bool tls_pair_write(TlsPair *pair, bool by_client, const void *data, size_t len)
{
  char read[4096];

  if (SSL_write(pair->sides[by_client], data, (int) len) != (int) len || !carry(pair, by_client))
    return false;
  while (SSL_read(pair->sides[!by_client], read, sizeof read) > 0)
    ;
  return true;
}

void tls_pair_free(TlsPair *pair)
{
  if (!pair)
    return;
  SSL_free(pair->sides[0]);
  SSL_free(pair->sides[1]);
  free(pair);
}
