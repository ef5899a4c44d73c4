#include "dissect/net/endpoint.h"

#include <arpa/inet.h>

#include "capture/hash.h"

/* What the table is keyed by.  No padding. */
typedef struct {
  Endpoint endpoint;
  uint32_t seed;
} SeededEndpoint;

struct EndpointTable {
  GHashTable *values; /* of SeededEndpoint */
  uint32_t seed;
};

static guint seeded_hash(gconstpointer key)
{
  const SeededEndpoint *seeded = key;

  return (guint) hash_bytes(&seeded->endpoint, sizeof seeded->endpoint, seeded->seed);
}

static gboolean seeded_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(SeededEndpoint)) == 0;
}

EndpointTable *endpoint_table_new(GDestroyNotify free_value)
{
  EndpointTable *table = g_new(EndpointTable, 1);

  table->values = g_hash_table_new_full(seeded_hash, seeded_equal, g_free, free_value);
  table->seed = (uint32_t) hash_seed_new();
  return table;
}

void endpoint_table_free(EndpointTable *table)
{
  if (!table)
    return;
  g_hash_table_unref(table->values);
  g_free(table);
}

void endpoint_table_set(EndpointTable *table, const Endpoint *endpoint, void *value)
{
  const SeededEndpoint key = {*endpoint, table->seed};

  g_hash_table_replace(table->values, g_memdup2(&key, sizeof key), value);
}

void endpoint_table_remove(EndpointTable *table, const Endpoint *endpoint)
{
  const SeededEndpoint key = {*endpoint, table->seed};

  g_hash_table_remove(table->values, &key);
}

bool endpoint_table_find(const EndpointTable *table, const Endpoint *endpoint, void **ret_value)
{
  const SeededEndpoint key = {*endpoint, table->seed};

  if (g_hash_table_size(table->values) == 0)
    return false;
  return g_hash_table_lookup_extended(table->values, &key, NULL, ret_value);
}

guint connection_key_hash(gconstpointer key)
{
  const ConnectionKey *connection = key;

  return (guint) hash_bytes(connection, offsetof(ConnectionKey, seed), connection->seed);
}

gboolean connection_key_equal(gconstpointer a, gconstpointer b)
{
  uint64_t left[6], right[6], differ = 0;

  memcpy(left, a, sizeof left);
  memcpy(right, b, sizeof right);
  for (size_t i = 0; i < G_N_ELEMENTS(left); i++)
    differ |= left[i] ^ right[i];
  return differ == 0;
}

static char *put_number(char *at, unsigned number)
{
  char digits[10];
  unsigned count = 0;

  do
    digits[count++] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0)
    *at++ = digits[--count];
  return at;
}

/* As inet_ntop, in a tenth of its time: reports write some for every row. */
static char *put_ipv4(char *at, const uint8_t *address)
{
  for (unsigned i = 0; i < 4; i++) {
    if (i > 0)
      *at++ = '.';
    at = put_number(at, address[i]);
  }
  return at;
}

char *endpoint_format_address(const Endpoint *endpoint, char text[ENDPOINT_TEXT_MAX])
{
  if (endpoint->family == ADDRESS_IPV4)
    *put_ipv4(text, endpoint->address) = '\0';
  else if (endpoint->family == ADDRESS_NONE ||
           !inet_ntop(AF_INET6, endpoint->address, text, ENDPOINT_TEXT_MAX))
    g_strlcpy(text, "-", ENDPOINT_TEXT_MAX);
  return text;
}

char *endpoint_format(const Endpoint *endpoint, char text[ENDPOINT_TEXT_MAX])
{
  char address[ENDPOINT_TEXT_MAX];

  if (endpoint->family == ADDRESS_IPV4) {
    char *at = put_ipv4(text, endpoint->address);
    *at++ = ':';
    *put_number(at, endpoint->port) = '\0';
    return text;
  }
  endpoint_format_address(endpoint, address);
  if (endpoint->family == ADDRESS_NONE && endpoint->port == 0)
    return memcpy(text, address, ENDPOINT_TEXT_MAX);
  /* RFC 5952 6: brackets keep the port apart from an IPv6 address. */
  g_snprintf(text, ENDPOINT_TEXT_MAX, endpoint->family == ADDRESS_IPV6 ? "[%.45s]:%u" : "%.45s:%u",
             address, endpoint->port);
  return text;
}

/* As inet_pton, in a tenth of its time: session descriptions name some in every call. */
static bool read_ipv4(Slice text, uint8_t ret_address[4])
{
  size_t at = 0;

  for (unsigned part = 0; part < 4; part++) {
    unsigned value = 0;
    if (part > 0 && (at == text.len || text.data[at++] != '.'))
      return false;
    size_t from = at;
    for (; at < text.len && at - from < 3 && g_ascii_isdigit(text.data[at]); at++)
      value = value * 10 + (unsigned) (text.data[at] - '0');
    if (at == from || value > UINT8_MAX || (at - from > 1 && text.data[from] == '0'))
      return false;
    ret_address[part] = (uint8_t) value;
  }
  return at == text.len;
}

static bool read_ipv6(Slice text, uint8_t ret_address[16])
{
  char copy[ENDPOINT_TEXT_MAX];

  if (text.len >= sizeof copy || slice_find(text, '\0') < text.len)
    return false;
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  return inet_pton(AF_INET6, copy, ret_address) == 1;
}

bool endpoint_parse(Slice address, uint16_t port, Endpoint *ret_endpoint)
{
  bool is_ipv6 = slice_find(address, ':') < address.len;
  Endpoint endpoint = {.port = port, .family = is_ipv6 ? ADDRESS_IPV6 : ADDRESS_IPV4};

  if (!(is_ipv6 ? read_ipv6 : read_ipv4)(address, endpoint.address))
    return false;
  *ret_endpoint = endpoint;
  return true;
}

bool endpoint_parse_host(Slice host, Endpoint *ret_endpoint)
{
  if (host.len > 1 && host.data[0] == '[' && host.data[host.len - 1] == ']')
    host = slice_of(host.data + 1, host.len - 2);
  return host.len > 0 && endpoint_parse(host, 0, ret_endpoint);
}

bool endpoint_is_private(const Endpoint *e)
{
  const uint8_t *a = e->address;

  if (e->family == ADDRESS_IPV6)
    return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
  return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
         (a[0] == 100 && (a[1] & 0xc0) == 64) || (a[0] == 169 && a[1] == 254);
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
