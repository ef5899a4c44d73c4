/*
 * Fetch: the messages of a ClickHouse database as an input: a capture of PDUs that comes through a
 * pipe, so that whatever reads captures reads them.
 *
 * Which calls are chosen is asked of the database as far as the filter can be put into SQL; their
 * messages come as a whole, and the filter is applied to them as to any input.  What several probes
 * saw is merged by time.
 */
#pragma once

#include "ui/options.h"

typedef struct Fetch Fetch;

/* Is the input a database? */
bool fetch_is_wanted(const Options *options);

/* Asks how much there is, and begins to read it, in a thread of its own; the options name the pipe
 * from then on.  Before signals are held. */
Fetch *fetch_open(Options *options, GError **error);

/* Fails if not all of it came, though all that came was read. */
G_GNUC_WARN_UNUSED_RESULT bool fetch_finish(Fetch *fetch, GError **error);
void fetch_free(Fetch *fetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fetch, fetch_free)
