/*
 * TlsLink: TLS over a socket that does not wait, for HEP; by OpenSSL (tls_link_openssl.c), or, in a
 * build without it, by tls_link_none.c, where it cannot be had.
 *
 * A context reads its files when it is made; links need none.  Errors are as in recv(2).
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct TlsContext TlsContext;
typedef struct TlsLink TlsLink;

/* PEM.  The key may be in the file of the certificate: NULL. */
TlsContext *tls_context_new_server(const char *certificate, const char *key, GError **error);

/* The certificate of the server must be signed by one of `authorities` (PEM), or, for NULL, of the
 * system. */
TlsContext *tls_context_new_client(const char *authorities, GError **error);
void tls_context_free(TlsContext *context);

/* `host`: of the server, by which it must be named; NULL: this end is the server. */
TlsLink *tls_link_new(TlsContext *context, int fd, const char *host);
void tls_link_free(TlsLink *link); /* the socket stays open */

/* 0: the other end has closed it; -1 and errno, EAGAIN: nothing now, EPROTO: it failed. */
ssize_t tls_link_read(TlsLink *link, void *buffer, size_t len);

/* The same, but EPIPE where the other end has closed it; never 0. */
ssize_t tls_link_write(TlsLink *link, const void *bytes, size_t len);

/* Why it failed, for people; NULL: it did not. */
const char *tls_link_fault(const TlsLink *link);
