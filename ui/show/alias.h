/*
 * Aliases: the names that people gave to hosts: "10.0.0.1 = SBC", of the configuration and of a
 * file in the form of /etc/hosts.
 *
 * A name is of an address with all its ports, or of one endpoint ("10.0.0.1:5060"), which goes
 * first.  Names of the configuration go before those of a file, whenever they are added.  The table
 * owns its names; what it gives away lives until it is changed.
 */
#pragma once

#include <glib.h>

#include "dissect/net/endpoint.h"

typedef struct Aliases Aliases;

Aliases *aliases_new(void);
void aliases_free(Aliases *aliases);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Aliases, aliases_free)

/* Names "10.0.0.1", "10.0.0.1:5060", "2001:db8::1" or "[2001:db8::1]:5060"; an empty name takes it
 * away.  False when that is no address. */
bool aliases_set(Aliases *aliases, Slice address, Slice name);

/* Lines of an address and its names, of which the first is taken; others are passed over. */
G_GNUC_WARN_UNUSED_RESULT bool aliases_read_hosts(Aliases *aliases, const char *path,
                                                  GError **error);

/* The name of the endpoint, or of its address; absent when there is none.  With port 0 the address
 * alone is meant.  `aliases` may be NULL. */
Slice aliases_find(const Aliases *aliases, const Endpoint *endpoint);

typedef enum {
  ALIAS_WITH_PORT, /* "SBC:5060"; a name of that endpoint alone has no port */
  ALIAS_HOST,      /* "SBC": for all of its ports */
} AliasForm;

/* Appends the endpoint by its name, or else by its address, as text that may have any octets. */
void aliases_append(const Aliases *aliases, const Endpoint *endpoint, AliasForm form, GString *to);
