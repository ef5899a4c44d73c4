#include "capture/hep_address.h"

#include <netdb.h>
#include <string.h>

#include "capture/error.h"
#include "capture/language.h"

/* A host of IPv6 may be in brackets. */
static bool split(const char *text, HepAddress *ret_address, char **ret_port)
{
  bool is_tcp = g_str_has_prefix(text, "tcp:"), is_udp = g_str_has_prefix(text, "udp:");
  bool is_tls = g_str_has_prefix(text, "tls:");
  const char *host = text + strlen("udp:"), *colon = strrchr(text, ':');

  if ((!is_tcp && !is_udp && !is_tls) || colon < host || colon[1] == '\0')
    return false;
  size_t len = (size_t) (colon - host);
  bool is_bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';
  ret_address->is_stream = is_tcp || is_tls;
  ret_address->is_tls = is_tls;
  ret_address->host = is_bracketed ? g_strndup(host + 1, len - 2) : g_strndup(host, len);
  *ret_port = g_strdup(colon + 1);
  return true;
}

bool hep_address_find(const char *text, const char *option, bool is_listener,
                      HepAddress *ret_address, GError **error)
{
  g_autofree char *port = NULL;
  struct addrinfo hints = {.ai_flags = AI_NUMERICSERV}, *found = NULL;
  HepAddress address = {0};

  if (!split(text, &address, &port) || (!is_listener && *address.host == '\0')) {
    g_free(address.host);
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                _("%s needs udp:HOST:PORT, tcp:HOST:PORT or tls:HOST:PORT, not '%s'"), option,
                text);
    return false;
  }
  hints.ai_flags |= is_listener ? AI_PASSIVE : 0;
  hints.ai_socktype = address.is_stream ? SOCK_STREAM : SOCK_DGRAM;
  int result = getaddrinfo(*address.host ? address.host : NULL, port, &hints, &found);
  if (result != 0) {
    g_free(address.host);
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", text, gai_strerror(result));
    return false;
  }
  memcpy(&address.address, found->ai_addr, found->ai_addrlen);
  address.len = found->ai_addrlen;
  freeaddrinfo(found);
  *ret_address = address;
  return true;
}
