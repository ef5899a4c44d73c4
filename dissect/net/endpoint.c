#include "dissect/net/endpoint.h"

#include <arpa/inet.h>

static guint hash_endpoint(gconstpointer data)
{
  const Endpoint *endpoint = data;
  guint hash = endpoint->port;

  for (size_t i = 0; i < sizeof endpoint->address; i++)
    hash = hash * 31 + endpoint->address[i];
  return hash;
}

static gboolean equal_endpoints(gconstpointer a, gconstpointer b)
{
  return endpoint_eq(a, b);
}

GHashTable *endpoint_table_new(GDestroyNotify free_value)
{
  return g_hash_table_new_full(hash_endpoint, equal_endpoints, g_free, free_value);
}

char *endpoint_format_address(const Endpoint *endpoint, char text[ENDPOINT_TEXT_MAX])
{
  int family = endpoint->family == ADDRESS_IPV4 ? AF_INET : AF_INET6;

  if (endpoint->family == ADDRESS_NONE ||
      !inet_ntop(family, endpoint->address, text, ENDPOINT_TEXT_MAX))
    g_strlcpy(text, "-", ENDPOINT_TEXT_MAX);
  return text;
}

char *endpoint_format(const Endpoint *endpoint, char text[ENDPOINT_TEXT_MAX])
{
  char address[ENDPOINT_TEXT_MAX];

  endpoint_format_address(endpoint, address);
  /* RFC 5952 6: brackets keep the port apart from an IPv6 address. */
  if (endpoint->family == ADDRESS_IPV6)
    g_snprintf(text, ENDPOINT_TEXT_MAX, "[%.45s]:%u", address, endpoint->port);
  else
    g_snprintf(text, ENDPOINT_TEXT_MAX, "%.45s:%u", address, endpoint->port);
  return text;
}

bool endpoint_parse(Slice address, uint16_t port, Endpoint *ret_endpoint)
{
  bool is_ipv6 = slice_find(address, ':') < address.len;
  Endpoint endpoint = {.port = port, .family = is_ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4};
  char text[ENDPOINT_TEXT_MAX];

  if (address.len >= sizeof text || slice_find(address, '\0') < address.len)
    return false;
  g_snprintf(text, sizeof text, "%.*s", SLICE_ARG(address));
  if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, endpoint.address) != 1)
    return false;
  *ret_endpoint = endpoint;
  return true;
}

const char *transport_name(Transport transport)
{
  static const char *const NAMES[] = {
#define TRANSPORT_NAME(name) #name,
    TRANSPORTS(TRANSPORT_NAME)
#undef TRANSPORT_NAME
  };

  g_assert(transport < TRANSPORT_COUNT);
  return NAMES[transport];
}
