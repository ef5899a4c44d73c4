/*
 * Aliases: user-defined names of hosts ("10.0.0.1 = SBC") from the configuration, and from a file
 * in the format of hosts(5).
 *
 * A name belongs to an address with all its ports, or to one endpoint ("10.0.0.1:5060"), which
 * takes precedence.  Names of the configuration take precedence over those of a file, whatever was
 * added first.  The table owns its names; returned slices are valid until it is changed.
 *
 * And EndpointSet, the numbered endpoints of a call.
 */
#pragma once

#include <glib.h>

#include "dissect/net/endpoint.h"
#include "dissect/trace/trace.h"

typedef struct Aliases Aliases;

Aliases *aliases_new(void);
void aliases_free(Aliases *aliases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Aliases, aliases_free)

/* Names "10.0.0.1", "10.0.0.1:5060", "2001:db8::1" or "[2001:db8::1]:5060"; an empty name removes
 * the alias.  False if the address is not valid. */
bool aliases_set(Aliases *aliases, Slice address, Slice name);

/* Reads lines of an address and its names, of which the first is used; skips other lines. */
G_GNUC_WARN_UNUSED_RESULT bool aliases_read_hosts(Aliases *aliases, const char *path,
                                                  GError **error);

/* The name of the endpoint, or else of its address; absent if there is none.  With port 0 only the
 * address is looked up.  `aliases` may be NULL. */
Slice aliases_find(const Aliases *aliases, const Endpoint *endpoint);

typedef enum {
  ALIAS_WITH_PORT, /* "SBC:5060"; no port if the name belongs to that endpoint only */
  ALIAS_HOST,      /* "SBC": for all of its ports */
} AliasForm;

/* Appends the name, or else the address ("others" for the endpoint that stands for those beyond the
 * limit).  Names are not safe.  `aliases` may be NULL. */
void aliases_append(const Aliases *aliases, const Endpoint *endpoint, AliasForm form, GString *to);

/*
 * The distinct endpoints of one call, in order of appearance.  Emptying it costs
 * nothing, so one set can serve all calls.  It also keeps the texts of all endpoints, each
 * formatted once.
 */

typedef struct {
  GArray *places;   /* by endpoint id: the round it was last added in, and its place */
  GArray *ids;      /* uint32_t, by place */
  GPtrArray *texts; /* by endpoint id, NULL until requested */
  const Trace *trace;
  uint32_t round;
} EndpointSet;

EndpointSet endpoint_set_new(const Trace *trace);
void endpoint_set_clear(EndpointSet *set);

/* Forgets the endpoints, but not their texts. */
void endpoint_set_reset(EndpointSet *set);

/* The place of an endpoint, from 0; it is added if it is new. */
uint32_t endpoint_set_add(EndpointSet *set, uint32_t id);

size_t endpoint_set_count(const EndpointSet *set);

/* The text of an endpoint, by id; valid as long as the set. */
Slice endpoint_set_text(EndpointSet *set, uint32_t id);
