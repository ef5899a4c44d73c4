/*
 * TlsKeys: the secrets of connections, by the random of their ClientHello: from NSS key logs
 * (draft-ietf-tls-keylogfile) and from the Decryption Secrets Blocks of pcapng, which have the same
 * lines.
 *
 * Bounded: at the limit the connection that was added first goes.  A secret that is given twice is
 * the last one.  Everything is wiped when it is dropped.
 */
#pragma once

#include <glib.h>

#include "dissect/tls/tls_crypto.h"
#include "dissect/tls/tls_hello.h"

typedef enum {
  TLS_MASTER,           /* TLS 1.2 and before */
  TLS_CLIENT_EARLY,     /* of TLS 1.3 all others */
  TLS_CLIENT_HANDSHAKE, /* the client's, and next to it the server's */
  TLS_SERVER_HANDSHAKE,
  TLS_CLIENT_TRAFFIC,
  TLS_SERVER_TRAFFIC,
  TLS_SECRET_KINDS,
} TlsSecretKind;

typedef struct TlsKeys TlsKeys;

enum { TLS_KEYS_MAX = 128 * 1024, TLS_KEY_LINE_MAX = 1024, TLS_PRIVATE_KEYS_MAX = 16 };

/* Of at most so many connections. */
TlsKeys *tls_keys_new(size_t connections_max);
void tls_keys_free(TlsKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsKeys, tls_keys_free)

/* What was wrong with the lines of a key log. */
typedef struct {
  uint64_t lines; /* that were read */
  uint64_t bad;   /* of those that are none of a key log */
  uint64_t first; /* number of the first of them, from 1 */
} TlsKeyLogFaults;

/* Takes lines; the last one need not end. */
void tls_keys_add(TlsKeys *keys, Slice lines, TlsKeyLogFaults *faults);

/* Adds an RSA private key; false when it is none, or when there are too many. */
bool tls_keys_add_private(TlsKeys *keys, Slice pem);
bool tls_keys_has_private(const TlsKeys *keys);

/* The premaster secret that one of the private keys opens. */
bool tls_keys_open_premaster(const TlsKeys *keys, Slice encrypted, TlsSecret *ret_premaster);

/* Adds a secret that was found out. */
void tls_keys_set(TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN], TlsSecretKind kind,
                  const TlsSecret *secret);

/* Grows with each secret that is added. */
uint64_t tls_keys_generation(const TlsKeys *keys);

/* Secrets of connections that were dropped at the limit. */
uint64_t tls_keys_dropped(const TlsKeys *keys);

/* Valid until secrets are added; NULL when it is not known. */
const TlsSecret *tls_keys_find(const TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN],
                               TlsSecretKind kind);

/* Appends the lines of a key log with all that is known of the connection.  The text is secret. */
void tls_keys_append_lines(const TlsKeys *keys, const uint8_t random[TLS_RANDOM_LEN], GString *to);
