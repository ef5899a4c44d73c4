/*
 * FlowKey: two endpoints and the tunnel between them, as the key of a GHashTable.  Private to
 * tcp.c and sctp.c.
 */
#pragma once

#include "dissect/net/endpoint.h"

/* No padding: compared as octets, hashed as words. */
typedef struct {
  Endpoint a, b;
  uint32_t tunnel;
  uint32_t seed; /* of the table, so that nobody can choose ports that collide */
} FlowKey;

G_STATIC_ASSERT(sizeof(FlowKey) == 6 * sizeof(uint64_t));

guint flow_key_hash(gconstpointer key);
gboolean flow_key_equal(gconstpointer a, gconstpointer b);
