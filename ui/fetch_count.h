/*
 * FetchCount: `explain --group` and `stats --by` of a database, counted by the server in SQL from
 * the table `calls`: what each call was found to be when it was pushed.
 *
 * Of calls that several probes saw, the rows of the probe with most of their messages count.
 */
#pragma once

#include "capture/clickhouse.h"
#include "ui/options.h"

typedef struct {
  ClickHouse *db;
  const char *table; /* of calls, on the shard that is asked */
  const char *where; /* SQL: which calls */
  bool is_quiet;     /* says nothing of what it did */
} FetchCountSource;

/* Is that what the options ask for? */
bool fetch_count_is_wanted(const Options *options);

/* Gives the options what was counted (Options.counted).  Nothing, and no error, if the
 * server cannot count it: it was said why, and the messages have to be read. */
G_GNUC_WARN_UNUSED_RESULT bool fetch_count(const FetchCountSource *source, Options *options,
                                           GError **error);
