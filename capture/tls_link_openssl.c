/* TlsLink by OpenSSL's libssl. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/tls_link.h"

struct TlsContext {
  SSL_CTX *ssl;
};

struct TlsLink {
  SSL *ssl;
  const char *fault; /* of OpenSSL's texts, which are constant */
};

/* The first one says most: later ones are of callers. */
static const char *first_fault(void)
{
  unsigned long code = ERR_peek_error();
  const char *reason =
    ERR_SYSTEM_ERROR(code) ? g_strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);

  ERR_clear_error();
  return reason ? reason : _("the connection was closed");
}

static TlsContext *context_new(const SSL_METHOD *method)
{
  SSL_CTX *ssl = SSL_CTX_new(method);
  TlsContext *context = g_new(TlsContext, 1);

  ERR_clear_error();
  g_assert(ssl); /* no memory */
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  context->ssl = ssl;
  return context;
}

static TlsContext *fail(TlsContext *context, const char *path, const char *what, GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_IO, _("%s: cannot use the %s for TLS: %s"), path, what,
              first_fault());
  tls_context_free(context);
  return NULL;
}

TlsContext *tls_context_new_server(const char *certificate, const char *key, GError **error)
{
  TlsContext *context = context_new(TLS_server_method());
  const char *key_file = key ? key : certificate;

  SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context->ssl, 0);
  /* what comes over it says itself where it ends */
  SSL_CTX_set_options(context->ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (SSL_CTX_use_certificate_chain_file(context->ssl, certificate) != 1)
    return fail(context, certificate, _("certificate"), error);
  if (SSL_CTX_use_PrivateKey_file(context->ssl, key_file, SSL_FILETYPE_PEM) != 1)
    return fail(context, key_file, _("private key"), error);
  return context;
}

TlsContext *tls_context_new_client(const char *authorities, GError **error)
{
  TlsContext *context = context_new(TLS_client_method());
  int ok = authorities ? SSL_CTX_load_verify_file(context->ssl, authorities)
                       : SSL_CTX_set_default_verify_paths(context->ssl);

  if (ok != 1)
    return fail(context, authorities ? authorities : _("this system"), _("authorities"), error);
  SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
  return context;
}

void tls_context_free(TlsContext *context)
{
  if (!context)
    return;
  SSL_CTX_free(context->ssl);
  g_free(context);
}

static bool is_address(const char *host)
{
  struct in6_addr address;

  return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* RFC 6066 3: an address is no server name. */
static bool expect_host(SSL *ssl, const char *host)
{
  if (is_address(host))
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
  return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

TlsLink *tls_link_new(TlsContext *context, int fd, const char *host)
{
  TlsLink *link = g_new0(TlsLink, 1);

  link->ssl = SSL_new(context->ssl);
  g_assert(link->ssl && SSL_set_fd(link->ssl, fd) == 1);
  if (!host)
    SSL_set_accept_state(link->ssl);
  else
    SSL_set_connect_state(link->ssl);
  if (host && !expect_host(link->ssl, host))
    link->fault = _("not a name of a host");
  return link;
}

void tls_link_free(TlsLink *link)
{
  if (!link)
    return;
  if (!link->fault)
    (void) SSL_shutdown(link->ssl);
  SSL_free(link->ssl);
  ERR_clear_error();
  g_free(link);
}

/* What the other end's certificate lacks says more than that verification failed. */
static void note_fault(TlsLink *link)
{
  long verdict = SSL_get_verify_result(link->ssl);
  const char *reason = first_fault();

  link->fault = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : reason;
}

static ssize_t result_of(TlsLink *link, int result)
{
  int code = SSL_get_error(link->ssl, result);

  if (result > 0)
    return result;
  if (code == SSL_ERROR_ZERO_RETURN)
    return 0;
  errno = EAGAIN;
  if (code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE) {
    note_fault(link);
    errno = EPROTO;
  }
  return -1;
}

ssize_t tls_link_read(TlsLink *link, void *buffer, size_t len)
{
  if (link->fault) {
    errno = EPROTO;
    return -1;
  }
  ERR_clear_error();
  return result_of(link, SSL_read(link->ssl, buffer, (int) MIN(len, (size_t) G_MAXINT)));
}

ssize_t tls_link_write(TlsLink *link, const void *bytes, size_t len)
{
  if (link->fault) {
    errno = EPROTO;
    return -1;
  }
  ERR_clear_error();
  ssize_t n = result_of(link, SSL_write(link->ssl, bytes, (int) MIN(len, (size_t) G_MAXINT)));
  if (n != 0)
    return n;
  errno = EPIPE; /* the other end closed it before */
  return -1;
}

const char *tls_link_fault(const TlsLink *link)
{
  return link->fault;
}
