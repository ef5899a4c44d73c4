/*
 * A connection in TLS 1.2 between a client and a server that exist only in memory, for gen.c.  The
 * secrets go into a key log, as a client writes it for SSLKEYLOGFILE.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct TlsPair TlsPair;

/* What a side sends; `data` are records, valid during the call. */
typedef void (*TlsSend)(void *user, bool by_client, const void *data, size_t len);

/* Connects at once.  NULL without OpenSSL, or if that fails. */
TlsPair *tls_pair_new(FILE *key_log, TlsSend send, void *user);
bool tls_pair_write(TlsPair *pair, bool by_client, const void *data, size_t len);
void tls_pair_free(TlsPair *pair);
