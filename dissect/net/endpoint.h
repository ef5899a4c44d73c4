/*
 * Endpoint: an address and a port; and the transports SIP travels on.
 */
#pragma once

#include <glib.h>

#include "capture/slice.h"

typedef enum {
  ADDRESS_NONE,
  ADDRESS_IPV4,
  ADDRESS_IPV6,
} AddressFamily;

/* No padding: compared and hashed as 20 bytes.  Unused bytes of an IPv4 address are 0. */
typedef struct {
  uint8_t address[16];
  uint16_t port;     /* host byte order */
  uint8_t family;    /* AddressFamily */
  uint8_t is_others; /* 1: all those beyond the limit of a table, as one; else 0 */
} Endpoint;

G_STATIC_ASSERT(sizeof(Endpoint) == 20);

static inline bool endpoint_eq(const Endpoint *a, const Endpoint *b)
{
  return memcmp(a, b, sizeof *a) == 0;
}

/* Neither what a text trace does not name, nor one of those beyond the limit of a table. */
static inline bool endpoint_is_known(const Endpoint *endpoint)
{
  return endpoint->family != ADDRESS_NONE;
}

/* Whatever their ports. */
static inline bool is_same_host(const Endpoint *a, const Endpoint *b)
{
  return a->family == b->family && memcmp(a->address, b->address, sizeof a->address) == 0;
}

/* Endpoint -> value; the table has copies of its endpoints. */
typedef struct EndpointTable EndpointTable;

/* `free_value` may be NULL. */
EndpointTable *endpoint_table_new(GDestroyNotify free_value);
void endpoint_table_free(EndpointTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EndpointTable, endpoint_table_free)

/* Takes the value over, in place of an earlier one. */
void endpoint_table_set(EndpointTable *table, const Endpoint *endpoint, void *value);
void endpoint_table_remove(EndpointTable *table, const Endpoint *endpoint);

/* False when there is none; `ret_value` may be NULL. */
bool endpoint_table_find(const EndpointTable *table, const Endpoint *endpoint, void **ret_value);

/* Two endpoints and the tunnel between them, as the key of a GHashTable.  No padding. */
typedef struct {
  Endpoint a, b;
  uint32_t tunnel;
  uint32_t seed; /* of the table */
} ConnectionKey;

G_STATIC_ASSERT(sizeof(ConnectionKey) == 6 * sizeof(uint64_t));

guint connection_key_hash(gconstpointer key);
gboolean connection_key_equal(gconstpointer a, gconstpointer b);

/* "[" 39 digits of IPv6 "]:" port NUL, rounded up. */
enum { ENDPOINT_TEXT_MAX = 64 };

/* "10.0.0.1:5060" or "[2001:db8::1]:5060" (RFC 5952).  Returns `text`. */
char *endpoint_format(const Endpoint *endpoint, char text[ENDPOINT_TEXT_MAX]);

/* The address alone, without brackets. */
char *endpoint_format_address(const Endpoint *endpoint, char text[ENDPOINT_TEXT_MAX]);

/* The address that the text is, without brackets, with that port; false when it is none. */
bool endpoint_parse(Slice address, uint16_t port, Endpoint *ret_endpoint);

/* The same of the host of a URI or Via: an IPv6 address may have brackets. */
bool endpoint_parse_host(Slice host, Endpoint *ret_endpoint);

/* RFC 1918, 6598, 3927, 4193: not reachable from elsewhere. */
bool endpoint_is_private(const Endpoint *endpoint);

/* X-macro: Via's transports (RFC 3261 7.1, RFC 4168, RFC 7118) as they are shown. */
#define TRANSPORTS(X) X(UDP) X(TCP) X(TLS) X(SCTP) X(WS) X(WSS)

typedef enum {
#define TRANSPORT_ENUM(name) TRANSPORT_##name,
  TRANSPORTS(TRANSPORT_ENUM)
#undef TRANSPORT_ENUM
    TRANSPORT_COUNT,
} Transport;

/* "UDP", ... */
const char *transport_name(Transport transport);

/* Does it keep a connection, on which responses come back? */
static inline bool transport_is_stream(Transport transport)
{
  return transport != TRANSPORT_UDP && transport != TRANSPORT_SCTP;
}

/* Does only Content-Length say where a message ends?  WebSocket keeps them apart (RFC 7118 5). */
static inline bool transport_needs_length(Transport transport)
{
  return transport == TRANSPORT_TCP || transport == TRANSPORT_TLS;
}
