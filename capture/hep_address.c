#include "capture/hep_address.h"

#include <netdb.h>
#include <string.h>

#include "capture/error.h"

/* A host of IPv6 may be in brackets. */
static bool split(const char *text, bool *ret_is_stream, char **ret_host, char **ret_port)
{
  bool is_tcp = g_str_has_prefix(text, "tcp:"), is_udp = g_str_has_prefix(text, "udp:");
  const char *host = text + strlen("udp:"), *colon = strrchr(text, ':');

  if ((!is_tcp && !is_udp) || colon < host || colon[1] == '\0')
    return false;
  size_t len = (size_t) (colon - host);
  bool is_bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';
  *ret_is_stream = is_tcp;
  *ret_host = is_bracketed ? g_strndup(host + 1, len - 2) : g_strndup(host, len);
  *ret_port = g_strdup(colon + 1);
  return true;
}

bool hep_address_find(const char *text, const char *option, bool is_listener, bool *ret_is_stream,
                      struct sockaddr_storage *ret_address, socklen_t *ret_len, GError **error)
{
  g_autofree char *host = NULL, *port = NULL;
  struct addrinfo hints = {.ai_flags = AI_NUMERICSERV}, *found = NULL;

  if (!split(text, ret_is_stream, &host, &port) || (!is_listener && *host == '\0')) {
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                "%s needs udp:HOST:PORT or tcp:HOST:PORT, not '%s'", option, text);
    return false;
  }
  hints.ai_flags |= is_listener ? AI_PASSIVE : 0;
  hints.ai_socktype = *ret_is_stream ? SOCK_STREAM : SOCK_DGRAM;
  int result = getaddrinfo(*host ? host : NULL, port, &hints, &found);
  if (result != 0) {
    g_set_error(error, APP_ERROR, APP_ERROR_IO, "%s: %s", text, gai_strerror(result));
    return false;
  }
  memset(ret_address, 0, sizeof *ret_address);
  memcpy(ret_address, found->ai_addr, found->ai_addrlen);
  *ret_len = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}
