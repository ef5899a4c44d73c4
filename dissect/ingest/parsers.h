/*
 * Parsers: threads that do nothing but parse batches, on machines with more cores than the two that
 * read and correlate.  The batches stay in the order of whoever takes them: it waits for the next
 * one, or parses it itself if no thread has begun with it.
 */
#pragma once

#include "dissect/ingest/batch.h"

enum { PARSERS_MAX = 4 }; /* parsing is three fifths of all work: more have nothing to do */

/* How many pay on this machine, which may be none. */
unsigned parsers_wanted(void);

typedef struct Parsers Parsers;

/* Threads are started as they turn out to be needed, at most `most`; each is confined as the one
 * that reads (capture/confine.h).  `seed`: of arrival_parse. */
Parsers *parsers_new(unsigned most, bool is_confined, uint64_t seed);

/* Call it after all batches that were added were finished. */
void parsers_free(Parsers *parsers);

/* For the thread that reads.  `lags`: the one that takes them has enough to do.  Then the batch is
 * parsed here if all parsers are busy; else it belongs to another thread from now on. */
void parsers_add(Parsers *parsers, Batch *batch, bool lags);

/* For the thread that takes them: parses a batch that was added, or waits until it is parsed.
 * `more`: others are ready after it, so that another thread is started if allowed. */
void parsers_finish(Parsers *parsers, Batch *batch, bool more);
