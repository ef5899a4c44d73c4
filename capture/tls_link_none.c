/* Without OpenSSL. */
#include <errno.h>

#include "capture/error.h"
#include "capture/language.h"
#include "capture/tls_link.h"

static TlsContext *fail(GError **error)
{
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, _("HEP over TLS: this build has no OpenSSL"));
  return NULL;
}

TlsContext *tls_context_new_server(const char *certificate, const char *key, GError **error)
{
  (void) certificate, (void) key;
  return fail(error);
}

TlsContext *tls_context_new_client(const char *authorities, GError **error)
{
  (void) authorities;
  return fail(error);
}

void tls_context_free(TlsContext *context)
{
  (void) context;
}

TlsLink *tls_link_new(TlsContext *context, int fd, const char *host)
{
  (void) context, (void) fd, (void) host;
  return NULL;
}

void tls_link_free(TlsLink *link)
{
  (void) link;
}

ssize_t tls_link_read(TlsLink *link, void *buffer, size_t len)
{
  (void) link, (void) buffer, (void) len;
  errno = EPROTO;
  return -1;
}

ssize_t tls_link_write(TlsLink *link, const void *bytes, size_t len)
{
  (void) link, (void) bytes, (void) len;
  errno = EPROTO;
  return -1;
}

const char *tls_link_fault(const TlsLink *link)
{
  (void) link;
  return NULL;
}
